"""S3's storage classes among CloudWatch's storage types. Which holds which is in data/storage-types.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from s3_monitor.money.storage_types import storage_types

_STAGING = "StagingStorage"  # AWS: parts of uploads into archive classes


@cache
def types_of(storage_class: str) -> tuple[str, ...]:
    """The storage types that hold the bytes of objects of an S3 storage class, behind a colon perhaps its access tier.
    Several for INTELLIGENT_TIERING where the tier is not known; none for a class that CloudWatch has no type for."""
    exact = tuple(name for name, type_ in storage_types().items() if storage_class in type_.holds)
    plain = storage_class.partition(":")[0]
    return exact or tuple(name for name, type_ in storage_types().items() if plain in type_.holds)


@cache
def overheads() -> frozenset[str]:
    """The storage types that hold no objects' bytes."""
    return frozenset(n for n, type_ in storage_types().items() if not type_.holds and not n.endswith(_STAGING))


def allocate_to_types(sizes: Mapping[str, int], lines: Mapping[str, float]) -> dict[str, int]:
    """Bytes by storage class → by storage type. Where a class may be in several types they are shared out as the
    bucket's ``lines`` (storage type → bytes) are, to the byte; without any, the first type has them: AWS puts new
    objects into the Frequent Access tier. A class without a type stands for itself."""
    found: dict[str, int] = {}
    for storage_class, size in sizes.items():
        for name, part in _shared_out(size, storage_class, lines).items():
            found[name] = found.get(name, 0) + part
    return dict(sorted(found.items()))


def _shared_out(size: int, storage_class: str, lines: Mapping[str, float]) -> dict[str, int]:
    types = types_of(storage_class)
    weights = {name: int(lines.get(name, 0)) for name in types}
    whole = sum(weights.values())
    if len(types) < 2 or not whole:
        return {types[0] if types else storage_class: size}
    parts = {name: size * weight // whole for name, weight in weights.items() if weight}
    left = size - sum(parts.values())
    for name in sorted(parts, key=lambda name: (-(size * weights[name] % whole), name))[:left]:
        parts[name] += 1
    return parts
