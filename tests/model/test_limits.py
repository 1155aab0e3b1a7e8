"""Limits and defaults hold exactly at their documented values."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from s3_monitor.model import delta_codec, previous_summary
from s3_monitor.model.bounds import MAX_OBJECT
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.exports import LensScope
from s3_monitor.model.files import decode_versioned, descriptor_of
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.object_stats import AGE_EDGES, LENS_EDGES, RECENT_DAYS, SIZE_EDGES, age_bin, size_bin
from s3_monitor.model.policies import Budget, PolicyException, PolicyRule
from s3_monitor.model.problem import create_problem
from s3_monitor.model.responses import KeysPage, ListKeysRequest
from s3_monitor.model.series import EMPTY, Series, Window
from s3_monitor.model.storage_lens import LensCoverage

KIB, MIB, GIB = 2**10, 2**20, 2**30
DAY = 86_400


@pytest.mark.parametrize(
    ("edge", "bin_"), [(1, 1), (128 * KIB, 2), (MIB, 3), (16 * MIB, 4), (128 * MIB, 5), (GIB, 6), (16 * GIB, 7)]
)
def test_a_size_at_an_edge_is_in_the_bin_above_it(edge: int, bin_: int) -> None:
    assert [size_bin(size) for size in (edge - 1, edge, edge + 1)] == [bin_ - 1, bin_, bin_]
    assert len(SIZE_EDGES) == 7


@pytest.mark.parametrize(("edge", "bin_"), [(1, 1), (7, 2), (30, 3), (90, 4), (180, 5), (365, 6), (730, 7)])
def test_an_age_at_an_edge_is_in_the_bin_above_it(edge: int, bin_: int) -> None:
    assert [age_bin(days) for days in (edge - 1, edge, edge + 1)] == [bin_ - 1, bin_, bin_]
    assert (age_bin(-5), len(AGE_EDGES)) == (0, 7)


def test_the_sizes_of_storage_lens_double_from_128_kib_to_4_gib() -> None:
    assert LENS_EDGES[:3] == (1, 128 * KIB, 256 * KIB)
    assert (LENS_EDGES[-1], len(LENS_EDGES), RECENT_DAYS) == (4 * GIB, 17, 4)


@pytest.mark.parametrize(
    ("operation", "price"),
    [
        ("ListMetrics", "0.00001"),
        *[
            (operation, "0.000005")
            for operation in (
                "ListBuckets", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "ListParts",
                "ListDirectoryBuckets", "ListTableBuckets", "ListVectorBuckets",
                "ListBucketInventoryConfigurations", "ListBucketMetricsConfigurations",
            )
        ],
        *[
            (operation, "0.0000004")
            for operation in ("HeadBucket", "GetObject", "GetBucketEncryption", "GetBucketTagging")
        ],
        ("GetCostAndUsage", "0.01"),
        ("ListCostAllocationTags", "0.01"),
    ],
)  # fmt: skip
def test_a_request_has_the_list_price_of_its_operation(operation: str, price: str) -> None:
    assert CallCounts({operation: 3}).usd == 3 * Decimal(price)


def test_athena_bills_5_usd_per_tb() -> None:
    assert CallCounts(athena_mb=MIB).usd == 5


def test_the_counts_of_an_operation_add_up() -> None:
    calls = CallCounts()
    assert (calls.total, calls.metrics, calls.athena_mb, calls.usd) == (0, 0, msgspec.UNSET, 0)
    calls.count("GetObject")
    calls.count("GetObject", 5)
    assert calls.requests == {"GetObject": 6}


def test_an_object_has_at_most_1_pib() -> None:
    assert MAX_OBJECT == 2**50


def test_directory_buckets_have_four_properties() -> None:
    assert DIRECTORY_BUCKET_PROPERTIES == ("encryption", "lifecycle", "inventories", "metrics")


@pytest.mark.parametrize(
    ("created", "is_covered"), [(7 * DAY, True), (7 * DAY + 1, False), (6 * DAY, True), (None, False)]
)
def test_a_storage_lens_delivery_covers_buckets_that_are_3_days_old(created: int | None, is_covered: bool) -> None:
    assert LensCoverage("1", 10 * DAY, "export", LensScope()).covers("r", "b", created) is is_covered


@pytest.mark.parametrize(
    ("fields", "region", "bucket", "is_covered"),
    [
        ({}, "r", "b", True),
        ({"regions": ("r",), "buckets": ("b",)}, "r", "b", True),
        ({"regions": ("r",)}, "s", "b", False),
        ({"buckets": ("b",)}, "r", "c", False),
        ({"regions": ("s",), "buckets": ("b",)}, "r", "b", False),
        ({"excluded_regions": ("r",)}, "r", "b", False),
        ({"excluded_buckets": ("b",)}, "r", "b", False),
        ({"excluded_regions": ("s",), "excluded_buckets": ("c",)}, "r", "b", True),
    ],
)
def test_a_scope_covers_what_it_includes_and_does_not_exclude(
    fields: dict[str, Any], region: str, bucket: str, is_covered: bool
) -> None:
    assert LensScope(**fields).covers(region, bucket) is is_covered


def test_a_covered_bucket_without_a_row_has_no_objects() -> None:
    stats = LensCoverage("1", 7, "export", LensScope()).no_objects()
    amounts = (stats.current, stats.noncurrent, stats.multipart, stats.old_multipart, stats.encrypted)
    amounts += (stats.replicas, stats.replicated, stats.locked)
    assert [(one.objects, one.size) for one in amounts if one is not None] == [(0, 0)] * 8
    assert (stats.delete_markers, stats.complete, stats.at, stats.origin) == (0, True, 7, "export")


NAME, LONG = "a" * 255, "a" * 256


@pytest.mark.parametrize(
    ("type_", "fields", "is_valid"),
    [
        (Budget, {"name": NAME}, True),
        (Budget, {"name": LONG}, False),
        (Budget, {"name": ""}, False),
        (Budget, {"name": "a", "region": "r"}, True),
        (Budget, {"name": "a", "region": NAME}, True),
        (Budget, {"name": "a", "region": LONG}, False),
        (Budget, {"name": "a", "region": ""}, False),
        (Budget, {"name": "a", "region": ["r"]}, True),
        (Budget, {"name": "a", "region": []}, False),
        (Budget, {"name": "a", "tag": {"k": "v"}}, True),
        (Budget, {"name": "a", "tag": {}}, False),
        (Budget, {"name": "a", "max_usd_month": 0}, True),
        (Budget, {"name": "a", "max_usd_month": 1e20}, True),
        (Budget, {"name": "a", "max_usd_month": -0.01}, False),
        (Budget, {"name": "a", "max_usd_month": 1.01e20}, False),
        (Budget, {"name": "a", "warn_at": 1}, True),
        (Budget, {"name": "a", "warn_at": 0.01}, True),
        (Budget, {"name": "a", "warn_at": 0}, False),
        (Budget, {"name": "a", "warn_at": 1.01}, False),
        (Budget, {"name": "a", "max_size": "999999999999999.999999 PiB"}, True),
        (Budget, {"name": "a", "max_size": "1 XiB"}, False),
        (PolicyRule, {"id": "x", "max_age_days": 1}, True),
        (PolicyRule, {"id": "x", "max_age_days": 10_000}, True),
        (PolicyRule, {"id": "x", "max_age_days": 0}, False),
        (PolicyRule, {"id": "x", "max_age_days": 10_001}, False),
        (PolicyException, {"bucket": "b", "reason": "r", "until": "2027-01-31"}, True),
        (PolicyException, {"bucket": "", "reason": "r", "until": "2027-01-31"}, False),
    ],
)
def test_values_of_policies_have_limits(type_: type, fields: dict[str, Any], is_valid: bool) -> None:
    if is_valid:
        assert msgspec.convert(fields, type_)
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(fields, type_)


def test_an_earlier_summary_without_later_fields_has_their_defaults() -> None:
    content = (
        b'{"as_of": "2026-11-01T00:00:00Z", "totals": {}, "by_account": {}, "by_region": {}, "by_storage_type": {},'
        b' "problems": [{"severity": "gap"}, {"severity": "gap", "where": "1/eu-west-1/b"},'
        b' {"severity": "gap", "where": "1/bucket"}, {"severity": "gap", "where": "1"},'
        b' {"severity": "gap", "where": "x/eu-west-1"}], "format": 1}'
    )
    read = previous_summary.decode(content, "summary.json")
    totals = read.totals
    assert (totals.size, totals.cost, totals.unpriced_size, totals.unknown_buckets, totals.upper_bound_size) == (
        None, None, 0.0, 0, 0.0,
    )  # fmt: skip
    assert (read.complete, read.currency, read.prices.source, read.format) == (True, "USD", "", 1)
    assert read.problems[0].affects == ("cost", "size")
    assert [(problem.account, problem.region) for problem in read.problems] == [
        (None, None), ("1", "eu-west-1"), ("1", None), ("1", None), (None, None),
    ]  # fmt: skip
    assert previous_summary.PreviousSummary(read.as_of, totals, {}, {}, {}).format == 1


@pytest.mark.parametrize("year", ["1969", "2100"])
def test_an_earlier_summary_is_of_1970_to_2099(year: str) -> None:
    content = f'{{"as_of": "{year}-06-01T00:00:00Z", "totals": {{}}, "by_account": {{}}, "by_region": {{}}, '
    content += '"by_storage_type": {}, "format": 1}'
    with pytest.raises(InvalidFileError, match="as_of must be between 1970 and 2099"):
        previous_summary.decode(content.encode(), "summary.json")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a", "b", "c"], "a, b, c"),
        (["a", "b", "c", "d"], "a, b, c, …"),
        (["c", "a", "b", "e", "d", "f"], "a, b, c, …"),
    ],
)
def test_a_message_names_at_most_three_buckets(names: list[str], text: str) -> None:
    problem = create_problem("storage-lens-bucket-missing", names=names)
    assert f"{len(names)} buckets ({text})" in problem.message
    assert problem.count == len(names)


def test_records_of_requests_and_responses_have_defaults() -> None:
    assert ListKeysRequest() == ListKeysRequest("", "", (), 1000, versions=False)
    assert KeysPage([], [], [], []) == KeysPage([], [], [], [], None, (), ())
    assert AccountBucket("b", None, None) == AccountBucket("b", None, None, bad_date=False)
    assert (EMPTY.day, EMPTY.value, EMPTY.length, EMPTY.values()) == (-1, 0, 0, [])


def test_an_encoding_has_at_most_511_days_and_65_bits_per_day() -> None:
    steps: list[int | None] = [2**63, *[0] * 510]
    packed = delta_codec.encode(steps)
    assert (delta_codec.MOST_DAYS, delta_codec.length(packed), delta_codec.width(packed)) == (511, 511, 65)
    assert delta_codec.decode(packed) == steps
    assert delta_codec.is_sound(packed[:2], len(packed), 511)
    wide = bytes([66 << 1, 0])
    assert not delta_codec.is_sound(wide, 2, 511)
    assert not delta_codec.is_sound(bytes([0, 0]), 2, 511)
    assert delta_codec.is_sound(bytes([2, 0]), 2, 0)
    assert not delta_codec.is_sound(bytes([2]), 1, 0)


@pytest.mark.parametrize("days", [1, 2, 3, 4, 7, 8, 9])
def test_the_sum_of_the_newest_steps_is_that_of_single_steps(days: int) -> None:
    for steps in ([1, -1, 0, 1, 1, 1, -1, 0, 1, 1], [3, -3, 2, 0, 1, -2, 3, 3, 3, -1], [0] * 10, [1] * 10, [-1] * 10):
        packed = delta_codec.encode(steps)
        assert delta_codec.total(packed, days) == sum(steps[:days])
        gap = delta_codec.encode([*steps[: days - 1], None, *steps[days:]])
        assert delta_codec.total(gap, days) is None
        assert delta_codec.total(gap, days - 1) == sum(steps[: days - 1])


@pytest.mark.parametrize(
    ("older", "length"), [(b"", 1), ((1, None), 3), (delta_codec.encode([1, 2]), 3), (delta_codec.encode([]), 1)]
)
def test_the_length_of_a_series_includes_its_newest_day(older: Any, length: int) -> None:
    series = Series(5, 7, older)
    assert (series.length, len(series.values())) == (length, length)
    assert (series.value_before(-1), series.value_before(length)) == (None, None)
    assert series.value_before(0) == 7


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
@pytest.mark.parametrize(("links", "descriptor"), [(0, 0), (1, 0), (39, 0), (40, None)])
def test_a_descriptor_is_found_behind_39_links(tmp_path: Path, links: int, descriptor: int | None) -> None:
    path = Path("/dev/fd/0")
    for number in range(links):
        link = tmp_path / f"link{number}"
        link.symlink_to(os.fspath(path) if number == 0 else path.name)
        path = link
    assert descriptor_of(path) == descriptor


class Named(msgspec.Struct):
    """A record whose invalid values are named in errors."""

    format: int
    name: Literal["x"] = "x"


@pytest.mark.parametrize(("length", "is_shortened"), [(10, False), (250, False), (251, True), (900, True)])
def test_the_error_of_a_decoder_is_shortened_in_the_middle_above_250_characters(
    length: int, is_shortened: bool
) -> None:
    value = "v" * (length - len("Invalid enum value '' - at `$.name`")) if length > 10 else ""
    with pytest.raises(InvalidFileError) as raised:
        decode_versioned(b'{"name": "%b", "format": 1}' % value.encode(), "x", Named, 1, "record", "")
    full = f"Invalid enum value '{value}' - at `$.name`"
    assert raised.value.what == "is not a record: " + (f"{full[:120]} … {full[-120:]}" if is_shortened else full)


def test_the_format_of_a_file_is_at_least_the_oldest() -> None:
    content = b'{"format": 1}'
    assert decode_versioned(content, "x", Named, 1, "record", "").format == 1
    with pytest.raises(InvalidFileError, match="format must be at most 1, got 2"):
        decode_versioned(content.replace(b"1", b"2"), "x", Named, 1, "record", "")
    with pytest.raises(InvalidFileError, match="format must be at least 2, got 1"):
        decode_versioned(content, "x", Named, 2, "record", "", oldest=2)
    with pytest.raises(InvalidFileError, match="no format number"):
        decode_versioned(content.replace(b"1", b"0"), "x", Named, 1, "record", "", oldest=2)


def test_the_days_of_a_window_are_counted_from_1970() -> None:
    window = Window(date(1970, 1, 3), 2)
    assert (window.epoch_day, window.offset_of_time(2 * DAY), window.offset_of_time(2 * DAY - 1)) == (2, 0, -1)
