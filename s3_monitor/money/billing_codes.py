"""Which region a usage type is of: its prefix. The table is data/billing-codes.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

_PREFIXED = re.compile(r"([A-Z]{2,4}[0-9]?)-(.+)")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    note: str
    codes: dict[str, list[str]]


# Made here, not where it is used: msgspec prepares a type on its first use, and two threads at once may crash it.
_TABLE = msgspec.json.Decoder(_Table)


@cache
def regions_by_code() -> Mapping[str, str]:
    """Billing code → region; the empty code is us-east-1."""
    content = (files("s3_monitor.money") / "data" / "billing-codes.json").read_bytes()
    table = _TABLE.decode(content)
    return MappingProxyType({code: region for region, codes in table.codes.items() for code in codes})


@lru_cache(1 << 14)
def split_usage_type(usage_type: str) -> tuple[str, str]:
    """Region, and the usage type without its prefix. A code that nobody knows stays part of the usage type: it is
    then one of us-east-1 that nothing else is called."""
    known = regions_by_code()
    found = _PREFIXED.fullmatch(usage_type)
    if found and found[1] in known:
        return known[found[1]], found[2]
    return known[""], usage_type


@cache
def codes_by_region() -> Mapping[str, str]:
    """Region → the code that S3's bills have."""
    found: dict[str, str] = {}
    for code, region in regions_by_code().items():
        found.setdefault(region, code)
    return MappingProxyType(found)


def usage_type_on_bill(region: str, usage_type: str) -> str | None:
    """A usage type of a region as bills write it; None: the region's code is not known."""
    code = codes_by_region().get(region)
    if code is None:
        return None
    return f"{code}-{usage_type}" if code else usage_type
