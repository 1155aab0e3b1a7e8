"""How many calls a shard is expected to make, and what they cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.metric_queries import (
    BATCH,
    KEYS_PER_PAGE,
    ListMetricsQuery,
    SeriesFilter,
    list_metrics_queries,
    requests_allowed,
)
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES, OPERATIONS
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, matcher
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.model.series import Window
from s3_monitor.objects.key_ranges import most_requests

LIST_OPERATIONS = ("ListObjectsV2", "ListObjectVersions", "ListMultipartUploads")
_POINTS_PER_PAGE = 100_800  # AWS: data points in a page of GetMetricData
_BUCKETS_PER_PAGE = 10_000  # AWS: buckets in a page of ListBuckets
# Per bucket: its configurations and reports, a manifest with its checksum, and two data files.
_INVENTORY_CALLS = {"ListBucketInventoryConfigurations": 1, "ListObjectsV2": 1, "GetObject": 4}
_SPECIAL_BUCKET_CALLS = ("ListDirectoryBuckets", "ListTableBuckets", "ListVectorBuckets")

Place = tuple[int, str]  # index into Plan.accesses, region


class RegionContents(NamedTuple):
    """What ListBuckets and CloudWatch report about one account and region before objects are listed.

    ``buckets``: the names that ListBuckets returns. ``types``: the storage types with a series, by bucket.
    ``counts``: the newest object count by bucket; ``None`` if its series has no point in the window. ``ended``: buckets
    whose count has no point on the newest day of all counts: they may have been emptied since.
    """

    buckets: Collection[str]
    types: Mapping[str, Collection[str]]
    counts: Mapping[str, float | None]
    ended: Collection[str] = ()


def region_contents(
    buckets: Collection[str], types: Mapping[str, Collection[str]], newest: Mapping[str, tuple[float, float] | None]
) -> RegionContents:
    """Return the contents, given the newest (day, object count) of each bucket in any unit of time."""
    last = max((day for day, _ in filter(None, newest.values())), default=0.0)
    return RegionContents(
        buckets,
        types,
        {bucket: point[1] if point else None for bucket, point in newest.items()},
        {bucket for bucket, point in newest.items() if point is None or point[0] < last},
    )


def read_region_contents(account: Account, region: str, buckets: Collection[str], window: Window) -> RegionContents:
    """Read the lists of metrics and the object counts from CloudWatch. Raises AwsError."""
    types: dict[str, set[str]] = {}
    for page in account.series_pages(region, BUCKET_SIZE):
        for series in page:
            types.setdefault(series.bucket, set()).add(series.storage_type)
    counted = [series for page in account.series_pages(region, OBJECT_COUNT) for series in page]
    newest: dict[str, tuple[float, float] | None] = dict.fromkeys(series.bucket for series in counted)
    for start in range(0, len(counted), BATCH):
        batch = counted[start : start + BATCH]
        for points in account.point_pages(region, batch, window.start, window.end):
            for result in points.answers:
                bucket = batch[result.place].bucket
                received = [*zip(result.times, result.values, strict=True), *filter(None, [newest[bucket]])]
                newest[bucket] = max(received, default=None)
    return region_contents(buckets, types, newest)


def expected_calls(plan: Plan, units: Sequence[Unit], contents: Mapping[Place, RegionContents]) -> CallCounts:
    """Return the calls of a shard with these units: the minimum, without retries.

    Not included, because their number is not known beforehand: retries, listings of more than one page in
    buckets without an object count (the youngest), two requests for each bucket emptied after its newest figures, files
    of inventories beyond two per bucket, parts of unfinished uploads, the request metrics of buckets, and the requests
    for linked accounts.
    """
    calls = CallCounts()
    units = [unit for unit in units if not unit.linked]
    accesses = {unit.access for unit in units}
    calls.count("GetCallerIdentity", len(accesses))
    for access in accesses:
        buckets = sum(len(here.buckets) for place, here in contents.items() if place[0] == access)
        calls.count("ListBuckets", max(1, -(-buckets // _BUCKETS_PER_PAGE)))
    for place, here in _by_place(units).items():
        _add_metrics(calls, plan, here, contents[place])
        _add_listings(calls, plan, here, contents[place])
        _add_configurations(calls, plan, here, contents[place])
    _limit_list_requests(calls, plan.listing.max_requests)
    calls.requests = {operation: requests for operation, requests in calls.requests.items() if requests}
    return calls


def list_requests(calls: CallCounts) -> int:
    """Return the number of requests that list objects, versions or uploads."""
    return sum(calls.requests.get(operation, 0) for operation in LIST_OPERATIONS)


def _by_place(units: Iterable[Unit]) -> dict[Place, list[Unit]]:
    places: dict[Place, list[Unit]] = {}
    for unit in units:
        places.setdefault((unit.access, unit.region), []).append(unit)
    return places


def _add_metrics(calls: CallCounts, plan: Plan, units: Sequence[Unit], contents: RegionContents) -> None:
    for query in list_metrics_queries(units):
        calls.count("ListMetrics", max(1, -(-_series_of(query, contents) // BATCH)))
    series = _requested_series(units, contents)
    whole, rest = divmod(series, BATCH)
    calls.count("GetMetricData", whole * _pages(BATCH, plan) + _pages(rest, plan))
    calls.metrics += series


def _pages(series: int, plan: Plan) -> int:
    """Return the pages of one GetMetricData request; its last page may be as full as the others."""
    return -(-series * plan.window.days // _POINTS_PER_PAGE)


def _series_of(query: ListMetricsQuery, contents: RegionContents) -> int:
    """Return the number of series that ListMetrics returns: it filters by storage type and bucket, not by pattern."""
    if query.metric == OBJECT_COUNT:
        return sum(query.bucket in (None, bucket) for bucket in contents.counts)
    return sum(
        query.storage_type in (None, storage_type)
        for bucket, types in contents.types.items()
        if query.bucket in (None, bucket)
        for storage_type in types
    )


def _requested_series(units: Sequence[Unit], contents: RegionContents) -> int:
    """Return the number of series whose points are requested."""
    matches = SeriesFilter(units).matches
    sizes = ((bucket, storage_type) for bucket, types in contents.types.items() for storage_type in types)
    requested = sum(matches(SeriesName(BUCKET_SIZE, bucket, storage_type)) for bucket, storage_type in sizes)
    return requested + sum(matches(SeriesName(OBJECT_COUNT, bucket, ALL_TYPES)) for bucket in contents.counts)


def _rest_buckets(units: Sequence[Unit], names: Iterable[str]) -> list[str]:
    """Return the buckets that a unit lists and whose configuration it reads."""
    matchers = [matcher(unit.buckets) for unit in units if unit.rest]
    return [name for name in names if any(matches(name) for matches in matchers)]


def _add_listings(calls: CallCounts, plan: Plan, units: Sequence[Unit], contents: RegionContents) -> None:
    objects = plan.objects
    listed = objects.mode in ("listing", "auto")
    names = contents.buckets if not listed else {*contents.buckets, *_directories(contents)}
    for bucket in _rest_buckets(units, names):
        count = contents.counts.get(bucket)
        if listed:
            calls.count("ListObjectVersions" if objects.versions else "ListObjectsV2", _key_pages(plan, count))
            if objects.versions:
                calls.count("ListMultipartUploads")
        dated = objects.mode != "listing" and not bucket.endswith(DIRECTORY_SUFFIX)
        if dated:
            calls.count("ListObjectsV2", _date_pages(plan, count))
        may_be_empty = bucket in contents.ended and not bucket.endswith(DIRECTORY_SUFFIX)
        if may_be_empty and (_date_pages(plan, count) if dated else not objects.versions):
            calls.count("ListObjectVersions")  # see listing_collector.py
            calls.count("ListMultipartUploads")


def _directories(contents: RegionContents) -> list[str]:
    return [name for name in contents.counts if name.endswith(DIRECTORY_SUFFIX)]


def _key_pages(plan: Plan, count: float | None) -> int:
    """Return the pages of a listing for object statistics, and one request that shows whether there are more keys."""
    most = plan.objects.max_objects
    pages = max(1, -(-int(min(count or 0, most)) // KEYS_PER_PAGE))
    return most_requests(pages) + (count is not None and count >= most)


def _date_pages(plan: Plan, count: float | None) -> int:
    """Return the pages of a listing for the last-modified date."""
    allowed = requests_allowed(plan.listing, count)
    pages = max(1, -(-int(count or 0) // KEYS_PER_PAGE))
    return pages if allowed is None else min(allowed, pages)


def _add_configurations(calls: CallCounts, plan: Plan, units: Sequence[Unit], contents: RegionContents) -> None:
    buckets = _rest_buckets(units, contents.buckets)
    directories = sum(bucket.endswith(DIRECTORY_SUFFIX) for bucket in buckets)
    for name in plan.properties:
        calls.count(OPERATIONS[name], len(buckets) - (0 if name in DIRECTORY_BUCKET_PROPERTIES else directories))
    if plan.objects.mode in ("inventory", "auto"):
        for operation, times in _INVENTORY_CALLS.items():
            calls.count(operation, len(buckets) * times)
    if plan.details and any(unit.rest for unit in units):
        for operation in _SPECIAL_BUCKET_CALLS:
            calls.count(operation)


def _limit_list_requests(calls: CallCounts, most: int | None) -> None:
    """Apply the limit of list requests per shard."""
    for operation in LIST_OPERATIONS if most is not None else ():
        excess = list_requests(calls) - (most or 0)
        if excess > 0 and operation in calls.requests:
            calls.requests[operation] = max(0, calls.requests[operation] - excess)


def announce(context: ShardContext, contents: Sequence[dict[Place, RegionContents] | None]) -> None:
    """Log the expected calls, once ListBuckets and CloudWatch have responded for every account and region.

    The number of calls is not known before: the requests of a listing depend on the object count. ``contents``: of each
    account; ``None``: it has not responded. Calls already sent are included, as after retries.
    """
    plan, shard, counter = context.plan, context.shard, context.calls
    if counter.expected is not None or None in contents:
        return
    merged = {place: region for of_account in contents if of_account for place, region in of_account.items()}
    if not merged:
        return
    calls = expected_calls(plan, [unit for unit in shard.units if (unit.access, unit.region) in merged], merged)
    for operation, requests in counter.calls().requests.items():
        calls.requests[operation] = max(requests, calls.requests.get(operation, 0))
    counter.expected = calls
    context.log(f"{shard.name}: {describe_calls(calls)}")


def describe_calls(calls: CallCounts) -> str:
    """Return e.g. ``about 12 calls, about 0.0002 USD, 3 of them list objects``."""
    listed = list_requests(calls)
    listings = f", {listed:,} of the calls {'lists' if listed == 1 else 'list'} objects" if listed else ""
    usd = "less than 0.0001" if 0 < calls.usd < 0.0001 else f"about {calls.usd:.4f}"
    return f"about {calls.total:,} call{'' if calls.total == 1 else 's'}, {usd} USD{listings}"
