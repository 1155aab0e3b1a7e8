"""report/metrics.prom: OpenMetrics text for Prometheus. All metrics are gauges, so that older parsers read it, too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from heapq import nsmallest

from msgspec import UNSET
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.summary import Group, Summary
from s3_monitor.money.storage_types import storage_types

_NOT_IN_LABELS = re.compile(r"[^a-zA-Z0-9_]")
_BUCKET_LABELS = ("account", "region", "bucket", "kind")


def most_expensive(buckets: Iterable[Bucket], top: int) -> list[Bucket]:
    """Return the buckets that have metrics of their own."""

    def rank(bucket: Bucket) -> tuple[float, float, str, str]:
        return -(bucket.least_cost or 0), -(bucket.least_size or 0), bucket.name, bucket.account

    return nsmallest(top, buckets, key=rank)


def encode(facts: MergedData, summary: Summary, buckets: Sequence[Bucket]) -> bytes:
    """Return the file. ``buckets``: those with metrics of their own."""
    families = [*_bucket_families(summary, buckets), *_total_families(summary), *_run_families(facts, summary)]
    text: bytes = generate_latest(_Registry(families))  # type: ignore[no-untyped-call]
    return text


class _Registry:
    """The interface that prometheus-client writes from."""

    def __init__(self, families: Sequence[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Sequence[GaugeMetricFamily]:
        return self._families


class _Gauge(GaugeMetricFamily):
    """A gauge that leaves out unknown values."""

    def add(self, labels: Iterable[str], value: float | None) -> None:
        if value is not None:
            self.add_metric([one_line(label) for label in labels], float(value))


def _bucket_families(summary: Summary, buckets: Sequence[Bucket]) -> Iterator[GaugeMetricFamily]:
    tags = _tag_labels([] if summary.by_tag is UNSET else summary.by_tag)
    labels = (*_BUCKET_LABELS, *tags.values())
    typed = ("storage_class", "storage_type")
    size = _Gauge("s3_bucket_size_bytes", "Bytes by storage type.", labels=[*labels, *typed], unit="bytes")
    cost = _Gauge("s3_bucket_monthly_cost", "List price of storage per month.", labels=[*labels, *typed, "currency"])
    objects = _Gauge("s3_bucket_objects", "Number of objects.", labels=labels)
    for bucket in sorted(buckets, key=lambda bucket: (bucket.name, bucket.account, bucket.region, bucket.kind)):
        values = bucket.tags if isinstance(bucket.tags, Mapping) else {}
        own = [bucket.account, bucket.region, bucket.name, bucket.kind, *(values.get(tag, "") for tag in tags)]
        for name, line in bucket.storage.items():
            of_type = [*own, _class(name), name]
            size.add(of_type, line.size)
            cost.add([*of_type, summary.currency], line.cost)
        objects.add(own, bucket.num_objects)
    yield from (size, cost, objects)


def _tag_labels(tags: Iterable[str]) -> dict[str, str]:
    """Return tag key → label; keys with the same label get a number."""
    labels: dict[str, str] = {}
    for tag in sorted(tags):
        label, number = f"tag_{_NOT_IN_LABELS.sub('_', tag)}", 2
        while label in labels.values():
            label, number = f"tag_{_NOT_IN_LABELS.sub('_', tag)}_{number}", number + 1
        labels[tag] = label
    return labels


def _class(storage_type: str) -> str:
    known = storage_types().get(storage_type)
    return known.storage_class if known else ""


def _total_families(summary: Summary) -> Iterator[GaugeMetricFamily]:
    yield from _group_families("s3_total", [], {(): summary.totals}, summary.currency)
    dimensions = {"account": summary.by_account, "region": summary.by_region}
    if summary.by_ou is not UNSET:
        dimensions["ou"] = summary.by_ou
    for dimension, groups in dimensions.items():
        by_label: dict[tuple[str, ...], Group] = {(name,): group for name, group in sorted(groups.items())}
        yield from _group_families(f"s3_{dimension}", [dimension], by_label, summary.currency)


def _group_families(
    prefix: str, labels: list[str], groups: Mapping[tuple[str, ...], Group], currency: str
) -> Iterator[GaugeMetricFamily]:
    size = _Gauge(f"{prefix}_size_bytes", "Known bytes.", labels=labels, unit="bytes")
    cost = _Gauge(f"{prefix}_monthly_cost", "Known list price of storage per month.", labels=[*labels, "currency"])
    objects = _Gauge(f"{prefix}_objects", "Known number of objects.", labels=labels)
    buckets = _Gauge(f"{prefix}_buckets", "Number of buckets.", labels=labels)
    unknown = _Gauge(f"{prefix}_unknown_buckets", "Buckets whose bytes are not known completely.", labels=labels)
    for values, group in groups.items():
        size.add(values, group.size)
        cost.add([*values, currency], group.cost)
        objects.add(values, group.objects)
        buckets.add(values, group.buckets)
        unknown.add(values, group.unknown_buckets)
    yield from (size, cost, objects, buckets, unknown)


def _run_families(facts: MergedData, summary: Summary) -> Iterator[GaugeMetricFamily]:
    complete = _Gauge("s3_monitor_complete", "Whether all data was received: 1 or 0.", labels=[])
    complete.add([], summary.complete)
    problems = _Gauge("s3_monitor_problems", "Number of problems.", labels=["severity", "code"])
    for (severity, code), count in sorted(Counter((one.severity, one.code) for one in summary.problems).items()):
        problems.add([severity, code], count)
    policies = _Gauge("s3_monitor_policy", "1 for the status of each policy.", labels=["kind", "name", "status"])
    for policy in summary.policies or ():
        policies.add([policy.kind, policy.name, policy.status], 1)
    as_of = _Gauge("s3_monitor_run_timestamp_seconds", "Time of the plan.", labels=[], unit="seconds")
    as_of.add([], summary.as_of.timestamp())
    newest = _Gauge(
        "s3_monitor_data_timestamp_seconds", "End of the newest day with figures.", labels=[], unit="seconds"
    )
    days = [record.day for record in facts.buckets if record.day is not None]
    if days:
        day = facts.plan.window.day(max(days)) + timedelta(days=1)
        newest.add([], datetime.combine(day, time(), UTC).timestamp())
    duration = _Gauge("s3_monitor_shard_duration_seconds", "Run time of a shard.", labels=["shard"], unit="seconds")
    for shard, seconds in sorted(facts.shard_seconds.items()):
        duration.add([shard], round(seconds, 3))
    calls = _Gauge("s3_monitor_api_calls", "Number of requests to AWS.", labels=["operation"])
    for operation, count in sorted(facts.calls.requests.items()):
        calls.add([operation], count)
    api_cost = _Gauge("s3_monitor_api_cost", "List price of the requests to AWS.", labels=["currency"])
    api_cost.add(["USD"], summary.api.usd)
    yield from (complete, problems, policies, as_of, newest, duration, calls, api_cost)
    yield from _trend_families(summary)


def _trend_families(summary: Summary) -> Iterator[GaugeMetricFamily]:
    change = _Gauge(
        "s3_total_monthly_cost_change", "Change of the cost by cause.", labels=["period", "cause", "currency"]
    )
    for period, total in summary.changes.items():
        for cause, part in total.causes.items() if total else ():
            change.add([period, cause, summary.currency], part.cost)
    forecast = _Gauge(
        "s3_forecast_monthly_cost", "Expected cost of next month, with an 80% range.", labels=["bound", "currency"]
    )
    if summary.forecast:
        for bound in ("low", "cost", "high"):
            forecast.add(["expected" if bound == "cost" else bound, summary.currency], getattr(summary.forecast, bound))
    yield from (change, forecast)
