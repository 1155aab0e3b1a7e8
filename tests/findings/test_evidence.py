"""Every rule: the values that its amount is derived from, the bytes that it is about, and what is missing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding, scope_names
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bill import BillRow
from s3_monitor.model.bucket_config import Encryption, Replication
from s3_monitor.model.object_stats import Amount
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import pack
from tests.findings.fixtures import (
    ACCOUNT,
    GB,
    KB,
    MB,
    NEWEST,
    TB,
    bill,
    bucket,
    config,
    finding,
    findings,
    rules,
    stats,
)

UPLOADS = ("StandardStorage:uploads", "GlacierStagingStorage:uploads", "DeepArchiveStagingStorage:uploads")
ARCHIVED = {"GlacierStorage": GB, "GlacierObjectOverhead": 32 * KB * MB, "GlacierS3ObjectOverhead": 8 * KB * MB}
BOTH_ARCHIVES = {
    **ARCHIVED, "DeepArchiveStorage": GB, "DeepArchiveObjectOverhead": 32 * GB, "DeepArchiveS3ObjectOverhead": 8 * GB,
}  # fmt: skip
STANDARD = {"StandardStorage": 4 * TB}
LARGE = Amount(MB, 4 * TB)
LISTED = stats({"STANDARD": LARGE}, {MB: LARGE}, {180: LARGE})
SMALL = Amount(1000, 1000 * 20 * KB)
READ = RequestMetrics(15, {"GetRequests": 5, "HeadRequests": 3, "SelectRequests": 2, "BytesDownloaded": 7 * MB})
UNREAD = RequestMetrics(30, {"ListRequests": 60})
KMS = config(encryption=Encryption("aws:kms", "key"))


def listed(**fields: Any) -> ResolvedBucket:
    """Return a bucket of large, old objects in Standard."""
    return bucket(sizes=STANDARD, object_stats=msgspec.structs.replace(LISTED, **fields), details=config())


CASES: list[tuple[str, ResolvedBucket, tuple[Any, ...], tuple[str, ...], str, float | None]] = [
    (
        "small-objects",
        bucket(sizes={"StandardIASizeOverhead": 3 * 128 * KB, "GlacierIRSizeOverhead": 128 * KB}),
        (512 * KB, 4.0),
        ("StandardIASizeOverhead", "GlacierIRSizeOverhead"),
        "",
        None,
    ),
    (
        "glacier-overhead",
        bucket(sizes=ARCHIVED),
        (MB, GB, 40 * GB, KB),
        ("GlacierObjectOverhead", "GlacierS3ObjectOverhead"),
        "",
        None,
    ),
    (
        "glacier-overhead",
        bucket(sizes=BOTH_ARCHIVES),
        (2 * MB, 2 * GB, 80 * GB, KB),
        (
            "GlacierObjectOverhead",
            "GlacierS3ObjectOverhead",
            "DeepArchiveObjectOverhead",
            "DeepArchiveS3ObjectOverhead",
        ),
        "",
        None,
    ),
    (
        "archive-class-size",
        bucket(sizes=BOTH_ARCHIVES),
        (2 * MB, 2 * GB, KB),
        tuple(BOTH_ARCHIVES),
        "",
        0.01 + 0.02,
    ),
    (
        "sia-size",
        bucket(sizes={"StandardIAStorage": SMALL.size}, object_stats=stats({"STANDARD_IA": SMALL}, {1: SMALL}, {})),
        (1000, SMALL.size, 20 * KB),
        ("StandardIAStorage", "StandardIASizeOverhead"),
        "",
        None,
    ),
    ("rrs", bucket(sizes={"ReducedRedundancyStorage": GB}), (GB,), ("ReducedRedundancyStorage",), "", None),
    (
        "express-leftover",
        bucket("x--use1-az4--x-s3", {"ExpressOneZoneStorage": TB}, kind="directory"),
        (TB, NEWEST),
        ("ExpressOneZoneStorage",),
        "",
        None,
    ),
    ("ia-candidate", listed(), (MB, 4 * TB, None, None), ("StandardStorage:current",), "requests", MB * 0.00001),
    (
        "ia-candidate",
        msgspec.structs.replace(listed(), request_metrics=READ),
        (MB, 4 * TB, 14 * MB, 20),
        ("StandardStorage:current",),
        "",
        MB * 0.00001,
    ),
    (
        "int-candidate",
        bucket(sizes=STANDARD, objects=MB),
        (4 * TB, MB, 4 * MB),
        ("StandardStorage",),
        "requests",
        MB * 0.00001,
    ),
    ("int-candidate", listed(), (4 * TB, MB, 4 * MB), ("StandardStorage:current",), "requests", MB * 0.00001),
    (
        "int-candidate",
        bucket(sizes=STANDARD, objects=MB, region="eu-west-1"),
        (4 * TB, MB, 4 * MB),
        ("StandardStorage",),
        "prices",
        None,
    ),
    (
        "int-small",
        bucket(
            sizes={"IntelligentTieringFAStorage": TB},
            object_stats=stats(
                {"INTELLIGENT_TIERING:FREQUENT": Amount(10, TB)},
                {0: Amount(1, 0), 1: Amount(2, 5), MB: Amount(7, TB)},
                {},
            ),
        ),
        (3, 5, 10),
        ("IntelligentTieringFAStorage:current",),
        "",
        None,
    ),
    (
        "int-fee",
        bucket(
            sizes={"IntelligentTieringFAStorage": TB, "IntelligentTieringIAStorage": GB},
            object_stats=stats(
                {"INTELLIGENT_TIERING": Amount(40 * MB, TB)}, {1: Amount(MB, 1), 128 * KB: Amount(39 * MB, TB)}, {}
            ),
        ),
        (None, 39 * MB * 0.0000025, GB),
        ("monitoring",),
        "",
        None,
    ),
    ("mpu-no-abort", bucket(sizes=STANDARD, details=config()), ("none", None, None, 0), UPLOADS, "objects", None),
    (
        "mpu-no-abort",
        bucket(
            sizes={**STANDARD, "GlacierStagingStorage": 5, "DeepArchiveStagingStorage": 7},
            details=config(lifecycle=rules(abort_uploads="some")),
        ),
        ("some", None, None, 12),
        UPLOADS,
        "objects",
        None,
    ),
    ("mpu-no-abort", listed(multipart=Amount(7, GB)), ("none", 7, GB, None), UPLOADS, "", None),
    (
        "noncurrent-kept",
        bucket(sizes=STANDARD, details=config(versioning="enabled")),
        ("enabled", None, None),
        ("StandardStorage:noncurrent",),
        "objects",
        None,
    ),
    (
        "noncurrent-kept",
        bucket(
            sizes=STANDARD,
            details=config(versioning="suspended"),
            object_stats=msgspec.structs.replace(
                LISTED,
                noncurrent=Amount(5, GB),
                noncurrent_classes={"STANDARD": Amount(2, GB), "GLACIER": Amount(3, 9)},
            ),
        ),
        ("suspended", 5, GB + 9),
        ("StandardStorage:noncurrent",),
        "",
        None,
    ),
    (
        "delete-markers",
        listed(delete_markers=MB),
        (MB, None),
        ("StandardStorage:noncurrent", "requests"),
        "requests",
        None,
    ),
    (
        "delete-markers",
        msgspec.structs.replace(listed(delete_markers=MB), request_metrics=UNREAD),
        (MB, 60),
        ("StandardStorage:noncurrent", "requests"),
        "",
        None,
    ),
    ("empty-bucket", bucket(state="empty", day=None), (1100,), ("buckets",), "", None),
    (
        "no-access",
        bucket(sizes={"StandardStorage": TB, "GlacierStorage": TB}, request_metrics=UNREAD),
        (30, None, 2 * TB, 1024 * (0.023 - 0.004), 1024 * (0.023 - 0.00099)),
        ("StandardStorage", "GlacierStorage"),
        "",
        None,
    ),
    ("kms-no-bucket-key", bucket(sizes=STANDARD, details=KMS), (None,), ("requests",), "requests", None),
    (
        "kms-no-bucket-key",
        bucket(
            sizes=STANDARD,
            details=KMS,
            request_metrics=RequestMetrics(
                15, {"GetRequests": 10**6, "PostRequests": 10**6, "SelectRequests": 10**6, "PutRequests": 2 * 10**6}
            ),
        ),
        (10**7,),
        ("requests",),
        "",
        None,
    ),
]


@pytest.mark.parametrize(("id_", "one", "values", "names", "missing", "once"), CASES)
def test_a_finding_has_the_values_that_its_amount_is_derived_from(
    id_: str, one: ResolvedBucket, values: tuple[Any, ...], names: tuple[str, ...], missing: str, once: float | None
) -> None:
    found = finding(id_, one)
    assert found is not None
    assert found.values == tuple(pytest.approx(value) if isinstance(value, float) else value for value in values)
    assert scope_names(found.scope) == names
    assert found.missing == missing
    assert found.once == (None if once is None else pytest.approx(once))
    assert (found.account, found.region, found.bucket, found.exception) == (one.account, one.region, one.name, None)


def test_findings_about_a_bill_have_the_charges_and_their_features() -> None:
    rows = [
        BillRow(ACCOUNT, usage_type, Decimal(usd), Decimal(1), "x")
        for usage_type, usd in [
            ("EUC1-EarlyDelete-SIA", "0.25"), ("EUC1-EarlyDelete-GIR", "0.5"), ("Inventory-ObjectsListed", "0.75"),
            ("StorageAnalytics-ObjCount", "0.01"), ("EUC1-S3RTC-Out-Bytes", "-1"), ("TimedStorage-ByteHrs", "9"),
            ("StorageLens-ObjCount", "0.01"), ("USW2-USE1-In-ABytes-T1", "0.02"), ("Out-ABytes", "0.01"),
            ("StorageLensFreeTier-ObjCount", "0"),
        ]
    ]  # fmt: skip
    found = findings(bucket(sizes={"StandardStorage": 1}), bill=bill(rows))
    assert [(one.id, one.region, one.high, one.values, scope_names(one.scope)) for one in found] == [
        (
            "unused-features", "us-east-1", 0.78,
            (0.78, "S3 Inventory, Storage Lens advanced metrics, Transfer Acceleration, storage class analysis"),
            ("features",),
        ),
        ("early-delete", "eu-central-1", 0.75, (0.75, "EarlyDelete-GIR, EarlyDelete-SIA"), ("early deletion",)),
        ("unused-features", "us-west-2", 0.02, (0.02, "Transfer Acceleration"), ("features",)),
    ]  # fmt: skip
    assert {(one.account, one.bucket, one.kind, one.low == one.high) for one in found} == {
        (ACCOUNT, None, "exact", True)
    }


def test_values_have_the_day_of_their_source() -> None:
    one = listed(at=int(Decimal(1_795_132_799)))  # 2026-11-19, 23:59:59 UTC
    dates = next(iter(findings(one, bill=bill([])))).dates
    assert {source: str(day) for source, day in dates.items()} == {
        "CloudWatch": "2026-11-21",
        "objects": "2026-11-19",
        "configuration": "2026-11-22",
        "request metrics": "2026-11-21",
        "bill": "2026-10-01",
    }
    (empty,) = findings(bucket(state="empty", day=None))
    assert [empty.dates[source] for source in ("CloudWatch", "objects", "bill")] == [None, None, None]


def test_the_largest_finding_comes_first_and_unknown_amounts_last() -> None:
    found = findings(
        bucket("a", {"ReducedRedundancyStorage": GB}, details=config(versioning="enabled")),
        bucket("b", {"ReducedRedundancyStorage": 9 * GB}),
        bucket("c", {"StandardIASizeOverhead": 9 * GB}),
    )
    assert [(one.id, one.bucket) for one in found] == [
        ("small-objects", "c"), ("rrs", "b"), ("rrs", "a"), ("mpu-no-abort", "a"), ("noncurrent-kept", "a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "low", "high", "amount"),
    [
        ("exact", 2.0, 2.0, 2.0),
        ("at-most", 0.0, 3.0, 3.0),
        ("range", 1.0, 3.0, None),
        ("unknown", None, None, None),
    ],
)
def test_the_amount_is_that_of_exact_findings_and_upper_bounds(
    kind: Any, low: float | None, high: float | None, amount: float | None
) -> None:
    assert Finding("rrs", "1", "r", "b", kind, low, high, 1, (), {}).amount == amount


def test_data_in_express_one_zone_is_unchanged_since_its_last_change() -> None:
    one = bucket("x--use1-az4--x-s3", {"ExpressOneZoneStorage": TB}, kind="directory")
    for days, is_found in ((29, False), (30, False), (31, True)):
        points = {day: TB if day > NEWEST - days else GB for day in range(NEWEST + 1)}
        changed = msgspec.structs.replace(one, sizes={"ExpressOneZoneStorage": pack(points)})
        found = finding("express-leftover", changed)
        assert (found is not None) is is_found
        assert found is None or found.values == (TB, days - 1)


def test_copies_come_from_all_buckets_that_replicate_into_the_bucket() -> None:
    def source(name: str, sizes: dict[str, int]) -> ResolvedBucket:
        return bucket(name, sizes, details=config(replication=Replication(1, ("copy", "other"))))

    sources = [source("b", {"StandardStorage": 2 * GB}), source("a", STANDARD), source("c", {"GlacierStorage": GB})]
    found = finding("replica", *sources, bucket("copy", {"StandardStorage": 8 * TB, "GlacierStorage": GB}))
    assert found is not None
    assert found.values == ("a, b, c", 4 * TB + 2 * GB)
    assert found.low == 0.0


def transition(id_: str, days: int, storage_class: str) -> dict[str, Any]:
    return {"ID": id_, "Transitions": [{"Days": days, "StorageClass": storage_class}]}


LIFECYCLE_RULES: dict[str, dict[str, Any]] = {
    "delete-markers": {"ID": "remove-delete-markers", "Expiration": {"ExpiredObjectDeleteMarker": True}},
    "ia-candidate": transition("standard-ia-after-30-days", 30, "STANDARD_IA"),
    "int-candidate": transition("intelligent-tiering", 0, "INTELLIGENT_TIERING"),
    "mpu-no-abort": {
        "ID": "abort-incomplete-uploads", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
    "noncurrent-kept": {
        "ID": "expire-noncurrent-versions", "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    },
    "replica": transition("standard-ia-after-30-days", 30, "STANDARD_IA"),
}  # fmt: skip


def test_the_lifecycle_rules_of_a_fix_are_enabled_and_apply_to_all_objects() -> None:
    written = {rule.id: json.loads(rule.lifecycle_rule) for rule in RULES.values() if rule.lifecycle_rule}
    assert written == {id_: {"Status": "Enabled", "Filter": {}, **rule} for id_, rule in LIFECYCLE_RULES.items()}
