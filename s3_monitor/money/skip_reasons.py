"""Entries of AWS's price lists that a matrix does not have, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum


class SkipReason(StrEnum):
    """Why an entry of a list is not in the matrix. Sentences: cli/price_format.py."""

    # The entry is of something else: nothing is lost.
    OTHER_SERVICE = "other-service"
    OTHER_USAGE = "other-usage"
    OTHER_PLACE = "other-place"
    OTHER_OPERATION = "other-operation"
    OTHER_TRANSFER = "other-transfer"
    NO_TERMS = "no-terms"
    SUPERSEDED = "superseded"
    # The entry should be in the matrix, and cannot.
    NOT_A_PRODUCT = "not-a-product"
    INVALID_TERMS = "invalid-terms"
    UNKNOWN_LOCATION = "unknown-location"
    INVALID_PRICE = "invalid-price"
    TIERS_START_ABOVE_ZERO = "tiers-start-above-zero"
    TIER_GAP = "tier-gap"
    TIER_OVERLAP = "tier-overlap"
    OTHER_CURRENCY = "other-currency"
    UNEXPECTED_UNIT = "unexpected-unit"
    FOREIGN_PREFIX = "foreign-prefix"
    CONTRADICTION = "contradiction"

    @property
    def is_loss(self) -> bool:
        """Whether the entry should be in the matrix."""
        return self not in _NO_LOSS


_NO_LOSS = frozenset(
    {
        SkipReason.OTHER_SERVICE,
        SkipReason.OTHER_USAGE,
        SkipReason.OTHER_PLACE,
        SkipReason.OTHER_OPERATION,
        SkipReason.OTHER_TRANSFER,
        SkipReason.NO_TERMS,
        SkipReason.SUPERSEDED,
    }
)


class EntrySkipped(Exception):
    """An entry cannot be used. ``detail``: the values that are wrong."""

    def __init__(self, reason: SkipReason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass
class SkippedEntries:
    """The entries of the lists that are not in the matrix: reason → entries, by usage type, place and wrong value."""

    read: int = 0
    entries: dict[SkipReason, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, reason: SkipReason, what: str) -> None:
        self.entries[reason][what] += 1

    @property
    def lost(self) -> int:
        """Return how many entries should be in the matrix and are not."""
        return sum(counter.total() for reason, counter in self.entries.items() if reason.is_loss)
