"""One worker on the simulated account: a plan, its shards collected, and what that took against AWS's floor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import process, scaling
from bench.process import Started, Usage
from bench.simulated import Asked, SimulatedAccount


class Collected(NamedTuple):
    """One shard's run. ``places``: {region: (byte series, count series)} as its part holds them."""

    usage: Usage
    asked: Asked
    places: dict[str, tuple[int, int]]
    part_bytes: int
    stash_bytes: int
    usd: float

    @property
    def series(self) -> int:
        return sum(map(sum, self.places.values()))

    @property
    def cloudwatch_calls(self) -> int:
        return self.asked.of("ListMetrics", "GetMetricData")

    @property
    def throttled(self) -> float:
        """The share of CloudWatch's calls."""
        return self.asked.throttled / self.cloudwatch_calls

    def bound(self, days: int) -> float:
        """Seconds that AWS's quotas ask for, with so many days of history."""
        return max(scaling.bound_seconds(sizes, counts, days) for sizes, counts in self.places.values())

    @property
    def floor(self) -> int:
        """CloudWatch calls that nobody can do without."""
        return sum(scaling.cloudwatch_calls(sizes, counts) for sizes, counts in self.places.values())


def plan(account: SimulatedAccount, folder: Path, history_days: int, *options: object) -> list[str]:
    """Names of the shards planned in the folder."""
    choices = ("--history-days", history_days, "--last-modified", "off", *options)
    process.run("-m", "s3_monitor", "plan", "--out", folder / "plan", *choices, env=account.env)
    lines = (folder / "plan" / "shards.tsv").read_text().splitlines()
    return [line.split("\t")[0] for line in lines]


def start(env: Mapping[str, str], folder: Path, shard: str) -> Started:
    arguments = ("--plan", folder / "plan" / "plan.json", "--shard", shard, "--out", folder / "parts" / f"{shard}.json")
    return Started(["-m", "s3_monitor", "collect", *arguments], env)


def collect(account: SimulatedAccount, folder: Path, history_days: int, split_by: str = "none") -> Collected:
    """The first shard of a split; without one, all of the account in one."""
    shard = plan(account, folder, history_days, "--split-by", split_by)[0]
    account.asked()
    usage = start(account.env, folder, shard).ended()
    asked = account.asked()
    part = folder / "parts" / f"{shard}.json"
    said = extent([part])
    return Collected(usage, asked, said.places, part.stat().st_size, said.stash_bytes, said.usd)


class Extent(NamedTuple):
    places: dict[str, tuple[int, int]]
    usd: float
    stash_bytes: int


def extent(parts: Sequence[Path]) -> Extent:
    """What parts hold, read by a process of its own."""
    told = json.loads(process.run("-m", "bench.part_stats", *parts).out)
    return Extent({name: tuple(counts) for name, counts in told["places"].items()}, told["usd"], told["stash_bytes"])
