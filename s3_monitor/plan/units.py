"""An entry's question, cut into units and those gathered into shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.plan import Shard, SplitBy, Unit
from s3_monitor.plan.names import name_from
from s3_monitor.plan.shards_file import Entry

ALL = "all"
REST = "rest"


class ScanTarget(msgspec.Struct, frozen=True):
    """What one entry asks of the account it opens. ``regions``: each with the buckets expected there.
    ``found``: the storage types that exist in a region, where they were asked for to split by them."""

    entry: Entry
    access: int
    account: str
    partition: str
    patterns: tuple[str, ...]
    regions: Mapping[str, int]
    split_by: SplitBy
    found: Mapping[str, Sequence[str]] = {}


def shards_of(question: ScanTarget) -> list[Shard]:
    """Shards by name: one, or with a split one a region or storage type."""
    units: dict[str, list[Unit]] = {}
    for region in sorted(question.regions):
        for unit in _units(question, region):
            units.setdefault(_shard_name(question, unit), []).append(unit)
    entry = question.entry
    return [
        Shard(
            name, entry.agent, entry.credentials, entry.timeout_minutes,
            tuple(sorted(units[name], key=lambda unit: unit.id)),
        )
        for name in sorted(units)
    ]  # fmt: skip


def _units(question: ScanTarget, region: str) -> list[Unit]:
    """The units of one region: everything; or the chosen types, a unit each, and the rest without byte series; or
    the types found there, a unit each, and the rest with every type but those."""
    chosen = question.entry.storage_types
    found = tuple(sorted(question.found.get(region, ())))
    if chosen:
        rest = _unit(question, region, REST, types=(), rest=True)
    elif found:
        rest = _unit(question, region, REST, except_=found, rest=True)
    else:
        return [_unit(question, region, ALL, rest=True)]
    return [*(_unit(question, region, type_, types=(type_,)) for type_ in chosen or found), rest]


def _unit(
    question: ScanTarget,
    region: str,
    kind: str,
    *,
    types: tuple[str, ...] | None = None,
    except_: tuple[str, ...] = (),
    rest: bool = False,
) -> Unit:
    return Unit(
        id=f"{question.entry.name}/{question.account}/{region}/{kind}",
        account=question.account,
        partition=question.partition,
        region=region,
        access=question.access,
        buckets=question.patterns,
        types=types,
        except_=except_,
        rest=rest,
        weight=question.regions[region],
    )


def _shard_name(question: ScanTarget, unit: Unit) -> str:
    name = question.entry.name
    if question.split_by == "region":
        return name_from(f"{name}-{unit.region}", name)
    if question.split_by == "storage-type":
        return name_from(f"{name}-{unit.types[0] if unit.types else REST}", name)
    return name
