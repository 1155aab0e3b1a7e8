"""The measurement beside other ways of asking, on the same account in the same run."""

from __future__ import annotations

from typing import NamedTuple

from bench import process, scaling
from bench.metric import Figure, Result, Setting, Table, number
from bench.process import Usage
from bench.simulated import Asked, SimulatedAccount

_REGIONS = 17
# The original's way takes more than half a second a bucket: from so many buckets on it is reckoned, not run.
_ORIGINAL_AT_MOST = 200
_OURS = ("-m", "s3_monitor", "--history-days", "0", "-q")


class Ran(NamedTuple):
    """``run``: it was; otherwise reckoned from the largest run before, by the number of buckets."""

    calls: int
    metrics: int
    usd: float
    wall: float
    cpu: float
    mb: float
    run: bool = True

    def times(self, factor: float) -> Ran:
        """Memory is that of the buckets' records, and hardly grows."""
        calls, metrics = round((self.calls - 1) * factor) + 1, round(self.metrics * factor)
        return Ran(calls, metrics, self.usd * factor, self.wall * factor, self.cpu * factor, self.mb, run=False)


def side_by_side(setting: Setting) -> Result:
    """The original's way, a sequential batched script and ours, with 200 to 10,000 buckets over 17 regions."""
    sizes = (50, 200) if setting.quick else (200, 1_000, 10_000)
    most = 50 if setting.quick else _ORIGINAL_AT_MOST
    figures: list[Figure] = []
    rows: list[list[str]] = []
    longest: tuple[int, Ran] | None = None
    for buckets in sizes:
        with SimulatedAccount(buckets, _REGIONS) as account:
            if buckets <= most or longest is None:
                setting.tell(f"{buckets:,} buckets, the original's way")
                original = _ran(account, "-m", "bench.baseline_per_bucket")
                longest = buckets, original
            else:
                original = longest[1].times(buckets / longest[0])
            setting.tell(f"{buckets:,} buckets, the sequential script and ours")
            sequential = _ran(account, "-m", "bench.baseline_batched")
            ours = _ran(account, *_OURS, "--last-modified", "off")
            dated = _ran(account, *_OURS)
        for name, ran in (
            ("the original's way", original),
            ("sequential script, no dates", sequential),
            ("ours, no dates", ours),
            ("ours, dates of all", dated),
        ):
            rows.append(_row(buckets, name, ran, ours))
        at = f"{buckets:,} buckets over {_REGIONS} regions"
        last = buckets == 10_000
        figures += [
            Figure(
                f"the original's calls over ours, {at}", original.calls / ours.calls, "×", least=500 if last else None
            ),
            Figure(
                f"the sequential script's time over ours, {at}",
                sequential.wall / ours.wall,
                "×",
                least=3 if last else None,
            ),
            Figure(f"the original's time over ours with dates, {at}", original.wall / dated.wall, "×"),
        ]
    heading = ["buckets", "", "calls", "metrics billed", "USD", "wall s", "CPU s", "MB", "calls ×", "wall ×", "CPU ×"]
    note = (
        "×: how many times ours without dates. Ours is the one-shot command: it asks who it is and for the buckets, "
        "collects, merges, prices and prints; start-up included. ≈ is not run but reckoned from the run before it, by "
        "the number of buckets: at 10,000 the original's way would take hours. Every bucket has 1 to 200 objects, so "
        "that each listing is one request; dates of newest objects are what those requests are for."
    )
    return Result(figures, [Table(heading, rows, note)])


def _ran(account: SimulatedAccount, *arguments: str) -> Ran:
    account.asked()
    used = process.run(*arguments, env=account.env)
    return _of(used, account.asked())


def _of(used: Usage, asked: Asked) -> Ran:
    # GetMetricStatistics is one metric a request, and billed as a request.
    metrics = asked.metrics - asked.of("GetMetricStatistics")
    billed = asked.metrics
    return Ran(asked.total, billed, scaling.usd(asked.calls, metrics), used.wall, used.cpu, used.peak_mb)


def _row(buckets: int, name: str, ran: Ran, ours: Ran) -> list[str]:
    about = "" if ran.run else "≈ "
    figures = [f"{ran.calls:,}", f"{ran.metrics:,}", f"{ran.usd:.4f}", *map(number, (ran.wall, ran.cpu, ran.mb))]
    ratios = (ran.calls / ours.calls, ran.wall / ours.wall, ran.cpu / ours.cpu)
    return [f"{buckets:,}", name, *(about + figure for figure in figures), *(number(ratio) for ratio in ratios)]
