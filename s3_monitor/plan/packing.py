"""Packing of the units of many shards into few, by weight."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import msgspec

from s3_monitor.model.plan import Shard, Unit

# Agent label, credentials id and timeout: only units that share them can share a shard.
_Executor = tuple[str, str, int]


def pack(shards: Sequence[Shard], max_shards: int) -> list[Shard]:
    """Return shards with the same units, at most ``max_shards`` of them and balanced by weight.

    The result has at least one shard for each combination of agent, credentials and timeout. Shards that are few enough
    are returned unchanged.
    """
    if len(shards) <= max_shards:
        return list(shards)
    groups: dict[_Executor, list[Unit]] = {}
    for shard in shards:
        groups.setdefault((shard.agent, shard.credentials, shard.timeout_minutes), []).extend(shard.units)
    packed = []
    for executor, count in _shard_counts(groups, max_shards).items():
        packed += [Shard("", *executor, tuple(units)) for units in _distribute(groups[executor], count)]
    digits = len(str(len(packed)))
    return [msgspec.structs.replace(shard, name=f"pack-{number:0{digits}}") for number, shard in enumerate(packed, 1)]


def fewest(shards: Iterable[Shard]) -> int:
    """Return the smallest number of shards that packing can produce."""
    return len({(shard.agent, shard.credentials, shard.timeout_minutes) for shard in shards})


def _shard_counts(groups: dict[_Executor, list[Unit]], max_shards: int) -> dict[_Executor, int]:
    """Return the number of shards of each group: one, and the spare ones to the group with the heaviest shards."""
    counts = dict.fromkeys(sorted(groups), 1)
    load = {executor: _load(units) for executor, units in groups.items()}
    for _ in range(max_shards - len(counts)):
        divisible = [executor for executor in counts if counts[executor] < len(groups[executor])]
        if not divisible:
            break
        heaviest = max(divisible, key=lambda executor: load[executor] / counts[executor])
        counts[heaviest] += 1
    return counts


def _distribute(units: Sequence[Unit], count: int) -> list[list[Unit]]:
    """Assign units to ``count`` shards, heaviest first, each to the lightest shard so far."""
    shards: list[list[Unit]] = [[] for _ in range(count)]
    loads = [(0, index) for index in range(count)]
    for bundle in sorted(_bundles(units, count), key=lambda bundle: (-_load(bundle), bundle[0].id)):
        load, lightest = loads[0]
        shards[lightest] += bundle
        heapq.heapreplace(loads, (load + _load(bundle), lightest))
    return [sorted(units, key=lambda unit: unit.id) for units in shards]


def _bundles(units: Sequence[Unit], count: int) -> list[list[Unit]]:
    """Return at least ``count`` lists of units that stay in one shard.

    The units of an account stay together: every shard that has any of these assumes the role and lists the buckets.
    Accounts with more work than an average shard are split.
    """
    by_access: dict[int, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.id):
        by_access.setdefault(unit.access, []).append(unit)
    bundles = []
    for of_account in by_access.values():
        split = _load(of_account) * count > _load(units)
        bundles += [[unit] for unit in of_account] if split else [of_account]
    bundles.sort(key=lambda bundle: (len(bundle), bundle[0].id))
    while len(bundles) < count:
        bundles[-1:] = [[unit] for unit in bundles[-1]]
        bundles.sort(key=lambda bundle: (len(bundle), bundle[0].id))
    return bundles


def _load(units: Iterable[Unit]) -> int:
    """Return the expected work: a unit takes a few calls even without buckets."""
    return sum(unit.weight + 1 for unit in units)
