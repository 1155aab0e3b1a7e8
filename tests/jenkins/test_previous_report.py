"""The summary that a build leaves for later builds, and the choice of a summary to compare with."""

from __future__ import annotations

import base64
import importlib
import json
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from s3_monitor.model import previous_summary
from s3_monitor.model.problem import create_problem
from s3_monitor.model.summary import Summary
from s3_monitor.report.comparison import compare
from tests.report.builder import bucket, unknown
from tests.report.builder import summary as report_summary

from .conftest import REPOSITORY


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    return importlib.import_module("earlier")


@pytest.fixture(scope="module")
def summary() -> Any:
    """Return a summary.json with two regions, a gap and a note."""
    buckets = [bucket("logs"), bucket("media", region="eu-west-1", total_cost=3.0), unknown("young", "young")]
    place = {"account": "111122223333", "region": "eu-west-1", "bucket": "media"}
    problems = [
        create_problem("last-modified-unreadable", detail="Access Denied", advice="", **place),
        create_problem("bucket-too-new", **place),
    ]
    return json.loads(msgspec.json.encode(report_summary(buckets, problems)))


def test_the_encoded_summary_has_every_field_that_a_comparison_uses(earlier: ModuleType, summary: Any) -> None:
    kept = json.dumps(earlier.decode(earlier.encode(summary))).encode()
    complete = previous_summary.decode(json.dumps(summary).encode(), Path("summary.json"))
    partial = previous_summary.decode(kept, Path("kept"))
    assert compare_with(summary, partial) == compare_with(summary, complete)


def compare_with(summary: Any, previous: Any) -> Any:
    return compare(msgspec.convert(summary, Summary, strict=False), previous)


def many(accounts: int, summary: Any) -> dict[str, Any]:
    group = {"size": 123456789012345.0, "cost": 12345.678901234567, "unpriced_size": 0.0, "unknown_buckets": 0}
    by_account = {f"{number:012}": {**group, "cost": number * 1.37} for number in range(accounts)}
    return {**summary, "by_account": by_account}


def test_a_summary_that_is_too_long_for_a_variable_is_not_kept(earlier: ModuleType, summary: Any) -> None:
    assert 0 < len(earlier.encode(many(1000, summary))) < earlier.VARIABLE_LIMIT
    assert earlier.encode(many(30_000, summary)) == ""


@pytest.mark.parametrize(
    "line",
    [
        "", "no base64!", "aGVsbG8=", base64.b64encode(zlib.compress(b"no json")).decode(),
        base64.b64encode(zlib.compress(b"[]")).decode(), base64.b64encode(zlib.compress(b"{}")[:-3]).decode(),
        base64.b64encode(zlib.compress(b" " * 60_000_000)).decode(), "ä" * 8,
    ],
    ids=range(8),
)  # fmt: skip
def test_a_damaged_line_is_ignored(earlier: ModuleType, line: str) -> None:
    assert earlier.decode(line) is None


def plan(as_of: str, **selection: Any) -> dict[str, Any]:
    return {"as_of": as_of, "selection": {"regions": [], "buckets": [], "split_by": "region", **selection}}


@pytest.mark.parametrize(
    ("now", "chosen"),
    [
        (plan("2026-11-29T03:00:00Z"), "2026-11-28T03:00:00Z"),
        (plan("2026-11-28T09:00:00Z"), "2026-11-26T03:00:00Z"),
        (plan("2026-11-29T03:00:00Z", regions=["eu-west-1"]), "2026-11-27T03:00:00Z"),
        (plan("2026-11-29T03:00:00Z", split_by="none"), "2026-11-28T03:00:00Z"),
        (plan("2026-11-26T01:00:00Z"), None),
        (plan("2026-11-29T03:00:00Z", buckets=["x"]), None),
        ({"as_of": "2026-11-29T03:00:00Z"}, None),
    ],
)
def test_the_newest_summary_of_an_earlier_day_with_the_same_selection_is_chosen(
    earlier: ModuleType, summary: Any, now: Any, chosen: str | None
) -> None:
    left = [
        plan("2026-11-28T03:00:00Z"), plan("2026-11-27T03:00:00Z", regions=["eu-west-1"]), plan("2026-11-26T03:00:00Z"),
    ]  # fmt: skip
    lines = ["damaged", *(earlier.encode({**summary, **fields}) for fields in left)]
    found = earlier.newest_earlier(lines, now)
    assert (found and found["as_of"]) == chosen
