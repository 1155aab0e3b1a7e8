"""The part of the shard of the bill, for any behavior of Cost Explorer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.bill import expected
from s3_monitor.collect.shard import collect_shard
from s3_monitor.model import part as parts
from s3_monitor.model.bill import BillData, BillRow, CostQuery, TagRow
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from s3_monitor.simulator import Billing, Charge, Fault, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, NOW, TODAY, Clients, plan_of, unit

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
CHARGES = (
    Charge(ACCOUNT, "Requests-Tier1", Decimal("1.0000000001"), Decimal(200), "Requests"),
    Charge(ACCOUNT, "TimedStorage-ByteHrs", Decimal("-2.5")),
)


def question(tag: str = "", partition: str = "aws") -> CostQuery:
    return CostQuery(0, partition, (ACCOUNT,), OCTOBER, TODAY, tag)


def collected(url: str, asked: CostQuery | None = None, *, stopped: bool = False) -> tuple[Part, list[str]]:
    asked = asked or question()
    plan, shard = plan_of([unit()]), Shard("bill", "", "", 30, (), asked)
    stop, said = threading.Event(), list[str]()
    if stopped:
        stop.set()
    account = AwsAccount(Clients(url), RateLimits())
    part = collect_shard(plan, "digest", shard, lambda access: account, now=lambda: NOW, stop=stop, log=said.append)
    return part, said


def bill(part: Part) -> BillData:
    assert isinstance(part.bill, BillData)
    return part.bill


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(make_account(ACCOUNT, []), today=TODAY, billing=Billing(charges=CHARGES, page=1)) as running:
        yield running


def test_the_part_has_the_billed_rows_with_all_digits(simulator: Simulator) -> None:
    part, said = collected(simulator.url)
    assert (part.status, part.problems, part.units) == ("complete", [], [])
    assert bill(part).payer == ACCOUNT
    assert [month.first for month in bill(part).months] == [OCTOBER, NOVEMBER]
    assert [month.estimated for month in bill(part).months] == [False, True]
    assert bill(part).months[0].rows == [
        BillRow(ACCOUNT, "Requests-Tier1", Decimal("1.0000000001"), Decimal(200), "Requests"),
        BillRow(ACCOUNT, "TimedStorage-ByteHrs", Decimal("-2.5"), Decimal(0), "N/A"),
    ]
    assert bill(part).months[0].tagged is UNSET
    assert parts.decode(parts.encode(part), "bill.json") == part
    assert part.calls.requests == {"GetCallerIdentity": 1, "GetCostAndUsage": 4}
    assert part.usd == Decimal("0.04")
    assert "0.01 USD per page" in said[0]


def test_with_a_tag_the_bill_also_has_rows_by_tag_value(simulator: Simulator) -> None:
    part, _ = collected(simulator.url, question("bucket_name"))
    (october, _) = bill(part).months
    assert len(october.rows) == 2
    assert october.tagged == [
        TagRow("", "Requests-Tier1", Decimal("1.0000000001")),
        TagRow("", "TimedStorage-ByteHrs", Decimal("-2.5")),
    ]


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (Fault("deny", service="ce"), "failed", "AccessDeniedException"),
        (Fault("deny", service="ce", after=2), "partial", "AccessDeniedException"),
        (Fault("throttle", service="ce"), "failed", "LimitExceededException"),
        (Fault("malformed", service="ce"), "failed", "could not read the response"),
        (Fault("cut", service="ce", after=1), "partial", "GetCostAndUsage"),
        (Fault("deny", service="sts"), "failed", "GetCallerIdentity"),
    ],
)
def test_an_error_is_a_gap_and_the_rows_received_before_it_are_kept(
    simulator: Simulator, fault: Fault, status: str, says: str
) -> None:
    simulator.faults.add(fault)
    part, _ = collected(simulator.url)
    assert part.status == status and bill(part).complete is False
    (problem,) = part.problems
    assert problem.code == "bill-unreadable"
    assert says in problem.message


@pytest.mark.parametrize("amount", ["NaN", "1e20", "-1e15", "1e-999999999"])
def test_only_an_amount_out_of_bounds_is_dropped_and_the_bill_is_incomplete(amount: str) -> None:
    charges = (*CHARGES, Charge(ACCOUNT, "Odd", Decimal(amount)))
    with Simulator(make_account(ACCOUNT, []), today=TODAY, billing=Billing(charges=charges)) as running:
        part, _ = collected(running.url)
    assert [row.usage_type for row in bill(part).months[0].rows] == ["Requests-Tier1", "TimedStorage-ByteHrs"]
    assert (part.status, bill(part).complete) == ("partial", False)
    (problem,) = part.problems
    assert problem.code == "bill-amount-invalid"
    assert "Could not read the amount of Odd" in problem.message
    parts.decode(parts.encode(part), "bill.json")


def test_no_costs_are_requested_from_a_payer_of_another_partition(simulator: Simulator) -> None:
    part, _ = collected(simulator.url, question(partition="aws-cn"))
    assert part.status == "failed"
    assert [problem.code for problem in part.problems] == ["payer-in-other-partition"]
    assert simulator.counters.total(service="ce").calls == 0


def test_an_interrupted_bill_is_a_gap(simulator: Simulator) -> None:
    part, _ = collected(simulator.url, stopped=True)
    assert part.status == "failed"
    assert part.problems[0].code == "bill-interrupted"


def test_an_account_without_charges_has_an_empty_bill() -> None:
    with Simulator(make_account(ACCOUNT, []), today=TODAY) as empty:
        part, _ = collected(empty.url)
    assert part.status == "complete"
    assert [month.rows for month in bill(part).months] == [[], []]


@pytest.mark.parametrize(
    ("accounts", "tag", "calls"), [(1, "", 1), (200, "", 1), (201, "", 2), (201, "bucket_name", 4)]
)
def test_the_expected_calls_count_a_page_per_request(accounts: int, tag: str, calls: int) -> None:
    many: Any = tuple(f"{number:012d}" for number in range(accounts))
    asked = msgspec.structs.replace(question(tag), accounts=many)
    assert expected(asked).usd == calls * Decimal("0.01")
