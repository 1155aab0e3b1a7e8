"""How AWS names regions in price lists and in usage types. The tables are in data/.

Price lists of earlier years have the names of locations (locations.json). Usage types begin with the billing code of
their region (billing-codes.json).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

GLOBAL = "global"  # the region of charges that AWS makes once per account
_CODE = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")
_PREFIXED = re.compile(r"([A-Z]{2,4}[0-9]?)-(.+)")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    note: str
    locations: dict[str, str] = {}
    codes: dict[str, list[str]] = {}


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_TABLE = msgspec.json.Decoder(_Table)


def _table(name: str) -> _Table:
    return _TABLE.decode((files("s3_monitor.money") / "data" / name).read_bytes())


@cache
def regions_by_location() -> Mapping[str, str]:
    """Return normalized location name → region code."""
    locations = _table("locations.json").locations
    return MappingProxyType({normalize_location(name): code for name, code in locations.items()})


def normalize_location(name: str) -> str:
    """Remove the differences between lists: case, extra spaces, and EU for Europe."""
    return re.sub(r"^eu \(", "europe (", " ".join(name.split()).casefold())


def is_region_code(code: str) -> bool:
    """Return whether ``code`` has the form of a region code, such as us-east-1."""
    return _CODE.fullmatch(code) is not None


@cache
def regions_by_code() -> Mapping[str, str]:
    """Return billing code → region. The empty code is us-east-1."""
    table = _table("billing-codes.json").codes
    return MappingProxyType({code: region for region, codes in table.items() for code in codes})


@cache
def codes_by_region() -> Mapping[str, str]:
    """Return region → billing code. Of several codes, it is the first in the table, which S3's bills use."""
    codes: dict[str, str] = {}
    for code, region in regions_by_code().items():
        codes.setdefault(region, code)
    return MappingProxyType(codes)


@lru_cache(1 << 14)
def split_usage_type(usage_type: str) -> tuple[str, str]:
    """Return the region and the usage type without its prefix.

    An unknown prefix stays part of the usage type, with us-east-1 as region. It then matches no known usage type.
    """
    regions = regions_by_code()
    match = _PREFIXED.fullmatch(usage_type)
    if match and match[1] in regions:
        return regions[match[1]], match[2]
    return regions[""], usage_type


def usage_type_on_bill(region: str, usage_type: str) -> str | None:
    """Return the usage type with the region's prefix, as in bills, or None if the region has no known code."""
    code = codes_by_region().get(region)
    if code is None:
        return None
    return f"{code}-{usage_type}" if code else usage_type
