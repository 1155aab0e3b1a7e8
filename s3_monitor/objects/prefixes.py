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

from s3_monitor.model.objects import Amount, Prefix

DELIMITER = "/"
_AFTER_DELIMITER = chr(ord(DELIMITER) + 1)
_KEPT = 8  # times as many as wanted are kept before the smaller ones are forgotten


class Group(msgspec.Struct, gc=False):
    """The keys of a prefix so far: storage class → [objects, bytes]."""

    prefix: str
    classes: dict[str, list[int]]
    size: int = 0

    def add(self, other: Group) -> None:
        self.size += other.size
        for name, (objects, size) in other.classes.items():
            amount = self.classes.setdefault(name, [0, 0])
            amount[0] += objects
            amount[1] += size


class _Depth:
    """The groups of one depth in one range. ``first``: may have begun before it. ``open``: may go on behind it."""

    def __init__(self, top: int) -> None:
        self.first: Group | None = None
        self.open: Group | None = None
        self.whole: list[Group] = []
        self._top = top

    def add(self, group: Group) -> None:
        """The next keys in order."""
        if self.open is not None and self.open.prefix == group.prefix:
            self.open.add(group)
            return
        if self.open is not None and self.open is not self.first:
            self.close(self.open)
        self.first = self.first or group
        self.open = group

    def close(self, group: Group) -> None:
        self.whole.append(group)
        if len(self.whole) > _KEPT * self._top:
            self.whole = largest(self.whole, self._top)

    def edges(self) -> list[Group]:
        return [group for group in (self.first, self.open if self.open is not self.first else None) if group]


class Prefixes:
    """Of one range of keys, or of several once they are ``united``."""

    def __init__(self, depth: int, top: int) -> None:
        self._top = top
        self._root = Group("", {})  # keys without a delimiter
        self._depths = [_Depth(top) for _ in range(depth)]

    def add(self, keys: Sequence[str], sizes: Sequence[int], classes: Sequence[str]) -> None:
        """The next keys in order, with their bytes and storage classes."""
        if self._depths:
            alike = len(set(classes)) == 1
            self._add(0, "", 0, len(keys), (keys, sizes, classes, alike))

    def _add(self, depth: int, parent: str, start: int, end: int, page: _Page) -> None:
        """The keys from ``start`` to before ``end``, which all begin with ``parent``."""
        keys = page[0]
        begin, at = len(parent), start
        while at < end:
            cut = keys[at].find(DELIMITER, begin)
            if cut < 0:
                if depth == 0:
                    self._root.add(_group("", at, at + 1, page))
                at += 1
                continue
            prefix = keys[at][: cut + 1]
            stop = end
            if not keys[end - 1].startswith(prefix):
                stop = bisect_left(keys, prefix[:-1] + _AFTER_DELIMITER, at, end)
            self._depths[depth].add(_group(prefix, at, stop, page))
            if depth + 1 < len(self._depths):
                self._add(depth + 1, prefix, at, stop, page)
            at = stop


_Page = tuple[Sequence[str], Sequence[int], Sequence[str], bool]  # keys, sizes, classes, whether these are all alike


def _group(prefix: str, start: int, end: int, page: _Page) -> Group:
    _, sizes, classes, alike = page
    whole = sum(sizes[start:end])
    if alike:
        return Group(prefix, {classes[start]: [end - start, whole]}, whole)
    amounts: dict[str, list[int]] = {}
    for name, size in zip(classes[start:end], sizes[start:end], strict=True):
        amount = amounts.setdefault(name, [0, 0])
        amount[0] += 1
        amount[1] += size
    return Group(prefix, amounts, whole)


def united(ranges: Sequence[Prefixes]) -> tuple[Prefix, ...]:
    """The largest of each depth. ``ranges``: one after another in the order of their keys."""
    if not ranges:
        return ()
    top = ranges[0]._top
    root = Group("", {})
    for one in ranges:
        root.add(one._root)
    found = [root] if root.classes else []
    for depths in zip(*(one._depths for one in ranges), strict=True):
        whole = _Depth(top)
        for depth in depths:
            for group in depth.edges():
                whole.add(
                    Group(group.prefix, {name: list(amount) for name, amount in group.classes.items()}, group.size)
                )
        groups = [*whole.edges(), *whole.whole, *(group for depth in depths for group in depth.whole)]
        found += largest(groups, top)
    return tuple(_prefix(group) for group in found)


def largest(groups: Iterable[Group], top: int) -> list[Group]:
    """By bytes, ties by name."""
    return nsmallest(top, groups, key=lambda group: (-group.size, group.prefix))


def _prefix(group: Group) -> Prefix:
    return Prefix(group.prefix, {name: Amount(*group.classes[name]) for name in sorted(group.classes)})
