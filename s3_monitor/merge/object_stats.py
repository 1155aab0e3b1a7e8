"""Two answers about the objects of one bucket."""

from __future__ import annotations

import msgspec

from s3_monitor.model.object_stats import ObjectStats

_ENCODER = msgspec.json.Encoder(order="sorted")


def merge_object_stats(one: ObjectStats | None, other: ObjectStats) -> ObjectStats:
    """The better of them: a whole one, else the later, else the one that saw more. Answers are never mixed, since
    nobody can tell what both have seen. In whatever order and how often they are given, the same comes out."""
    return other if one is None or one == other else max(one, other, key=_rank)


def _rank(objects: ObjectStats) -> tuple[bool, int, int, bytes]:
    return objects.complete, objects.at, objects.current.objects, _ENCODER.encode(objects)
