"""The amount of each rule, computed again from AWS's list prices of us-east-1 in this file."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from s3_monitor.findings.finding import Finding
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bill import BillRow, TagRow
from s3_monitor.model.bucket_config import Encryption, Replication
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.plan import ObjectsRule
from s3_monitor.model.request_metrics import RequestMetrics
from tests.findings.fixtures import (
    ACCOUNT,
    AS_OF,
    GB,
    KB,
    MB,
    TB,
    bill,
    bucket,
    config,
    finding,
    findings,
    stats,
)

STANDARD, IA, GIR, GLACIER, DEEP = 0.023, 0.0125, 0.004, 0.0036, 0.00099


def amounts(found: Finding | None) -> tuple[str, float | None, float | None]:
    assert found is not None
    return found.kind, found.low, found.high


def exactly(usd: float) -> tuple[object, ...]:
    return "exact", pytest.approx(usd, abs=1e-9), pytest.approx(usd, abs=1e-9)


def between(low: float, high: float) -> tuple[object, ...]:
    return "range", pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9)


def at_most(usd: float) -> tuple[object, ...]:
    return "at-most", 0.0, pytest.approx(usd, abs=1e-9)


def row(usage_type: str, usd: str) -> BillRow:
    return BillRow(ACCOUNT, usage_type, Decimal(usd), Decimal(1), "Objects")


UNKNOWN = ("unknown", None, None)


def archived(kind: str, size: int, objects: int) -> dict[str, int]:
    return {
        f"{kind}Storage": size,
        f"{kind}ObjectOverhead": 32 * KB * objects,
        f"{kind}S3ObjectOverhead": 8 * KB * objects,
    }


def large_and_old(classes: dict[str, Amount], **fields: object) -> ObjectStats:
    """Return objects of 1 to 16 MB that are 180 to 365 days old."""
    everything = sum(classes.values(), Amount())
    return stats(classes, {MB: everything}, {180: everything}, **fields)


def test_padding_costs_the_rate_of_its_class() -> None:
    held = {"StandardIAStorage": TB, "StandardIASizeOverhead": 100 * GB, "GlacierIRSizeOverhead": 10 * GB}
    found = finding("small-objects", bucket(sizes=held))
    assert amounts(found) == exactly(100 * IA + 10 * GIR)


@pytest.mark.parametrize(("kind", "rate", "per_million"), [("Glacier", GLACIER, 0.285), ("DeepArchive", DEEP, 0.206)])
def test_the_overhead_of_archives_is_40_kb_per_object(kind: str, rate: float, per_million: float) -> None:
    found = finding("glacier-overhead", bucket(sizes=archived(kind, TB, 50_000_000)))
    expected = 50e6 * (32 * rate + 8 * STANDARD) * KB / GB
    assert amounts(found) == exactly(expected)
    assert expected / 50 == pytest.approx(per_million, abs=0.001)


def test_the_overhead_of_large_archived_objects_is_no_finding() -> None:
    assert finding("glacier-overhead", bucket(sizes=archived("DeepArchive", 212 * TB, 412_000))) is None


@pytest.mark.parametrize(("kind", "rate", "break_even"), [("Glacier", GLACIER, 15.4), ("DeepArchive", DEEP, 9.8)])
def test_archived_objects_below_the_break_even_size_are_cheaper_in_standard(
    kind: str, rate: float, break_even: float
) -> None:
    count = 10_000_000
    smaller = bucket(sizes=archived(kind, int((break_even - 1) * KB * count), count))
    now = (break_even - 1) * rate + 32 * rate + 8 * STANDARD
    saving = (now - (break_even - 1) * STANDARD) * KB * count / GB
    assert amounts(finding("archive-class-size", smaller)) == ("exact", *[pytest.approx(saving, rel=1e-6)] * 2)
    larger = bucket(sizes=archived(kind, int((break_even + 0.1) * KB * count), count))
    assert finding("archive-class-size", larger) is None


@pytest.mark.parametrize(("size_kb", "is_cheaper"), [(20, True), (69, True), (70, False), (127, False)])
def test_standard_ia_is_cheaper_from_69_6_kb(size_kb: int, is_cheaper: bool) -> None:
    count = 8_000_000
    small = Amount(count, count * size_kb * KB)
    held = {"StandardIAStorage": small.size, "StandardIASizeOverhead": count * (128 - size_kb) * KB}
    found = finding(
        "sia-size", bucket(sizes=held, object_stats=stats({"STANDARD_IA": small}, {1: small}, {180: small}))
    )
    if not is_cheaper:
        assert found is None
        return
    assert amounts(found) == exactly(count * KB / GB * (128 * IA - size_kb * STANDARD))


def test_reduced_redundancy_costs_more_than_standard() -> None:
    assert amounts(finding("rrs", bucket(sizes={"ReducedRedundancyStorage": 500 * GB}))) == exactly(500 * 0.001)


def test_reduced_redundancy_above_the_known_band_is_an_upper_bound() -> None:
    assert amounts(finding("rrs", bucket(sizes={"ReducedRedundancyStorage": 2 * TB}))) == at_most(2048 * 0.001)


def test_the_saving_is_at_the_price_of_the_tiers_that_the_bytes_leave() -> None:
    rrs = bucket("rrs", {"ReducedRedundancyStorage": 100 * GB})
    lake = bucket("lake", {"StandardStorage": 600_000 * GB})  # the pool ends in its last tier, 0.021
    assert amounts(finding("rrs", rrs, lake)) == exactly(100 * (0.024 - 0.021))


def test_unchanged_data_in_express_one_zone_saves_the_difference_to_standard() -> None:
    idle = bucket("idle--use1-az4--x-s3", {"ExpressOneZoneStorage": 2 * TB}, kind="directory")
    assert amounts(finding("express-leftover", idle)) == at_most(2048 * (0.11 - STANDARD))


OLD = large_and_old({"STANDARD": Amount(1_000_000, 4 * TB)})


def test_old_objects_save_at_most_the_difference_to_standard_ia_if_reads_are_unknown() -> None:
    found = finding("ia-candidate", bucket(sizes={"StandardStorage": 4 * TB}, object_stats=OLD))
    assert found is not None
    assert (found.kind, found.low, found.missing) == ("at-most", None, "requests")
    assert found.high == pytest.approx(4096 * (STANDARD - IA))
    assert found.once == pytest.approx(1_000_000 * 0.01 / 1000)


def test_known_reads_reduce_the_saving_in_standard_ia() -> None:
    reads = RequestMetrics(33, {"GetRequests": 33_000, "BytesDownloaded": 33 * 10 * GB})
    found = finding("ia-candidate", bucket(sizes={"StandardStorage": 4 * TB}, object_stats=OLD, request_metrics=reads))
    reading = 300 * 0.01 + 30_000 * (0.001 - 0.0004) / 1000
    most = 4096 * (STANDARD - IA)
    assert amounts(found) == between(most - reading, most)


def test_the_range_in_standard_ia_covers_every_combination_of_age_size_and_class() -> None:
    classes = {"STANDARD": Amount(600, 600 * GB), "GLACIER": Amount(400, 400 * GB)}
    sizes = {1: Amount(100, 100 * GB), MB: Amount(900, 900 * GB)}
    ages = {0: Amount(200, 200 * GB), 90: Amount(800, 800 * GB)}
    none_read = RequestMetrics(33, {"ListRequests": 1})
    held = {"StandardStorage": 600 * GB, **archived("Glacier", 400 * GB, 400)}
    found = finding(
        "ia-candidate", bucket(sizes=held, object_stats=stats(classes, sizes, ages), request_metrics=none_read)
    )
    # At least 600 + 900 + 800 - 2 × 1000 GB are in Standard, large and old; at most 600 GB are.
    assert amounts(found) == between(300 * (STANDARD - IA), 600 * (STANDARD - IA))


def test_intelligent_tiering_saves_between_minus_the_fee_and_the_infrequent_tier() -> None:
    found = finding("int-candidate", bucket(sizes={"StandardStorage": 4 * TB}, objects=1_000_000))
    fee = 1_000_000 * 0.0025 / 1000
    assert amounts(found) == between(-fee, 4096 * (STANDARD - IA) - fee)
    assert found is not None
    assert found.once == pytest.approx(1_000_000 * 0.01 / 1000)


def test_without_a_known_fee_intelligent_tiering_saves_at_most_the_difference_of_the_tiers() -> None:
    held = {"StandardStorage": 4 * TB}
    found = finding("int-candidate", bucket(sizes=held, objects=1_000_000, region="eu-west-1"))
    assert found is not None
    assert (found.kind, found.low, found.missing) == ("at-most", None, "prices")
    assert found.high == pytest.approx(4096 * (STANDARD - IA))
    small = bucket(sizes=held, objects=5_000_000, region="eu-west-1")  # below 1 MB, the fee may exceed it
    assert finding("int-candidate", small) is None


@pytest.mark.parametrize(("kb", "is_candidate"), [(100, False), (240, False), (300, False), (400, True)])
def test_small_objects_are_no_candidates_for_intelligent_tiering(kb: int, is_candidate: bool) -> None:
    # From 250 KB the fee is paid back, from about 330 KB the transition within a year.
    found = finding("int-candidate", bucket(sizes={"StandardStorage": 10_000_000 * kb * KB}, objects=10_000_000))
    assert (found is not None) is is_candidate


def test_the_fee_of_intelligent_tiering_counts_only_what_the_tiers_do_not_save() -> None:
    objects = Amount(40_000_000, 40_000_000 * 130 * KB)
    size = objects.size // 2
    held = {"IntelligentTieringFAStorage": size, "IntelligentTieringIAStorage": size}
    listed = stats({"INTELLIGENT_TIERING": objects}, {128 * KB: objects}, {180: objects})
    found = finding("int-fee", bucket(sizes=held, object_stats=listed))
    assert amounts(found) == exactly(40_000_000 * 0.0025 / 1000 - size / GB * (STANDARD - IA))


def test_the_fee_of_intelligent_tiering_on_the_bill_is_compared_by_region() -> None:
    fee = row("Monitoring-Automation-INT", "100")
    held = {"IntelligentTieringFAStorage": TB, "IntelligentTieringAIAStorage": TB}
    found = finding("int-fee", bucket(sizes=held), bill=bill([fee]))
    assert amounts(found) == exactly(100 - 1024 * (STANDARD - GIR))
    assert found is not None
    assert found.bucket is None


def test_small_objects_in_intelligent_tiering_save_nothing() -> None:
    small, large = Amount(3000, 30 * MB), Amount(1000, TB)
    listed = stats({"INTELLIGENT_TIERING": small + large}, {1: small, MB: large}, {180: small + large})
    found = finding("int-small", bucket(sizes={"IntelligentTieringFAStorage": TB}, object_stats=listed))
    assert amounts(found) == exactly(0)


def test_replicas_save_at_most_the_difference_to_glacier_instant_retrieval() -> None:
    source = bucket("source", {"StandardStorage": 3 * TB}, details=config(replication=Replication(1, ("copy",))))
    copy = bucket("copy", {"StandardStorage": 2 * TB})
    assert amounts(finding("replica", source, copy)) == between(0, 2048 * (STANDARD - GIR))


def with_uploads(count: int, size: int) -> ResolvedBucket:
    listed = large_and_old({"STANDARD": Amount(10, TB)}, multipart=Amount(count, size))
    return bucket(sizes={"StandardStorage": TB + size}, object_stats=listed, details=config())


def test_incomplete_uploads_cost_at_most_their_parts_in_standard() -> None:
    assert amounts(finding("mpu-no-abort", with_uploads(7, 300 * GB))) == at_most(300 * STANDARD)


def test_uploads_older_than_7_days_cost_exactly_their_parts() -> None:
    listed = large_and_old(
        {"STANDARD": Amount(10, TB)}, multipart=Amount(7, 300 * GB), old_multipart=Amount(5, 200 * GB)
    )
    held = bucket(sizes={"StandardStorage": TB + 300 * GB}, object_stats=listed, details=config())
    assert amounts(finding("mpu-no-abort", held)) == exactly(200 * STANDARD)


def test_figures_of_storage_lens_give_the_findings_that_need_no_sizes_and_dates() -> None:
    lens = ObjectStats(
        "storage-lens", int(AS_OF.timestamp()), True, Amount(10, TB), {"STANDARD": Amount(10, TB)}, None, None,
        noncurrent=Amount(1, 100 * GB), noncurrent_classes={"STANDARD": Amount(1, 100 * GB)}, delete_markers=5000,
        multipart=Amount(), old_multipart=Amount(), prefixes=None,
    )  # fmt: skip
    held = bucket(sizes={"StandardStorage": TB + 100 * GB}, object_stats=lens, details=config(versioning="enabled"))
    assert amounts(finding("noncurrent-kept", held)) == at_most(100 * STANDARD)
    assert amounts(finding("delete-markers", held)) == UNKNOWN
    assert finding("mpu-no-abort", held) is None


def test_a_bucket_without_incomplete_uploads_needs_no_rule() -> None:
    assert finding("mpu-no-abort", with_uploads(0, 0)) is None


def test_uploads_that_were_not_listed_are_unknown() -> None:
    found = finding("mpu-no-abort", bucket(sizes={"StandardStorage": TB}, details=config()))
    assert amounts(found) == UNKNOWN
    assert found is not None
    assert found.missing == "objects"


def from_storage_lens(held: dict[str, int], **fields: object) -> ResolvedBucket:
    """Return a bucket with statistics of Storage Lens, which has neither sizes nor ages of objects."""
    listed = large_and_old({"STANDARD": Amount(MB, held["StandardStorage"])}, **fields)
    return bucket(
        sizes=held,
        object_stats=msgspec.structs.replace(listed, source="storage-lens", sizes=None, ages=None),
        details=config(versioning="enabled"),
        objects=MB,
    )


def test_uploads_of_more_than_7_days_in_storage_lens_are_exact_unless_they_may_be_in_a_cheaper_class() -> None:
    uploads = {"multipart": Amount(9, 100 * GB), "old_multipart": Amount(7, 80 * GB)}
    only_standard = from_storage_lens({"StandardStorage": TB}, **uploads)
    assert amounts(finding("mpu-no-abort", only_standard)) == exactly(80 * STANDARD)
    mixed = from_storage_lens({"StandardStorage": TB, "StandardIAStorage": TB}, **uploads)
    assert amounts(finding("mpu-no-abort", mixed)) == at_most(80 * STANDARD)
    none_old = from_storage_lens({"StandardStorage": TB}, multipart=Amount(9, TB), old_multipart=Amount())
    assert finding("mpu-no-abort", none_old) is None


def test_replicas_in_storage_lens_save_from_standard_ia_to_glacier_instant_retrieval() -> None:
    copy = from_storage_lens({"StandardStorage": TB}, replicas=Amount(1000, 300 * GB))
    assert amounts(finding("replica", copy)) == between(300 * (STANDARD - IA), 300 * (STANDARD - GIR))
    held = {"StandardStorage": TB, "GlacierStorage": TB}
    mixed = from_storage_lens(held, replicas=Amount(1000, 300 * GB))
    assert amounts(finding("replica", mixed)) == between(0, 300 * (STANDARD - GIR))


def test_current_objects_in_storage_lens_bound_intelligent_tiering() -> None:
    lens = from_storage_lens({"StandardStorage": TB}, noncurrent=Amount(5, TB), noncurrent_classes={})
    fee = MB * 0.0025 / 1000
    assert amounts(finding("int-candidate", lens)) == between(-fee, 1024 * (STANDARD - IA) - fee)


def test_noncurrent_versions_cost_at_most_the_rate_of_their_class() -> None:
    listed = large_and_old(
        {"STANDARD": Amount(10, TB)},
        noncurrent=Amount(30, 300 * GB),
        noncurrent_classes={"STANDARD": Amount(10, 100 * GB), "GLACIER_IR": Amount(20, 200 * GB)},
    )
    held = {"StandardStorage": TB + 100 * GB, "GlacierInstantRetrievalStorage": 200 * GB}
    kept = bucket(sizes=held, object_stats=listed, details=config(versioning="suspended"))
    assert amounts(finding("noncurrent-kept", kept)) == at_most(100 * STANDARD + 200 * GIR)
    unlisted = bucket(sizes=held, details=config(versioning="enabled"))
    assert amounts(finding("noncurrent-kept", unlisted)) == UNKNOWN


def test_delete_markers_cost_at_most_their_keys_and_all_listings() -> None:
    listed = large_and_old({"STANDARD": Amount(10, TB)}, delete_markers=2_000_000)
    lists = RequestMetrics(30, {"ListRequests": 90_000})
    marked = bucket(
        sizes={"StandardStorage": TB}, object_stats=listed, details=config(versioning="enabled"), request_metrics=lists
    )
    keys = 2_000_000 * KB / GB * STANDARD
    assert amounts(finding("delete-markers", marked)) == at_most(keys + 90_000 * 0.005 / 1000)


def test_empty_buckets_cost_a_fee_only_above_2000_buckets() -> None:
    empty = [bucket(f"empty-{number}", state="empty", day=None) for number in range(3)]
    found = [finding("empty-bucket", one) for one in empty]
    assert [amounts(one) for one in found] == [exactly(0)] * 3


def test_empty_buckets_save_the_fee_of_as_many_buckets_as_are_above_2000() -> None:
    many = [bucket(f"used-{number}", {"StandardStorage": 1}) for number in range(1998)]
    empty = [bucket(f"empty-{number}", state="empty", day=None) for number in range(5)]
    young = bucket("young", state="empty", day=None, created=int(AS_OF.timestamp()) - 89 * 86_400)
    found = [one.high for one in findings(*many, *empty, young) if one.id == "empty-bucket"]
    assert found == [0.02, 0.02, 0.02, 0.02, 0.0]


def test_sizes_with_a_fraction_of_a_byte_are_exact() -> None:
    one = bucket(sizes={"StandardIASizeOverhead": 1})
    half = msgspec.structs.replace(one, amounts=(2.0**30 + 0.5,))
    assert amounts(finding("small-objects", half)) == exactly(IA * (1 + 0.5 / GB))


def test_a_bucket_without_access_saves_at_most_its_storage() -> None:
    unused = RequestMetrics(33, {"ListRequests": 33})
    idle = bucket(sizes={"StandardStorage": TB, "StandardIAStorage": TB}, request_metrics=unused)
    found = finding("no-access", idle)
    assert amounts(found) == at_most(1024 * (STANDARD + IA))
    assert found is not None
    assert found.values[3:] == (
        pytest.approx(1024 * (STANDARD + IA - 2 * GIR)), pytest.approx(1024 * (STANDARD + IA - 2 * DEEP)),
    )  # fmt: skip


def test_a_bucket_key_saves_at_most_99_percent_of_the_requests_to_kms() -> None:
    reads = RequestMetrics(30, {"GetRequests": 40_000_000, "PutRequests": 10_000_000, "HeadRequests": 5_000_000})
    encrypted = config(encryption=Encryption("aws:kms", "key"))
    used = bucket(sizes={"StandardStorage": TB}, details=encrypted, request_metrics=reads)
    assert amounts(finding("kms-no-bucket-key", used)) == at_most(50_000_000 * 0.03 / 10_000 * 0.99)
    assert amounts(finding("kms-no-bucket-key", bucket(sizes={"StandardStorage": TB}, details=encrypted))) == UNKNOWN


def test_early_deletions_and_features_are_the_billed_amounts() -> None:
    rows = [
        row("EarlyDelete-SIA", "30.5"),
        row("EarlyDelete-GIR-SmObjects", "2"),
        row("StorageAnalytics-ObjCount", "61.62"),
        row("Inventory-ObjectsListed", "36.03"),
        row("StorageLensFreeTier-ObjCount", "0"),
    ]
    one = bucket(sizes={"StandardStorage": GB})
    assert amounts(finding("early-delete", one, bill=bill(rows))) == exactly(32.5)
    assert amounts(finding("unused-features", one, bill=bill(rows))) == exactly(61.62 + 36.03)
    reads_inventory = ObjectsRule(mode="inventory")
    assert amounts(finding("unused-features", one, bill=bill(rows), objects=reads_inventory)) == exactly(61.62)


def test_billed_amounts_with_a_tag_belong_to_their_bucket() -> None:
    rows = [BillRow(ACCOUNT, "EarlyDelete-SIA", 30, 1, "GB-Mo")]  # type: ignore[arg-type]
    tagged = [TagRow("data", "EarlyDelete-SIA", Decimal(30))]
    found = finding("early-delete", bucket("data", {"StandardStorage": GB}), bill=bill(rows, tagged))
    assert amounts(found) == exactly(30)
    assert found is not None
    assert found.bucket == "data"


def test_a_bill_in_another_currency_is_not_mixed_with_list_prices() -> None:
    rows = [BillRow(ACCOUNT, "EarlyDelete-SIA", 30, 1, "GB-Mo")]  # type: ignore[arg-type]
    assert finding("early-delete", bucket(sizes={"StandardStorage": GB}), bill=bill(rows, currency="EUR")) is None
