"""report/junit.xml: test cases of shards and policies: Jenkins shows which fail, and since which build."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.policy_result import PolicyCase
from s3_monitor.model.problem import Problem
from s3_monitor.model.problem_type import Severity
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import ShardLine, Summary
from s3_monitor.policies.evaluate import EvaluatedPolicy

_SHOWN = 100  # problems per test case: Jenkins keeps their texts in memory


def encode(facts: MergedData, summary: Summary, policies: Sequence[EvaluatedPolicy] = ()) -> bytes:
    """Return the file: a suite of shards, and one for each policy.

    Of shards, gaps are failures, and notes are standard output.

    Gaps that belong to no shard are the test cases ``plan`` (found by planning) and ``aggregate`` (the others); their
    notes are the standard output of the suite.
    """
    of_shards = {problem for problems in facts.shard_problems.values() for problem in problems}
    of_plan = set(facts.plan.problems)
    others = [problem for problem in summary.problems if problem not in of_shards and problem not in of_plan]
    steps = {"plan": [*facts.plan.problems], "aggregate": others}
    cases = [_case(name, _of("gap", problems)) for name, problems in steps.items() if _of("gap", problems)]
    for shard in facts.shards:
        case = _shard_case(shard, facts.shard_problems[shard.name])
        case.set("time", f"{facts.shard_seconds.get(shard.name, 0.0):.3f}")
        cases.append(case)
    suite = _suite("s3-monitor", cases)
    notes = [problem for problems in steps.values() for problem in _of("note", problems)]
    if notes:
        ElementTree.SubElement(suite, "system-out").text = _lines(notes)
    all_suites = [suite, *map(_policy_suite, policies)]
    tests, failures = (str(sum(int(each.get(key, "0")) for each in all_suites)) for key in ("tests", "failures"))
    suites = ElementTree.Element("testsuites", name="s3-monitor", tests=tests, failures=failures)
    suites.extend(all_suites)
    ElementTree.indent(suites)
    content: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _suite(name: str, cases: Sequence[ElementTree.Element]) -> ElementTree.Element:
    failures, skipped = (str(sum(case.find(tag) is not None for case in cases)) for tag in ("failure", "skipped"))
    suite = ElementTree.Element(
        "testsuite", name=name, tests=str(len(cases)), failures=failures, errors="0", skipped=skipped
    )
    suite.extend(cases)
    return suite


def _policy_suite(policy: EvaluatedPolicy) -> ElementTree.Element:
    """Return a case for each limit or bucket: data that is missing, and exceptions, are skipped tests."""
    result = policy.result
    name = one_line(f"{result.kind} {result.name}")
    suite = _suite(name, [_policy_case(f"{result.kind}.{one_line(result.name)}", case) for case in policy.cases])
    lines = [
        f"exception of {each.bucket} until {each.until}: {each.status} ({each.reason})" for each in result.exceptions
    ]
    omitted = result.passed + result.violated + result.unknown + result.excepted - len(policy.cases)
    if omitted:
        lines.append(f"{omitted:,} more buckets are not listed here")
    if lines:
        ElementTree.SubElement(suite, "system-out").text = "\n".join(map(one_line, lines))
    return suite


def _policy_case(classname: str, policy_case: PolicyCase) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=classname, name=one_line(policy_case.name))
    message = one_line(policy_case.message)
    if policy_case.status == "fail":
        ElementTree.SubElement(case, "failure", type="policy", message=message)
    elif policy_case.status in ("unknown", "excepted"):
        ElementTree.SubElement(case, "skipped", message=f"{policy_case.status}: {message}")
    elif message:
        ElementTree.SubElement(case, "system-out").text = f"warning: {message}"
    return case


def _shard_case(shard: ShardLine, problems: Sequence[Problem]) -> ElementTree.Element:
    case = _case(shard.name, problems)
    if shard.status == "complete":
        return case
    failure = case.find("failure")
    if failure is None:
        failure = ElementTree.SubElement(case, "failure", message="")
    failure.set("message", one_line(f"{shard.status}: {failure.get('message')}"))
    return case


def _case(name: str, problems: Sequence[Problem]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname="s3.shards", name=one_line(name))
    gaps, notes = _of("gap", problems), _of("note", problems)
    if gaps:
        more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
        message = one_line(f"{gaps[0].text}{more}")
        ElementTree.SubElement(case, "failure", type="gap", message=message).text = _lines(gaps)
    if notes:
        ElementTree.SubElement(case, "system-out").text = _lines(notes)
    return case


def _of(severity: Severity, problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == severity]


def _lines(problems: Sequence[Problem]) -> str:
    lines = [
        one_line(f"{problem.text} ({problem.advice})" if problem.advice else problem.text)
        for problem in problems[:_SHOWN]
    ]
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN:,} more: see summary.json")
    return "\n".join(lines)
