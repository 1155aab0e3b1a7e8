"""Run `plan` and `collect` on the simulated account, and compare them with AWS's quotas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import process, scaling
from bench.process import Started, Usage
from bench.simulated import ServerCounters, SimulatedAccount


class Collected(NamedTuple):
    """Run of one shard."""

    usage: Usage
    counters: ServerCounters
    places: dict[str, tuple[int, int]]  # by region: byte series and count series in the part
    part_bytes: int
    stash_bytes: int
    usd: float

    @property
    def series(self) -> int:
        return sum(map(sum, self.places.values()))

    @property
    def cloudwatch_calls(self) -> int:
        return self.counters.of("ListMetrics", "GetMetricData")

    @property
    def throttled(self) -> float:
        """The throttled share of the CloudWatch calls."""
        return self.counters.throttled / self.cloudwatch_calls

    def bound(self, days: int) -> float:
        """Return the seconds that AWS's quotas allow for."""
        return max(scaling.bound_seconds(sizes, counts, days) for sizes, counts in self.places.values())

    @property
    def floor(self) -> int:
        """The minimum of CloudWatch calls."""
        return sum(scaling.cloudwatch_calls(sizes, counts) for sizes, counts in self.places.values())


def plan(account: SimulatedAccount, folder: Path, history_days: int, *options: object) -> list[str]:
    """Run `plan` in the folder, and return the names of its shards."""
    choices = ("--history-days", history_days, "--last-modified", "off", *options)
    process.run("-m", "s3_monitor", "plan", "--out", folder / "plan", *choices, env=account.env)
    lines = (folder / "plan" / "shards.tsv").read_text().splitlines()
    return [line.split("\t")[0] for line in lines]


def start(env: Mapping[str, str], folder: Path, shard: str) -> Started:
    arguments = ("--plan", folder / "plan" / "plan.json", "--shard", shard, "--out", folder / "parts" / f"{shard}.json")
    return Started(["-m", "s3_monitor", "collect", *arguments], env)


def collect(account: SimulatedAccount, folder: Path, history_days: int, split_by: str = "none") -> Collected:
    """Collect the first shard of a split."""
    shard = plan(account, folder, history_days, "--split-by", split_by)[0]
    account.take_counters()
    usage = start(account.env, folder, shard).ended()
    counters = account.take_counters()
    part = folder / "parts" / f"{shard}.json"
    stats = read_part_stats([part])
    return Collected(usage, counters, stats.places, part.stat().st_size, stats.stash_bytes, stats.usd)


class PartStats(NamedTuple):
    places: dict[str, tuple[int, int]]
    usd: float
    stash_bytes: int


def read_part_stats(parts: Sequence[Path]) -> PartStats:
    """Return the statistics of parts, which a separate process reads."""
    stats = json.loads(process.run("-m", "bench.part_stats", *parts).out)
    return PartStats(
        {name: tuple(counts) for name, counts in stats["places"].items()}, stats["usd"], stats["stash_bytes"]
    )
