"""A finding in its compact form: a report of a hundred thousand buckets has several hundred thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from s3_monitor.model.finding import FactSource, FindingId, FindingKind
from s3_monitor.model.policies import PolicyException
from s3_monitor.money.storage_types import storage_types

Value = int | float | str | None
# Source of facts → their UTC day. None, or not present: without a date.
Dates = Mapping[FactSource, date | None]
# The data that would make the amount of a finding known, or its bounds narrower.
Missing = Literal["", "prices", "objects", "requests", "bill"]
BytePart = Literal["current", "noncurrent", "uploads"]
# Charges that are not for stored bytes.
Fee = Literal["requests", "monitoring", "early deletion", "features", "buckets"]

_PARTS: Final[tuple[BytePart, ...]] = ("current", "noncurrent", "uploads")
_FEES: Final[tuple[Fee, ...]] = ("requests", "monitoring", "early deletion", "features", "buckets")


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A finding about a bucket, or about an account and region."""

    id: FindingId
    account: str
    region: str
    bucket: str | None
    """None: the finding is about the account and region."""
    kind: FindingKind
    low: float | None
    """Smallest saving in the currency of the report per month. None: unknown, or without a lower bound."""
    high: float | None
    """Largest saving in the currency of the report per month. None: unknown."""
    scope: int
    """The bytes and charges that the finding is about, as a set of bits: see ``scope_of``."""
    values: tuple[Value, ...]
    """The values of the rule's evidence, in its order."""
    dates: Dates
    once: float | None = None
    """Cost of the change, paid once."""
    missing: Missing = ""
    exception: PolicyException | None = None
    """The exception of policies.yaml that silences the finding."""

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Return the bucket, or the account and region."""
        return self.account, self.region, self.bucket

    @property
    def amount(self) -> float | None:
        """Return the saving of an exact finding, or the bound of at-most."""
        return self.high if self.kind in ("exact", "at-most") else None


@cache
def _first_bits() -> dict[str, int]:
    return {name: index * len(_PARTS) for index, name in enumerate(storage_types())}


@lru_cache(1 << 12)
def scope_of(types: tuple[str, ...], *parts: BytePart) -> int:
    """Return the scope of storage types, or of some parts of them."""
    first = _first_bits()
    return sum(
        1 << first[name] + _PARTS.index(part) for name in set(types) if name in first for part in parts or _PARTS
    )


@cache
def fee_scope(fee: Fee) -> int:
    """Return the scope of a charge that is not for stored bytes."""
    return 1 << len(_first_bits()) * len(_PARTS) + _FEES.index(fee)


@lru_cache(1 << 12)
def scope_names(scope: int) -> tuple[str, ...]:
    """Return the names of a scope: storage types, behind a colon the parts of them, or charges."""
    return tuple(_names(scope))


def _names(scope: int) -> Iterator[str]:
    for name, first in _first_bits().items():
        parts = [part for bit, part in enumerate(_PARTS) if scope >> first + bit & 1]
        if len(parts) == len(_PARTS):
            yield name
        else:
            yield from (f"{name}:{part}" for part in parts)
    yield from (fee for fee in _FEES if scope & fee_scope(fee))
