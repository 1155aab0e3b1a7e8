"""Checks a part before it is written: an invalid value is dropped with a gap, so that the part remains readable.

Values are bounded where they enter the program. This check covers bounds that are missing there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

import msgspec

from s3_monitor.collect.unit_data import status_of
from s3_monitor.model import part as parts
from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.identity import SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import CollectedBucket, Part, UnitData
from s3_monitor.model.plan import Unit
from s3_monitor.model.problem import Problem, create_problem, in_order
from s3_monitor.model.request_metrics import RequestMetrics

_UNREADABLE = (InvalidFileError, msgspec.MsgspecError, ValueError, OverflowError, TypeError)
# Created once: msgspec prepares a type on its first use, and may crash if two threads do so at the same time.
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {
    type_: msgspec.json.Decoder(type_)
    for type_ in (str, CollectedBucket, BucketConfig, SpecialBucket, ObjectStats, Part, RequestMetrics)
}
T = TypeVar("T")


def drop_unreadable(part: Part, units: Iterable[Unit]) -> Part:
    """Return the part without the values that its reader would reject, with a gap for each.

    ``units``: those of the shard, in the order of the part.
    """
    try:
        parts.decode(parts.encode(part), part.shard)
    except _UNREADABLE:
        return _reduce(part, list(units))
    return part


def _reduce(part: Part, units: list[Unit]) -> Part:
    gaps: list[Problem] = []
    data = [_reduce_unit(of_unit, unit, part.types, gaps) for of_unit, unit in zip(part.units, units, strict=True)]
    problems = in_order([*map(_encodable, part.problems), *gaps])
    return msgspec.structs.replace(
        part,
        units=data,
        types=[utf8_text(name) for name in part.types],
        problems=problems,
        status=status_of(units, data, problems) if gaps else part.status,
    )


def _reduce_unit(data: UnitData, unit: Unit, types: list[str], gaps: list[Problem]) -> UnitData:
    """Return the data of a unit. A bucket with invalid figures remains by name; its series are unanswered."""
    unanswered = set(data.unanswered)

    def report(code: str, name: str) -> None:
        gaps.append(create_problem(code, account=data.account, region=data.region, bucket=utf8_text(name)))

    buckets = []
    for bucket in data.buckets:
        if _is_readable(bucket, CollectedBucket):
            buckets.append(bucket)
            continue
        report("figures-out-of-bounds", bucket.name)
        if _is_readable(bucket.name, str):
            buckets.append(CollectedBucket(bucket.name, None, bucket.listed, ()))
            unanswered |= {(bucket.name, types[index]) for index, _ in bucket.sizes}
            unanswered |= {(bucket.name, "")} if unit.rest else set()
    names = {bucket.name for bucket in buckets}
    return msgspec.structs.replace(
        data,
        buckets=buckets,
        unanswered=sorted((name, utf8_text(type_)) for name, type_ in unanswered if name in names),
        objects=_filter(data.objects, ObjectStats, names, partial(report, "objects-out-of-bounds")),
        details=_filter(data.details, BucketConfig, names, partial(report, "configuration-out-of-bounds")),
        traffic=_filter(data.traffic, RequestMetrics, names, partial(report, "requests-out-of-bounds")),
        others=[bucket for bucket in data.others if _is_readable(bucket, SpecialBucket)],
    )


def _filter(
    values: list[tuple[str, T]], type_: type[T], buckets: set[str], report: Callable[[str], None]
) -> list[tuple[str, T]]:
    """Return the valid values of the buckets, and report the others."""
    valid = []
    for name, value in values:
        if not _is_readable(value, type_):
            report(name)
        elif name in buckets:
            valid.append((name, value))
    return valid


def _is_readable(value: object, type_: Any) -> bool:
    try:
        _DECODERS[type_].decode(msgspec.json.encode(value))
    except _UNREADABLE:
        return False
    return True


def _encodable(problem: Problem) -> Problem:
    texts = {name: utf8_text(text) for name, text in msgspec.structs.asdict(problem).items() if isinstance(text, str)}
    return msgspec.structs.replace(problem, **texts)
