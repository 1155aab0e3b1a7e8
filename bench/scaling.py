"""What a night costs, from 10 buckets to a million and to 5,000 accounts: the formulas, without a run.

`python -m bench.scaling` prints the tables of docs/scaling.md, `--write` puts them there. The benchmark holds the
formulas against runs where there can be one. Counts are exact where every bucket has ``types`` storage types; what
is measured (seconds of CPU, bytes) stands in ``Measured``, with the machine it is of in docs/benchmarks.md.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import NamedTuple

from bench.metric import Table, number, table

PAGE = 500  # AWS: metrics a page of ListMetrics, queries a GetMetricData
DATES_A_PAGE = 100_800  # AWS: data points a page of GetMetricData
BUCKETS_A_PAGE = 10_000  # AWS: ListBuckets
LIST_METRICS, GET_METRIC_DATA, DATAPOINTS = 25, 50, 396_000  # AWS: quotas a second, per account and region
LEAST_DAYS, MOST_DAYS = 4, 455
MONTH = 30  # nights

# AWS: USD for one, us-east-1. GetMetricData is billed by the metric, the others by the request.
PRICES = {
    "metrics": 1e-5,
    "ListMetrics": 1e-5,
    "GetMetricStatistics": 1e-5,
    "ListBuckets": 5e-6,
    "ListObjectsV2": 5e-6,
    "GetBucketLocation": 4e-7,
}


class Measured(NamedTuple):
    """What the formulas take from measurements; the last figures of them are in docs/benchmarks.md."""

    start_seconds: float = 0.6  # of a worker, to its first call
    start_mb: float = 62.0
    cpu_a_batch: float = 0.018  # CPU seconds for 500 series found, asked and packed, at 4 days of history
    cpu_a_batch_day: float = 0.0003  # and for each day more
    cpu_a_client: float = 0.02  # for each account and region more
    cpu_an_account: float = 0.08  # a role, its identity, its first client
    mb_an_account: float = 2.9
    cpu_a_listing: float = 0.004  # a bucket's newest object, of some hundred
    bytes_a_bucket: float = 53.0  # of a part: name, creation date, marks
    bytes_a_series: float = 19.7  # its newest value
    bytes_a_point: float = 2.35  # each day more
    stash_share: float = 0.46  # of that, after gzip
    cpu_plan_account: float = 0.07
    unit_bytes: float = 230.0  # of plan.json, for an account and region
    worker_bytes_a_bucket: float = 1_700.0  # of memory, and the part's own bytes besides
    aggregate_cpu_a_bucket: float = 28e-6
    aggregate_bytes_a_bucket: float = 2_200.0


MEASURED = Measured()


class Case(NamedTuple):
    """A company. ``buckets``: of each account; ``types``: storage types a bucket; ``shards``: workers in all, null:
    one for each account and region."""

    accounts: int
    buckets: int
    regions: int
    types: int = 2
    history_days: int = 34
    shards: int | None = None


CASES = (
    Case(1, 10, 1),
    Case(1, 1_000, 4),
    Case(1, 10_000, 1),
    Case(1, 10_000, 17),
    Case(1, 100_000, 1),
    Case(1, 100_000, 17),
    Case(1, 1_000_000, 17),
    Case(50, 2_000, 8, shards=50),
    Case(500, 500, 8, shards=100),
    Case(5_000, 200, 5, shards=200),
)


def window_days(history_days: int) -> int:
    """The days asked: those before today, and today. At least four: a day's figures come a day or two later."""
    return min(MOST_DAYS, max(LEAST_DAYS, history_days)) + 1


def pages(history_days: int) -> int:
    """Of a GetMetricData for 500 series."""
    return ceil(PAGE * window_days(history_days) / DATES_A_PAGE)


def list_calls(byte_series: int, count_series: int) -> int:
    """ListMetrics of one account and region: two chains of pages, and one that is empty has a page as well."""
    return max(1, ceil(byte_series / PAGE)) + max(1, ceil(count_series / PAGE))


def data_calls(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> int:
    """GetMetricData of one account and region."""
    return ceil((byte_series + count_series) / PAGE) * pages(history_days)


def cloudwatch_calls(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> int:
    return list_calls(byte_series, count_series) + data_calls(byte_series, count_series, history_days)


def bound_seconds(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> float:
    """What AWS's quotas ask for in one account and region: finding and asking run side by side, so the slowest
    of the three counts. AWS estimates data points from range and period, on every page."""
    dates = (byte_series + count_series) * window_days(history_days) * pages(history_days)
    return max(
        list_calls(byte_series, count_series) / LIST_METRICS,
        data_calls(byte_series, count_series, history_days) / GET_METRIC_DATA,
        dates / DATAPOINTS,
    )


def usd(calls: Mapping[str, float], metrics: int) -> float:
    """List price of calls by operation, and of metrics requested from GetMetricData; without any free tier."""
    return sum(PRICES.get(operation, 0.0) * count for operation, count in calls.items()) + PRICES["metrics"] * metrics


class Place(NamedTuple):
    """The mean account and region of a case."""

    buckets: int
    byte_series: int


def place(case: Case) -> Place:
    buckets = ceil(case.buckets / case.regions)
    return Place(buckets, buckets * case.types)


def shards(case: Case) -> int:
    return case.shards or case.accounts * case.regions


def night_calls(case: Case) -> dict[str, int]:
    """Of plan and all workers, without listings. A worker of one region lists that region's buckets, a worker of
    several lists the account's once."""
    here, places = place(case), case.accounts * case.regions
    by_region = case.shards is None
    lists = places * ceil(here.buckets / BUCKETS_A_PAGE) if by_region else _visits(case) * _bucket_pages(case)
    return {
        "AssumeRole": case.accounts + _visits(case) if case.accounts > 1 else 0,
        "GetCallerIdentity": case.accounts + (places if by_region else _visits(case)),
        "ListBuckets": case.accounts * _bucket_pages(case) + lists,
        "ListMetrics": places * list_calls(here.byte_series, here.buckets),
        "GetMetricData": places * data_calls(here.byte_series, here.buckets, case.history_days),
    }


def _bucket_pages(case: Case) -> int:
    return ceil(case.buckets / BUCKETS_A_PAGE)


def _visits(case: Case) -> int:
    """How often an account is opened by workers: packing spreads its regions over at most so many of them."""
    return case.accounts * min(case.regions, shards(case))


def night_metrics(case: Case) -> int:
    here = place(case)
    return case.accounts * case.regions * (here.byte_series + here.buckets)


def night_usd(case: Case) -> float:
    return usd(night_calls(case), night_metrics(case))


def batches(case: Case) -> float:
    """Of 500 series, in all."""
    return night_metrics(case) / PAGE


def worker_cpu(case: Case) -> float:
    """Seconds of CPU of one worker of the mean size."""
    known = MEASURED
    a_batch = known.cpu_a_batch + known.cpu_a_batch_day * (window_days(case.history_days) - window_days(0))
    places = case.accounts * case.regions / shards(case)
    visits = _visits(case) / shards(case) if case.shards else 1
    extra = known.cpu_a_client * (places - visits) + known.cpu_an_account * (visits - 1)
    return known.start_seconds + a_batch * batches(case) / shards(case) + extra


def worker_seconds(case: Case) -> float:
    """Of one worker on a processor of its own: its CPU, or the quotas of its largest account and region."""
    here = place(case)
    bound = bound_seconds(here.byte_series, here.buckets, case.history_days)
    return max(worker_cpu(case), MEASURED.start_seconds + bound)


def plan_seconds(case: Case) -> float:
    """CPU of `plan`, which opens every account once."""
    return MEASURED.start_seconds + MEASURED.cpu_plan_account * case.accounts


def part_bytes(case: Case) -> float:
    """Of one worker's part."""
    return _bytes_of(case, case.accounts * case.buckets / shards(case))


def _bytes_of(case: Case, buckets: float) -> float:
    known = MEASURED
    a_series = known.bytes_a_series + known.bytes_a_point * (window_days(case.history_days) - 2)
    return buckets * (known.bytes_a_bucket + (case.types + 1) * a_series)


def stash_bytes(case: Case) -> float:
    """All parts as Jenkins keeps them until the report is made."""
    return MEASURED.stash_share * part_bytes(case) * shards(case)


def plan_bytes(case: Case) -> float:
    return MEASURED.unit_bytes * case.accounts * case.regions


def worker_mb(case: Case) -> float:
    buckets = case.accounts * case.buckets / shards(case)
    more = MEASURED.mb_an_account * (_visits(case) / shards(case) - 1) if case.shards else 0
    return MEASURED.start_mb + more + (MEASURED.worker_bytes_a_bucket * buckets + 2 * part_bytes(case)) / 1e6


def aggregate_seconds(case: Case) -> float:
    return MEASURED.start_seconds + MEASURED.aggregate_cpu_a_bucket * case.accounts * case.buckets


def aggregate_mb(case: Case) -> float:
    buckets = case.accounts * case.buckets
    return MEASURED.start_mb + (MEASURED.aggregate_bytes_a_bucket * buckets + part_bytes(case) * shards(case)) / 1e6


def night_seconds(case: Case, agents: int) -> float:
    """Of all workers, so many at a time."""
    return ceil(shards(case) / agents) * worker_seconds(case)


MARK, END = "<!-- figures: python -m bench.scaling --write -->\n", "<!-- end of figures -->\n"
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"


def tables() -> str:
    """The tables of docs/scaling.md, in Markdown."""
    asked = Table(
        ["accounts", "buckets of each", "regions", "series", "calls", "USD a night", "USD a month"],
        [
            [
                *(f"{n:,}" for n in (case.accounts, case.buckets, case.regions, night_metrics(case))),
                f"{sum(night_calls(case).values()):,}",
                f"{night_usd(case):,.2f}",
                f"{MONTH * night_usd(case):,.2f}",
            ]
            for case in CASES
        ],
        "Series: two storage types and an object count a bucket. Dollars of the month are thirty nights.",
    )
    took = Table(
        ["accounts", "buckets of each", "regions", "workers", "a worker s", "MB", "10 agents min", "all agents min"],
        [
            [
                *(f"{n:,}" for n in (case.accounts, case.buckets, case.regions, shards(case))),
                *map(number, (worker_seconds(case), worker_mb(case))),
                number(night_seconds(case, 10) / 60),
                number(night_seconds(case, shards(case)) / 60),
            ]
            for case in CASES
        ],
        "34 days of history (the default), no dates of newest objects. Workers: one for each account and region, or as "
        "many as `--max-shards` packs them into. Minutes are of the workers alone: agents take their time to start.",
    )
    kept = Table(
        [
            "accounts",
            "buckets of each",
            "regions",
            "plan s",
            "plan MB",
            "a part MB",
            "stashes MB",
            "aggregate s",
            "aggregate MB",
        ],
        [
            [
                *(f"{n:,}" for n in (case.accounts, case.buckets, case.regions)),
                number(plan_seconds(case)),
                *map(number, (plan_bytes(case) / 1e6, part_bytes(case) / 1e6, stash_bytes(case) / 1e6)),
                *map(number, (aggregate_seconds(case), aggregate_mb(case))),
            ]
            for case in CASES
        ],
        "Aggregate: the data files, without pages.",
    )
    dated = Table(
        ["buckets listed", "requests", "USD a night", "seconds of one worker"],
        [[f"{n:,}", f"{n:,}", f"{listing_usd(n):,.2f}", number(listing_seconds(n))] for n in (1_000, 10_000, 100_000)],
        "Dates of newest objects, `--last-modified auto`: a request for each bucket of at most 1,000 objects.",
    )
    return "\n".join(map(table, (asked, took, kept, dated)))


def listing_usd(buckets: int) -> float:
    """Of a request each."""
    return PRICES["ListObjectsV2"] * buckets


def listing_seconds(buckets: int) -> float:
    """Of one worker, 32 requests under way: its CPU counts, where an answer takes less than a third of a second."""
    return MEASURED.cpu_a_listing * buckets


def main() -> None:
    if "--write" not in sys.argv[1:]:
        sys.stdout.write(tables())
        return
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    DOCUMENT.write_text(head + MARK + "\n" + tables() + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
