"""What buckets.json says of a bucket's objects: facts with their money."""

from __future__ import annotations

import msgspec

from s3_monitor.model.objects import Source


class Share(msgspec.Struct, frozen=True, gc=False):
    """Objects, their bytes, and USD a month at the rates of the bucket's storage types; null: no price is known."""

    objects: int
    size: int
    cost: float | None


class Bin(msgspec.Struct, frozen=True, gc=False):
    """Objects of less than ``below`` bytes, or days old, and not less than the bin before; null: no limit."""

    below: int | None
    objects: int
    size: int


class PrefixShare(msgspec.Struct, frozen=True, gc=False):
    """The current objects whose keys begin with ``prefix``; of prefix "" and depth 0 those without a slash."""

    prefix: str
    depth: int
    objects: int
    size: int
    cost: float | None


class Difference(msgspec.Struct, frozen=True, gc=False):
    """Bytes: ``cloudwatch`` = ``current`` + ``noncurrent`` + ``multipart`` + ``overhead`` − ``written_since`` +
    ``unexplained``. Null: not known, and in ``unexplained``. ``overhead``: padding of small objects and what is kept
    beside archived ones. ``written_since``: versions written after the day of CloudWatch's figure."""

    cloudwatch: float
    current: int
    noncurrent: int | None
    multipart: int | None
    overhead: float
    written_since: int | None
    unexplained: float


class Contents(msgspec.Struct, frozen=True, gc=False):
    """One bucket's objects, or those of the keys asked about (``keys``).

    ``as_of``: the time that ages count to. ``complete``: false where a budget or a failure cut it short: everything is
    a lower bound then, and why is ``cut``. ``origin``: which inventory. ``classes``: by S3's storage class, with an
    access tier behind a colon where it is known. ``noncurrent``, ``delete_markers``, ``multipart`` (unfinished uploads
    and the bytes of their parts, priced as STANDARD), ``encryption`` (method → current objects), ``sizes``, ``ages``,
    ``prefixes`` (the largest of each depth): null where the answer does not say. ``newest``, ``oldest``: last-modified
    of current objects.
    ``difference``: to CloudWatch's bytes; null where there are none, or the answer is not whole.
    """

    source: Source
    as_of: str
    complete: bool
    cut: str
    keys: str
    origin: str
    current: Share
    classes: dict[str, Share]
    noncurrent: Share | None
    noncurrent_classes: dict[str, Share]
    delete_markers: int | None
    multipart: Share | None
    newest: str | None
    oldest: str | None
    sizes: list[Bin] | None
    ages: list[Bin] | None
    prefixes: list[PrefixShare] | None
    encryption: dict[str, int] | None
    difference: Difference | None
