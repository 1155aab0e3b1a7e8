"""Division of a target into units, and of units into shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.plan import Shard, SplitBy, Unit
from s3_monitor.plan.names import name_from
from s3_monitor.plan.shard_keys import Entry

ALL = "all"
REST = "rest"


class ScanTarget(msgspec.Struct, frozen=True):
    """What an entry collects from an account."""

    entry: Entry
    access: int
    """Index of the access in the plan."""
    account: str
    partition: str
    patterns: tuple[str, ...]
    regions: Mapping[str, int]
    """Region → expected number of buckets."""
    split_by: SplitBy
    linked: bool = False
    """Whether the account is linked to that of the access; see model.plan.Unit."""
    found: Mapping[str, Sequence[str]] = {}
    """Region → existing storage types, if the target is split by storage type."""


def shards_of(target: ScanTarget) -> list[Shard]:
    """Return the shards of a target by name: one, or one for each region or storage type."""
    units: dict[str, list[Unit]] = {}
    for region in sorted(target.regions):
        for unit in _units(target, region):
            units.setdefault(_shard_name(target, unit), []).append(unit)
    return [target.entry.shard(name, units[name]) for name in sorted(units)]


def _units(target: ScanTarget, region: str) -> list[Unit]:
    """Return the units of a region.

    A single unit; or one for each selected storage type and the rest without byte series; or one for each existing
    storage type and the rest with all other types.
    """
    selected = target.entry.storage_types
    found = tuple(sorted(target.found.get(region, ())))
    if selected:
        rest = _unit(target, region, REST, types=(), rest=True)
    elif found:
        rest = _unit(target, region, REST, except_=found, rest=True)
    else:
        return [_unit(target, region, ALL, rest=True)]
    return [*(_unit(target, region, type_, types=(type_,)) for type_ in selected or found), rest]


def _unit(
    target: ScanTarget,
    region: str,
    kind: str,
    *,
    types: tuple[str, ...] | None = None,
    except_: tuple[str, ...] = (),
    rest: bool = False,
) -> Unit:
    return Unit(
        id=f"{target.entry.name}/{target.account}/{region}/{kind}",
        account=target.account,
        partition=target.partition,
        region=region,
        access=target.access,
        buckets=target.patterns,
        types=types,
        except_=except_,
        rest=rest,
        weight=target.regions[region],
        linked=target.linked,
    )


def _shard_name(target: ScanTarget, unit: Unit) -> str:
    name = target.entry.name
    if target.split_by == "region":
        return name_from(f"{name}-{unit.region}", name)
    if target.split_by == "storage-type":
        return name_from(f"{name}-{unit.types[0] if unit.types else REST}", name)
    return name
