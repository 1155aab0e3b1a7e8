"""What a listing or an inventory says of a bucket's objects. Facts only: no money in it."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

import msgspec

from s3_monitor.model.bounds import Amount as _Natural
from s3_monitor.model.bounds import Seconds as _Seconds

Source = Literal["listing", "inventory"]
KB = 1024

# Upper bounds, not included, of the bins of sizes (bytes) and ages (days since last modified); the last bin is open.
# AWS: what is below 128 KB is billed as 128 KB in the infrequent-access classes and not watched over by
# Intelligent-Tiering; 30, 90 and 180 days are the least a class charges for.
SIZE_EDGES = (1, 128 * KB, KB**2, 16 * KB**2, 128 * KB**2, KB**3, 16 * KB**3)
AGE_EDGES = (1, 7, 30, 90, 180, 365, 730)
RECENT_DAYS = 4  # AWS: a day's figures come a day or two later
DAY = 86_400


def size_bin(size: int) -> int:
    """Which bin of sizes so many bytes fall into."""
    return bisect_right(SIZE_EDGES, size)


def age_bin(days: int) -> int:
    """Which bin of ages; what is dated after the answer counts as of today."""
    return bisect_right(AGE_EDGES, days)


class Amount(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """``[objects, bytes]``"""

    objects: _Natural = 0
    size: _Natural = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.objects + other.objects, self.size + other.size)


class Prefix(msgspec.Struct, frozen=True, gc=False):
    """The current objects whose keys begin with ``prefix``, by storage class. ``prefix`` ends with its delimiter;
    keys without one are under the prefix "" of depth 0."""

    prefix: str
    classes: dict[str, Amount]


class Objects(msgspec.Struct, frozen=True, omit_defaults=True):
    """One bucket's objects, or those of the keys asked about.

    ``at``: for a listing the time of its plan, else when the inventory was made, seconds since 1970 UTC; ages count to
    it.
    ``complete``: false where a budget or a failure cut it short: everything is a lower bound then, and why is ``cut``.
    ``classes``: S3's storage class (with INTELLIGENT_TIERING's access tier behind a colon, where it is known) → amount
    of current objects. ``noncurrent``, ``delete_markers``, ``multipart`` (uploads begun, their parts' bytes): null
    where the answer cannot say, which a listing without versions cannot. ``noncurrent_classes``: as ``classes``.
    ``newest``, ``oldest``: last-modified of current objects, seconds since 1970 UTC; null without objects.
    ``sizes``, ``ages``: amounts of current objects by SIZE_EDGES and AGE_EDGES, one bin more than edges; null where
    they were not asked for, and ages also without dates.
    ``recent``: all versions, current or not, last modified on the UTC day of ``at`` or later, on the day before, and so
    on for RECENT_DAYS; null where the answer does not say.
    ``prefixes``: that of depth 0 if it holds keys, then at each depth the largest by bytes (ties by name), as many
    as the plan asks for; null where they were not asked for. ``encryption``: S3's or KMS' name of the method →
    current objects; null where the answer does not say.
    ``keys``: the pattern that keys had to match; empty: all. ``origin``: which inventory, and of which date.
    """

    source: Source
    at: _Seconds
    complete: bool
    current: Amount
    classes: dict[str, Amount]
    sizes: tuple[Amount, ...] | None
    ages: tuple[Amount, ...] | None
    recent: tuple[Amount, ...] | None = None
    newest: _Seconds | None = None
    oldest: _Seconds | None = None
    noncurrent: Amount | None = None
    noncurrent_classes: dict[str, Amount] = {}
    delete_markers: _Natural | None = None
    multipart: Amount | None = None
    prefixes: tuple[Prefix, ...] | None = ()
    encryption: dict[str, _Natural] | None = None
    keys: str = ""
    origin: str = ""
    cut: str = ""
    requests: _Natural = 0
