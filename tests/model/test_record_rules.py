"""Rules of single records: choices, merges, orders and texts."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.bill import BillData, BillMonth, CostQuery
from s3_monitor.model.bill_summary import BillLine, BillSummary
from s3_monitor.model.bounds import is_utf8
from s3_monitor.model.bucket_config import PublicAccessBlock
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.object_stats import Amount, BucketSettings, ObjectStats, merge_object_stats
from s3_monitor.model.patterns import matcher
from s3_monitor.model.policies import PolicyRule, several
from s3_monitor.model.problem import Problem, create_problem, in_order
from s3_monitor.model.request_metrics import RequestMetrics, merge_request_metrics
from s3_monitor.model.storage_lens import LensBucket, merge_lens_buckets
from tests.merge import fixtures

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


def test_a_bill_has_its_months_by_their_first_day() -> None:
    months = [BillMonth(first, False, []) for first in (JANUARY, MARCH)]
    bill = BillData("1", "USD", True, months)
    assert [bill.month(first) for first in (JANUARY, MARCH, date(2026, 2, 1))] == [*months, None]


@pytest.mark.parametrize(
    ("prices", "is_lower_bound"), [([], False), ([1.0, 0.0], False), ([1.0, None], True), ([None], True)]
)
def test_a_list_price_without_some_rows_is_a_lower_bound(prices: list[float | None], is_lower_bound: bool) -> None:
    rows = [BillLine("1", "u", price, 1.0, 1.0, 0.0, None, 1.0, "", None, 0.0, "", []) for price in prices]
    summary = BillSummary("billed", JANUARY, 31, "1", "USD", False, 1.0, 1.0, 1.0, 0.0, None, None, None, rows)
    assert summary.list_is_lower_bound is is_lower_bound


@pytest.mark.parametrize(("text", "expected"), [("", True), ("ü日", True), ("\ud800", False), ("a\udcffb", False)])
def test_text_with_lone_surrogates_cannot_be_written(text: str, expected: bool) -> None:
    assert is_utf8(text) is expected


def test_a_public_access_block_is_complete_with_all_four_settings() -> None:
    for settings in product([True, False], repeat=4):
        assert PublicAccessBlock(*settings).whole is all(settings)


def test_the_limit_is_shown_where_athena_reads_exports() -> None:
    assert ExportReading().by_athena == ""
    assert ExportReading(engine="athena", max_usd=1234.5).by_athena == ", read by Athena: at most 1,234.50 USD"


def test_amounts_add_up() -> None:
    assert Amount(1, 20) + Amount(3, 400) == Amount(4, 420)


def stats(**fields: Any) -> ObjectStats:
    return ObjectStats("storage-lens", 5, True, Amount(1, 1), {}, None, None, **fields)


def test_of_two_statistics_those_with_more_metrics_are_kept() -> None:
    order = [stats(), stats(settings=BucketSettings()), stats(all_sizes=()),
             stats(all_sizes=(), settings=BucketSettings())]  # fmt: skip
    for index, larger in enumerate(order):
        for smaller in order[: index + 1]:
            assert merge_object_stats(smaller, larger) == merge_object_stats(larger, smaller) == larger


def test_of_two_request_metrics_those_of_cloudwatch_of_more_days_or_the_larger_are_kept() -> None:
    order = [
        RequestMetrics(1, {"GetRequests": 1}, "storage-lens"),
        RequestMetrics(9, {"GetRequests": 1}, "storage-lens"),
        RequestMetrics(1, {"GetRequests": 1}),
        RequestMetrics(2, {"GetRequests": 1}),
        RequestMetrics(2, {"GetRequests": 2}),
    ]
    for index, larger in enumerate(order):
        for smaller in order[: index + 1]:
            assert merge_request_metrics(smaller, larger) == merge_request_metrics(larger, smaller) == larger
    assert merge_request_metrics(None, order[0]) == order[0]


@pytest.mark.parametrize(
    ("left", "right", "expected"), [(None, None, None), (1, None, 1), (None, 1, 1), (1, 2, 2), (2, 1, 2)]
)
def test_a_bucket_of_two_storage_lens_exports_has_the_better_figures_of_both(
    left: int | None, right: int | None, expected: int | None
) -> None:
    def bucket(days: int | None, settings: BucketSettings | None) -> LensBucket:
        requests = None if days is None else RequestMetrics(days, {}, "storage-lens")
        return LensBucket("1", "r", "b", stats(settings=settings), requests)

    merged = merge_lens_buckets(bucket(left, BucketSettings()), bucket(right, None))
    assert merged == bucket(expected, BucketSettings())
    assert merge_lens_buckets(None, merged) is merged


@pytest.mark.parametrize(
    ("patterns", "matching"),
    [
        ((), ["logs", "Logs", "logs-1", "x"]),
        (("logs",), ["logs"]),
        (("logs*",), ["logs", "logs-1"]),
        (("logs-?", "x"), ["logs-1", "x"]),
        (("[lL]ogs",), ["logs", "Logs"]),
    ],
)
def test_names_match_any_pattern_completely_and_case_sensitive(patterns: tuple[str, ...], matching: list[str]) -> None:
    matches = matcher(patterns)
    assert [name for name in ("logs", "Logs", "logs-1", "x") if matches(name)] == matching


def test_a_part_is_written_into_a_new_folder_or_an_existing_one(tmp_path: Path) -> None:
    plan = fixtures.plan([fixtures.unit()])
    content = fixtures.part(plan, "s0", [])
    path = tmp_path / "new" / "parts" / "s0.json"
    for _ in range(2):
        parts.write(content, path)
        assert parts.read(path) == content
    assert [other.name for other in path.parent.iterdir()] == ["s0.json"]


def test_a_plan_is_written_into_a_new_folder_or_an_existing_one(tmp_path: Path) -> None:
    plan = fixtures.plan([fixtures.unit()])
    folder = tmp_path / "new" / "plan"
    for _ in range(2):
        plan_folder.write(plan, folder)
        assert (folder / "plan.json").read_bytes() == plans.encode(plan)
        assert (folder / "shards.tsv").read_text() == plans.shards_tsv(plan)


def test_a_plan_has_the_bill_of_the_shard_that_reads_it() -> None:
    plan = fixtures.plan([fixtures.unit("a")], [fixtures.unit("b")])
    assert plan.bill is None
    bill = CostQuery(0, "aws", (), JANUARY, MARCH)
    first, second = plan.shards
    shards = (first, msgspec.structs.replace(second, bill=bill))
    assert msgspec.structs.replace(plan, shards=shards).bill == bill
    assert (plan.shard("s1"), [unit.id for unit in plan.units]) == (second, ["a", "b"])
    with pytest.raises(KeyError):
        plan.shard("s2")


def test_a_key_of_policies_has_one_value_or_several() -> None:
    assert [several(value) for value in ("ab", ("ab", "c"), ())] == [("ab",), ("ab", "c"), ()]
    assert [PolicyRule(id="encrypted", name=name).title for name in ("", "secret")] == ["encrypted", "secret"]


def test_problems_are_sorted_by_severity_place_code_and_text() -> None:
    """Null precedes any text and number."""
    least: dict[str, Any] = {"code": "a", "severity": "gap", "message": "a"}
    fields = ("count", "advice", "message", "code", "shard", "storage_type", "bucket", "region", "account", "severity")
    ordered = [Problem(**least)]
    for field in fields:
        value = "note" if field == "severity" else 1 if field == "count" else "b"
        ordered.append(Problem(**least | {field: value}))
    ordered.insert(2, Problem(**least, count=2))
    assert in_order(reversed(ordered)) == in_order(ordered) == ordered


@pytest.mark.parametrize(
    ("count", "at_least", "text", "recorded"),
    [
        (None, None, "of the bucket:", None),
        (1, None, "of the bucket:", None),
        (0, None, "of 0 buckets:", 0),
        (2, None, "of 2 buckets:", 2),
        (1234, None, "of 1,234 buckets:", 1234),
        (None, 1, "of 1 or more buckets:", 1),
        (None, 2, "of 2 or more buckets:", 2),
    ],
)
def test_a_problem_of_several_buckets_has_their_number(
    count: int | None, at_least: int | None, text: str, recorded: int | None
) -> None:
    problem = create_problem("storage-lens-bucket-missing", count=count, at_least=at_least)
    assert text in problem.message
    assert problem.count == recorded
