"""Many shards made few: units packed by weight."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from s3_monitor.model.plan import Shard, Unit

# Only what runs on the same agents with the same credentials can share a shard.
_Place = tuple[str, str, int]


def pack(shards: Sequence[Shard], at_most: int) -> list[Shard]:
    """The same units in at most that many shards, as even as they allow; in as many as there are kinds of agent and
    credentials, where those are more. Nothing changes where there are few enough shards already."""
    if len(shards) <= at_most:
        return list(shards)
    groups: dict[_Place, list[Unit]] = {}
    for shard in shards:
        groups.setdefault((shard.agent, shard.credentials, shard.timeout_minutes), []).extend(shard.units)
    packed = []
    for place, bins in _bins(groups, at_most).items():
        agent, credentials, minutes = place
        packed += [Shard("", agent, credentials, minutes, tuple(units)) for units in _spread(groups[place], bins)]
    digits = len(str(len(packed)))
    return [
        Shard(f"pack-{number:0{digits}}", shard.agent, shard.credentials, shard.timeout_minutes, shard.units)
        for number, shard in enumerate(packed, 1)
    ]


def fewest(shards: Iterable[Shard]) -> int:
    """The fewest shards that packing can reach."""
    return len({(shard.agent, shard.credentials, shard.timeout_minutes) for shard in shards})


def _bins(groups: dict[_Place, list[Unit]], at_most: int) -> dict[_Place, int]:
    """How many shards each group gets: one, and of those left over the next where a shard would be heaviest."""
    bins = dict.fromkeys(sorted(groups), 1)
    load = {place: sum(map(_weight, units)) for place, units in groups.items()}
    for _ in range(at_most - len(bins)):
        open_ = [place for place in bins if bins[place] < len(groups[place])]
        if not open_:
            break
        heaviest = max(open_, key=lambda place: load[place] / bins[place])
        bins[heaviest] += 1
    return bins


def _spread(units: Iterable[Unit], bins: int) -> list[list[Unit]]:
    """Heaviest first, each to the lightest shard so far."""
    spread: list[list[Unit]] = [[] for _ in range(bins)]
    loads = [(0, index) for index in range(bins)]
    for unit in sorted(units, key=lambda unit: (-_weight(unit), unit.id)):
        load, lightest = loads[0]
        spread[lightest].append(unit)
        heapq.heapreplace(loads, (load + _weight(unit), lightest))
    return [sorted(units, key=lambda unit: unit.id) for units in spread]


def _weight(unit: Unit) -> int:
    """A unit costs a few calls even where it holds no bucket."""
    return unit.weight + 1
