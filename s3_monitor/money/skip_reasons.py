"""The entries of AWS's price lists that an import skips, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum


class SkipReason(StrEnum):
    """Why an entry of a list is skipped. Texts: cli/price_format.py."""

    # Irrelevant entries
    OTHER_SERVICE = "other-service"
    OTHER_USAGE = "other-usage"
    OTHER_PLACE = "other-place"
    OTHER_OPERATION = "other-operation"
    OTHER_TRANSFER = "other-transfer"
    NO_TERMS = "no-terms"
    SUPERSEDED = "superseded"
    # Entries that should be imported but cannot be
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
        """Whether the entry should be imported."""
        return self not in _IRRELEVANT


_IRRELEVANT = frozenset(
    {
        *(SkipReason.OTHER_SERVICE, SkipReason.OTHER_USAGE, SkipReason.OTHER_PLACE, SkipReason.OTHER_OPERATION),
        *(SkipReason.OTHER_TRANSFER, SkipReason.NO_TERMS, SkipReason.SUPERSEDED),
    }
)


class EntrySkipped(Exception):
    """An entry cannot be imported. ``detail``: the wrong values."""

    def __init__(self, reason: SkipReason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass
class SkippedEntries:
    """The entries that an import skipped."""

    read: int = 0
    """The number of all entries of the lists."""
    entries: dict[SkipReason, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By reason, the number of entries by usage type, region and wrong value."""

    def add(self, reason: SkipReason, what: str) -> None:
        """Count an entry."""
        self.entries[reason][what] += 1

    @property
    def lost(self) -> int:
        """The number of entries that should be imported but were not."""
        return sum(counter.total() for reason, counter in self.entries.items() if reason.is_loss)
