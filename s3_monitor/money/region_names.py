"""Names of regions in price lists: lists of earlier years carry no region codes. The table is data/locations.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

GLOBAL = "global"  # what AWS sells once, not by region
_CODE = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    note: str
    locations: dict[str, str]


# Made here, not where it is used: msgspec prepares a type on its first use, and two threads at once may crash it.
_TABLE = msgspec.json.Decoder(_Table)


@cache
def regions_by_location() -> Mapping[str, str]:
    """Location name → region code, names as ``plain`` makes them."""
    content = (files("s3_monitor.money") / "data" / "locations.json").read_bytes()
    table = _TABLE.decode(content)
    return MappingProxyType({normalize_location(name): code for name, code in table.locations.items()})


def normalize_location(name: str) -> str:
    """A name without what differs between lists: case, spaces at the ends or doubled, EU for Europe."""
    short = " ".join(name.split()).casefold()
    return re.sub(r"^eu \(", "europe (", short)


def is_region_code(code: str) -> bool:
    return _CODE.fullmatch(code) is not None
