"""Allocate the bytes of storage classes to storage types."""

from __future__ import annotations

from collections.abc import Mapping

from s3_monitor.money.storage_types import types_of_class


def allocate_to_types(sizes: Mapping[str, int], lines: Mapping[str, float]) -> dict[str, int]:
    """Return storage type → bytes, from storage class → bytes. The sum is the same.

    Where a class has several storage types, its bytes are allocated in proportion to the bucket's ``lines`` (storage
    type → bytes); without any, to the first type: AWS puts new objects into the Frequent Access tier. A class that is
    not in the table keeps its name.
    """
    allocated: dict[str, int] = {}
    for storage_class, size in sizes.items():
        for name, part in _allocate(size, storage_class, lines).items():
            allocated[name] = allocated.get(name, 0) + part
    return dict(sorted(allocated.items()))


def _allocate(size: int, storage_class: str, lines: Mapping[str, float]) -> dict[str, int]:
    types = types_of_class(storage_class)
    weights = {name: int(lines.get(name, 0)) for name in types}
    total = sum(weights.values())
    if len(types) < 2 or not total:
        return {types[0] if types else storage_class: size}
    parts = {name: size * weight // total for name, weight in weights.items() if weight}
    rest = size - sum(parts.values())
    for name in sorted(parts, key=lambda name: (-(size * weights[name] % total), name))[:rest]:
        parts[name] += 1
    return parts
