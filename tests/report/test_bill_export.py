"""The charges of a billing export in buckets and the bill: exact amounts that add up, and what is not attributed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from s3_monitor.merge.bill_validation import bill_error
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillData
from s3_monitor.model.bill_summary import BillSummary, ExportSummary
from s3_monitor.model.bucket import BilledCharges, Bucket
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.plan import ReportRule
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.bill_page import build_bill_view
from s3_monitor.report.data import buckets_and_summary
from tests.exports.billing_files import EVERY_PITFALL, Charge, of_s3, requests, sum_of
from tests.exports.months import exported_month
from tests.report import builder
from tests.report.builder import write_pages
from tests.report.reader import text_of
from tests.report.test_bill_allocation import ACCOUNT, GIB, NOVEMBER, OTHER, QUESTION, facts, line, made, record

QUERY = msgspec.structs.replace(QUESTION, export=BillingExport("cur2", "bills", tag="bucket_name"))
STORED = {"StandardStorage": 100 * GIB}


def exported(
    records: Sequence[ResolvedBucket],
    charges: Sequence[Charge],
    since: Sequence[Charge] = (),
    *,
    net: bool = True,
    tags: bool = False,
    **changes: Any,
) -> MergedData:
    """Return the merged data of buckets and the charges of October and November."""
    known = facts(records, **changes)
    shards = [msgspec.structs.replace(shard, bill=shard.bill and QUERY) for shard in known.plan.shards]
    months = [exported_month(charges, net=net, tags=tags), exported_month(since, first=NOVEMBER)]
    bill = BillData(ACCOUNT, "USD", True, months)
    return msgspec.structs.replace(known, plan=msgspec.structs.replace(known.plan, shards=tuple(shards)), bill=bill)


def charges_of(bucket: Bucket) -> BilledCharges:
    assert isinstance(bucket.charges, BilledCharges)
    return bucket.charges


def export_of(bill: BillSummary) -> ExportSummary:
    assert isinstance(bill.export, ExportSummary)
    return bill.export


def test_a_bucket_has_all_its_charges_for_usage_by_group() -> None:
    buckets, bill = made(exported([record("logs", STORED), record("quiet", {})], EVERY_PITFALL))
    logs, quiet = buckets
    charges = [charge for charge in EVERY_PITFALL if charge.resource.endswith("logs") and charge.type == "Usage"]
    assert logs.billed_cost == round(float(sum_of(charges)), 6)
    groups = charges_of(logs).groups
    assert groups == {
        "early-deletion": 0.05, "monitoring": 0.0025, "replication": 0.2, "requests": 0.0013, "storage-glacier": 0.0,
        "storage-standard": 2.3, "transfer-out": 0.9, "transitions": 0.01,
    }  # fmt: skip
    assert sum(groups.values()) == pytest.approx(logs.billed_cost)
    assert charges_of(logs).last_request == "2026-10-09 00:00:00+00:00"
    assert (quiet.billed_cost, charges_of(quiet)) == (0.0, BilledCharges(0.0, {}, None))
    assert bill.costs == "exported"


def test_unattributed_charges_are_named_by_type() -> None:
    other = record("of-other", STORED, account=OTHER)
    deleted = record("deleted", STORED)
    _, bill = made(exported([record("logs", STORED), other], EVERY_PITFALL, deleted=[deleted]))
    unattributed = {row.type: row.billed for row in export_of(bill).unattributed}
    assert unattributed == {
        "bucket-fee": 0.3, "credits": -1.5, "deleted-buckets": 0.5, "discounts": -0.25, "list-buckets": 0.00005,
        "other-buckets": 1.36, "other-resources": 0.07, "tax": 0.41,
    }  # fmt: skip
    assert sum(unattributed.values()) == pytest.approx(bill.unattributed)
    assert round(sum(row.attributed for row in export_of(bill).groups), 6) == bill.attributed
    assert bill.billed == round(float(sum_of(of_s3(EVERY_PITFALL))), 6)
    assert line(bill, "Tax").unattributed == 0.41
    standard = line(bill, "TimedStorage-ByteHrs")
    assert (standard.attributed, standard.unattributed, standard.causes) == (2.3, 0.5, ["deleted-buckets"])


def test_a_storage_type_has_the_charges_of_its_operation() -> None:
    charges = [
        Charge("TimedStorage-ByteHrs", "2.3", "100", "logs", "StandardStorage"),
        Charge("TimedStorage-ByteHrs", "0.7", "30", "logs", "GlacierS3ObjectOverhead"),
    ]
    types = ("GlacierS3ObjectOverhead", "StandardStorage")
    logs = record("logs", dict.fromkeys(types, GIB), types=types, amounts=(GIB, GIB))
    (bucket,), _ = made(exported([logs], charges))
    assert {name: one.billed_cost for name, one in bucket.storage.items()} == dict(zip(types, (0.7, 2.3), strict=True))


def test_charges_without_an_operation_are_divided_by_bytes_and_days() -> None:
    charges = [Charge("TimedStorage-ByteHrs", "4", "100", "logs")]
    types = ("GlacierS3ObjectOverhead", "StandardStorage")
    logs = record("logs", {types[0]: GIB, types[1]: 3 * GIB}, types=types, amounts=(GIB, 3 * GIB))
    (bucket,), _ = made(exported([logs], charges))
    assert [one.billed_cost for one in bucket.storage.values()] == [1.0, 3.0]


def test_a_bucket_with_incomplete_figures_has_its_exact_charges() -> None:
    charges = [Charge("TimedStorage-ByteHrs", "2.3", "100", "logs", "StandardStorage")]
    (bucket,), _ = made(exported([record("logs", {}, state="incomplete")], charges))
    assert (bucket.total_cost, bucket.billed_cost) == (None, 2.3)


def test_a_table_bucket_does_not_take_the_charges_of_a_bucket_with_its_name() -> None:
    charges = [Charge("TimedStorage-ByteHrs", "2.3", "100", "logs", "StandardStorage")]
    table = record("logs", {}, kind="table", state="unmeasured")
    buckets, bill = made(exported([table, record("logs", STORED)], charges))
    assert [bucket.billed_cost for bucket in buckets] == [None, 2.3]
    assert bill.attributed == 2.3


@pytest.mark.parametrize(("has_net", "net", "of_bill"), [(True, 1.6, 1.6), (False, 1.75, None)])
def test_the_net_amount_has_discounts_once(has_net: bool, net: float, of_bill: float | None) -> None:
    """With a net column, usage includes the discount; without one, the discount has a row."""
    charges = [
        Charge("TimedStorage-ByteHrs", "2", "100", "logs", "StandardStorage", net="1.6" if has_net else None),
        Charge("TimedStorage-ByteHrs", "-0.25", "0", "logs", type="EdpDiscount", net="0" if has_net else None),
    ]
    (bucket,), bill = made(exported([record("logs", STORED)], charges, net=has_net))
    assert (bucket.billed_cost, charges_of(bucket).net, export_of(bill).net) == (2.0, net, of_bill)


def test_the_last_request_may_be_in_the_current_month() -> None:
    since = [requests("logs", "0.1", day=35)]
    (bucket,), bill = made(exported([record("logs", STORED)], EVERY_PITFALL, since))
    assert charges_of(bucket).last_request == "2026-11-04 00:00:00+00:00"
    assert bill.to_date is not None and bill.to_date.billed == 0.1


def test_a_missing_bill_is_unknown() -> None:
    known = msgspec.structs.replace(exported([record("logs", STORED)], EVERY_PITFALL), bill=None)
    (bucket,), bill = made(known)
    assert (bucket.billed_cost, bucket.charges, bill.billed, bill.export) == (None, None, None, None)


amounts = st.decimals(-50, 900, places=9).map(str)
some_charges = st.lists(
    st.builds(
        lambda usage_type, usd, resource, type_, account: Charge(
            usage_type, usd, "3", resource, "StandardStorage", account, type_
        ),
        st.sampled_from(["TimedStorage-ByteHrs", "EU-Requests-Tier1", "DataTransfer-Out-Bytes"]),
        amounts,
        st.sampled_from(["", "logs", "raw", "gone", "arn:aws:s3:us-east-1:1:accesspoint/x"]),
        st.sampled_from(["Usage", "Usage", "Usage", "Tax", "Credit"]),
        st.sampled_from([ACCOUNT, OTHER]),
    ),
    max_size=20,
)


@given(some_charges, st.randoms(use_true_random=False))
def test_attributed_and_unattributed_amounts_are_the_bill(charges: list[Charge], chance: random.Random) -> None:
    records = [record("logs", STORED), record("raw", STORED)]
    known = exported(records, charges)
    buckets, bill = made(known)
    micros = [round((one or 0) * 1_000_000) for one in (bill.billed, bill.attributed, bill.unattributed)]
    assert micros[0] == round(sum_of(charges) * 1_000_000) == micros[1] + micros[2]
    export = export_of(bill)
    assert sum(round(row.attributed * 1_000_000) for row in export.groups) == micros[1]
    assert sum(round(row.billed * 1_000_000) for row in export.unattributed) == micros[2]
    if {ACCOUNT} <= {charge.account for charge in charges}:
        assert sum(round(float(bucket.billed_cost or 0) * 1_000_000) for bucket in buckets) == micros[1]
    for bucket in buckets:
        if isinstance(bucket.charges, BilledCharges):
            of_groups = sum(round(usd * 1_000_000) for usd in bucket.charges.groups.values())
            assert of_groups == round(float(bucket.billed_cost or 0) * 1_000_000)
    chance.shuffle(charges)
    assert made(exported(records, charges)) == (buckets, bill)


def test_groups_have_the_billed_amounts_of_their_buckets() -> None:
    charges = [
        Charge("TimedStorage-ByteHrs", "2.3", "100", "logs", "StandardStorage"),
        Charge("Requests-Tier1", "0.7", "1000", "logs", unit="Requests"),
        Charge("TimedStorage-ByteHrs", "4.6", "200", "raw", "StandardStorage", OTHER),
    ]
    details = BucketConfig(tags={"team": "web"})
    types = {"types": ("StandardStorage",), "amounts": (100 * GIB,)}
    logs, raw = record("logs", STORED, details=details, **types), record("raw", STORED, account=OTHER, **types)
    table = record("logs", {}, kind="table", state="unmeasured")
    known = exported([logs, table, raw], charges)
    known = msgspec.structs.replace(
        known, plan=msgspec.structs.replace(known.plan, details=True, report=ReportRule(group_by_tags=("team",)))
    )
    _, summary = buckets_and_summary(known, bundled_prices(), datetime(2026, 11, 22, 4, tzinfo=UTC))

    def billed(groups: Any) -> dict[str, tuple[Any, Any]]:
        return {name: (group.billed_cost, group.unbilled_buckets) for name, group in groups.items()}

    assert billed({"": summary.totals}) == {"": (7.6, 1)}
    assert billed(summary.by_account) == {ACCOUNT: (3.0, 1), OTHER: (4.6, 0)}
    assert billed(summary.by_region) == {"us-east-1": (7.6, 1)}
    assert billed(summary.by_storage_type) == {"StandardStorage": (6.9, 0)}
    assert isinstance(summary.by_tag, dict)
    assert billed(summary.by_tag["team"])["web"] == (3.0, 0)
    assert billed(made_without_bill(known).by_account) == {ACCOUNT: (UNSET, UNSET), OTHER: (UNSET, UNSET)}


def made_without_bill(known: MergedData) -> Summary:
    shards = tuple(shard for shard in known.plan.shards if not shard.bill)
    plan = msgspec.structs.replace(known.plan, shards=shards)
    known = msgspec.structs.replace(known, plan=plan, bill=None)
    return buckets_and_summary(known, bundled_prices(), datetime(2026, 11, 22, 4, tzinfo=UTC))[1]


# Pages.


def test_the_bill_page_has_groups_and_types_in_cents_that_add_up(tmp_path: Path) -> None:
    buckets, bill = made(exported([record("logs", STORED)], EVERY_PITFALL))
    view = build_bill_view(bill)
    assert view.export is not None and view.total is not None
    for rows, total in (
        (view.export.groups, view.total.attributed),
        (view.export.unattributed, view.total.unattributed),
    ):
        assert sum(round(row.amount * 100) for row in rows) == round(total * 100)
    for way in view.export.comparison:
        assert round(way.attributed * 100) + round(way.unattributed * 100) == round(view.total.billed * 100)
    assert view.export.comparison[-1].unattributed == view.total.unattributed
    write_pages(tmp_path, buckets, builder.summary(buckets, bill=bill))
    page = text_of(tmp_path, "bill.html")
    assert "Storage, Standard $2.30" in page and "Transfer to the internet $0.90" in page
    assert "Tax $0.41" in page and "Buckets that are not in this report" in page
    assert "By bytes and days, storage only" in page and "s3://bills/all/" in page
    of_bucket = next(tmp_path.glob("bucket*/*logs*.html"))
    assert "Last object request: 2026-10-09" in text_of(tmp_path, of_bucket.relative_to(tmp_path).as_posix())


# The part.


def test_charges_that_do_not_add_up_to_the_rows_are_rejected() -> None:
    known = exported([], EVERY_PITFALL)
    assert known.bill is not None
    october = known.bill.months[0]
    shard = next(shard for shard in known.plan.shards if shard.bill)
    rows = [msgspec.structs.replace(october.rows[0], usd=Decimal(1)), *october.rows[1:]]
    for month, error in (
        (october, ""),
        (msgspec.structs.replace(october, rows=rows), "charges that do not add up to the bill"),
        (msgspec.structs.replace(october, rows=october.rows[1:]), "charges that do not add up to the bill"),
        (
            msgspec.structs.replace(october, exported=UNSET),
            "a bill from another source than its shard requests",
        ),
    ):
        bill = msgspec.structs.replace(known.bill, months=[month])
        part = msgspec.defstruct("Fake", ["bill"])(bill)
        assert bill_error(part, shard) == error  # type: ignore[arg-type]
