"""The parts in a folder, and whether one can be believed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import lt
from pathlib import Path

import msgspec
from msgspec import UNSET

from s3_monitor.model import part as parts
from s3_monitor.model.bounds import is_money
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import read_bytes, shortened
from s3_monitor.model.object_stats import AGE_EDGES, SIZE_EDGES
from s3_monitor.model.part import BucketData, Part, UnitData
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Shard, Unit
from s3_monitor.model.safe_text import one_line
from s3_monitor.model.series import Window, are_sound

_CHUNK = 300  # buckets looked at together: few enough to stay in a processor's cache
_ADVICE = "run this shard again with `s3-monitor collect`"


class LoadedPart(msgspec.Struct, frozen=True):
    """A part and the file it came from."""

    path: str
    part: Part


def read_parts(folder: Path) -> Iterator[LoadedPart | InvalidFileError]:
    """Every `*.json` of the folder and of those directly in it, sorted, one after another."""
    for path in sorted(_candidates(folder)):
        # Named from the folder on: where the report is made does not show in it.
        name = one_line(f"{folder.name}/{path.relative_to(folder).as_posix()}")
        try:
            yield LoadedPart(name, parts.decode(read_bytes(path, _ADVICE, name=name), name))
        except InvalidFileError as bad:
            yield bad


def _candidates(folder: Path) -> Iterator[Path]:
    """Files that look like parts, and folders that could hold some but cannot be listed."""
    yield from folder.glob("*.json")
    for path in folder.glob("*/"):
        yield from path.glob("*.json") if os.access(path, os.R_OK | os.X_OK) else [path]


def validate_part(part: Part, path: str, shards: Mapping[str, Shard], window: Window, digest: str) -> None:
    """BadFile where a part answers another plan, or says what no answer to this one can say.

    ``shards``: those of the plan by name; ``window`` and ``digest``: its own.
    """
    if part.plan != digest:
        advice = "give `aggregate` the plan.json that this part was collected with, or remove it"
        raise InvalidFileError(path, "answers another plan", advice)
    shard = shards.get(part.shard)
    if shard is None:
        raise InvalidFileError(path, f"answers for shard {part.shard!r}, which the plan does not have", _ADVICE)
    if part.window != window:
        raise InvalidFileError(path, "is of other days than the plan", _ADVICE)
    if not is_money(part.usd) or part.usd < 0:
        raise InvalidFileError(
            path, f"is not sound: usd must be a number of dollars, got {shortened(str(part.usd))}", _ADVICE
        )
    if len(set(part.types)) != len(part.types):
        raise InvalidFileError(path, "names a storage type twice", _ADVICE)
    if what := _bill(part, shard):
        raise InvalidFileError(path, f"is not sound: {what}", _ADVICE)
    asked = {unit.id: unit for unit in shard.units}
    for facts in part.units:
        unit = asked.get(facts.unit)
        if unit is None:
            raise InvalidFileError(path, f"answers unit {facts.unit!r}, which its shard does not have", _ADVICE)
        chunks = (facts.buckets[start : start + _CHUNK] for start in range(0, len(facts.buckets), _CHUNK))
        what = _place(facts, unit) or _identities(facts.buckets, unit)
        what = what or next(filter(None, (_figures(chunk, part) for chunk in chunks)), "") or _contents(facts, unit)
        if what:
            raise InvalidFileError(path, f"is not sound: {what} in unit {facts.unit!r}", _ADVICE)


def _bill(part: Part, shard: Shard) -> str:
    """What is wrong with the bill of a part."""
    if part.bill is UNSET or shard.bill is None:
        return "" if part.bill is UNSET else "a bill that its shard does not ask for"
    firsts = [month.first for month in part.bill.months]
    if len(set(firsts)) != len(firsts) or not set(firsts) <= {shard.bill.start, shard.bill.current}:
        return "months that were not asked about"
    if part.bill.complete and shard.bill.start not in firsts:
        return "a whole bill without its month"
    for month in part.bill.months:
        keys = [(row.account, row.usage_type) for row in month.rows]
        if len(set(keys)) != len(keys):
            return "a usage type of an account twice"
        if not {row.account for row in month.rows} <= set(shard.bill.accounts):
            return "an account that was not asked about"
        amounts = [number for row in month.rows for number in (row.usd, row.quantity)]
        amounts += [row.usd for row in month.tagged] if month.tagged is not UNSET else []
        if not all(map(is_money, amounts)):
            return "an amount that is none"
    return ""


def _place(facts: UnitData, unit: Unit) -> str:
    return "" if (facts.account, facts.region) == (unit.account, unit.region) else "another account or region"


def _identities(buckets: Sequence[BucketData], unit: Unit) -> str:
    """What is wrong with names."""
    names = [bucket.name for bucket in buckets]
    if not all(map(lt, names, islice(names, 1, None))):
        return "buckets out of order or twice"
    if unit.buckets and not all(map(matcher(unit.buckets), names)):
        return "a bucket that was not asked about"
    return ""


def _figures(buckets: Sequence[BucketData], part: Part) -> str:
    """What is wrong with the series. Flat lists, few cases and C's loops: there may be millions."""
    columns = [tuple(zip(*bucket.sizes, strict=True)) for bucket in buckets if bucket.sizes]
    of_types = {indexes for indexes, _ in columns}
    if max(chain.from_iterable(of_types), default=-1) >= len(part.types):
        return "a storage type without a name"
    for indexes in of_types:
        names = [part.types[index] for index in indexes]
        if not all(map(lt, names, names[1:])):
            return "storage types out of order or twice"
    series = [*chain.from_iterable([of_bucket for _, of_bucket in columns])]
    series += [bucket.count for bucket in buckets if bucket.count is not None]
    newest = [one.day for one in series]
    if max(newest, default=-1) >= part.window.days:
        return "a day outside the window"
    return "" if are_sound(series) else "older points before the window, or not as many as they say"


def _contents(facts: UnitData, unit: Unit) -> str:
    """What is wrong with the answers about objects, and with those about how buckets are configured."""
    others = [(one.kind, one.name) for one in facts.others]
    if not all(map(lt, others, islice(others, 1, None))) or any(kind == "directory" for kind, _ in others):
        return "buckets of other kinds out of order or twice"
    if others and not (unit.rest and all(map(matcher(unit.buckets), (name for _, name in others)))):
        return "a bucket of another kind that was not asked about"
    for what, names in (
        ("objects", [name for name, _ in facts.objects]),
        ("configurations", [name for name, _ in facts.details]),
        ("requests", [name for name, _ in facts.traffic]),
    ):
        if not all(map(lt, names, islice(names, 1, None))):
            return f"answers about {what} out of order or twice"
        if names and not (unit.rest and {bucket.name for bucket in facts.buckets}.issuperset(names)):
            return f"an answer about {what} of a bucket that it does not have"
    if any(
        (one.sizes is not None and len(one.sizes) != len(SIZE_EDGES) + 1)
        or (one.ages is not None and len(one.ages) != len(AGE_EDGES) + 1)
        for _, one in facts.objects
    ):
        return "an answer about objects with other bins of sizes and ages"
    return ""
