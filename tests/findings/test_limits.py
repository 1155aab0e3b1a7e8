"""The limits of each rule: just inside it there is a finding, just outside there is none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from s3_monitor.findings.finding import Finding
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Replication
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import pack
from tests.findings.fixtures import (
    AS_OF,
    GB,
    KB,
    MB,
    NEWEST,
    TB,
    bucket,
    config,
    finding,
    findings_without,
    rules,
    stats,
)

STANDARD = {"StandardStorage": 4 * TB}
ALL = Amount(4 * MB, 4 * TB)
NOW = int(AS_OF.timestamp())
UNREAD = RequestMetrics(30, {"ListRequests": 60})


def listed(count: int = 4 * MB, **fields: Any) -> ObjectStats:
    """Return large objects in Standard that were not modified for half a year."""
    amount = Amount(count, 4 * TB)
    return stats({"STANDARD": amount}, {MB: amount}, {180: amount}, **fields)


def reading(metric: str, amount: int) -> RequestMetrics:
    return RequestMetrics(30, {metric: amount})


def held(**fields: Any) -> ResolvedBucket:
    return bucket(sizes=STANDARD, **fields)


def without(field: str, amount: Amount = ALL) -> ObjectStats:
    return msgspec.structs.replace(listed(), classes={"STANDARD": amount}, **{field: None})


def one_object(storage_class: str, size: int, age: int) -> ObjectStats:
    """Return an object of 1 TiB. ``size``, ``age``: lower bounds of its bins."""
    amount = Amount(1, TB)
    return stats({storage_class: amount}, {size: amount}, {age: amount})


def listed_idle(metrics: RequestMetrics) -> ResolvedBucket:
    return held(object_stats=listed(), request_metrics=metrics)


def history(*changes: tuple[int, int], **fields: Any) -> ResolvedBucket:
    """Return a bucket of 4 TiB. ``changes``: days before the newest day, and the bytes on that day."""
    points = dict.fromkeys(range(NEWEST + 1), 4 * TB) | {NEWEST - ago: size for ago, size in changes}
    return msgspec.structs.replace(held(**fields), sizes={"StandardStorage": pack(points)})


def tiers(sizes: dict[int, Amount], **classes: Amount) -> ResolvedBucket:
    found = classes or {"INTELLIGENT_TIERING": sum(sizes.values(), Amount())}
    return bucket(sizes={"IntelligentTieringFAStorage": TB}, object_stats=stats(found, sizes, {}))


def copy(size: int = 4 * TB, **fields: Any) -> ResolvedBucket:
    """Return a bucket with replicas according to Storage Lens."""
    amount = Amount(5, size)
    lens = ObjectStats("storage-lens", NOW, True, amount, {"STANDARD": amount}, None, None, replicas=Amount(5, size))
    return bucket(sizes={"StandardStorage": size}, object_stats=lens, **fields)


def marked(count: int, objects: int | None = 0, lifecycle: Any = "none") -> ResolvedBucket:
    stats_ = listed(delete_markers=count)
    return bucket(sizes=STANDARD, object_stats=stats_, objects=objects, details=config(lifecycle=lifecycle))


def idle(sizes: dict[str, int] | None = None, metrics: RequestMetrics = UNREAD, **fields: Any) -> ResolvedBucket:
    return bucket(sizes=sizes or STANDARD, request_metrics=metrics, **fields)


def keyless(encryption: Any, **fields: Any) -> ResolvedBucket:
    return bucket(**{"sizes": STANDARD, "details": config(encryption=encryption)} | fields)


KMS = Encryption("aws:kms", "key")
MIXED = {"INTELLIGENT_TIERING": Amount(1, 1), "STANDARD": Amount(1, 1)}
NO_FEE = "eu-west-1"  # the bundled prices have no monitoring fee there
SOME_READS = RequestMetrics(30, {"GetRequests": 10**6})
LIMITS: list[tuple[str, str, ResolvedBucket, bool]] = [
    # The transition of an object costs 0.00001 USD, and the class saves 43.008 USD per month.
    ("ia-candidate", "the transition pays back in a year", held(object_stats=listed(51_609_590)), True),
    ("ia-candidate", "the transition takes longer", held(object_stats=listed(51_609_610)), False),
    ("ia-candidate", "reads cost less", listed_idle(reading("BytesDownloaded", 4300 * GB)), True),
    ("ia-candidate", "reads cost more", listed_idle(reading("BytesDownloaded", 4301 * GB)), False),
    ("ia-candidate", "GETs cost less", listed_idle(reading("GetRequests", 71_679_000)), True),
    ("ia-candidate", "GETs cost more", listed_idle(reading("GetRequests", 71_681_000)), False),
    ("ia-candidate", "no sizes are known", held(object_stats=without("sizes")), False),
    ("ia-candidate", "no ages are known", held(object_stats=without("ages")), False),
    ("ia-candidate", "no objects in Standard", held(object_stats=one_object("GLACIER", MB, 180)), False),
    ("ia-candidate", "objects of 30 days", held(object_stats=one_object("STANDARD", 128 * KB, 30)), True),
    ("ia-candidate", "objects of a week", held(object_stats=one_object("STANDARD", MB, 7)), False),
    ("ia-candidate", "a directory bucket", held(object_stats=listed(), kind="directory"), False),
    # The fee of an object is 0.0000025 USD per month.
    ("int-candidate", "the transition pays back in a year", held(object_stats=listed(12_902_390)), True),
    ("int-candidate", "the transition takes longer", held(object_stats=listed(12_902_410)), False),
    ("int-candidate", "the access is known", idle(), False),
    ("int-candidate", "objects of 1 MB, unknown fee", held(objects=4 * MB, region=NO_FEE), True),
    ("int-candidate", "smaller objects, unknown fee", held(objects=4 * MB + 1, region=NO_FEE), False),
    ("int-candidate", "any number of objects, unknown fee", held(objects=None, region=NO_FEE), False),
    ("int-candidate", "replaced data, unknown fee", history((1, TB), region=NO_FEE), False),
    ("int-candidate", "half of the bytes are as old", history((30, 2 * TB)), True),
    ("int-candidate", "less than half of them are", history((30, 2 * TB - 1)), False),
    ("int-candidate", "earlier changes do not count", history((31, GB)), True),
    ("int-candidate", "less than an object of 128 KB", bucket(sizes={"StandardStorage": 1000}, objects=1), False),
    # A tenth of the objects.
    ("int-small", "a tenth of the objects", tiers({1: Amount(1, 5), MB: Amount(9, TB)}), True),
    ("int-small", "fewer", tiers({1: Amount(1, 5), MB: Amount(10, TB)}), False),
    ("int-small", "empty objects", tiers({0: Amount(1, 0), MB: Amount(9, TB)}), True),
    ("int-small", "objects of 128 KB", tiers({128 * KB: Amount(9, TB)}), False),
    ("int-small", "no objects", tiers({}), False),
    ("int-small", "another class", tiers({1: Amount(1, 5)}, **MIXED), False),
    ("int-fee", "another class", tiers({MB: Amount(10**9, TB)}, **MIXED), False),
    ("int-fee", "the fee exceeds the saving", tiers({MB: Amount(10**9, TB)}), True),
    ("int-fee", "no monitored objects", tiers({1: Amount(10**9, TB)}), False),
    ("replica", "copies of 128 KB", copy(objects=32 * MB), True),
    ("replica", "smaller copies", copy(objects=32 * MB + 1), False),
    ("replica", "an unknown number of objects", copy(objects=None), False),
    ("replica", "a rule moves them", copy(details=config(lifecycle=rules(move="all"))), False),
    ("replica", "no copies", held(), False),
    ("mpu-no-abort", "a directory bucket", held(kind="directory", details=config()), False),
    ("mpu-no-abort", "no bytes", bucket(details=config()), False),
    ("noncurrent-kept", "no bytes", bucket(details=config(versioning="enabled")), False),
    ("noncurrent-kept", "versioning is unknown", held(details=BucketConfig(lifecycle="none")), False),
    ("delete-markers", "1,000 of 10,000 objects", marked(1000, 10_000), True),
    ("delete-markers", "less than a tenth", marked(1000, 10_001), False),
    ("delete-markers", "999", marked(999), False),
    ("delete-markers", "an unknown number of objects", marked(1000, None), True),
    ("delete-markers", "a rule removes them", marked(1000, 0, rules(remove_delete_markers="all")), False),
    ("delete-markers", "a rule removes some", marked(1000, 0, rules(remove_delete_markers="some")), True),
    ("delete-markers", "unknown rules", marked(1000, 0, None), False),
    ("no-access", "30 days without requests", idle(metrics=RequestMetrics(30, {})), True),
    ("no-access", "29 days", idle(metrics=RequestMetrics(29, {})), False),
    ("no-access", "a bucket of 30 days", idle(created=NOW - 30 * 86_400), True),
    ("no-access", "a bucket of 29 days", idle(created=NOW - 29 * 86_400), False),
    ("no-access", "an unknown creation date", idle(created=None), True),
    ("no-access", "archived objects", idle({"GlacierStorage": TB, "GlacierS3ObjectOverhead": GB}), False),
    ("no-access", "some objects online", idle({"GlacierStorage": TB, "StandardStorage": GB}), True),
    ("no-access", "only a type that is not in the table", idle({"NewStorage": TB}), False),
    *[
        ("no-access", f"{name}: 1", idle(metrics=reading(name, 1)), False)
        for name in ("GetRequests", "HeadRequests", "SelectRequests", "PutRequests", "PostRequests", "DeleteRequests")
    ],
    ("kms-no-bucket-key", "SSE-KMS", keyless(KMS, request_metrics=SOME_READS), True),
    ("kms-no-bucket-key", "a bucket key", keyless(Encryption("aws:kms", "key", bucket_key=True)), False),
    ("kms-no-bucket-key", "unknown encryption", keyless(None), False),
    ("kms-no-bucket-key", "no bytes", keyless(KMS, sizes={}), False),
    ("kms-no-bucket-key", "less than a cent", keyless(KMS, request_metrics=reading("GetRequests", 3000)), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "case", "one", "is_found"), LIMITS, ids=[f"{id_}: {case}" for id_, case, _, _ in LIMITS]
)
def test_a_rule_applies_up_to_its_limit(id_: str, case: str, one: ResolvedBucket, is_found: bool) -> None:
    assert (finding(id_, one) is not None) is is_found, case


def found_of(id_: str, *buckets: ResolvedBucket) -> Finding:
    found = finding(id_, *buckets)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("objects", "stored", "moved"),
    [
        (None, None, Amount(32 * MB, 4 * TB)),  # as if all objects had 128 KB
        (MB, None, Amount(MB, 4 * TB)),
        (99 * MB, None, Amount(32 * MB, 4 * TB)),
        (MB, stats({"STANDARD": Amount(7, TB)}, {1: Amount(5, GB), MB: Amount(9, 3 * TB)}, {}), Amount(7, TB)),
        (MB, stats({"STANDARD": Amount(9, 9 * TB)}, {1: Amount(5, GB), MB: Amount(7, 3 * TB)}, {}), Amount(7, 3 * TB)),
        (MB, stats({"STANDARD": Amount(9, 9 * TB)}, {MB: Amount(8, 8 * TB)}, {}), Amount(8, 4 * TB)),
        (MB, without("sizes", Amount(9, TB)), Amount(9, TB)),
        (MB, without("sizes", Amount(9, 9 * TB)), Amount(9, 4 * TB)),
    ],
)  # fmt: skip
def test_the_objects_to_move_are_those_in_standard_of_at_least_128_kb(
    objects: int | None, stored: ObjectStats | None, moved: Amount
) -> None:
    one = bucket(sizes=STANDARD, objects=objects, object_stats=stored, region="sa-east-1")
    values = (moved.size, moved.objects, moved.size / moved.objects)
    found = finding("int-candidate", one)
    assert (None if found is None else found.values) == (values if values[2] >= MB else None)
    assert finding("int-candidate", bucket(sizes={"StandardStorage": 1})) is None


def test_archives_whose_objects_are_large_are_not_counted() -> None:
    count = 10**7
    deep = {"DeepArchiveStorage": 20 * KB * count, "DeepArchiveObjectOverhead": 32 * KB * count}
    glacier = {"GlacierStorage": KB * count, "GlacierObjectOverhead": 32 * KB * count}
    assert found_of("archive-class-size", bucket(sizes=deep | glacier)).values == (count, KB * count, KB)
    large = {"DeepArchiveStorage": 1000 * TB, "DeepArchiveObjectOverhead": 32 * KB * count}
    found = found_of("glacier-overhead", bucket(sizes=large | glacier))
    assert found.values == (count, KB * count, 32 * KB * count, KB)


@pytest.mark.parametrize(("size", "is_found"), [(19 * 32, True), (19 * 32 + 1, False)])
def test_the_overhead_counts_from_a_twentieth_of_the_cost_of_the_class(size: int, is_found: bool) -> None:
    sizes = {"GlacierStorage": size * KB * MB, "GlacierObjectOverhead": 32 * KB * MB}
    assert (finding("glacier-overhead", bucket(sizes=sizes)) is not None) is is_found


def test_replicas_in_storage_lens_have_precedence_over_those_of_the_configuration() -> None:
    source = bucket("source", STANDARD, details=config(replication=Replication(1, ("data",))))
    assert found_of("replica", source, copy(GB)).values == ("source", GB)
    assert found_of("replica", copy(GB)).values == (None, GB)


def test_objects_that_may_be_small_or_young_are_not_certain_to_save_in_standard_ia() -> None:
    some = Amount(100, 100 * GB)
    listed = stats({"STANDARD": some, "GLACIER": some + some}, {MB: some}, {90: some})
    one = bucket(sizes={"StandardStorage": 100 * GB}, object_stats=listed, request_metrics=RequestMetrics(33, {}))
    found = finding("ia-candidate", one)
    assert found is not None
    assert (found.low, found.high) == (0.0, pytest.approx(100 * (0.023 - 0.0125)))


@pytest.mark.parametrize(
    ("id_", "covered"),
    [
        ("mpu-no-abort", rules(abort_uploads="all")),
        ("noncurrent-kept", rules(expire_noncurrent="all")),
        ("int-candidate", rules(move="all")),
        ("int-candidate", rules(expire="all")),
    ],
)
def test_a_rule_for_all_objects_ends_the_finding_and_one_for_some_does_not(id_: str, covered: object) -> None:
    held = {"StandardStorage": TB}
    some = rules(abort_uploads="some", expire_noncurrent="some", move="some", expire="some")
    versioned = config(versioning="enabled", lifecycle=some)
    assert finding(id_, bucket(sizes=held, details=versioned)) is not None
    assert finding(id_, bucket(sizes=held, details=config(versioning="enabled", lifecycle=covered))) is None


def test_data_that_is_replaced_every_month_is_no_candidate_for_intelligent_tiering() -> None:
    held = {"StandardStorage": 4 * TB}
    saw = pack({day: (4 * TB if day > NEWEST - 12 else TB) for day in range(NEWEST + 1)})
    assert finding("int-candidate", bucket(sizes=held, objects=1000)) is not None
    replaced = msgspec.structs.replace(bucket(sizes=held, objects=1000), sizes={"StandardStorage": saw})
    assert finding("int-candidate", replaced) is None


@pytest.mark.parametrize("charge", ["Retrieval-SIA", "Requests-SIA-Tier2", "Requests-Tier2"])
def test_the_saving_of_objects_that_are_read_is_unknown_without_a_price_of_reading(charge: str) -> None:
    found = findings_without(charge, listed_idle(RequestMetrics(30, {"GetRequests": 5})))["ia-candidate"]
    assert (found.kind, found.missing) == ("unknown", "prices")


def archive(kind: str) -> dict[str, int]:
    return {f"{kind}Storage": GB, f"{kind}ObjectOverhead": 32 * KB * MB, f"{kind}S3ObjectOverhead": 8 * KB * MB}


@pytest.mark.parametrize("charge", ["Standard-Retrieval-Bytes", "Nothing"])
@pytest.mark.parametrize("kinds", [("Glacier",), ("DeepArchive",), ("Glacier", "DeepArchive")])
def test_the_cost_of_a_restore_is_unknown_without_a_price_of_retrieval(charge: str, kinds: tuple[str, ...]) -> None:
    sizes = {name: size for kind in kinds for name, size in archive(kind).items()}
    found = findings_without(charge, bucket(sizes=sizes))["archive-class-size"]
    assert (found.once is None) is (charge != "Nothing")


def test_an_archive_without_data_has_only_the_cost_of_its_indexes() -> None:
    one = bucket(sizes={"GlacierObjectOverhead": GB, "StandardStorage": GB})
    overhead, size = found_of("glacier-overhead", one), found_of("archive-class-size", one)
    assert (overhead.values, overhead.high) == ((32 * KB, 0, GB, 0.0), 0.0036)
    assert (size.values, size.high, size.once) == ((32 * KB, 0, 0.0), 0.0036, 0.0)
    metadata = found_of("glacier-overhead", bucket(sizes={"GlacierObjectOverhead": GB, "GlacierS3ObjectOverhead": GB}))
    assert metadata.high == 0.0266
