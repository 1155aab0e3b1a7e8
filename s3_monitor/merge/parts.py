"""Read the parts of a folder, and validate them against the plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec
from msgspec import UNSET

from s3_monitor.merge.bill_validation import bill_error, is_ascending
from s3_monitor.model import part as parts
from s3_monitor.model.bounds import is_money
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import read_bytes, shortened
from s3_monitor.model.object_stats import AGE_EDGES, LENS_EDGES, SIZE_EDGES
from s3_monitor.model.part import CollectedBucket, Part, UnitData
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Shard, Unit
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.series import Window, are_sound

_CHUNK = 300  # buckets that are validated together and stay in the cache of a processor
_ADVICE = "run this shard again with `s3-monitor collect`"


class LoadedPart(msgspec.Struct, frozen=True):
    """A part and its file."""

    path: str
    part: Part


def read_parts(folder: Path) -> Iterator[LoadedPart | InvalidFileError]:
    """Read every `*.json` of the folder and of its folders, sorted; return an error for a file that is not a part."""
    for path in sorted(_candidates(folder)):
        # Named relative to the folder, so that the report does not depend on its location.
        name = one_line(f"{folder.name}/{path.relative_to(folder).as_posix()}")
        try:
            yield LoadedPart(name, parts.decode(read_bytes(path, _ADVICE, name=name), name))
        except InvalidFileError as bad:
            yield bad


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield files that may be parts, and folders that cannot be listed."""
    yield from folder.glob("*.json")
    for path in folder.glob("*/"):
        yield from path.glob("*.json") if os.access(path, os.R_OK | os.X_OK) else [path]


def validate_part(part: Part, path: str, shards: Mapping[str, Shard], window: Window, digest: str) -> None:
    """Raise InvalidFileError for a part of another plan, or with data that the plan does not request.

    ``shards``: the shards of the plan by name. ``window`` and ``digest``: those of the plan.
    """
    if part.plan != digest:
        advice = "give `aggregate` the plan.json that this part was collected with, or remove it"
        raise InvalidFileError(path, "belongs to another plan", advice)
    shard = shards.get(part.shard)
    if shard is None:
        raise InvalidFileError(path, f"belongs to shard {part.shard!r}, which is not in the plan", _ADVICE)
    if part.window != window:
        raise InvalidFileError(path, "has other days than the plan", _ADVICE)
    if not is_money(part.usd) or part.usd < 0:
        raise InvalidFileError(
            path, f"is invalid: usd must be a number of dollars, got {shortened(str(part.usd))}", _ADVICE
        )
    if len(set(part.types)) != len(part.types):
        raise InvalidFileError(path, "has a duplicate storage type", _ADVICE)
    if error := bill_error(part, shard) or _lens_error(part, shard):
        raise InvalidFileError(path, f"is invalid: {error}", _ADVICE)
    units = {unit.id: unit for unit in shard.units}
    for facts in part.units:
        unit = units.get(facts.unit)
        if unit is None:
            raise InvalidFileError(path, f"has unit {facts.unit!r}, which is not in its shard", _ADVICE)
        chunks = (facts.buckets[start : start + _CHUNK] for start in range(0, len(facts.buckets), _CHUNK))
        error = (
            _name_error(facts, unit)
            or next(filter(None, (_series_error(chunk, part) for chunk in chunks)), "")
            or _details_error(facts, unit)
        )
        if error:
            raise InvalidFileError(path, f"is invalid: {error} in unit {facts.unit!r}", _ADVICE)


def _lens_error(part: Part, shard: Shard) -> str:
    """Return what is invalid in the data of Storage Lens."""
    if part.lens is UNSET:
        return ""
    if shard.lens is None:
        return "data of Storage Lens that its shard does not request"
    keys = [(bucket.account, bucket.region, bucket.name) for bucket in part.lens.buckets]
    if not is_ascending(keys):
        return "buckets of Storage Lens out of order or duplicate"
    if not is_ascending(part.lens.coverage):
        return "coverage of Storage Lens out of order or duplicate"
    stats = [bucket.stats for bucket in part.lens.buckets]
    if any(one.sizes is not None or one.ages is not None for one in stats):
        return "Storage Lens with sizes and ages"
    counts = {len(one.all_sizes) for one in stats if one.all_sizes is not None}
    return "Storage Lens with other ranges of sizes" if counts - {len(LENS_EDGES) + 1} else ""


def _name_error(facts: UnitData, unit: Unit) -> str:
    if (facts.account, facts.region) != (unit.account, unit.region):
        return "another account or region"
    names = [bucket.name for bucket in facts.buckets]
    if not is_ascending(names):
        return "buckets out of order or duplicate"
    if unit.buckets and not all(map(matcher(unit.buckets), names)):
        return "a bucket that was not requested"
    return ""


def _series_error(buckets: Sequence[CollectedBucket], part: Part) -> str:
    """Return what is invalid in the series. The loops are those of built-in functions: there may be millions."""
    columns = [tuple(zip(*bucket.sizes, strict=True)) for bucket in buckets if bucket.sizes]
    type_indexes = {indexes for indexes, _ in columns}
    if max(chain.from_iterable(type_indexes), default=-1) >= len(part.types):
        return "a storage type without a name"
    for indexes in type_indexes:
        names = [part.types[index] for index in indexes]
        if not is_ascending(names):
            return "storage types out of order or duplicate"
    series = [*chain.from_iterable([column for _, column in columns])]
    series += [bucket.count for bucket in buckets if bucket.count is not None]
    newest = [points.day for points in series]
    if max(newest, default=-1) >= part.window.days:
        return "a day outside the window"
    return "" if are_sound(series) else "points before the window, or a wrong number of points"


def _details_error(facts: UnitData, unit: Unit) -> str:
    """Return what is invalid in the special buckets, objects, configurations and request metrics."""
    others = [(bucket.kind, bucket.name) for bucket in facts.others]
    if not is_ascending(others) or any(kind == "directory" for kind, _ in others):
        return "special buckets out of order or duplicate"
    if others and not (unit.rest and all(map(matcher(unit.buckets), (name for _, name in others)))):
        return "a special bucket that was not requested"
    for what, names in (
        ("objects", [name for name, _ in facts.objects]),
        ("configurations", [name for name, _ in facts.details]),
        ("requests", [name for name, _ in facts.traffic]),
    ):
        if not is_ascending(names):
            return f"{what} out of order or duplicate"
        if names and not (unit.rest and {bucket.name for bucket in facts.buckets}.issuperset(names)):
            return f"{what} of a bucket that is not in the unit"
    if any(
        (stats.sizes is not None and len(stats.sizes) != len(SIZE_EDGES) + 1)
        or (stats.ages is not None and len(stats.ages) != len(AGE_EDGES) + 1)
        for _, stats in facts.objects
    ):
        return "objects with other bins of sizes and ages"
    return ""
