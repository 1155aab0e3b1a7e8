"""The bill, run as users run it: a simulated month reconciled to the cent, cut in any way, and what a failure costs."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.aws import cost_explorer
from s3_monitor.simulator import Account, Billing, Charge, Fault, Simulator, random_account
from s3_monitor.simulator.billing import USAGE_TYPES
from s3_monitor.simulator.price_lists import make_offers
from s3_monitor.simulator.settings import Settings
from tests.e2e import fakes
from tests.e2e.conftest import ROOT, Program

TODAY = datetime.now(UTC).date()
CURRENT = TODAY.replace(day=1)
MONTH = (CURRENT - timedelta(days=1)).replace(day=1)
DAYS = (CURRENT - MONTH).days
PREFIX = {"us-east-1": "", "eu-west-1": "EU-"}
MAIN, OTHER = "111122223333", "444455556666"
BILLING = Billing(
    discounts={"": Decimal("0.07")},
    charges=(
        Charge(MAIN, "Requests-Tier1", Decimal("12.3456789012"), Decimal(2_469_136), "Requests"),
        Charge(MAIN, "EU-EarlyDelete-SIA", Decimal("0.0400000001"), Decimal("3.2"), "GB-Mo"),
        Charge(MAIN, "NoUsageType", Decimal("-31.07")),
        Charge(OTHER, "DataTransfer-Out-Bytes", Decimal("88.005"), Decimal("977.8"), "GB"),
        Charge(OTHER, "TimedStorage-ByteHrs", Decimal("3.3333333333"), Decimal("144.9275362319"), "GB-Mo"),
    ),
    page=7,
)


def accounts() -> tuple[Account, ...]:
    """Two accounts with every kind of bucket, deleted ones too; most of them tagged with their names."""
    made = []
    for number, (id_, key) in enumerate([(MAIN, "AKIASIMULATED00000001"), (OTHER, "AKIASIMULATED00000002")]):
        plain = random_account(number + 5, 25, today=TODAY, awkward=0.4, account_id=id_, access_key=key)
        tagged = {
            name: replace(bucket, settings=Settings(tags={"bucket_name": name} if place % 5 else {}))
            for place, (name, bucket) in enumerate(sorted(plain.buckets.items()))
        }
        made.append(replace(plain, buckets=tagged))
    return tuple(made)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(accounts(), today=TODAY, billing=BILLING) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_faults(simulator: Simulator) -> None:
    simulator.faults.clear()
    simulator.counters.reset()


@pytest.fixture
def environment(simulator: Simulator) -> dict[str, str]:
    return simulator.env(profiles={"main": simulator.accounts[0], "other": simulator.accounts[1]})


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """Both accounts, paid by the first."""
    path = tmp_path / "shards.yaml"
    path.write_text(
        "costs: billed\npayer: {profile: main}\n"
        "shards:\n  - {name: main, profile: main}\n  - {name: other, profile: other}\n"
    )
    return path


def report(out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Buckets by name, and the summary."""
    listed = json.loads((out / "report" / "buckets.json").read_bytes(), parse_float=Decimal)
    summary = json.loads((out / "report" / "summary.json").read_bytes(), parse_float=Decimal)
    return {bucket["name"]: bucket for bucket in listed}, summary


def items(simulator: Simulator) -> list[Charge]:
    return BILLING.items(simulator.accounts, simulator.offers, MONTH, CURRENT)


def gb_months(account: Account, name: str) -> dict[str, Fraction]:
    """Of one bucket by usage type, from the simulated truth."""
    found: dict[str, Fraction] = {}
    bucket = account.buckets[name]
    for type_, series in bucket.sizes.items():
        if type_ in USAGE_TYPES:
            days = [series.value(day) for day in range(MONTH.toordinal(), CURRENT.toordinal())]
            held = sum((Fraction(value) for value in days if value is not None), Fraction(0))
            usage_type = PREFIX[bucket.region] + USAGE_TYPES[type_]
            found[usage_type] = found.get(usage_type, Fraction(0)) + held / DAYS / 2**30
    return found


def by_line(charges: list[Charge]) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """(account, usage type) → USD and quantity."""
    sums: dict[tuple[str, str], tuple[Fraction, Fraction]] = {}
    for item in charges:
        usd, quantity = sums.get((item.account, item.usage_type), (Fraction(0), Fraction(0)))
        sums[item.account, item.usage_type] = (usd + Fraction(item.usd), quantity + Fraction(item.quantity))
    return sums


def adds_up(bill: Mapping[str, Any], billed: Fraction) -> None:
    """To the millionth, by row and by column."""
    rows = bill["rows"]
    assert abs(Fraction(bill["billed"]) - billed) <= Fraction(1, 1_000_000)
    for row in [*rows, bill]:
        assert row["attributed"] + row["unattributed"] == row["billed"]
    for column in ("list", "billed", "attributed", "unattributed", "difference", "to_date"):
        known = [row[column] for row in rows if row[column] is not None]
        assert sum(known) == (bill["to_date"]["billed"] if column == "to_date" else bill[column]), column


@pytest.mark.skipif(TODAY.day == 1, reason="a month's first day has no month to date")
def test_a_month_with_discount_credits_deleted_buckets_and_requests_reconciles_to_the_cent(
    monitor: Program, simulator: Simulator, environment: dict[str, str], shards: Path, tmp_path: Path
) -> None:
    done = monitor("run", "--shards", shards, "--out", "out", env=environment)
    assert done.status == 0, done.err
    found, summary = report(tmp_path / "out")
    charges = items(simulator)
    bill, lines = summary["bill"], by_line(charges)
    adds_up(bill, sum((Fraction(item.usd) for item in charges), Fraction(0)))
    assert (bill["costs"], bill["payer"], bill["month"], bill["estimated"]) == ("billed", MAIN, str(MONTH), False)
    rows = {(row["account"], row["usage_type"]): row for row in bill["rows"]}
    for key, (usd, _) in lines.items():
        assert abs(Fraction(rows[key]["billed"]) - usd) <= Fraction(2, 1_000_000), key

    total = Fraction(0)
    for account in simulator.accounts:
        for name, bucket in account.buckets.items():
            if not bucket.listed and bucket.kind == "general":
                continue
            expected = sum(
                amount * lines[account.id, usage_type][0] / lines[account.id, usage_type][1]
                for usage_type, amount in gb_months(account, name).items()
                if amount
            )
            billed = found[name]["billed_cost"]
            if billed is None:
                assert found[name]["state"] != "measured" or "HolographicStorage" in bucket.sizes
                continue
            if found[name]["state"] == "empty":
                expected = Fraction(0)  # CloudWatch forgets within two weeks what was in it
            total += Fraction(billed)
            assert abs(Fraction(billed) - expected) <= Fraction(1, 1_000_000), name
    unknown = [line for one in found.values() if one["billed_cost"] is None for line in one["storage"].values()]
    total += sum((Fraction(line["billed_cost"] or 0) for line in unknown), Fraction(0))
    assert abs(total - Fraction(bill["attributed"])) < Fraction(1, 100_000)
    assert rows[MAIN, "Requests-Tier1"]["reason"] == "not storage: requests"
    assert rows[MAIN, "EU-EarlyDelete-SIA"]["reason"].startswith("early deletion")
    assert rows[MAIN, "NoUsageType"]["reason"].startswith("credits")
    assert rows[OTHER, "DataTransfer-Out-Bytes"]["reason"] == "not storage: transfer"
    assert any("deleted" in row["reason"] for row in bill["rows"])
    assert bill["to_date"]["estimated"] is True and bill["to_date"]["billed"] > 0
    assert simulator.counters.total("GetCostAndUsage").calls * Decimal("0.01") <= summary["api"]["usd"]
    page = (tmp_path / "out" / "report" / "bill.html").read_text(encoding="utf-8")
    assert "not storage: requests" in page and f"{bill['billed']:,.2f}" in page


def test_any_split_gives_the_same_bill(
    monitor: Program, environment: dict[str, str], shards: Path, tmp_path: Path
) -> None:
    outcomes = set()
    for number, cut in enumerate([("--split-by", "region"), ("--max-shards", "2")]):
        options = ("--last-modified", "off", "--data-only", "--out", f"out{number}", *cut)
        done = monitor("run", "--shards", shards, *options, env=environment)
        assert done.status == 0, done.err
        outcomes.add((tmp_path / f"out{number}" / "report" / "buckets.json").read_bytes())
        names = {path.stem for path in (tmp_path / f"out{number}" / "parts").glob("*.json")}
        assert "bill" in names and len(names) == (5 if number == 0 else 2)
    assert len(outcomes) == 1


def test_by_tag_each_bucket_has_all_its_dollars_and_the_rest_is_shown(
    monitor: Program, simulator: Simulator, environment: dict[str, str], shards: Path, tmp_path: Path
) -> None:
    done = monitor("run", "--shards", shards, "--costs", "tagged", "--data-only", "--out", "out", env=environment)
    assert done.status == 0, done.err
    found, summary = report(tmp_path / "out")
    charges = items(simulator)
    adds_up(summary["bill"], sum((Fraction(item.usd) for item in charges), Fraction(0)))
    own: dict[str, Fraction] = {}
    untagged = gone = Fraction(0)
    for item in charges:
        bucket = simulator.accounts[[MAIN, OTHER].index(item.account)].buckets.get(item.bucket)
        if bucket is None or not bucket.settings.tags:
            untagged += Fraction(item.usd)
        elif bucket.name not in found:
            gone += Fraction(item.usd)
        else:
            own[bucket.name] = own.get(bucket.name, Fraction(0)) + Fraction(item.usd)
    for name, bucket in found.items():
        if bucket["state"] in ("measured", "empty"):
            assert (bucket["billed_cost"] is None) == (name not in own), name
            assert abs(Fraction(bucket["billed_cost"] or 0) - own.get(name, Fraction(0))) <= Fraction(1, 1_000_000)
    tagged = summary["bill"]["tagged"]
    assert abs(Fraction(tagged["untagged"]) - untagged) <= Fraction(1, 1_000_000)
    assert abs(Fraction(tagged["elsewhere"]) - gone) <= Fraction(1, 1_000_000)


def test_an_incomplete_bill_is_a_gap_and_does_not_change_list_prices(
    monitor: Program, simulator: Simulator, environment: dict[str, str], shards: Path, tmp_path: Path
) -> None:
    options = ("--last-modified", "off", "--history-days", 62)
    monitor("run", "--shards", shards, "--costs", "list", "--data-only", "--out", "list", *options, env=environment)
    assert simulator.counters.total(service="ce").calls == 0
    simulator.faults.add(Fault("deny", service="ce", after=1))
    done = monitor("run", "--shards", shards, "--out", "billed", *options, env=environment)
    assert done.status == 3
    at_list, before = report(tmp_path / "list")
    billed, summary = report(tmp_path / "billed")
    assert {name: bucket["total_cost"] for name, bucket in billed.items()} == {
        name: bucket["total_cost"] for name, bucket in at_list.items()
    }
    assert "bill" not in before and all("billed_cost" not in bucket for bucket in at_list.values())
    assert {bucket["billed_cost"] for bucket in billed.values()} == {None}
    assert summary["bill"]["billed"] is None and summary["bill"]["rows"] == []
    gaps = [problem for problem in summary["problems"] if problem["severity"] == "gap"]
    assert [gap["code"] for gap in gaps] == ["bill-unreadable"]
    assert gaps[0]["advice"] == "allow ce:GetCostAndUsage to the role or user"
    assert "ce:GetCostAndUsage" in (tmp_path / "billed" / "report" / "index.html").read_text(encoding="utf-8")


def test_the_cost_of_reading_the_bill_is_announced(
    monitor: Program, simulator: Simulator, environment: dict[str, str], shards: Path
) -> None:
    done = monitor("plan", "--shards", shards, "--costs", "tagged", "--out", "plan", "--dry-run", env=environment)
    assert "bill: the bill of 2 accounts, 0.01 USD per page, about 3 calls, about 0.0200 USD" in done.out
    assert simulator.counters.total(service="ce").calls == 0


def test_without_a_payer_the_profile_of_the_command_line_pays(
    monitor: Program, environment: dict[str, str], tmp_path: Path
) -> None:
    done = monitor("run", "-p", "other", "--costs", "billed", "--data-only", "--out", "out", env=environment)
    assert done.status == 0, done.err
    bill = report(tmp_path / "out")[1]["bill"]
    assert bill["payer"] == OTHER and {row["account"] for row in bill["rows"]} == {OTHER}


def test_the_bill_of_another_fake_is_read(monitor: Program, tmp_path: Path) -> None:
    """Its responses are queued in advance."""
    group = {
        "Keys": ["123456789012", "TimedStorage-ByteHrs"],
        "Metrics": {
            "UnblendedCost": {"Amount": "1.2345678901", "Unit": "USD"},
            "UsageQuantity": {"Amount": "53.5", "Unit": "GB-Mo"},
        },
    }
    answer = {
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": str(MONTH), "End": str(CURRENT)},
                "Total": {},
                "Groups": [group],
                "Estimated": False,
            }
        ]
    }
    with fakes.running("moto") as url:
        queue = f"{url}/moto-api/static/ce/cost-and-usage-results"
        body = json.dumps({"results": [answer]}).encode()
        request = urllib.request.Request(queue, body, {"Content-Type": "application/json"}, method="POST")
        urllib.request.urlopen(request).close()
        done = monitor("run", "--costs", "billed", "--data-only", "--out", "out", env=fakes.environment(url))
    assert done.status == 0, done.err
    bill = report(tmp_path / "out")[1]["bill"]
    assert [(row["usage_type"], row["billed"], row["unattributed"]) for row in bill["rows"]] == [
        ("TimedStorage-ByteHrs", Decimal("1.234568"), Decimal("1.234568"))
    ]


def test_the_simulated_prices_are_those_of_the_lists() -> None:
    """Check the billed amount above by hand: 60 TB for a month, the first 50 at 0.023."""
    held = Billing().items(accounts(), make_offers(date(2026, 7, 28)), MONTH, CURRENT)
    pool = [item for item in held if item.usage_type == "TimedStorage-ByteHrs"]
    quantity = sum(item.quantity for item in pool)
    tiers = min(quantity, 51_200) * Decimal("0.023") + max(Decimal(0), quantity - 51_200) * Decimal("0.022")
    assert abs(sum(item.usd for item in pool) - tiers) < Decimal("0.00001")


def test_the_policy_of_the_payer_allows_exactly_the_requests() -> None:
    (statement,) = json.loads((ROOT / "docs" / "iam" / "bill.json").read_text())["Statement"]
    assert statement["Action"] == [f"ce:{operation}" for operation in (cost_explorer.COSTS, cost_explorer.TAGS)]
