"""The largest prefixes of each depth, from keys in order. The result is the same for any division into ranges.

In S3's order, the keys of a prefix are adjacent. Within a range, a prefix is therefore complete once the next one
begins, and only the largest complete prefixes are kept, so memory does not grow with their number. The first and the
last prefix of a range may continue in the neighboring ranges.
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
_KEPT_FACTOR = 8  # up to this multiple of the requested number are kept before the smaller ones are dropped


class PrefixGroup(msgspec.Struct, gc=False):
    """The sums of a prefix by storage class."""

    prefix: str
    classes: dict[str, Amount]
    size: int = 0

    def add(self, other: PrefixGroup) -> None:
        """Add the objects of another group."""
        self.size += other.size
        self.classes = merge_sums([self.classes, other.classes])


class _Depth:
    """The groups of one depth in one range.

    ``first`` may begin before the range, ``open`` may continue after it, ``complete`` lie in it.
    """

    def __init__(self, top: int) -> None:
        self.first: PrefixGroup | None = None
        self.open: PrefixGroup | None = None
        self.complete: list[PrefixGroup] = []
        self._top = top
        self._min_size = 0  # bytes; enough complete groups are at least this large

    def add(self, group: PrefixGroup) -> None:
        """Add the group that follows."""
        if self.open is not None and self.open.prefix == group.prefix:
            self.open.add(group)
            return
        if self.open is not None and self.open is not self.first:
            self.close(self.open)
        self.first = self.first or group
        self.open = group

    def close(self, group: PrefixGroup) -> None:
        """Add a complete group."""
        if group.size < self._min_size:
            return
        self.complete.append(group)
        if len(self.complete) > _KEPT_FACTOR * self._top:
            self.complete = largest_groups(self.complete, self._top)
            self._min_size = self.complete[-1].size if self.complete else 0

    def edges(self) -> list[PrefixGroup]:
        """Return the groups that other ranges may share."""
        return [group for group in (self.first, self.open if self.open is not self.first else None) if group]


class Prefixes:
    """The prefixes of one range of keys."""

    def __init__(self, depth: int, top: int) -> None:
        self._top = top
        self._root = PrefixGroup("", {})  # keys without a delimiter
        self._depths = [_Depth(top) for _ in range(depth)]

    def add(self, keys: Sequence[str], classes: ClassSums) -> None:
        """Add the keys that follow. ``classes``: their sums."""
        if self._depths:
            self._add(0, "", 0, len(keys), keys, classes)

    def _add(self, depth: int, parent: str, start: int, end: int, keys: Sequence[str], classes: ClassSums) -> None:
        """Add the keys from ``start`` to before ``end``, which all begin with ``parent``."""
        begin, at = len(parent), start
        if depth and _flat(keys[start:end], parent):
            return
        while at < end:
            delimiter = keys[at].find(DELIMITER, begin)
            if delimiter < 0:
                stop = at + 1
                if depth == 0:
                    stop = _delimited(keys, stop, end)
                    self._root.add(_group("", at, stop, classes))
                at = stop
                continue
            prefix = keys[at][: delimiter + 1]
            stop = at + 1
            if stop < end and keys[stop].startswith(prefix):
                is_last = keys[end - 1].startswith(prefix)
                stop = end if is_last else bisect_left(keys, prefix[:-1] + _AFTER_DELIMITER, stop, end)
            self._depths[depth].add(_group(prefix, at, stop, classes))
            if depth + 1 < len(self._depths):
                self._add(depth + 1, prefix, at, stop, keys, classes)
            at = stop


def _flat(keys: Sequence[str], parent: str) -> bool:
    """Return whether no key has a delimiter after the parent. Testing all keys at once is fast."""
    return "".join(keys).count(DELIMITER) == len(keys) * parent.count(DELIMITER)


def _delimited(keys: Sequence[str], start: int, end: int) -> int:
    """Return the index of the next key with a delimiter."""
    return next((at for at in range(start, end) if DELIMITER in keys[at]), end)


def _group(prefix: str, start: int, end: int, classes: ClassSums) -> PrefixGroup:
    return PrefixGroup(prefix, classes.between(start, end), classes.size(start, end))


def merge_prefixes(ranges: Sequence[Prefixes]) -> tuple[Prefix, ...]:
    """Return the largest prefixes of each depth. ``ranges``: in key order."""
    if not ranges:
        return ()
    top = ranges[0]._top
    root = PrefixGroup("", {})
    for prefixes in ranges:
        root.add(prefixes._root)
    largest = [root] if root.classes else []
    for depths in zip(*(prefixes._depths for prefixes in ranges), strict=True):
        shared = _Depth(top)
        for depth in depths:
            for group in depth.edges():
                shared.add(PrefixGroup(group.prefix, group.classes, group.size))
        groups = [*shared.edges(), *shared.complete, *(group for depth in depths for group in depth.complete)]
        largest += largest_groups(groups, top)
    return tuple(Prefix(group.prefix, dict(sorted(group.classes.items()))) for group in largest)


def largest_groups(groups: Iterable[PrefixGroup], top: int) -> list[PrefixGroup]:
    """Return the ``top`` groups with the most bytes, ties by name."""
    return nsmallest(top, groups, key=lambda group: (-group.size, group.prefix))
