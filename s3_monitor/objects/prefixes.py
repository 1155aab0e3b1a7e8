"""The largest prefixes of each depth, from keys in their order. Exact for any cut of the keys into ranges, in memory
that does not grow with the number of prefixes.

Keys that share a prefix stand together in the order that S3 lists in. So within a range a prefix is whole once the
next one comes, and only the largest whole ones are kept; those at the two edges of a range may go on in the next.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import nsmallest

import msgspec

from s3_monitor.model.object_stats import Amount, Prefix
from s3_monitor.objects.sums import ClassSums, merge_sums

DELIMITER = "/"
_AFTER_DELIMITER = chr(ord(DELIMITER) + 1)
_KEPT = 8  # times as many as wanted are kept before the smaller ones are forgotten


class PrefixGroup(msgspec.Struct, gc=False):
    """The keys of a prefix so far, by storage class."""

    prefix: str
    classes: dict[str, Amount]
    size: int = 0

    def add(self, other: PrefixGroup) -> None:
        self.size += other.size
        self.classes = merge_sums([self.classes, other.classes])


class _Depth:
    """The groups of one depth in one range. ``first``: may have begun before it. ``open``: may go on behind it."""

    def __init__(self, top: int) -> None:
        self.first: PrefixGroup | None = None
        self.open: PrefixGroup | None = None
        self.whole: list[PrefixGroup] = []
        self._top = top
        self._least = 0  # bytes: of the whole ones as many as wanted have that much

    def add(self, group: PrefixGroup) -> None:
        """The next keys in order."""
        if self.open is not None and self.open.prefix == group.prefix:
            self.open.add(group)
            return
        if self.open is not None and self.open is not self.first:
            self.close(self.open)
        self.first = self.first or group
        self.open = group

    def close(self, group: PrefixGroup) -> None:
        if group.size < self._least:
            return
        self.whole.append(group)
        if len(self.whole) > _KEPT * self._top:
            self.whole = largest_groups(self.whole, self._top)
            self._least = self.whole[-1].size if self.whole else 0

    def edges(self) -> list[PrefixGroup]:
        return [group for group in (self.first, self.open if self.open is not self.first else None) if group]


class Prefixes:
    """Of one range of keys, or of several once they are ``united``."""

    def __init__(self, depth: int, top: int) -> None:
        self._top = top
        self._root = PrefixGroup("", {})  # keys without a delimiter
        self._depths = [_Depth(top) for _ in range(depth)]

    def add(self, keys: Sequence[str], classes: ClassSums) -> None:
        """The next keys in order, and their storage classes."""
        if self._depths:
            self._add(0, "", 0, len(keys), keys, classes)

    def _add(self, depth: int, parent: str, start: int, end: int, keys: Sequence[str], classes: ClassSums) -> None:
        """The keys from ``start`` to before ``end``, which all begin with ``parent``."""
        begin, at = len(parent), start
        if depth and _flat(keys[start:end], parent):
            return
        while at < end:
            cut = keys[at].find(DELIMITER, begin)
            if cut < 0:
                stop = at + 1
                if depth == 0:
                    stop = _delimited(keys, stop, end)
                    self._root.add(_group("", at, stop, classes))
                at = stop
                continue
            prefix = keys[at][: cut + 1]
            stop = at + 1
            if stop < end and keys[stop].startswith(prefix):
                whole = keys[end - 1].startswith(prefix)
                stop = end if whole else bisect_left(keys, prefix[:-1] + _AFTER_DELIMITER, stop, end)
            self._depths[depth].add(_group(prefix, at, stop, classes))
            if depth + 1 < len(self._depths):
                self._add(depth + 1, prefix, at, stop, keys, classes)
            at = stop


def _flat(keys: Sequence[str], parent: str) -> bool:
    """Whether none has a delimiter behind the parent. To look at all of them at once is quick."""
    return "".join(keys).count(DELIMITER) == len(keys) * parent.count(DELIMITER)


def _delimited(keys: Sequence[str], start: int, end: int) -> int:
    """The place of the next key that has a delimiter."""
    return next((at for at in range(start, end) if DELIMITER in keys[at]), end)


def _group(prefix: str, start: int, end: int, classes: ClassSums) -> PrefixGroup:
    return PrefixGroup(prefix, classes.between(start, end), classes.size(start, end))


def merge_prefixes(ranges: Sequence[Prefixes]) -> tuple[Prefix, ...]:
    """The largest of each depth. ``ranges``: one after another in the order of their keys."""
    if not ranges:
        return ()
    top = ranges[0]._top
    root = PrefixGroup("", {})
    for one in ranges:
        root.add(one._root)
    found = [root] if root.classes else []
    for depths in zip(*(one._depths for one in ranges), strict=True):
        whole = _Depth(top)
        for depth in depths:
            for group in depth.edges():
                whole.add(PrefixGroup(group.prefix, group.classes, group.size))
        groups = [*whole.edges(), *whole.whole, *(group for depth in depths for group in depth.whole)]
        found += largest_groups(groups, top)
    return tuple(_prefix(group) for group in found)


def largest_groups(groups: Iterable[PrefixGroup], top: int) -> list[PrefixGroup]:
    """By bytes, ties by name."""
    return nsmallest(top, groups, key=lambda group: (-group.size, group.prefix))


def _prefix(group: PrefixGroup) -> Prefix:
    return Prefix(group.prefix, dict(sorted(group.classes.items())))
