"""Measurements of `collect` and of the one-shot monitor: calls, time compared with AWS's quotas, CPU and memory."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench import process, scaling, shards
from bench.metric import Figure, Result, Setting, Table, number
from bench.process import Usage
from bench.shards import Collected
from bench.simulated import SimulatedAccount

_EXCESS = 1.02, 5  # calls: factor of the minimum, and a constant
_WALL = 1.3, 1.5  # seconds: factor of the quotas' bound, and a constant for start-up
_SMALL_LATENCY_MS, _SMALL = 30, 1.25  # limit: factor of the boto3 script
_CPU = {(10_000, 4): 4.0, (100_000, 4): 30.0, (100_000, 30): 45.0}
_MEMORY = {(10_000, 4): 150.0, (100_000, 30): 450.0}


def workers(setting: Setting) -> Result:
    """One worker with 10,000 to 100,000 buckets, in one region and in 17"""
    sizes = (1_000, 3_000) if setting.quick else (10_000, 30_000, 100_000)
    figures: list[Figure] = []
    rows: list[list[str]] = []
    for regions in (1, 17):
        cpu: dict[tuple[int, int], float] = {}
        for buckets in sizes:
            with SimulatedAccount(buckets, regions) as account:
                for days in (4, 30):
                    setting.report(f"{buckets:,} buckets in {regions} regions, {days} days")
                    folder = setting.folder / f"worker-{buckets}-{regions}-{days}"
                    got = shards.collect(account, folder, days)
                    figures += _of_worker(got, buckets, regions, days)
                    rows.append(_row(got, buckets, str(regions), days))
                    cpu[buckets, days] = got.usage.cpu
                if regions > 1:
                    folder = setting.folder / f"worker-{buckets}-one-of-{regions}"
                    got = shards.collect(account, folder, 30, "region")
                    name = f"wall of the worker of one region, {buckets:,} buckets {_where(regions)}, 30 days"
                    figures.append(Figure(name, got.usage.wall, "s", most=_wall(got, 30)))
                    rows.append(_row(got, buckets, f"one of {regions}", 30))
        for days in (4, 30) if not setting.quick else ():
            growth = cpu[100_000, days] / cpu[10_000, days]
            name = f"CPU of 100,000 buckets over that of 10,000, {_where(regions)}, {days} days"
            figures.append(Figure(name, growth, "×", most=11))
    heading = ["buckets", "regions", "days", "calls", "throttled", "wall s", "quotas' bound s", "CPU s", "MB"]
    heading += ["part MB", "simulator CPU s"]
    return Result(figures, [Table(heading, rows)])


def _of_worker(got: Collected, buckets: int, regions: int, days: int) -> list[Figure]:
    size = f"{buckets:,} buckets {_where(regions)}, {days} days"
    times, more = _EXCESS
    exists = buckets * 3
    # The limits of CPU and memory are for one region.
    cpu, memory = (_CPU, _MEMORY) if regions == 1 else ({}, {})
    return [
        Figure(f"calls, {size}", got.counters.total, "", most=got.floor * times + more),
        Figure(f"metrics requested without need, {size}", got.counters.metrics - exists, "", most=0, least=0),
        Figure(f"wall, {size}", got.usage.wall, "s", most=_wall(got, days)),
        Figure(f"throttled, {size}", 100 * got.throttled, "%", most=2),
        Figure(f"CPU, {size}", got.usage.cpu, "s", most=cpu.get((buckets, days))),
        Figure(f"memory, {size}", got.usage.peak_mb, "MB", most=memory.get((buckets, days))),
    ]


def _wall(got: Collected, days: int) -> float:
    share, start = _WALL
    return got.bound(days) * share + start


def _row(got: Collected, buckets: int, regions: str, days: int) -> list[str]:
    usage = got.usage
    figures = (got.counters.total, got.counters.throttled, usage.wall, got.bound(days), usage.cpu, usage.peak_mb)
    more = (got.part_bytes / 1e6, got.counters.server_cpu)
    return [f"{buckets:,}", regions, str(days), *map(number, figures + more)]


def _where(regions: int) -> str:
    return "in one region" if regions == 1 else f"in {regions} regions"


def start_up(setting: Setting) -> Result:
    """From the start of `collect` to its first call"""
    folder = setting.folder / "start"
    with SimulatedAccount(10) as account:
        [shard] = shards.plan(account, folder, 4)
        env = dict(account.env)
    times = [_first_call(env, folder, shard) for _ in range(3 if setting.quick else 7)]
    return Result([Figure("start of collect to its first call, median", median(times), "s", most=0.6)])


def _first_call(env: dict[str, str], folder: Path, shard: str) -> float:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        env = {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "AWS_MAX_ATTEMPTS": "1"}
        began = time.perf_counter()
        worker = shards.start(env, folder, shard)
        connection, _ = server.accept()
        seconds = time.perf_counter() - began
        connection.close()
    worker.ended(allowed=(3,))  # no response: a part with gaps
    return seconds


def small(setting: Setting) -> Result:
    """The one-shot monitor compared with a plain boto3 script, 20 buckets in one region"""
    ours, script = [], []
    with SimulatedAccount(20, latency_ms=_SMALL_LATENCY_MS) as account:
        for _ in range(5 if setting.quick else 15):  # in turn: the load of the machine changes
            ours.append(process.run("-m", "s3_monitor", "-q", env=account.env))
            script.append(process.run("-m", "bench.baseline_small", env=account.env))
    pairs = list(zip(ours, script, strict=True))
    rows = [
        [name, *(number(median(getattr(run, field) for run in runs)) for field in ("wall", "cpu", "peak_mb"))]
        for name, runs in (("one-shot monitor", ours), ("boto3 script", script))
    ]
    note = (
        f"{_SMALL_LATENCY_MS} ms before each response; medians. The script (bench/baseline_small.py) sends the same "
        "requests as the monitor, except those that look for directory buckets in the other regions."
    )
    return Result(
        [
            Figure("wall over that of the script, median of pairs", _ratio(pairs, "wall"), "×", most=_SMALL),
            Figure("CPU over that of the script, median of pairs", _ratio(pairs, "cpu"), "×", most=_SMALL),
        ],
        [Table(["", "wall s", "CPU s", "MB"], rows, note)],
    )


def _ratio(pairs: Sequence[tuple[Usage, Usage]], field: str) -> float:
    return median(float(getattr(ours, field) / getattr(script, field)) for ours, script in pairs)


def at_once(setting: Setting) -> Result:
    """Four workers of one account and region at once, each with some of its storage types"""
    buckets = 3_000 if setting.quick else 30_000
    folder = setting.folder / "at-once"
    with SimulatedAccount(buckets) as account:
        names = shards.plan(account, folder, 30, "--split-by", "storage-type", "--max-shards", 4)
        account.take_counters()
        began = time.perf_counter()
        running = [shards.start(account.env, folder, name) for name in names]
        ended = [worker.ended() for worker in running]
        wall = time.perf_counter() - began
        counters = account.take_counters()
    calls = counters.of("ListMetrics", "GetMetricData")
    stats = shards.read_part_stats([folder / "parts" / f"{name}.json" for name in names])
    series = sum(map(sum, stats.places.values()))
    bound = max(
        counters.of("ListMetrics") / scaling.LIST_METRICS,
        counters.of("GetMetricData") / scaling.GET_METRIC_DATA,
        series * scaling.window_days(30) / scaling.DATAPOINTS,
    )
    size = f"{buckets:,} buckets, {len(names)} workers at once"
    return Result(
        [
            Figure(f"throttled, {size}", 100 * counters.throttled / calls, "%", most=10),
            Figure(f"series missing, {size}", buckets * 3 - series, "", most=0, least=0),
            Figure(f"calls, {size}", calls),
            Figure(f"wall, {size}", wall, "s"),
            Figure(f"quotas' bound of these calls, {size}", bound, "s"),
            Figure(f"CPU of all workers, {size}", sum(usage.cpu for usage in ended), "s"),
        ]
    )


def history(setting: Setting) -> Result:
    """Days of history: pages and the size of a part"""
    buckets = 500 if setting.quick else 5_000
    figures: list[Figure] = []
    rows: list[list[str]] = []
    sizes: dict[int, int] = {}
    with SimulatedAccount(buckets, history=480) as account:
        for days in (0, 4, 30, 200, 201, 455):
            setting.report(f"{days} days")
            got = shards.collect(account, setting.folder / f"history-{days}", days)
            calls = got.counters.of("GetMetricData") - got.counters.throttled
            sizes[days] = got.part_bytes
            rows.append([str(days), str(calls), *map(number, (got.usage.wall, got.usage.cpu, got.usage.peak_mb))])
            rows[-1] += [number(got.part_bytes / buckets), number(got.part_bytes / sizes[0])]
            if days in (200, 201, 455):
                floor = scaling.data_calls(2 * buckets, buckets, days)
                figures.append(Figure(f"GetMetricData at {days} days, {buckets:,} buckets", calls, "", most=floor))
        beyond = process.run(
            *("-m", "s3_monitor", "plan", "--history-days", 456, "--out", setting.folder / "beyond"),
            env=account.env,
            allowed=(0, 2),
        )
    figures.append(Figure("exit status of 456 days", beyond.status, "", most=2, least=2))
    figures.append(Figure("part at 30 days over that at 4", sizes[30] / sizes[4], "×", most=3))
    heading = ["days", "GetMetricData", "wall s", "CPU s", "MB", "part: bytes per bucket", "part: × that of 0 days"]
    return Result(figures, [Table(heading, rows)])
