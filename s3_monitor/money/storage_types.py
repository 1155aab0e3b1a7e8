"""CloudWatch's storage types: what they are billed as. The table is data/storage-types.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

# AWS: for each archived object 32 KB are kept for its index, at the rate of its archive class.
INDEX_BYTES = 32 * 1024


class StorageType(msgspec.Struct, frozen=True, rename={"name": "type"}):
    """``pool``: the storage type whose price and tiers it shares; with ``:last`` behind it, flat at the price of that
    pool's last tier. ``counted_by``: the type that holds INDEX_BYTES for each of its objects. ``usage_type``: what
    the bill calls it, without the region's prefix; null: not published. ``confidence``: H documented by AWS,
    M two independent captures, L inferred. ``everywhere``: AWS sells its class in every region. ``holds``: the S3
    storage classes whose objects' bytes it counts, behind a colon their access tier; none: overheads and staging."""

    name: str
    storage_class: str
    usage_type: str | None
    pool: str
    confidence: Literal["H", "M", "L"]
    counted_by: str | None = None
    holds: tuple[str, ...] = ()
    remark: str = ""
    everywhere: bool = True


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal[1]
    note: str
    types: list[StorageType]


# Made here, not where it is used: msgspec prepares a type on its first use, and two threads at once may crash it.
_TABLE = msgspec.json.Decoder(_Table)


@cache
def storage_types() -> Mapping[str, StorageType]:
    """The known types by name. CloudWatch may name others: they are kept, without a price."""
    content = (files("s3_monitor.money") / "data" / "storage-types.json").read_bytes()
    table = _TABLE.decode(content)
    return MappingProxyType({type_.name: type_ for type_ in table.types})


@cache
def pools() -> Mapping[str, StorageType]:
    """The types that have a price of their own, by what the bill calls them: usage type → type."""
    own = (type_ for type_ in storage_types().values() if type_.pool == type_.name and type_.usage_type)
    return MappingProxyType({str(type_.usage_type): type_ for type_ in own})
