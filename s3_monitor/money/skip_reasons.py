"""The entries of AWS's price lists that an import skips, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from s3_monitor.money.price_list import AMOUNT_RULE


class SkipReason(StrEnum):
    """Why an entry of a list is skipped: code, text for readers, and whether the entry should have been imported."""

    text: str
    is_loss: bool

    def __new__(cls, code: str, text: str, is_loss: bool) -> Self:
        """Return the reason of a code, which is its value."""
        reason = str.__new__(cls, code)
        reason._value_ = code
        reason.text, reason.is_loss = text, is_loss
        return reason

    OTHER_SERVICE = "other-service", "belongs to another service", False
    OTHER_USAGE = "other-usage", "usage type is neither storage nor a known charge", False
    OTHER_PLACE = "other-place", "not sold in a region: local zone, Outposts, edge location", False
    OTHER_OPERATION = (
        "other-operation", "storage of a single operation, such as overheads: priced with its pool", False
    )  # fmt: skip
    OTHER_TRANSFER = "other-transfer", "transfer that does not leave AWS from a region", False
    NO_TERMS = "no-terms", "no on-demand price", False
    SUPERSEDED = "superseded", "superseded by a newer list, or a free allowance next to a price", False
    NOT_A_PRODUCT = "not-a-product", "not in the form of a product", True
    INVALID_TERMS = "invalid-terms", "terms are not in AWS's form", True
    UNKNOWN_LOCATION = "unknown-location", "location without a known region", True
    INVALID_PRICE = "invalid-price", f"price or tier limit is not {AMOUNT_RULE}", True
    TIERS_START_ABOVE_ZERO = "tiers-start-above-zero", "tiers do not start at 0", True
    TIER_GAP = "tier-gap", "tiers leave a gap", True
    TIER_OVERLAP = "tier-overlap", "tiers overlap", True
    OTHER_CURRENCY = "other-currency", "no price in the currency of the other entries", True
    UNEXPECTED_UNIT = (
        "unexpected-unit", "unit is not the expected one: GB-Mo for storage, Requests, GB or Objects for charges", True
    )  # fmt: skip
    FOREIGN_PREFIX = "foreign-prefix", "usage type has the prefix of another region", True
    CONTRADICTION = "contradiction", "two prices contradict each other", True


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
