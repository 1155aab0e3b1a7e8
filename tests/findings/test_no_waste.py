"""Buckets without waste have no finding with an amount, and known mistakes of such recommendations do not occur."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.findings.totals import potential
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Lifecycle, Replication
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from tests.findings.fixtures import AS_OF, GB, KB, MB, TB, bucket, config, finding, findings, rules, stats

SOUND = rules(abort_uploads="all", expire_noncurrent="all", remove_delete_markers="all")
COUNTS = st.integers(1, 10_000_000)


def reads(size: int, per_month: float) -> RequestMetrics:
    """Return metrics of 33 days in which every byte is read ``per_month`` times in 30 days."""
    return RequestMetrics(33, {"GetRequests": 1000, "BytesDownloaded": round(size * per_month * 33 / 30)})


def listed(storage_class: str, count: int, mean: int, **fields: Any) -> ObjectStats:
    """Return objects of one size that are a year old, with all versions."""
    amount = Amount(count, count * mean)
    begin = 0 if not mean else 1 if mean < 128 * KB else 128 * KB if mean < MB else MB
    nothing: dict[str, Any] = {"noncurrent": Amount(), "multipart": Amount(), "delete_markers": 0}
    return stats({storage_class: amount}, {begin: amount}, {365: amount}, **nothing | fields)


@st.composite
def sound_buckets(draw: st.DrawFn) -> ResolvedBucket:
    """Return a bucket without waste: hot or small objects in Standard, large ones in other classes."""
    count = draw(COUNTS)
    kind = draw(st.sampled_from(["hot", "small", "infrequent", "tiered", "small tiers", "archive", "empty"]))
    sound = config(lifecycle=SOUND, versioning="enabled", encryption=Encryption("aws:kms", "key", bucket_key=True))
    match kind:
        case "hot":
            size = count * MB
            held, stored = {"StandardStorage": size}, listed("STANDARD", count, MB)
            return _bucket(count, held, stored, sound, reads(size, draw(st.floats(1.06, 50))))
        case "small":
            mean = draw(st.integers(1, 128 * KB - 1))
            held, stored = {"StandardStorage": count * mean}, listed("STANDARD", count, mean)
            return _bucket(count, held, stored, sound, None)
        case "infrequent":
            held, stored = {"StandardIAStorage": count * MB}, listed("STANDARD_IA", count, MB)
            return _bucket(count, held, stored, sound, reads(count * MB, 0.1))
        case "tiered":
            held = {"IntelligentTieringFAStorage": count * MB, "IntelligentTieringIAStorage": count * MB}
            return _bucket(2 * count, held, listed("INTELLIGENT_TIERING", 2 * count, MB), sound, None)
        case "small tiers":
            held = {"IntelligentTieringFAStorage": count * KB}
            return _bucket(count, held, listed("INTELLIGENT_TIERING", count, KB), sound, None)
        case "archive":
            held = {
                "DeepArchiveStorage": count * 100 * MB,
                "DeepArchiveObjectOverhead": count * 32 * KB,
                "DeepArchiveS3ObjectOverhead": count * 8 * KB,
            }
            return _bucket(count, held, listed("DEEP_ARCHIVE", count, 100 * MB), sound, None)
    return bucket(state="empty", day=None, objects=0, details=sound)


def _bucket(
    count: int, held: dict[str, int], stored: ObjectStats, configured: BucketConfig, read: RequestMetrics | None
) -> ResolvedBucket:
    return bucket(sizes=held, objects=count, object_stats=stored, details=configured, request_metrics=read)


@given(sound_buckets())
def test_a_bucket_without_waste_has_no_finding_with_an_amount(sound: ResolvedBucket) -> None:
    assert [one for one in findings(sound) if one.high] == []


@given(sound_buckets(), st.integers(1, TB))
def test_padding_in_a_sound_bucket_is_its_only_finding_with_an_amount(sound: ResolvedBucket, padding: int) -> None:
    held = dict(zip(sound.types, sound.amounts, strict=True)) | {"OneZoneIASizeOverhead": padding}
    padded = bucket(
        sizes={name: int(size) for name, size in held.items()},
        objects=sound.objects,
        object_stats=sound.object_stats,
        details=sound.details,
        request_metrics=sound.request_metrics,
    )
    found = [one for one in findings(padded) if one.high]
    assert [(one.id, one.high) for one in found] == [("small-objects", pytest.approx(padding / GB * 0.01, abs=1e-9))]


STANDARD = {"StandardStorage": 4 * TB}
LARGE = listed("STANDARD", 4 * 2**20, MB)
NO_COMPLAINT: list[tuple[str, str, ResolvedBucket]] = [
    (
        "Intelligent-Tiering for objects that are too small to be monitored",
        "int-candidate",
        bucket(sizes=STANDARD, objects=4 * TB // (100 * KB)),
    ),
    (
        "Intelligent-Tiering whose fee is higher than the saving",
        "int-candidate",
        bucket(sizes=STANDARD, objects=4 * TB // (200 * KB)),
    ),
    (
        "Intelligent-Tiering for data that is already in Standard-IA",
        "int-candidate",
        bucket(sizes={"StandardIAStorage": 4 * TB}, objects=10),
    ),
    (
        "Intelligent-Tiering for data that a lifecycle rule already moves",
        "int-candidate",
        bucket(sizes=STANDARD, details=config(lifecycle=rules(move="all"))),
    ),
    (
        "Intelligent-Tiering for a bucket that is a week old",
        "int-candidate",
        bucket(sizes=STANDARD, created=int(AS_OF.timestamp()) - 7 * 86_400),
    ),
    (
        "Standard-IA for data that is read every week",
        "ia-candidate",
        bucket(sizes=STANDARD, object_stats=LARGE, request_metrics=reads(4 * TB, 4)),
    ),
    (
        "Standard-IA for objects below 128 KB",
        "ia-candidate",
        bucket(sizes=STANDARD, object_stats=listed("STANDARD", 4 * TB // (100 * KB), 100 * KB)),
    ),
    (
        "Standard-IA for objects that a lifecycle rule deletes",
        "ia-candidate",
        bucket(sizes=STANDARD, object_stats=LARGE, details=config(lifecycle=rules(expire="all"))),
    ),
    (
        "a rule for incomplete uploads in a bucket that has none",
        "mpu-no-abort",
        bucket(sizes=STANDARD, object_stats=LARGE, details=config()),
    ),
    (
        "a rule for noncurrent versions in a bucket that has none",
        "noncurrent-kept",
        bucket(sizes=STANDARD, object_stats=LARGE, details=config(versioning="enabled")),
    ),
    (
        "a rule for noncurrent versions in a bucket that was never versioned",
        "noncurrent-kept",
        bucket(sizes=STANDARD, details=config()),
    ),
    (
        "no access, from metrics that were enabled last week",
        "no-access",
        bucket(sizes=STANDARD, request_metrics=RequestMetrics(7, {"ListRequests": 7})),
    ),
    (
        "no access, although data is written",
        "no-access",
        bucket(sizes=STANDARD, request_metrics=RequestMetrics(33, {"PutRequests": 1})),
    ),
    (
        "no access to an archive",
        "no-access",
        bucket(sizes={"DeepArchiveStorage": TB}, request_metrics=RequestMetrics(33, {"ListRequests": 1})),
    ),
    (
        "a bucket key for objects that S3 encrypts",
        "kms-no-bucket-key",
        bucket(sizes=STANDARD, details=config(), request_metrics=reads(TB, 9)),
    ),
    (
        "a bucket key for dual-layer encryption, which has none",
        "kms-no-bucket-key",
        bucket(sizes=STANDARD, details=config(encryption=Encryption("aws:kms:dsse")), request_metrics=reads(TB, 9)),
    ),
    ("an empty bucket of yesterday", "empty-bucket", bucket(state="empty", day=None, created=int(AS_OF.timestamp()))),
    ("Express One Zone that is in use", "express-leftover", bucket(sizes={"StandardStorage": TB})),
]


@pytest.mark.parametrize(("complaint", "id_", "one"), NO_COMPLAINT, ids=[row[0] for row in NO_COMPLAINT])
def test_it_does_not_recommend(complaint: str, id_: str, one: ResolvedBucket) -> None:
    assert finding(id_, one) is None, complaint


def test_it_does_not_recommend_a_cheaper_class_for_replicas_that_are_in_one() -> None:
    source = bucket("source", STANDARD, details=config(replication=Replication(1, ("copy",))))
    assert finding("replica", source, bucket("copy", {"GlacierInstantRetrievalStorage": TB})) is None


def test_a_rule_for_a_prefix_does_not_hide_that_other_keys_have_none() -> None:
    partial = config(lifecycle=Lifecycle(1, coverage={"abort-uploads": "some"}))
    assert finding("mpu-no-abort", bucket(sizes=STANDARD, details=partial)) is not None


def test_amounts_are_at_the_prices_of_the_region() -> None:
    sao_paulo = finding("small-objects", bucket(sizes={"StandardIASizeOverhead": 100 * GB}, region="sa-east-1"))
    assert sao_paulo is not None
    assert sao_paulo.high == pytest.approx(100 * 0.0221)


def test_the_same_bytes_are_not_saved_twice() -> None:
    unused = RequestMetrics(33, {"ListRequests": 33})
    found = findings(bucket(sizes=STANDARD, object_stats=LARGE, request_metrics=unused))
    assert {one.id for one in found} == {"ia-candidate", "no-access"}
    assert potential(found).high == pytest.approx(4096 * 0.023)


def test_a_bucket_with_missing_data_has_no_findings() -> None:
    assert findings(bucket(sizes={"StandardIASizeOverhead": TB}, state="incomplete")) == []
