"""One month in CloudWatch, Cost Explorer and a billing export: reports by bytes, by tag and by charges agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from s3_monitor.exports.delivery import Format
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillData, BillRow, CostQuery, TagRow
from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.exports import BillingExport
from tests.exports import billing_files
from tests.exports.billing_files import Charge
from tests.exports.months import read, written
from tests.report.test_bill_allocation import ACCOUNT, GIB, OTHER, QUESTION, facts, made, record
from tests.report.test_bill_export import charges_of, export_of

TAG = "bucket_name"
EXPORTED = msgspec.structs.replace(QUESTION, export=BillingExport("cur2", "bills", tag=TAG))
TAGGED = msgspec.structs.replace(QUESTION, tag=TAG)
# GiB by bucket and storage type, constant in the month. The bill has list prices, so that all modes can agree.
LOGS = {"StandardStorage": 100, "StandardIAStorage": 400}
VAULT = {"GlacierStorage": 1000, "GlacierObjectOverhead": 10, "GlacierS3ObjectOverhead": 2.5}
COLD = {"DeepArchiveStorage": 10_000}
GONE = {"StandardStorage": 50}
USAGE: Mapping[str, tuple[str, str]] = {
    "StandardStorage": ("TimedStorage-ByteHrs", "0.023"),
    "StandardIAStorage": ("TimedStorage-SIA-ByteHrs", "0.0125"),
    "GlacierStorage": ("TimedStorage-GlacierByteHrs", "0.0036"),
    "GlacierObjectOverhead": ("TimedStorage-GlacierByteHrs", "0.0036"),
    "GlacierS3ObjectOverhead": ("TimedStorage-ByteHrs", "0.023"),
    "DeepArchiveStorage": ("TimedStorage-GDA-ByteHrs", "0.00099"),
}


def stored(bucket: str, gib: Mapping[str, float], account: str = ACCOUNT) -> list[Charge]:
    """Return a charge per storage type and half of the month."""
    charges = []
    for type_, size in gib.items():
        usage_type, price = USAGE[type_]
        product = "AmazonS3GlacierDeepArchive" if type_.startswith("Deep") else "AmazonS3"
        half = Decimal(str(size)) / 2
        charge = Charge(
            usage_type,
            str(half * Decimal(price)),
            str(half),
            bucket,
            type_,
            account,
            product=product,
            tags=tags(bucket),
        )
        charges += [charge, charge._replace(day=31)]
    return charges


def tags(bucket: str) -> tuple[tuple[str, str], ...]:
    return ((TAG, bucket),)


OF_BUCKETS = [*stored("logs", LOGS), *stored("vault", VAULT), *stored("cold", COLD, OTHER)]
OTHER_USAGE = [
    Charge("Requests-Tier1", "0.0123456789", "2469", "logs", "PutObject", unit="Requests", tags=tags("logs")),
    Charge("DataTransfer-Out-Bytes", "1.005", "11.17", "logs", "GetObject", unit="GB", tags=tags("logs")),
    Charge("EarlyDelete-SIA", "0.0400000001", "3.2", "vault", "DeleteObject", tags=tags("vault")),
]
UNATTRIBUTED = [
    *stored("gone", GONE),
    Charge("Global-Bucket-Hrs", "0.3", "15", unit="Buckets"),
    Charge("Tax", "0.41", "0", type="Tax", unit=""),
    Charge("Credit", "-3.07", "0", account=OTHER, type="Credit", unit=""),
]
CHARGES = [*OF_BUCKETS, *OTHER_USAGE, *UNATTRIBUTED]
RECORDS = [
    record(name, {type_: int(size * GIB) for type_, size in gib.items()}, account=account,
           types=tuple(gib), amounts=tuple(int(size * GIB) for size in gib.values()))
    for name, gib, account in (("cold", COLD, OTHER), ("logs", LOGS, ACCOUNT), ("vault", VAULT, ACCOUNT))
]  # fmt: skip


def rows(charges: Iterable[Charge]) -> list[BillRow]:
    """Return the rows of Cost Explorer: the sums by account and usage type."""
    sums: dict[tuple[str, str], list[Charge]] = {}
    for charge in charges:
        sums.setdefault((charge.account, charge.usage_type), []).append(charge)
    return [
        BillRow(
            *key,
            sum((Decimal(one.usd) for one in some), Decimal(0)),
            sum((Decimal(one.quantity) for one in some), Decimal(0)),
            some[0].unit,
        )
        for key, some in sorted(sums.items())
    ]


def tagged_rows(charges: Iterable[Charge]) -> list[TagRow]:
    sums: dict[tuple[str, str], Decimal] = {}
    for charge in charges:
        key = (dict(charge.tags).get(TAG, ""), charge.usage_type)
        sums[key] = sums.get(key, Decimal(0)) + Decimal(charge.usd)
    return [TagRow(*key, usd) for key, usd in sorted(sums.items())]


def report(
    query: CostQuery, charges: Sequence[Charge], records: Sequence[ResolvedBucket] = RECORDS, **month: Any
) -> tuple[dict[str, Bucket], BillSummary]:
    """Return the buckets by name and the bill. ``month``: what the month has in addition to rows."""
    known = facts(records, *rows(charges))
    assert known.bill is not None
    first = msgspec.structs.replace(known.bill.months[0], **month)
    return as_report(known, query, msgspec.structs.replace(known.bill, months=[first]))


def as_report(known: MergedData, query: CostQuery, bill: BillData) -> tuple[dict[str, Bucket], BillSummary]:
    shards = tuple(msgspec.structs.replace(shard, bill=shard.bill and query) for shard in known.plan.shards)
    plan = msgspec.structs.replace(known.plan, shards=shards)
    buckets, summary = made(msgspec.structs.replace(known, plan=plan, bill=bill))
    return {bucket.name: bucket for bucket in buckets}, summary


def from_files(
    folder: Path, layout: str, format_: Format, charges: Sequence[Charge]
) -> tuple[dict[str, Bucket], BillSummary]:
    half = len(charges) // 2
    contents = [written(layout, some, format_) for some in (charges[:half], charges[half:])]
    month = read(folder, layout, contents, format_, batch=1, tag=TAG).month
    known = facts(RECORDS)
    return as_report(known, EXPORTED, BillData(ACCOUNT, "USD", True, [month]))


@pytest.mark.parametrize("layout", billing_files.LAYOUTS)
@pytest.mark.parametrize("format_", get_args(Format))
def test_every_export_and_cost_explorer_have_the_same_bill_in_every_mode(
    tmp_path: Path, layout: str, format_: Format
) -> None:
    by_charges, exported = from_files(tmp_path, layout, format_, CHARGES)
    by_bytes, billed = report(QUESTION, CHARGES)
    by_tag, tagged = report(TAGGED, CHARGES, tagged=tagged_rows(CHARGES))
    total = round(sum(Decimal(charge.usd) for charge in CHARGES), 6)
    for bill in (exported, billed, tagged):
        micros = [round((one or 0) * 1_000_000) for one in (bill.billed, bill.attributed, bill.unattributed)]
        assert micros[0] == total * 1_000_000 == micros[1] + micros[2]
        assert bill.list_ == billed.list_
    assert [(row.account, row.usage_type, row.billed, row.list_) for row in exported.rows] == [
        (row.account, row.usage_type, row.billed, row.list_) for row in billed.rows
    ]
    # The export attributes the same bill in the other two ways as the reports of Cost Explorer do.
    assert [(one.costs, one.attributed) for one in export_of(exported).comparison] == [
        ("billed", billed.attributed), ("tagged", tagged.attributed), ("exported", exported.attributed),
    ]  # fmt: skip
    assert (billed.tagged, exported.tagged) == (None, None)
    assert tagged.tagged is not None
    untagged = sum(Decimal(charge.usd) for charge in CHARGES if not charge.tags)
    elsewhere = {value for charge in CHARGES for _, value in charge.tags} - {"logs", "vault", "cold"}
    assert (tagged.tagged.tag, tagged.tagged.values) == (TAG, len(elsewhere))
    assert tagged.tagged.untagged == pytest.approx(float(untagged), abs=2e-6)
    for way in export_of(exported).comparison:
        assert way.attributed + way.unattributed == pytest.approx(exported.billed, abs=1e-9)
    for name, bucket in by_charges.items():
        groups = charges_of(bucket).groups
        storage = sum(usd for group, usd in groups.items() if group.startswith("storage-"))
        # By bytes, a bucket has its storage; by charges and by tag, also its requests and transfer.
        assert by_bytes[name].billed_cost == pytest.approx(storage, abs=1e-6)
        assert bucket.total_cost == pytest.approx(storage, abs=1e-6)
        assert by_tag[name].billed_cost == pytest.approx(bucket.billed_cost, abs=1e-6)
        for type_, line in bucket.storage.items():
            assert line.billed_cost == pytest.approx(by_bytes[name].storage[type_].billed_cost, abs=1e-6)
            assert line.billed_cost == pytest.approx(line.cost, abs=1e-6)


def test_the_difference_of_the_modes_is_the_usage_that_is_not_storage() -> None:
    _, billed = report(QUESTION, CHARGES)
    _, tagged = report(TAGGED, CHARGES, tagged=tagged_rows(CHARGES))
    other = sum(Decimal(charge.usd) for charge in OTHER_USAGE)
    assert round((tagged.attributed or 0) - (billed.attributed or 0), 6) == round(float(other), 6)
    assert billed.unattributed == round(float(sum(Decimal(charge.usd) for charge in [*OTHER_USAGE, *UNATTRIBUTED])), 6)


def test_a_storage_type_that_no_usage_type_names_has_the_charges_of_its_operation(tmp_path: Path) -> None:
    """Without such charges its amount is unknown, as in the other modes."""
    records = [record("holo", {"HolographicStorage": GIB}, types=("HolographicStorage",), amounts=(GIB,))]
    named = Charge("TimedStorage-Holo-ByteHrs", "0.5", "1", "holo", "HolographicStorage")
    for charges, billed in (([named], 0.5), ([named._replace(operation="")], None)):
        month = read(tmp_path, "cur2", [written("cur2", charges, "CSV")]).month
        buckets, _ = as_report(facts(records), EXPORTED, BillData(ACCOUNT, "USD", True, [month]))
        assert (buckets["holo"].billed_cost, buckets["holo"].storage["HolographicStorage"].billed_cost) == (0.5, billed)


def test_storage_that_is_only_described_is_not_attributed_to_storage_types(tmp_path: Path) -> None:
    """Exports of FOCUS may have neither usage type nor operation."""
    text = Charge("", "2.3", "100", "logs", description="$0.023 per GB - first 50 TB / month of storage used")
    for charges, billed in (([text], None), ([text._replace(operation="StandardStorage")], 2.3)):
        month = read(tmp_path, "focus-1.2", [written("focus-1.2", charges, "CSV")]).month
        buckets, _ = as_report(facts(RECORDS), EXPORTED, BillData(ACCOUNT, "USD", True, [month]))
        assert charges_of(buckets["logs"]).groups == {"storage-standard": 2.3}
        assert (buckets["logs"].billed_cost, buckets["logs"].storage["StandardStorage"].billed_cost) == (2.3, billed)
