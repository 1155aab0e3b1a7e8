"""The price matrix: what a GB-month of each pool costs in each region, and where that was read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import msgspec

from s3_monitor.model.failure import BadFile
from s3_monitor.model.files import decode_versioned, read_bytes

FORMAT = 1
_BUNDLED = "prices-2024-09-25.json"
_ADVICE = "give --prices a file in the form of s3_monitor/money/data/prices-*.json, or `bundled`"


class Tier(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """``[upto, price]``: USD per GB-month (GB = 2^30 bytes) of what a pool holds up to ``upto`` GB; null: no end."""

    upto: Decimal | None
    price: Decimal


class PoolPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tiers of a pool, from the first GB on. Where the last one ends, no price is known. ``source``: a key of
    Matrix.sources."""

    source: str
    tiers: tuple[Tier, ...]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where figures were read. ``date``: of the figures, as exactly as it is known (2026, 2025-04, 2024-09-25)."""

    title: str
    date: str
    remark: str = ""


class Matrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``regions``: region → pool → its price. ``published``: the date that most of it is of."""

    source: str
    published: date
    sources: dict[str, Source]
    regions: dict[str, dict[str, PoolPrice]]
    currency: str = "USD"
    note: str = ""
    format: int = FORMAT

    def pool(self, region: str, pool: str) -> PoolPrice | None:
        return self.regions.get(region, {}).get(pool)


def decode(content: bytes, path: object) -> Matrix:
    """BadFile where it is not a price file, or one that contradicts itself."""
    matrix = decode_versioned(content, path, Matrix, FORMAT, "price file", _ADVICE)
    for region, pools in matrix.regions.items():
        for name, pool in pools.items():
            what = _fault(pool, matrix)
            if what:
                raise BadFile(path, f"{region}, {name}: {what}", _ADVICE)
    return matrix


def read(path: Path) -> Matrix:
    """BadFile where the file cannot be read or is not a price file."""
    return decode(read_bytes(path, _ADVICE), path)


def bundled() -> Matrix:
    """The list that comes with the program."""
    return decode((files("s3_monitor.money") / "data" / _BUNDLED).read_bytes(), _BUNDLED)


def _fault(pool: PoolPrice, matrix: Matrix) -> str:
    if pool.source not in matrix.sources:
        return f"there is no source {pool.source!r}"
    if not pool.tiers:
        return "no tier"
    numbers = [tier.price for tier in pool.tiers] + [tier.upto for tier in pool.tiers if tier.upto is not None]
    if not all(number.is_finite() and number >= 0 for number in numbers):
        return "a figure that is not a finite number from 0 on"
    ends = [tier.upto for tier in pool.tiers]
    known = [end for end in ends if end is not None]
    if None in ends[:-1] or any(known[n] >= known[n + 1] for n in range(len(known) - 1)) or known[:1] == [0]:
        return "tiers out of order"
    return ""
