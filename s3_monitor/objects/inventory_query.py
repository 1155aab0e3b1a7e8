"""What is read from an inventory: the query, and the rows of its result."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

# The kinds of rows. EXCLUDED: the key is not selected; the row is validated but not counted.
CURRENT, NONCURRENT, MARKER, EXCLUDED = 0, 1, 2, 3


class InventoryQuery(NamedTuple):
    """What to read from an inventory."""

    at: int
    """The time that ages are relative to, seconds since 1970 UTC."""
    columns: Collection[str]
    """The columns of the inventory, as ``manifest.normalize_column`` spells them."""
    text: bool
    """All columns are texts, and keys are URL-encoded: CSV."""
    depth: int
    """Number of prefix levels; 0: no prefixes."""
    top: int
    """Number of prefixes per level."""
    patterns: tuple[str, ...] = ()
    regex: str = ""
    """Patterns and regular expression of the selected keys, see ``key_filter``."""
    classes: bool = False
    """Read only amounts and times by storage class; requires depth 0."""
    bucket: str | None = None
    """The bucket that all rows must have; None: not checked."""


class ResultRow(NamedTuple):
    """A row of the result: amounts of a group of objects."""

    is_total: int
    """1: the objects of a kind, by class, tier, encryption and bins; 0: current objects below a prefix, by class."""
    depth: int
    prefix: str | None
    kind: int
    class_: str | None
    tier: str | None
    encryption: str | None
    size_bin: int | None
    time_bin: int | None
    objects: int
    sized: int
    """The number of objects with a size."""
    bytes: int
    oldest: int | None
    """Milliseconds since 1970 UTC; None: not in the inventory."""
    newest: int | None
    faults: int = 0
    """The number of rows that break a rule (see ``row_rules``)."""
    fault: str | None = None
    """How one of these rows breaks it."""
