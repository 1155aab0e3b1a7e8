"""The facts of buckets: emptiness, fees, configurations, bills, and what makes them unknown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.findings.build import build_findings, empty_days
from s3_monitor.findings.facts import BucketFacts
from s3_monitor.findings.finding import Finding
from s3_monitor.merge.merged_data import Figures, MergedData, ResolvedBucket
from s3_monitor.model.bill import BillData, BillMonth, BillRow
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.object_stats import Amount
from s3_monitor.model.plan import Selection
from s3_monitor.model.series import Window
from s3_monitor.money.price_book import bundled_prices
from tests.findings.fixtures import (
    ACCOUNT,
    AS_OF,
    DAYS,
    GB,
    KB,
    MB,
    REGION,
    TB,
    bill,
    bucket,
    config,
    finding,
    findings,
    merged,
    prices_of,
    rules,
    stats,
)

NOW = int(AS_OF.timestamp())
DAY = 86_400
CENT = 10**74  # in units of 10^-76 USD


def ago(days: int) -> int:
    return NOW - days * DAY


def emptied(day: int) -> dict[str, Any]:
    return {"state": "emptied", "day": None, "last": Figures(day, ("StandardStorage",), (GB,), 5)}


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({"state": "empty", "created": ago(90)}, 90),
        ({"state": "empty", "created": ago(90) + 1}, 89),
        ({"state": "empty", "created": None}, None),
        (emptied(10), DAYS - 11),
        (emptied(0), DAYS - 1),
        (emptied(-1), None),
        ({"state": "emptied", "last": None}, None),
        ({"state": "measured", "created": ago(90)}, None),
        ({"state": "measured", "last": Figures(10, (), (), None)}, None),
    ],
)
def test_a_bucket_is_empty_since_its_creation_or_its_last_figures(fields: dict[str, Any], days: int | None) -> None:
    assert empty_days(bucket(**fields), DAYS, NOW) == days


@pytest.mark.parametrize(("age", "is_found"), [(89, False), (90, True)])
def test_a_bucket_is_reported_after_90_empty_days(age: int, is_found: bool) -> None:
    assert (finding("empty-bucket", bucket(state="empty", day=None, created=ago(age))) is not None) is is_found
    emptied_then = bucket(**emptied(200 - 1 - age))
    long = Window(AS_OF.date() - timedelta(days=199), 200)
    data = merged([emptied_then])
    data = msgspec.structs.replace(data, plan=msgspec.structs.replace(data.plan, window=long))
    found = build_findings(data, prices_of(data), bundled_prices())
    assert [one.id for one in found] == (["empty-bucket"] if is_found else [])


@pytest.mark.parametrize(("used", "saved"), [(1999, 0), (2000, 1), (2001, 1)])
def test_only_buckets_above_2000_general_purpose_buckets_of_an_account_cost_a_fee(used: int, saved: int) -> None:
    many = [bucket(f"used-{number}", {"StandardStorage": 1}) for number in range(used)]
    special = [bucket(f"d{number}--use1-az4--x-s3", kind="directory", account=ACCOUNT) for number in range(5)]
    empty = [bucket("empty", state="empty", day=None, created=ago(90))]
    other = [bucket("empty", state="empty", day=None, account="222233334444", region="eu-west-1")]
    found = [one for one in findings(*many, *special, *empty, *other) if one.id == "empty-bucket"]
    assert [(one.account, one.region, one.high) for one in found] == [
        (ACCOUNT, REGION, 0.02 if saved else 0.0), ("222233334444", "eu-west-1", 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "is_candidate"), [(29, False), (30, True), (None, True)])
def test_a_bucket_of_30_days_may_be_a_candidate_for_other_classes(days: int | None, is_candidate: bool) -> None:
    one = bucket(sizes={"StandardStorage": 4 * TB}, created=None if days is None else ago(days))
    assert (finding("int-candidate", one) is not None) is is_candidate


LARGE = Amount(MB, 4 * TB)
OLDER = Amount(1, GB)
LISTED = stats(
    {"STANDARD": LARGE}, {MB: LARGE}, {180: LARGE},
    noncurrent=OLDER, noncurrent_classes={"STANDARD": OLDER}, delete_markers=MB,
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "is_known"), [({}, True), ({"complete": False}, False), ({"keys": "logs/*"}, False)]
)
def test_statistics_of_some_keys_or_of_a_truncated_listing_are_not_used(fields: dict[str, Any], is_known: bool) -> None:
    listed = msgspec.structs.replace(LISTED, **fields)
    one = bucket(sizes={"StandardStorage": 4 * TB}, object_stats=listed, details=config(versioning="enabled"))
    found = {one.id: one for one in findings(one)}
    assert ("ia-candidate" in found) is is_known
    assert ("delete-markers" in found) is is_known
    assert (found["noncurrent-kept"].missing == "objects") is not is_known
    assert (found["int-candidate"].dates.get("objects") is not None) is is_known


@pytest.mark.parametrize(
    ("details", "ids"),
    [
        (config(versioning="enabled"), ["int-candidate", "mpu-no-abort", "noncurrent-kept"]),
        (config(versioning="enabled", lifecycle=rules(abort_uploads="all")), ["int-candidate", "noncurrent-kept"]),
        (config(versioning="enabled", lifecycle=None), ["int-candidate"]),
        (config(versioning="enabled", lifecycle=UNSET), ["int-candidate"]),
        (None, ["int-candidate"]),
        (UNSET, ["int-candidate"]),
    ],
)
def test_an_unknown_lifecycle_configuration_gives_no_finding_about_missing_rules(
    details: BucketConfig, ids: list[str]
) -> None:
    found = findings(bucket(sizes={"StandardStorage": 4 * TB}, details=details))
    assert [one.id for one in found] == ids


@pytest.mark.parametrize(("days", "day"), [(1, None), (2, date(2026, 11, 21)), (3, date(2026, 11, 21))])
def test_request_metrics_are_of_the_day_before_the_last_of_the_window(days: int, day: date | None) -> None:
    data = merged([bucket(state="empty", day=None)])
    window = Window(AS_OF.date() - timedelta(days=days - 1), days)
    data = msgspec.structs.replace(data, plan=msgspec.structs.replace(data.plan, window=window))
    (found,) = build_findings(data, prices_of(data), bundled_prices())
    assert found.dates["request metrics"] == day


def monitoring(*rows: tuple[str, str]) -> BillData:
    return bill(
        [BillRow(account, "Monitoring-Automation-INT", Decimal(usd), Decimal(1), "Objects") for account, usd in rows]
    )


TIERED = {"IntelligentTieringFAStorage": TB, "IntelligentTieringIAStorage": 100 * GB}
SAVED = 100 * (0.023 - 0.0125)


def fees(data: MergedData) -> list[Finding]:
    found = build_findings(data, prices_of(data), bundled_prices())
    return [one for one in found if one.id == "int-fee"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(ACCOUNT, "2")], [2 - SAVED]),
        ([(ACCOUNT, "1.5"), (ACCOUNT, "0.5")], [2 - SAVED]),
        ([(ACCOUNT, "1.06")], [1.06 - SAVED]),
        ([(ACCOUNT, "1.05")], []),  # as much as the tiers save
        ([(ACCOUNT, "1")], []),
        ([("222233334444", "9")], []),
        ([], []),
    ],
)
def test_the_billed_fee_of_a_region_counts_above_what_its_tiers_save(
    rows: list[tuple[str, str]], expected: list[float]
) -> None:
    found = fees(merged([bucket(sizes=TIERED)], bill=monitoring(*rows)))
    assert [one.high for one in found] == [pytest.approx(usd) for usd in expected]
    assert [one.dates for one in found] == [{"bill": date(2026, 10, 1)}] * len(expected)


@pytest.mark.parametrize(
    ("reason", "is_found"),
    [
        ("nothing is missing", True),
        ("a bucket of the region has missing data", False),
        ("a bucket of another region has missing data", True),
        ("the region is incomplete", False),
        ("another region is incomplete", True),
        ("the run was restricted", False),
        ("the bill is in another currency", False),
        ("no bill was received", False),
        ("the bill has another month", False),
        ("a bucket has a fee that is too large", False),
        ("a bucket has another finding", True),
    ],
)
def test_the_billed_fee_is_compared_only_with_all_buckets_of_the_region(reason: str, is_found: bool) -> None:
    billed = monitoring((ACCOUNT, "2"))
    data = merged([bucket(sizes=TIERED)], bill=billed)
    match reason:
        case "a bucket of the region has missing data":
            data = merged([bucket(sizes=TIERED), bucket("b", state="incomplete")], bill=billed)
        case "a bucket of another region has missing data":
            data = merged([bucket(sizes=TIERED), bucket("b", state="incomplete", region="eu-west-1")], bill=billed)
        case "the region is incomplete":
            data = msgspec.structs.replace(data, incomplete_regions=frozenset({(ACCOUNT, REGION)}))
        case "another region is incomplete":
            data = msgspec.structs.replace(data, incomplete_regions=frozenset({(ACCOUNT, "eu-west-1")}))
        case "the run was restricted":
            plan = msgspec.structs.replace(data.plan, selection=Selection(buckets=("data",)))
            data = msgspec.structs.replace(data, plan=plan)
        case "the bill is in another currency":
            data = msgspec.structs.replace(data, bill=msgspec.structs.replace(billed, currency="EUR"))
        case "no bill was received":
            data = msgspec.structs.replace(data, bill=None)
        case "the bill has another month":
            month = BillMonth(date(2026, 9, 1), False, billed.months[0].rows)
            data = msgspec.structs.replace(data, bill=msgspec.structs.replace(billed, months=[month]))
        case "a bucket has a fee that is too large":
            small = Amount(40 * MB, 40 * MB * 130 * KB)
            listed = stats({"INTELLIGENT_TIERING": small}, {128 * KB: small}, {})
            data = merged([bucket(sizes=TIERED), bucket("b", TIERED, object_stats=listed)], bill=billed)
        case "a bucket has another finding":
            data = merged([bucket(sizes=TIERED), bucket("b", {"ReducedRedundancyStorage": TB})], bill=billed)
    assert any(one.bucket is None for one in fees(data)) is is_found


def facts(one: ResolvedBucket) -> BucketFacts:
    data = merged([one])
    return BucketFacts(one, prices_of(data).of(one.account, one.region), one.lines, {}, None, 0, None)


def described(found: Finding | None) -> tuple[Any, ...] | None:
    return None if found is None else (found.kind, found.low, found.high, found.missing, found.once)


def test_amounts_below_a_cent_are_shown_only_where_they_are_exact() -> None:
    known = facts(bucket(sizes={"StandardStorage": 1}))
    assert described(known.exact("rrs", 1, 1, ())) == ("exact", 0.0, 0.0, "", None)
    assert described(known.exact("rrs", CENT - 1, 1, (), once=2 * CENT)) == ("exact", 0.01, 0.01, "", 0.02)
    assert known.exact("rrs", 0, 1, ()) is None
    assert known.exact("rrs", -CENT, 1, ()) is None
    assert described(known.bounded("rrs", "at-most", 0, CENT, 1, ())) == ("at-most", 0.0, 0.01, "", None)
    assert known.bounded("rrs", "at-most", 0, CENT - 1, 1, ()) is None
    assert described(known.bounded("rrs", "range", -CENT, CENT, 1, (), missing="bill")) == (
        "range",
        -0.01,
        0.01,
        "bill",
        None,
    )
    assert known.bounded("rrs", "range", -CENT, CENT - 1, 1, ()) is None


def test_a_saving_without_a_price_is_unknown() -> None:
    known = facts(bucket(sizes={"StandardStorage": 1}))
    unknown = ("unknown", None, None, "prices", None)
    assert described(known.exact("rrs", None, 1, (), once=CENT)) == unknown
    assert described(known.bounded("rrs", "at-most", 0, None, 1, (), missing="bill")) == unknown
    assert described(known.bounded("rrs", "range", None, CENT, 1, ())) == unknown
    assert described(known.bounded("rrs", "range", CENT, None, 1, ())) == unknown


def test_a_saving_at_a_price_that_is_an_upper_bound_is_one_too() -> None:
    bounded = facts(bucket(sizes={"ReducedRedundancyStorage": 2 * TB}))
    assert described(bounded.exact("rrs", CENT, 1, (), ("StandardStorage",))) == ("exact", 0.01, 0.01, "", None)
    types = ("StandardStorage", "ReducedRedundancyStorage")
    assert described(bounded.exact("rrs", CENT, 1, (), types)) == ("at-most", 0.0, 0.01, "prices", None)
