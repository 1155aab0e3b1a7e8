"""A bill among the parts: in any order, twice, missing or invalid."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostQuery, TagRow
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, AS_OF, LAST, Truth, unit

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
QUESTION = CostQuery(0, "aws", (ACCOUNT,), OCTOBER, AS_OF.date())
PLAIN = fixtures.plan([unit("one")])
PLAN = msgspec.structs.replace(PLAIN, shards=(*PLAIN.shards, Shard("bill", "", "", 30, (), QUESTION)))
BUCKETS = [Truth("a", {"StandardStorage": {LAST: 7.0}}, {LAST: 1})]


def row(usd: str = "2", usage_type: str = "X", account: str = ACCOUNT) -> BillRow:
    return BillRow(account, usage_type, Decimal(usd), Decimal(1), "GB-Mo")


def bill(*rows: BillRow, complete: bool = True, month: date = OCTOBER, tagged: Any = UNSET) -> BillData:
    return BillData(ACCOUNT, "USD", complete, [BillMonth(month, False, list(rows), tagged)])


def part(facts: Any, *, seconds: int = 0, shard: str = "bill", plan: Plan = PLAN) -> Part:
    return Part(
        shard=shard,
        plan=fixtures.digest(plan),
        tool="test",
        started=AS_OF + timedelta(seconds=seconds),
        finished=AS_OF + timedelta(seconds=seconds + 1),
        status="complete" if facts is not UNSET and facts.complete else "partial",
        window=plan.window,
        types=[],
        units=[],
        problems=[],
        calls=CallCounts({"GetCostAndUsage": 1}),
        usd=Decimal("0.01"),
        bill=facts,
    )


def merged(*parts: Part) -> MergedData:
    return merge(PLAN, fixtures.digest(PLAN), parts)


def gaps(facts: MergedData) -> list[tuple[str, str | None, str]]:
    return [(problem.code, problem.shard, problem.message) for problem in facts.problems if problem.severity == "gap"]


OF_BUCKETS = fixtures.part(PLAN, "s0", BUCKETS)


def test_a_complete_bill_is_merged_and_its_shard_is_complete() -> None:
    facts = merged(OF_BUCKETS, part(bill(row())))
    assert facts.bill == bill(row())
    assert gaps(facts) == []
    assert [(shard.name, shard.status, shard.buckets) for shard in facts.shards] == [
        ("s0", "complete", 1),
        ("bill", "complete", 0),
    ]
    assert facts.usd == Decimal("0.01007")


def test_the_bill_does_not_depend_on_the_order_and_number_of_parts() -> None:
    answers = [
        part(bill(row("2"))),
        part(bill(row("3")), seconds=5),
        part(bill(row("9"), row("9", "Y"), complete=False), seconds=9),
        OF_BUCKETS,
    ]
    for order in itertools.permutations(answers):
        assert merged(*order, order[0]).bill == bill(row("3"))


@pytest.mark.parametrize("parts", [(), (part(bill(row(), complete=False)),), (part(UNSET),)], ids=len)
def test_a_missing_or_partial_bill_is_a_gap_and_leaves_the_buckets(parts: tuple[Part, ...]) -> None:
    facts = merged(OF_BUCKETS, *parts)
    ((code, shard, _),) = gaps(facts)
    assert (code, shard) == ("bill-incomplete" if parts else "bill-missing", "bill")
    assert [bucket.name for bucket in facts.buckets] == ["a"]
    assert facts.usable and facts.incomplete_regions == frozenset()


def test_a_bill_without_other_data_is_not_usable() -> None:
    assert not merged(part(bill(row()))).usable


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (bill(row(), month=date(2026, 9, 1)), "months that were not requested"),
        (bill(row(), row("3")), "duplicate usage types of an account"),
        (bill(row(account="999999999999")), "an account that was not requested"),
        (bill(row("NaN")), "an amount out of range"),
        (bill(row("1e40")), "an amount out of range"),
        (bill(row(), tagged=[TagRow("a", "X", Decimal("Infinity"))]), "an amount out of range"),
        (BillData(ACCOUNT, "USD", True, []), "a complete bill without its month"),
        (BillData(ACCOUNT, "USD", True, [BillMonth(OCTOBER, False, []), BillMonth(OCTOBER, True, [])]), "months that"),
    ],
)
def test_an_invalid_bill_is_a_gap_with_the_reason(facts: BillData, what: str) -> None:
    found = merged(OF_BUCKETS, part(facts))
    assert found.bill is None
    assert any(what in message for *_, message in gaps(found)), gaps(found)


def test_a_bill_from_a_shard_that_does_not_request_it_is_rejected() -> None:
    intruder = msgspec.structs.replace(OF_BUCKETS, bill=bill(row("1000000")))
    facts = merged(intruder, part(bill(row())))
    assert facts.bill == bill(row())
    (message,) = [message for code, _, message in gaps(facts) if code == "part-invalid"]
    assert message.endswith("is invalid: a bill that its shard does not request")
