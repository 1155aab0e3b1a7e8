"""The one-shot monitor compared with other ways to read the same account."""

from __future__ import annotations

from typing import NamedTuple

from bench import process, scaling
from bench.metric import Figure, Result, Setting, Table, number
from bench.simulated import SimulatedAccount

_REGIONS = 17
_MONITOR = ("-m", "s3_monitor", "--history-days", "0", "--last-modified", "off", "-q")
_PER_BUCKET, _BATCHED = "one call per bucket and type", "sequential batches"


class _Run(NamedTuple):
    calls: int
    metrics: int
    usd: float
    wall: float
    cpu: float
    mb: float

    def extrapolated(self, factor: float) -> _Run:
        """Return the run for that many times the buckets. Memory hardly grows."""
        calls, metrics = round((self.calls - 1) * factor) + 1, round(self.metrics * factor)
        return _Run(calls, metrics, self.usd * factor, self.wall * factor, self.cpu * factor, self.mb)


def side_by_side(setting: Setting) -> Result:
    """10,000 buckets in 17 regions: one call per bucket and type, sequential batches, and the monitor"""
    # The first way takes more than half a second per bucket: it is extrapolated.
    few, many = (50, 200) if setting.quick else (200, 10_000)
    with SimulatedAccount(few, _REGIONS) as account:
        setting.report(f"{few:,} buckets, {_PER_BUCKET}")
        per_bucket = _run(account, "-m", "bench.baseline_per_bucket").extrapolated(many / few)
    with SimulatedAccount(many, _REGIONS) as account:
        setting.report(f"{many:,} buckets, {_BATCHED} and the monitor")
        batched = _run(account, "-m", "bench.baseline_batched")
        monitor = _run(account, *_MONITOR)
    rows = [
        _row(name, run, monitor)
        for name, run in ((f"{_PER_BUCKET} (≈)", per_bucket), (_BATCHED, batched), ("monitor", monitor))
    ]
    size = f"{many:,} buckets in {_REGIONS} regions"
    least = (None, None) if setting.quick else (500, 3)
    figures = [
        Figure(
            f"calls of {_PER_BUCKET} over the monitor's, {size}", per_bucket.calls / monitor.calls, "×", least=least[0]
        ),
        Figure(f"wall of {_BATCHED} over the monitor's, {size}", batched.wall / monitor.wall, "×", least=least[1]),
    ]
    heading = ["", "calls", "metrics billed", "USD", "wall s", "CPU s", "MB", "calls ×", "wall ×", "CPU ×"]
    note = (
        "×: factor of the monitor without last-modified dates. The monitor is the one-shot command with its start-up: "
        "it also plans, merges, computes costs and prints. ≈: extrapolated from 200 buckets; it would take hours."
    )
    return Result(figures, [Table(heading, rows, note)])


def _run(account: SimulatedAccount, *arguments: str) -> _Run:
    account.take_counters()
    usage = process.run(*arguments, env=account.env)
    counters = account.take_counters()
    # AWS: GetMetricStatistics is billed by request.
    metrics = counters.metrics - counters.of("GetMetricStatistics")
    usd = scaling.usd(counters.calls, metrics)
    return _Run(counters.total, counters.metrics, usd, usage.wall, usage.cpu, usage.peak_mb)


def _row(name: str, run: _Run, monitor: _Run) -> list[str]:
    numbers = [f"{run.calls:,}", f"{run.metrics:,}", f"{run.usd:.4f}", *map(number, (run.wall, run.cpu, run.mb))]
    ratios = (run.calls / monitor.calls, run.wall / monitor.wall, run.cpu / monitor.cpu)
    return [name, *numbers, *map(number, ratios)]
