"""junit.xml: a test case per shard; gaps are failures, notes are not."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import msgspec

from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.plan import Plan
from s3_monitor.model.policies import Budget, PolicyException, PolicyRule
from s3_monitor.model.problem import Problem
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import junit
from s3_monitor.report.data import buckets_and_summary
from tests.merge import fixtures
from tests.merge.fixtures import part, plan, unit
from tests.policies.fixtures import bucket, evaluate
from tests.problems import gap, note

PLAN = plan([unit("a", region="r0")], [unit("b", region="r1")], [unit("c", region="r2")])


def root_of(plan_: Plan, *problems: Problem, bad: tuple[InvalidFileError, ...] = ()) -> ElementTree.Element:
    """Return a run with these problems in the part of s0, a complete s1, and no part of s2."""
    status = "partial" if any(problem.severity == "gap" for problem in problems) else "complete"
    parts = [part(plan_, "s0", [], status=status, problems=problems), part(plan_, "s1", [])]  # type: ignore[arg-type]
    facts = merge(plan_, fixtures.digest(plan_), [*parts, *bad])
    _, summary = buckets_and_summary(facts, bundled_prices(), fixtures.AS_OF)
    return ElementTree.fromstring(junit.encode(facts, summary))


def cases(plan_: Plan, *problems: Problem, bad: tuple[InvalidFileError, ...] = ()) -> dict[str, ElementTree.Element]:
    root = root_of(plan_, *problems, bad=bad)
    found = root.findall(".//testcase")
    assert root.get("tests") == str(len(found))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    return {str(case.get("name")): case for case in found}


def failure(case: ElementTree.Element) -> str | None:
    found = case.find("failure")
    return None if found is None else found.get("message")


def test_each_shard_is_a_test_case() -> None:
    found = cases(PLAN)
    assert list(found) == ["s0", "s1", "s2"]
    assert failure(found["s1"]) is None
    assert str(failure(found["s2"])).startswith(f"missing: shard s2 ({fixtures.ACCOUNT}/r2): No part")


def test_gaps_are_failures_and_notes_are_standard_output() -> None:
    found = cases(PLAN, gap("1/r0", "denied", "contact the owner"), gap("1/r0/b", "gone"), note("1/r0/c", "odd"))
    assert failure(found["s0"]) == "partial: 1/r0: denied (and 1 more)"
    assert found["s0"].findtext("failure") == "1/r0: denied (contact the owner)\n1/r0/b: gone"
    assert found["s0"].findtext("system-out") == "1/r0/c: odd"


def test_a_gap_of_no_shard_is_the_test_case_plan_or_aggregate() -> None:
    planned = msgspec.structs.replace(PLAN, problems=(gap("999", "denied"),))
    found = cases(planned, bad=(InvalidFileError("parts/s2.json", "is empty"),))
    assert failure(found["plan"]) == "999: denied"
    assert failure(found["aggregate"]) == "shard s2: Could not use parts/s2.json: is empty"
    assert str(failure(found["s2"])).startswith(f"invalid: shard s2 ({fixtures.ACCOUNT}/r2): The part")


def test_the_file_declares_its_encoding() -> None:
    facts = merge(PLAN, fixtures.digest(PLAN), [])
    _, summary = buckets_and_summary(facts, bundled_prices(), fixtures.AS_OF)
    content = junit.encode(facts, summary)
    assert content.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites")
    assert content.endswith(b"</testsuites>\n")


def test_a_note_of_no_shard_is_standard_output_of_the_suite() -> None:
    root = root_of(PLAN)
    assert "The oldest prices in use are of" in str(root.findtext("testsuite/system-out"))


def test_hidden_characters_and_those_forbidden_in_xml_are_escaped() -> None:
    found = cases(PLAN, gap("1/r0", "\x00\x1b[31m<&>\"'\ud800\uffff\u202e\nforged\U0001f4a3"))
    assert (
        failure(found["s0"]) == r"partial: 1/r0: \x00\x1b[31m<&>" + '"' + r"'\ud800\uffff\u202e\nforged" + "\U0001f4a3"
    )


def test_the_text_of_thousands_of_problems_is_truncated() -> None:
    found = cases(PLAN, *(note(f"{n:05}", "odd") for n in range(5000)))
    lines = str(found["s0"].findtext("system-out")).splitlines()
    assert (len(lines), lines[-1]) == (101, "and 4,900 more: see summary.json")


def test_each_shard_has_a_package_and_its_duration() -> None:
    found = cases(PLAN)
    assert {case.get("classname") for case in found.values()} == {"s3.shards"}
    ran = part(PLAN, "s0", [])
    seconds = (ran.finished - ran.started).total_seconds()
    assert [case.get("time") for case in found.values()] == [f"{seconds:.3f}", f"{seconds:.3f}", "0.000"]


def test_a_policy_is_a_suite_with_a_case_for_each_bucket() -> None:
    facts = merge(PLAN, fixtures.digest(PLAN), [])
    _, summary = buckets_and_summary(facts, bundled_prices(), fixtures.AS_OF)
    rule = PolicyRule(
        id="versioned",
        exceptions=(PolicyException(bucket="old", reason="migration", until=date(2099, 1, 1)),),
    )
    settings = {"new": "enabled", "off": "none", "old": "none", "unread": None}
    buckets = [bucket(name, details=BucketConfig(versioning=value)) for name, value in settings.items()]  # type: ignore[arg-type]
    policies = [evaluate(rule, buckets), evaluate(Budget(name="all", max_objects=21, warn_at=0.9), buckets)]
    root = ElementTree.fromstring(junit.encode(facts, summary, policies))
    shards, versioned, budget = root.findall("testsuite")
    assert (versioned.get("name"), budget.get("name")) == ("rule versioned", "budget all")
    counts = {key: versioned.get(key) for key in ("tests", "failures", "skipped", "errors")}
    assert counts == {"tests": "4", "failures": "1", "skipped": "2", "errors": "0"}
    found = {
        case.get("name"): [(each.tag, each.get("message")) for each in case] for case in versioned.iter("testcase")
    }
    assert found == {
        "off": [("failure", "versioning is off")],
        "unread": [("skipped", "unknown: the configuration could not be read")],
        "old": [("skipped", "excepted: excepted until 2099-01-01: migration (versioning is off)")],
        "new": [],
    }
    assert versioned.findtext("system-out") == "exception of old until 2099-01-01: active (migration)"
    (case,) = budget.iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("budget.all", "max_objects")
    assert case.findtext("system-out") == "warning: 20 objects, limit 21 objects (warn_at 0.9)"
    assert root.get("tests") == str(len(root.findall(".//testcase"))) and shards.get("skipped") == "0"


def test_a_policy_with_very_many_buckets_counts_those_that_are_not_listed() -> None:
    many = [bucket(f"b{number:04}", details=BucketConfig(versioning="none")) for number in range(1003)]
    evaluated = evaluate(PolicyRule(id="versioned"), many)
    facts = merge(PLAN, fixtures.digest(PLAN), [])
    _, summary = buckets_and_summary(facts, bundled_prices(), fixtures.AS_OF)
    suite = ElementTree.fromstring(junit.encode(facts, summary, [evaluated])).findall("testsuite")[1]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("1000", "1000", "0")
    assert suite.findtext("system-out") == "3 more buckets are not listed here"
