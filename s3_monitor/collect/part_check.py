"""A part is checked before it is written: what its reader would reject costs one answer about one bucket, not the part.

Values are bounded where they enter the program; this holds for those that nobody has thought of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from s3_monitor.collect.unit_data import status_of
from s3_monitor.model import part as parts
from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.identity import SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import BucketData, Part, UnitData
from s3_monitor.model.plan import Unit
from s3_monitor.model.problem import Problem, create_problem, in_order
from s3_monitor.model.request_metrics import RequestMetrics

_UNREADABLE = (InvalidFileError, msgspec.MsgspecError, ValueError, OverflowError, TypeError)
# Made here, not where they are used: msgspec prepares a type on its first use, and two threads at once may crash it.
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {
    type_: msgspec.json.Decoder(type_)
    for type_ in (str, BucketData, BucketConfig, SpecialBucket, ObjectStats, Part, RequestMetrics)
}
T = TypeVar("T")


def drop_unreadable(part: Part, units: Iterable[Unit]) -> Part:
    """Return the part without what its reader would reject, with a gap for each such answer.

    ``units``: those of the shard, in the order of the part.
    """
    try:
        parts.decode(parts.encode(part), part.shard)
    except _UNREADABLE:
        return _reduced(part, list(units))
    return part


def _reduced(part: Part, units: list[Unit]) -> Part:
    lost: list[Problem] = []
    facts = [_unit(one, unit, part.types, lost) for one, unit in zip(part.units, units, strict=True)]
    problems = in_order([*map(_encodable, part.problems), *lost])
    return msgspec.structs.replace(
        part,
        units=facts,
        types=[utf8_text(name) for name in part.types],
        problems=problems,
        status=status_of(units, facts, problems) if lost else part.status,
    )


def _unit(facts: UnitData, unit: Unit, types: list[str], lost: list[Problem]) -> UnitData:
    """The unit's facts; a bucket whose figures cannot be kept stays by name, and its figures are unanswered."""
    unanswered = set(facts.unanswered)

    def report(code: str) -> Callable[[str], None]:
        return lambda name: lost.append(
            create_problem(code, account=facts.account, region=facts.region, bucket=utf8_text(name))
        )

    buckets = []
    for bucket in facts.buckets:
        if _is_readable(bucket, BucketData):
            buckets.append(bucket)
            continue
        report("figures-out-of-bounds")(bucket.name)
        if _is_readable(bucket.name, str):
            buckets.append(BucketData(bucket.name, None, bucket.listed, ()))
            unanswered |= {(bucket.name, types[index]) for index, _ in bucket.sizes}
            unanswered |= {(bucket.name, "")} if unit.rest else set()
    kept = {bucket.name for bucket in buckets}
    return msgspec.structs.replace(
        facts,
        buckets=buckets,
        unanswered=sorted((name, utf8_text(type_)) for name, type_ in unanswered if name in kept),
        objects=_kept(facts.objects, ObjectStats, kept, report("objects-out-of-bounds")),
        details=_kept(facts.details, BucketConfig, kept, report("configuration-out-of-bounds")),
        traffic=_kept(facts.traffic, RequestMetrics, kept, report("requests-out-of-bounds")),
        others=[one for one in facts.others if _is_readable(one, SpecialBucket)],
    )


def _kept(
    answers: list[tuple[str, T]], type_: type[T], buckets: set[str], report: Callable[[str], None]
) -> list[tuple[str, T]]:
    found = []
    for name, answer in answers:
        if _is_readable(answer, type_):
            found += [(name, answer)] if name in buckets else []
        else:
            report(name)
    return found


def _is_readable(value: object, type_: Any) -> bool:
    try:
        _DECODERS[type_].decode(msgspec.json.encode(value))
    except _UNREADABLE:
        return False
    return True


def _encodable(problem: Problem) -> Problem:
    texts = {name: utf8_text(text) for name, text in msgspec.structs.asdict(problem).items() if isinstance(text, str)}
    return msgspec.structs.replace(problem, **texts)
