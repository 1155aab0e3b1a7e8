"""The table of S3's storage classes and CloudWatch's storage types: data/storage-types.json.

A new storage type is one row of the table, and a price in the price list if it has a pool of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from s3_monitor.money.rounding import apportion

INDEX_BYTES = 32 * 1024  # AWS: size of the index of an archived object, at the rate of its archive class
LAST_TIER = ":last"  # at the end of a pool: flat at the price of the pool's last tier


class StorageClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"name": "class"}):
    """A storage class, as S3 names it."""

    name: str
    """Name in S3's API, for example STANDARD_IA."""
    title: str
    """Name for readers."""
    colors: tuple[str, str] | None = None
    """Its colors on light and dark pages; null: it is shown as one of the other classes."""
    minimum_days: int = 0
    """Days that are billed at least. AWS bills them as EarlyDelete, which no storage type contains."""
    minimum_size: int = 0
    """Bytes that are billed at least per object."""
    request_code: str = ""
    """Part of the usage types of its requests, Requests-CODE-Tier1; empty: Requests-Tier1."""
    transition: str = ""
    """Price of a lifecycle transition into the class, as USAGE_TYPE:OPERATION; empty: none."""
    retrieval: tuple[str, ...] = ()
    """Price per retrieved GB, the most specific key first; empty: none."""


class StorageType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"name": "type"}):
    """A storage type, as CloudWatch names it."""

    name: str
    """Value of the dimension StorageType."""
    title: str
    """Name for readers."""
    meaning: str
    """What the bytes are, for readers."""
    storage_class: str
    """Storage class of the objects that cause the bytes."""
    contains: Literal["objects", "overhead", "uploads"]
    """Whether the bytes are objects, what AWS adds to objects, or parts of unfinished uploads."""
    usage_type: str | None
    """Usage type on the bill, without the prefix of the region; null: not published."""
    pool: str
    """Storage type whose price and tiers it shares, perhaps with LAST_TIER."""
    confidence: Literal["H", "M", "L"]
    """H: documented by AWS, M: two independent captures, L: inferred."""
    holds: tuple[str, ...] = ()
    """Storage classes of the objects, behind a colon the access tier as S3 Inventory names it."""
    counted_by: str | None = None
    """Storage type that holds INDEX_BYTES for each of its objects."""
    renamed_to: str | None = None
    """Present name of a former storage type. Only one of the two counts."""
    everywhere: bool = True
    """Whether every region sells the class."""
    remark: str = ""
    """Source of the row, or what is uncertain."""


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal[2]
    note: str
    classes: list[StorageClass]
    types: list[StorageType]


# A decoder per process: msgspec prepares a type at its first decoding, which two threads must not do at once.
_DECODER = msgspec.json.Decoder(_Table)


@cache
def _table() -> _Table:
    return _DECODER.decode((files("s3_monitor.money") / "data" / "storage-types.json").read_bytes())


@cache
def storage_types() -> Mapping[str, StorageType]:
    """Return the storage types by name. CloudWatch may report others, which have no price."""
    return MappingProxyType({type_.name: type_ for type_ in _table().types})


@cache
def storage_classes() -> Mapping[str, StorageClass]:
    """Return the storage classes by name, the most expensive first."""
    return MappingProxyType({class_.name: class_ for class_ in _table().classes})


@cache
def pools() -> Mapping[str, StorageType]:
    """Return the storage types with a price of their own, by usage type."""
    own = (type_ for type_ in storage_types().values() if type_.pool == type_.name and type_.usage_type)
    return MappingProxyType({str(type_.usage_type): type_ for type_ in own})


@cache
def usage_types() -> Mapping[str, str]:
    """Return storage type → usage type; where it is not published, the usage type of the pool."""
    types = storage_types()
    found = {
        name: type_.usage_type or types[type_.pool.removesuffix(LAST_TIER)].usage_type for name, type_ in types.items()
    }
    return MappingProxyType({name: usage_type for name, usage_type in found.items() if usage_type})


@cache
def types_of_class(storage_class: str) -> tuple[str, ...]:
    """Return the storage types that hold the objects of a storage class, perhaps with ``:ACCESS_TIER``.

    INTELLIGENT_TIERING without its access tier has several; a class that is not in the table has none.
    """
    plain = storage_class.partition(":")[0]
    exact = tuple(name for name, type_ in storage_types().items() if storage_class in type_.holds)
    return exact or tuple(name for name, type_ in storage_types().items() if plain in type_.holds)


@cache
def overhead_types() -> frozenset[str]:
    """Return the storage types of what AWS adds to objects."""
    return frozenset(name for name, type_ in storage_types().items() if type_.contains == "overhead")


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
    names = sorted(name for name in types if weights[name])
    return dict(zip(names, apportion([size * weights[name] for name in names], total), strict=True))
