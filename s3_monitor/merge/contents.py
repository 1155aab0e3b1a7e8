"""Two answers about the objects of one bucket."""

from __future__ import annotations

import msgspec

from s3_monitor.model.objects import Objects

_ENCODER = msgspec.json.Encoder(order="sorted")


def unite_contents(one: Objects | None, other: Objects) -> Objects:
    """The better of them: a whole one, else the later, else the one that saw more. Answers are never mixed, since
    nobody can tell what both have seen. In whatever order and how often they are given, the same comes out."""
    return other if one is None or one == other else max(one, other, key=_rank)


def _rank(objects: Objects) -> tuple[bool, int, int, bytes]:
    return objects.complete, objects.at, objects.current.objects, _ENCODER.encode(objects)
