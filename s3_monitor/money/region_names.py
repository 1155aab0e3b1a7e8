"""Region names in price lists: lists of earlier years have no region codes. The table is data/locations.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

GLOBAL = "global"  # the region of charges that AWS makes once per account
_CODE = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    note: str
    locations: dict[str, str]


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_TABLE = msgspec.json.Decoder(_Table)


@cache
def regions_by_location() -> Mapping[str, str]:
    """Return normalized location name → region code."""
    table = _TABLE.decode((files("s3_monitor.money") / "data" / "locations.json").read_bytes())
    return MappingProxyType({normalize_location(name): code for name, code in table.locations.items()})


def normalize_location(name: str) -> str:
    """Remove the differences between lists: case, extra spaces, and EU for Europe."""
    return re.sub(r"^eu \(", "europe (", " ".join(name.split()).casefold())


def is_region_code(code: str) -> bool:
    """Return whether ``code`` has the form of a region code, such as us-east-1."""
    return _CODE.fullmatch(code) is not None
