"""Objects on the pages: literal names, unknown figures, and sums that add up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.object_stats import AGE_EDGES, LENS_EDGES, SIZE_EDGES, BucketSettings
from s3_monitor.model.priced_object_stats import Bin, CountBin, Difference, PrefixShare, PricedAmount, PricedObjectStats
from s3_monitor.report.bucket_config_text import lens_settings_lines
from s3_monitor.report.object_rows import (
    age_rows,
    all_size_rows,
    difference_rows,
    listing_cost,
    object_stats_of,
    prefix_rows,
    size_rows,
    small_objects,
)
from tests.report.builder import HOSTILE, bucket, summary, write_pages


def contents(**fields: Any) -> PricedObjectStats:
    plain: dict[str, Any] = {
        "source": "listing",
        "as_of": "2026-11-22 03:00:00+00:00",
        "complete": True,
        "cut": "",
        "keys": "",
        "origin": "",
        "current": PricedAmount(3, 300, 1.5),
        "classes": {"STANDARD": PricedAmount(2, 200, 1.0), "GLACIER": PricedAmount(1, 100, None)},
        "noncurrent": None,
        "noncurrent_classes": {},
        "delete_markers": None,
        "multipart": None,
        "old_multipart": None,
        "encrypted": None,
        "replicas": None,
        "replicated": None,
        "locked": None,
        "all_sizes": None,
        "settings": None,
        "newest": "2026-11-21 03:00:00+00:00",
        "oldest": "2020-11-21 03:00:00+00:00",
        "sizes": [Bin(edge, 1 if edge == 131072 else 0, 300) for edge in (*SIZE_EDGES, None)],
        "ages": [Bin(edge, 1, 10) for edge in (*AGE_EDGES, None)],
        "prefixes": [PrefixShare("a/", 1, 3, 300, 1.5)],
        "encryption": None,
        "difference": None,
    }
    return PricedObjectStats(**(plain | fields))


def page(tmp_path: Path, one: Bucket) -> str:
    """Write a report and return the page of its bucket."""
    said = summary([one])
    said = msgspec.structs.replace(said, selection=msgspec.structs.replace(said.selection, objects="listing"))
    write_pages(tmp_path, [one], said)
    (path,) = [path for path in (tmp_path / "buckets").glob("*.html") if re.search(r"-[0-9a-f]{16}\.html$", path.name)]
    return path.read_text(encoding="utf-8")


def test_without_a_request_there_is_no_section_about_objects(tmp_path: Path) -> None:
    write_pages(tmp_path, [bucket()], summary([bucket()]))
    assert not [path for path in tmp_path.rglob("*.html") if 'id="objects"' in path.read_text(encoding="utf-8")]


def test_objects_that_could_not_be_read_are_stated(tmp_path: Path) -> None:
    assert "the objects of this bucket were not read" in page(tmp_path, bucket(objects=None))


def test_fields_not_requested_are_unknown_and_not_0(tmp_path: Path) -> None:
    html = page(tmp_path, bucket(objects=contents()))
    for name in ("Noncurrent versions", "Delete markers", "Incomplete multipart uploads"):
        assert re.search(rf"<dt>{name}</dt><dd><span class=\"unknown\">unknown</span>", html), name
    assert "Lower bounds." not in html


def test_the_page_states_that_only_storage_classes_were_requested(tmp_path: Path) -> None:
    stats = contents(source="inventory", sizes=None, ages=None, prefixes=None)
    html = page(tmp_path, bucket(objects=stats))
    assert "only amounts by storage class were requested" in html
    assert re.search(r"<dt>Below 128 KB</dt><dd><span class=\"unknown\">unknown</span>", html)
    assert "Current objects by storage class" in html
    assert not [name for name in ("by size", "by age", "by prefix") if name in html]
    assert (size_rows(stats), age_rows(stats), prefix_rows(stats), small_objects(stats)) == ([], [], [], None)


def test_a_truncated_listing_is_marked_as_a_lower_bound(tmp_path: Path) -> None:
    assert "Lower bounds." in page(tmp_path, bucket(objects=contents(complete=False, cut="enough")))


def test_sizes_and_settings_by_storage_lens_name_their_source(tmp_path: Path) -> None:
    settings = BucketSettings(True, False, None, "ObjectWriter", lifecycle_rules=1)
    counts = [CountBin(edge, {1: 1, 131072: 3, 262144: 5}.get(edge or 0, 0)) for edge in (*LENS_EDGES, None)]
    stats = contents(source="storage-lens", sizes=None, ages=None, locked=2, all_sizes=counts, settings=settings)
    assert [(row.name, row.objects) for row in all_size_rows(stats)] == [
        ("0 B", 1), ("1 B to 128 KiB", 3), ("128 KiB to 256 KiB", 5),
    ]  # fmt: skip
    source = "(S3 Storage Lens, 2026-11-22)"
    lines = lens_settings_lines(bucket(objects=stats))
    assert lines == [
        ("Versioning", f"enabled {source}"),
        ("Encryption", f"not aws:kms {source}"),
        ("Object Ownership", f"ObjectWriter {source}"),
        ("Lifecycle", f"1 rule {source}"),
    ]
    html = page(tmp_path, bucket(objects=stats))
    for text in (
        *(f"<dt>{title}<dd>{line}" for title, line in lines),
        "delete markers by size",
        "<dd>2 objects</dd>",
        "<dt>Below 128 KB</dt><dd>4 ",
    ):
        assert text in html, text
    assert "Storage Lens has no ages, dates and prefixes of objects." in html


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_literally(tmp_path: Path, name: str) -> None:
    stats = contents(
        prefixes=[PrefixShare(name, 1, 1, 1, 1.0)],
        classes={name: PricedAmount(1, 1, 1.0)},
        keys=name,
        origin=name,
        cut=name,
        complete=False,
        encryption={name: 1},
    )
    html = page(tmp_path, bucket(objects=stats))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert not re.search(r"=.javascript:", html)


def test_bins_are_named_by_their_limits() -> None:
    assert [row.name for row in age_rows(contents())] == [
        "less than 1 day", "1 day to 7 days", "7 days to 30 days", "30 days to 90 days", "90 days to 180 days",
        "180 days to 365 days", "365 days to 730 days", "730 days or more",
    ]  # fmt: skip
    assert [row.name for row in size_rows(contents())] == ["1 B to 128 KiB"]
    small = small_objects(contents())
    assert small is not None
    assert small.objects == 1


def test_the_rows_of_the_difference_add_up_to_cloudwatchs_bytes() -> None:
    by = Difference(1000, 700, 200, None, 50, 30, 80)
    assert sum(size for _, size in difference_rows(by) if size is not None) == by.cloudwatch


def test_a_listing_costs_a_request_per_1000_keys() -> None:
    assert listing_cost(contents(current=PricedAmount(2001, 1, 1.0))) == "3 requests, 0.000015 USD"
    assert listing_cost(contents(current=PricedAmount(2000, 1, 1.0))) == "2 requests, 0.000010 USD"
    assert listing_cost(contents(current=PricedAmount(0, 0, 0.0))) == "1 request, 0.000005 USD"
    versions = contents(current=PricedAmount(1000, 1, 1.0), noncurrent=PricedAmount(600, 1, 1.0), delete_markers=400)
    assert listing_cost(versions) == "2 requests, 0.000010 USD"
    one_more = msgspec.structs.replace(versions, delete_markers=401)
    assert listing_cost(one_more) == "3 requests, 0.000015 USD"


def tree(*shares: PrefixShare, whole: PricedAmount) -> list[tuple[int, str, int, float | None]]:
    return [
        (row.level, row.name, row.size, row.cost) for row in prefix_rows(contents(prefixes=[*shares], current=whole))
    ]


def test_prefixes_are_a_tree_whose_parts_add_up() -> None:
    shares = [
        PrefixShare("", 0, 1, 5, 0.5),
        PrefixShare("a/", 1, 6, 60, 6.0),
        PrefixShare("b/", 1, 2, 20, None),
        PrefixShare("a/x/", 2, 3, 35, 3.5),
        PrefixShare("a/y/", 2, 1, 15, 1.5),
        PrefixShare("c/z/", 2, 1, 2, 0.25),  # c/ itself is not among the largest prefixes
    ]
    assert tree(*shares, whole=PricedAmount(12, 100, 10.0)) == [
        (0, "a/", 60, 6.0),
        (1, "a/x/", 35, 3.5),
        (1, "a/y/", 15, 1.5),
        (1, "(other keys)", 10, 1.0),
        (0, "b/", 20, None),
        (0, "(no prefix)", 5, 0.5),
        (0, "c/z/", 2, 0.25),
        (0, "(other keys)", 13, None),
    ]


def test_a_prefix_with_all_keys_in_its_parts_has_no_other_keys() -> None:
    assert tree(PrefixShare("a/", 1, 3, 300, 1.5), whole=PricedAmount(3, 300, 1.5)) == [(0, "a/", 300, 1.5)]


def test_objects_are_not_requested_or_could_not_be_read() -> None:
    assert object_stats_of(bucket()) is False
    assert object_stats_of(bucket(objects=None)) is None
