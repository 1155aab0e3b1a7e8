"""Cost and duration of one run, from 10 buckets to a million and up to 5,000 accounts, by formula.

`python -m bench.scaling` prints the tables of docs/scaling.md, `--write` updates them there. The benchmark compares
the formulas with runs. Counts are exact if every bucket has ``types`` storage types; ``Measured`` holds what depends on
the machine of docs/benchmarks.md.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import NamedTuple

from bench.metric import Table, number, table

PAGE = 500  # AWS: metrics per page of ListMetrics, queries per GetMetricData
POINTS_PER_PAGE = 100_800  # AWS: data points per page of GetMetricData
BUCKETS_PER_PAGE = 10_000  # AWS: ListBuckets
LIST_METRICS, GET_METRIC_DATA, DATAPOINTS = 25, 50, 396_000  # AWS: quotas per second, account and region
LEAST_DAYS, MOST_DAYS = 4, 455
MONTH = 30  # runs

# AWS: USD in us-east-1, per metric for GetMetricData and per request for the others.
PRICES = {
    "metrics": 1e-5,
    "ListMetrics": 1e-5,
    "GetMetricStatistics": 1e-5,
    "ListBuckets": 5e-6,
    "ListObjectsV2": 5e-6,
    "GetBucketLocation": 4e-7,
}


class Measured(NamedTuple):
    """Measured parameters of the formulas; docs/benchmarks.md has the latest figures."""

    start_seconds: float = 0.6  # of a worker, to its first call
    start_mb: float = 62.0
    cpu_per_batch: float = 0.018  # CPU seconds for 500 series with 4 days of history
    cpu_per_batch_day: float = 0.0003  # for each additional day
    cpu_per_client: float = 0.02  # for each additional region of a worker: its clients, which all accounts share
    mb_per_client: float = 3.5
    cpu_per_account: float = 0.006  # role session, GetCallerIdentity, ListBuckets
    cpu_per_place: float = 0.0025  # for each additional account and region
    mb_per_account: float = 0.2
    cpu_per_listing: float = 0.004  # listing of a bucket of some hundred objects
    bytes_per_bucket: float = 53.0  # in a part: name, creation date, flags
    bytes_per_series: float = 19.7  # newest value
    bytes_per_point: float = 2.35  # each additional day
    stash_share: float = 0.46  # after gzip
    plan_cpu_per_account: float = 0.0042
    unit_bytes: float = 230.0  # in plan.json, per account and region
    worker_bytes_per_bucket: float = 1_700.0  # memory, in addition to the bytes of the part
    aggregate_cpu_per_bucket: float = 28e-6
    aggregate_bytes_per_bucket: float = 2_200.0


MEASURED = Measured()


class Case(NamedTuple):
    """A set of accounts."""

    accounts: int
    buckets: int  # per account
    regions: int
    types: int = 2  # storage types per bucket
    history_days: int = 34
    shards: int | None = None  # in total; default: one per account and region


CASES = (
    Case(1, 10, 1),
    Case(1, 1_000, 4),
    Case(1, 10_000, 1),
    Case(1, 10_000, 17),
    Case(1, 100_000, 1),
    Case(1, 100_000, 17),
    Case(1, 1_000_000, 17),
    Case(10, 500, 8, shards=4),
    Case(50, 2_000, 8, shards=10),
    Case(1_000, 100, 8, shards=20),
    Case(5_000, 200, 5, shards=50),
)


def window_days(history_days: int) -> int:
    """Return the days of the window, today included."""
    return min(MOST_DAYS, max(LEAST_DAYS, history_days)) + 1


def pages(history_days: int) -> int:
    """Return the pages of a GetMetricData request for 500 series."""
    return ceil(PAGE * window_days(history_days) / POINTS_PER_PAGE)


def list_calls(byte_series: int, count_series: int) -> int:
    """Return the ListMetrics calls of one account and region: two lists, of at least one page each."""
    return max(1, ceil(byte_series / PAGE)) + max(1, ceil(count_series / PAGE))


def data_calls(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> int:
    """Return the GetMetricData calls of one account and region."""
    return ceil((byte_series + count_series) / PAGE) * pages(history_days)


def cloudwatch_calls(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> int:
    return list_calls(byte_series, count_series) + data_calls(byte_series, count_series, history_days)


def bound_seconds(byte_series: int, count_series: int, history_days: int = LEAST_DAYS) -> float:
    """Return the seconds that AWS's quotas allow for in one account and region: the slowest of three.

    AWS estimates data points from range and period, on every page.
    """
    points = (byte_series + count_series) * window_days(history_days) * pages(history_days)
    return max(
        list_calls(byte_series, count_series) / LIST_METRICS,
        data_calls(byte_series, count_series, history_days) / GET_METRIC_DATA,
        points / DATAPOINTS,
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


def run_calls(case: Case) -> dict[str, int]:
    """Return the calls of `plan` and all workers, without listings of objects.

    A worker of one region lists its buckets; a worker of several regions lists those of the account once.
    """
    here, places = place(case), case.accounts * case.regions
    by_region = case.shards is None
    lists = places * ceil(here.buckets / BUCKETS_PER_PAGE) if by_region else _visits(case) * _bucket_pages(case)
    return {
        "AssumeRole": case.accounts + _visits(case) if case.accounts > 1 else 0,
        "GetCallerIdentity": case.accounts + (places if by_region else _visits(case)),
        "ListBuckets": case.accounts * _bucket_pages(case) + lists,
        "ListMetrics": places * list_calls(here.byte_series, here.buckets),
        "GetMetricData": places * data_calls(here.byte_series, here.buckets, case.history_days),
    }


def _bucket_pages(case: Case) -> int:
    return ceil(case.buckets / BUCKETS_PER_PAGE)


def _visits(case: Case) -> int:
    """Return how many times workers connect to an account: packing keeps its regions together, if that balances."""
    return case.accounts * (1 if shards(case) <= case.accounts else min(case.regions, shards(case)))


def run_metrics(case: Case) -> int:
    here = place(case)
    return case.accounts * case.regions * (here.byte_series + here.buckets)


def run_usd(case: Case) -> float:
    return usd(run_calls(case), run_metrics(case))


def batches(case: Case) -> float:
    """Return the number of batches of 500 series."""
    return run_metrics(case) / PAGE


def worker_cpu(case: Case) -> float:
    """Return the CPU seconds of a worker of average size."""
    known = MEASURED
    per_batch = known.cpu_per_batch + known.cpu_per_batch_day * (window_days(case.history_days) - window_days(0))
    places = case.accounts * case.regions / shards(case)
    visits = _visits(case) / shards(case) if case.shards else 1
    extra = known.cpu_per_client * (min(case.regions, places) - 1)
    extra += known.cpu_per_account * (visits - 1) + known.cpu_per_place * (places - 1)
    return known.start_seconds + per_batch * batches(case) / shards(case) + extra


def worker_seconds(case: Case) -> float:
    """Return the duration of a worker on its own processor: its CPU, or the quotas of its largest region."""
    here = place(case)
    bound = bound_seconds(here.byte_series, here.buckets, case.history_days)
    return max(worker_cpu(case), MEASURED.start_seconds + bound)


def plan_seconds(case: Case) -> float:
    """Return the CPU seconds of `plan`, which connects to every account once."""
    return MEASURED.start_seconds + MEASURED.plan_cpu_per_account * case.accounts


def part_bytes(case: Case) -> float:
    """Return the bytes of a part."""
    return _bytes_of(case, case.accounts * case.buckets / shards(case))


def _bytes_of(case: Case, buckets: float) -> float:
    known = MEASURED
    per_series = known.bytes_per_series + known.bytes_per_point * (window_days(case.history_days) - 2)
    return buckets * (known.bytes_per_bucket + (case.types + 1) * per_series)


def stash_bytes(case: Case) -> float:
    """Return the bytes of all parts as Jenkins stashes."""
    return MEASURED.stash_share * part_bytes(case) * shards(case)


def plan_bytes(case: Case) -> float:
    return MEASURED.unit_bytes * case.accounts * case.regions


def worker_mb(case: Case) -> float:
    buckets = case.accounts * case.buckets / shards(case)
    more = 0.0
    if case.shards:
        places = case.accounts * case.regions / shards(case)
        more = MEASURED.mb_per_account * (_visits(case) / shards(case) - 1)
        more += MEASURED.mb_per_client * (min(case.regions, places) - 1)
    return MEASURED.start_mb + more + (MEASURED.worker_bytes_per_bucket * buckets + 2 * part_bytes(case)) / 1e6


def aggregate_seconds(case: Case) -> float:
    return MEASURED.start_seconds + MEASURED.aggregate_cpu_per_bucket * case.accounts * case.buckets


def aggregate_mb(case: Case) -> float:
    buckets = case.accounts * case.buckets
    return MEASURED.start_mb + (MEASURED.aggregate_bytes_per_bucket * buckets + part_bytes(case) * shards(case)) / 1e6


def run_seconds(case: Case, agents: int) -> float:
    """Return the duration of all workers on this number of agents."""
    return ceil(shards(case) / agents) * worker_seconds(case)


MARK, END = "<!-- figures: python -m bench.scaling --write -->\n", "<!-- end of figures -->\n"
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"


def tables() -> str:
    """Return the tables of docs/scaling.md in Markdown."""
    calls = Table(
        ["accounts", "buckets per account", "regions", "series", "calls", "USD per run", "USD per month"],
        [
            [
                *(f"{n:,}" for n in (case.accounts, case.buckets, case.regions, run_metrics(case))),
                f"{sum(run_calls(case).values()):,}",
                f"{run_usd(case):,.2f}",
                f"{MONTH * run_usd(case):,.2f}",
            ]
            for case in CASES
        ],
        "Series: two storage types and an object count per bucket. A month has 30 runs.",
    )
    durations = Table(
        [
            "accounts",
            "buckets per account",
            "regions",
            "workers",
            "seconds per worker",
            "MB per worker",
            "minutes, 10 agents",
            "minutes, all agents",
        ],
        [
            [
                *(f"{n:,}" for n in (case.accounts, case.buckets, case.regions, shards(case))),
                *map(number, (worker_seconds(case), worker_mb(case))),
                number(run_seconds(case, 10) / 60),
                number(run_seconds(case, shards(case)) / 60),
            ]
            for case in CASES
        ],
        "34 days of history (the default), without last-modified dates. Workers: one per account and region, or the "
        "number of `--max-shards`. Minutes do not include the start of agents.",
    )
    sizes = Table(
        [
            "accounts",
            "buckets per account",
            "regions",
            "plan s",
            "plan MB",
            "MB per part",
            "MB of all stashes",
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
        "aggregate: data files, without pages.",
    )
    listings = Table(
        ["buckets listed", "requests", "USD per run", "seconds of one worker"],
        [[f"{n:,}", f"{n:,}", f"{listing_usd(n):,.2f}", number(listing_seconds(n))] for n in (1_000, 10_000, 100_000)],
        "Last-modified dates with `--last-modified auto`: one request for each bucket of at most 1,000 objects.",
    )
    return "\n".join(map(table, (calls, durations, sizes, listings)))


def listing_usd(buckets: int) -> float:
    """Return the USD for one request per bucket."""
    return PRICES["ListObjectsV2"] * buckets


def listing_seconds(buckets: int) -> float:
    """Return the seconds of one worker with 32 concurrent requests, which is bound by its CPU."""
    return MEASURED.cpu_per_listing * buckets


def main() -> None:
    if "--write" not in sys.argv[1:]:
        sys.stdout.write(tables())
        return
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    DOCUMENT.write_text(head + MARK + "\n" + tables() + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
