"""Sums of objects and bytes, computed for a page of keys at a time, since buckets have millions of keys."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, TypeVar

from s3_monitor.model.object_stats import Amount

K = TypeVar("K", bound=Hashable)


def sum_by_name(names: Sequence[K], sizes: Sequence[int]) -> dict[K, Amount]:
    """Return objects and bytes by name. ``sizes``: in bytes, one per name."""
    if len(set(names)) <= 1:
        return {names[0]: Amount(len(names), sum(sizes))} if names else {}
    totals: defaultdict[K, int] = defaultdict(int)
    for name, size in zip(names, sizes, strict=True):
        totals[name] += size
    return {name: Amount(count, totals[name]) for name, count in Counter(names).items()}


def sum_by_bin(edges: Sequence[int], sizes: Sequence[int]) -> dict[int, Amount]:
    """Return objects and bytes by ``bisect_right(edges, size)``; ``edges`` ascend."""
    ordered = sorted(sizes)
    indexes = [0, *(bisect_left(ordered, edge) for edge in edges), len(ordered)]
    return {
        number: Amount(end - start, sum(ordered[start:end])) for number, (start, end) in enumerate(pairwise(indexes))
    }


def merge_sums(parts: Iterable[Mapping[K, Amount]]) -> dict[K, Amount]:
    """Add sums by name."""
    merged: dict[K, Amount] = {}
    for name, amount in chain.from_iterable(part.items() for part in parts):
        previous = merged.get(name)
        merged[name] = amount if previous is None else previous + amount
    return merged


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum of amounts."""
    return sum(amounts, Amount())


def in_bins(sums: Mapping[Any, Amount], bins: int) -> tuple[Amount, ...]:
    """Return the sums of the bins with the numbers from 0 on."""
    return tuple(sums.get(number, Amount()) for number in range(bins))


class ClassSums:
    """The sums of slices of a page's objects, by storage class."""

    def __init__(self, classes: Sequence[str], sizes: Sequence[int]) -> None:
        self._classes, self._sizes = classes, sizes
        self._has_one_class = len(set(classes)) == 1
        self._last_slice, self._last_sums = (0, 0), dict[str, Amount]()

    def size(self, start: int, end: int) -> int:
        """Return the bytes of the objects from ``start`` to before ``end``."""
        return sum(self._sizes[start:end])

    def between(self, start: int, end: int) -> dict[str, Amount]:
        """Return objects and bytes by class, from ``start`` to before ``end``."""
        if self._has_one_class or end - start == 1:
            return {self._classes[start]: Amount(end - start, self.size(start, end))}
        if (start, end) != self._last_slice:  # prefixes of several depths often have the same objects
            self._last_sums = sum_by_name(self._classes[start:end], self._sizes[start:end])
            self._last_slice = start, end
        return self._last_sums
