"""The text of expected calls, and what is known of a region before objects are listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.collect import storage_lens
from s3_monitor.collect.bill import expected
from s3_monitor.collect.expected_calls import (
    RegionContents,
    announce,
    describe_calls,
    read_region_contents,
    region_contents,
)
from s3_monitor.model.bill import CostQuery
from s3_monitor.model.call_counts import CallCounter, CallCounts
from s3_monitor.model.exports import BillingExport, StorageLensExport
from s3_monitor.model.responses import BUCKET_SIZE, MetricDataPage, MetricDataResult, SeriesName
from s3_monitor.model.storage_lens import LensQuery
from tests.collect.fixtures import TODAY, plan_of, unit


def calls(**counts: int) -> CallCounts:
    found = CallCounts()
    for operation, count in counts.items():
        found.count(operation, count)
    return found


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, "about 0 calls, about 0.0000 USD"),
        ({"GetCallerIdentity": 1}, "about 1 call, about 0.0000 USD"),
        ({"ListBuckets": 1}, "about 1 call, less than 0.0001 USD"),
        ({"ListBuckets": 19}, "about 19 calls, less than 0.0001 USD"),
        ({"ListBuckets": 21}, "about 21 calls, about 0.0001 USD"),
        ({"ListBuckets": 2000}, "about 2,000 calls, about 0.0100 USD"),
        ({"ListObjectsV2": 1}, "about 1 call, less than 0.0001 USD, 1 of the calls lists objects"),
        (
            {"ListObjectsV2": 1000, "ListObjectVersions": 500, "ListMultipartUploads": 1},
            "about 1,501 calls, about 0.0075 USD, 1,501 of the calls list objects",
        ),
    ],
)
def test_calls_have_their_number_their_cost_and_the_listings(counts: dict[str, int], text: str) -> None:
    assert describe_calls(calls(**counts)) == text


@pytest.mark.parametrize(
    ("newest", "counts", "ended"),
    [
        ({}, {}, set()),
        ({"a": (5.0, 7.0), "b": (4.0, 8.0), "c": None}, {"a": 7.0, "b": 8.0, "c": None}, {"b", "c"}),
        ({"a": None}, {"a": None}, {"a"}),
        ({"a": (0.0, 7.0)}, {"a": 7.0}, set()),
        ({"a": (-1.0, 7.0), "b": (-2.0, 8.0)}, {"a": 7.0, "b": 8.0}, {"b"}),
    ],
)
def test_a_count_has_ended_if_it_is_older_than_the_newest(
    newest: dict[str, tuple[float, float] | None], counts: dict[str, float | None], ended: set[str]
) -> None:
    found = region_contents(["x"], {"x": ["StandardStorage"]}, newest)
    assert found == RegionContents(["x"], {"x": ["StandardStorage"]}, counts, ended)


class Metrics:
    """CloudWatch with the object counts of many buckets."""

    def __init__(self, buckets: int) -> None:
        self.buckets = buckets
        self.batches: list[int] = []

    def series_pages(self, region: str, metric: str) -> Iterator[list[SeriesName]]:
        for number in range(self.buckets):
            types = ("A", "B") if metric == BUCKET_SIZE else ("AllStorageTypes",)
            yield [SeriesName(metric, f"b{number}", type_) for type_ in types]

    def point_pages(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]:
        self.batches.append(len(series))
        for values in ([1, 9], [5, 2]):  # the newest point may be on any page
            yield MetricDataPage(
                [
                    MetricDataResult(place, [values[0], 3], [values[1], 7], "Complete", "")
                    for place in range(len(series))
                ],
                [],
            )
        yield MetricDataPage([MetricDataResult(0, [], [], "Complete", "")], [])


@pytest.mark.parametrize(("buckets", "batches"), [(0, []), (1, [1]), (500, [500]), (501, [500, 1])])
def test_the_newest_counts_of_all_buckets_are_read_in_batches_of_500(buckets: int, batches: list[int]) -> None:
    metrics: Any = Metrics(buckets)
    found = read_region_contents(metrics, "r", ["x"], plan_of([unit()]).window)
    assert metrics.batches == batches
    assert found.counts == {f"b{number}": 2 for number in range(buckets)}
    assert found.types == {f"b{number}": {"A", "B"} for number in range(buckets)}
    assert (found.buckets, found.ended) == (["x"], set())


def test_calls_are_announced_once_all_accounts_have_responded() -> None:
    plan, lines = plan_of([unit()]), list[str]()
    context: Any = SimpleNamespace(plan=plan, shard=plan.shards[0], calls=CallCounter(), log=lines.append)
    counter = context.calls
    here = {(0, "us-east-1"): RegionContents(["a"], {}, {})}

    def update(*contents: Any) -> None:
        announce(context, list(contents))

    update(None, here)
    update({}, {})
    update()
    assert (lines, counter.expected) == ([], None)
    for operation, count in (("ListMetrics", 7), ("HeadBucket", 2)):
        for _ in range(count):
            counter.count(operation)
    update(here, {})
    assert counter.expected is not None
    assert counter.expected.requests == {"GetCallerIdentity": 1, "ListBuckets": 1, "ListMetrics": 7, "HeadBucket": 2}
    assert lines == [f"s: {describe_calls(counter.expected)}"]
    update(here)
    assert len(lines) == 1


EXPORT = BillingExport("cur2", "bills", "p")


@pytest.mark.parametrize(
    ("accounts", "tag", "export", "requests"),
    [
        (0, "", None, {"GetCallerIdentity": 1, "GetCostAndUsage": 1}),
        (1, "", None, {"GetCallerIdentity": 1, "GetCostAndUsage": 1}),
        (200, "", None, {"GetCallerIdentity": 1, "GetCostAndUsage": 1}),
        (201, "", None, {"GetCallerIdentity": 1, "GetCostAndUsage": 2}),
        (201, "t", None, {"GetCallerIdentity": 1, "GetCostAndUsage": 4}),
        (201, "t", EXPORT, {"GetCallerIdentity": 1, "ListObjectsV2": 6, "GetObject": 6}),
    ],
)
def test_a_bill_takes_a_page_per_200_accounts_and_an_export_a_few_files(
    accounts: int, tag: str, export: BillingExport | None, requests: dict[str, int]
) -> None:
    numbers = tuple(map(str, range(accounts)))
    assert expected(CostQuery(0, "aws", numbers, TODAY, TODAY, tag=tag, export=export)).requests == requests


def test_an_export_of_storage_lens_takes_a_few_files() -> None:
    found = storage_lens.expected(LensQuery(0, StorageLensExport("exports", "daily"))).requests
    assert (found["GetCallerIdentity"], found["ListObjectsV2"], found["GetObject"]) == (1, 4, 3)
