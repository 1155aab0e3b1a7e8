"""The rows of a Storage Lens export become the object statistics of each bucket."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from s3_monitor.exports.lens_result import lens_buckets, row_of_texts
from s3_monitor.exports.lens_sql import OBJECTS, SIZES, LensRow
from s3_monitor.model.object_stats import Amount, BucketSettings, ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.objects.manifest import InvalidReportError

DAY = date(2026, 11, 21)
MIDNIGHT = 1_795_219_200  # 2026-11-21T00:00:00Z
FIGURES = tuple(2**number for number in range(len(OBJECTS)))


def row(bucket: str = "b", class_: str = "STANDARD", figures: tuple[int, ...] = FIGURES, **fields: Any) -> LensRow:
    return LensRow("111122223333", "eu-west-1", bucket, class_, False, "", figures)._replace(**fields)


def zeros(**figures: int) -> tuple[int, ...]:
    """Return figures of 0, except for these: ``m0=5``."""
    return tuple(figures.get(f"m{number}", 0) for number in range(len(OBJECTS)))


def stats(*rows: LensRow) -> ObjectStats:
    (bucket,) = lens_buckets(rows, DAY, "origin")
    return bucket.stats


def test_each_pair_of_metrics_is_an_amount_of_objects_and_bytes() -> None:
    found = stats(row())
    assert (found.source, found.complete, found.origin) == ("storage-lens", True, "origin")
    assert found.at == MIDNIGHT + 86_400 - 1
    assert found.current == Amount(1, 2)
    assert found.noncurrent == Amount(4, 8)
    assert found.delete_markers == 16
    assert found.multipart == Amount(64, 128)
    assert found.old_multipart == Amount(256, 512)
    assert found.encrypted == Amount(1024, 2048)
    assert found.replicas == Amount(4096, 8192)
    assert found.replicated == Amount(16384, 32768)
    assert found.locked == Amount(65536, 131072)
    assert (found.all_sizes, found.settings) == (None, None)
    assert (found.sizes, found.ages, found.prefixes) == (None, None, None)


def test_classes_are_those_with_objects_and_the_totals_their_sums() -> None:
    found = stats(row(), row(class_="GLACIER", figures=zeros(m0=3, m1=5)), row(class_="STANDARD_IA", figures=zeros()))
    assert found.classes == {"STANDARD": Amount(1, 2), "GLACIER": Amount(3, 5)}
    assert found.noncurrent_classes == {"STANDARD": Amount(4, 8)}
    assert found.current == Amount(4, 7)


def test_rows_are_grouped_by_account_region_and_bucket() -> None:
    rows = [row(), row(class_="GLACIER"), row("c"), row("c", region="us-east-1"), row("c", account="2")]
    found = list(lens_buckets(rows, DAY, "origin"))
    assert [(bucket.account, bucket.region, bucket.name) for bucket in found] == [
        ("111122223333", "eu-west-1", "b"),
        ("111122223333", "eu-west-1", "c"),
        ("111122223333", "us-east-1", "c"),
        ("2", "eu-west-1", "c"),
    ]
    assert [len(bucket.stats.classes) for bucket in found] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("rows", "is_valid"),
    [
        ([row(figures=zeros(m1=2**62))], True),
        ([row(figures=zeros(m1=2**62 + 1))], False),
        ([row(figures=zeros(m1=2**61)), row(class_="GLACIER", figures=zeros(m1=2**61))], True),
        ([row(figures=zeros(m15=2**62)), row(class_="GLACIER", figures=zeros(m15=1))], False),
        ([row(others=f"GetRequests {2**62}")], True),
        ([row(others=f"GetRequests {2**62 + 1}")], False),
        ([row(others=f"PutRequests {2**62}"), row(class_="GLACIER", others="PutRequests 1")], False),
        ([row(is_invalid=True)], False),
        ([row(), row(class_="GLACIER", is_invalid=True)], False),
    ],
)
def test_a_sum_of_metrics_has_the_bounds_of_a_bucket(rows: list[LensRow], is_valid: bool) -> None:
    if is_valid:
        assert stats(*rows).complete
    else:
        with pytest.raises(InvalidReportError, match="must be an integer from 0 to 2"):
            stats(*rows)


OWNED = "ObjectOwnershipBucketOwnerPreferredBucketCount 1"


@pytest.mark.parametrize(
    ("others", "settings"),
    [
        ([""], None),
        (["AllRequests 3"], None),
        ([OWNED], BucketSettings(False, False, False, "BucketOwnerPreferred", False, False)),
        (
            [f"{OWNED},SSEKMSEnabledBucketCount 1", ""],
            BucketSettings(False, True, False, "BucketOwnerPreferred", False, False),
        ),
        (
            [f"{OWNED},MFADeleteEnabledBucketCount 0"],
            BucketSettings(False, False, False, "BucketOwnerPreferred", False, False),
        ),
        (["VersioningEnabledBucketCount 1"], BucketSettings(True)),
        (["TotalLifecycleRuleCount 2"], BucketSettings(lifecycle_rules=2)),
        (["CrossRegionReplicationRuleCount 3"], BucketSettings(replication_rules=3)),
    ],
)
def test_a_setting_without_a_row_is_off_only_if_the_export_has_settings(
    others: list[str], settings: BucketSettings
) -> None:
    classes = ["STANDARD", "GLACIER"][: len(others)]
    assert (
        stats(*(row(class_=name, others=text) for name, text in zip(classes, others, strict=True))).settings == settings
    )


def test_a_repeated_row_counts_once_and_storage_classes_are_added() -> None:
    twice = "GetRequests 5,GetRequests 5,Object0KBCount 2,Object0KBCount 2"
    (bucket,) = lens_buckets(
        [row(others=twice), row(class_="GLACIER", others="GetRequests 1,Object0KBCount 1")], DAY, ""
    )
    assert bucket.requests == RequestMetrics(1, {"GetRequests": 6}, "storage-lens")
    assert bucket.stats.all_sizes == (3, *[0] * 17)


def test_a_storage_class_is_a_name_in_capital_letters() -> None:
    with pytest.raises(InvalidReportError):
        stats(row(class_="standard"))


def test_sizes_and_requests_are_sums_of_all_classes_without_repeated_rows() -> None:
    rows = [
        row(others=f"{SIZES[0]} 2,GetRequests 5,GetRequests 5,{SIZES[0]} 2"),
        row(class_="GLACIER", others=f"{SIZES[0]} 3,{SIZES[2]} 4,GetRequests 7"),
    ]
    (bucket,) = lens_buckets(rows, DAY, "origin")
    assert bucket.stats.all_sizes == (5, 0, 4, *[0] * (len(SIZES) - 3))
    assert bucket.requests == RequestMetrics(1, {"GetRequests": 12}, "storage-lens")


TEXTS = ("111122223333", "eu-west-1", "b", "STANDARD")


def test_the_texts_of_athena_are_a_row() -> None:
    found = row_of_texts([*TEXTS, "false", "", *map(str, FIGURES)])
    assert found == row()
    assert row_of_texts([*TEXTS, "true", "", *map(str, FIGURES)]).is_invalid
    assert row_of_texts([None, *TEXTS[1:], "false", None, *map(str, FIGURES)]).account == ""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([*TEXTS, "false", "", *map(str, FIGURES[:-1])], "must have 18 metrics, got 17"),
        ([*TEXTS, "false", "", *map(str, FIGURES), "1"], "must have 18 metrics, got 19"),
        ([*TEXTS, "false", "", None, *map(str, FIGURES[1:])], "could not be read"),
        ([*TEXTS[:2]], "could not be read"),
    ],
)
def test_texts_of_another_form_are_rejected(values: list[str | None], message: str) -> None:
    with pytest.raises(InvalidReportError, match=message):
        row_of_texts(values)
