"""report/buckets.json: a bucket with its money, in the original monitor's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.contents import Contents
from s3_monitor.model.details import Details
from s3_monitor.model.traffic import Requests

Kind = Literal["general-purpose", "directory", "table", "vector"]
# Kinds whose names are a matter of their own: another bucket of the account and region may have the same.
APART: Final[frozenset[Kind]] = frozenset({"table", "vector"})
State = Literal[
    "measured",  # CloudWatch has figures
    "emptied",  # it held bytes and holds none now: see Bucket.last_known
    "empty",  # CloudWatch lists no series, every unit was received, and the bucket is not new
    "young",  # too new for CloudWatch to have figures
    "no-data",  # it holds or held objects, but CloudWatch has no bytes in the window
    "unmeasured",  # S3's storage metrics do not cover this kind of bucket
    "incomplete",  # a unit that covers it was not received: see the problems
]


class StorageLine(msgspec.Struct, frozen=True, gc=False):
    """A storage type of a bucket: bytes on its day, USD a month (null: no price known), and for archive classes
    the number of objects (null: not known), counted from their 32 KB overheads; of the others where objects were asked
    about. ``billed_cost``, where the bill was
    asked for: its part of the billed month; null: not known."""

    size: float
    cost: float | None
    num_objects: float | UnsetType | None = UNSET
    billed_cost: float | UnsetType | None = UNSET


class LastKnown(msgspec.Struct, frozen=True, gc=False):
    """The last figures of an emptied bucket. They are not included in any total.

    ``total_cost``: at today's prices, as if the bytes were still stored; null: a line has no known price.
    """

    as_of: date
    storage: dict[str, StorageLine]
    total_size: float
    total_cost: float | None
    num_objects: float | None


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """A line of buckets.json. Sizes in bytes, costs in USD a month; null is unknown, 0 is none.

    ``total_size`` and ``total_cost`` are null as soon as one of their lines may be missing or has no price.
    ``billed_cost``, where the bill was asked for: what of it is this bucket's, of a whole month; with what it no longer
    holds, so that its lines may come to less.
    ``as_of``: the UTC day the figures are of. Dates are written like ``2020-05-04 15:13:08+00:00``.
    ``objects``: left out unless asked for; null where nothing came. Where only some keys were asked about, all figures
    are those of the keys: ``storage`` by the storage classes of their objects, ``as_of`` the day of the listing.
    ``details``: left out unless they were asked for; null where none of them arrived.
    ``requests``: left out unless they were asked for; null where they are not known. Not in the cost.
    ``known_cost``: the cost of the lines that have a known price: ``total_cost`` where that is known, otherwise a lower
    bound; null where no line has a price. ``tags``: left out unless details were collected; null: not known.
    ``last_known``: only of emptied buckets; null where the window holds no figure of the bucket.
    """

    name: str
    creation_date: str | None
    region: str
    storage: dict[str, StorageLine]
    total_size: float | None
    total_cost: float | None
    num_objects: float | None
    last_modified: str | None
    account: str
    kind: Kind
    state: State
    as_of: date | None
    objects: Contents | UnsetType | None = UNSET
    details: Details | UnsetType | None = UNSET
    requests: Requests | UnsetType | None = UNSET
    billed_cost: float | UnsetType | None = UNSET
    last_known: LastKnown | UnsetType | None = UNSET
    known_cost: float | None = None
    tags: dict[str, str] | UnsetType | None = UNSET
    size_change_30d: float | None = None
    cost_change_30d: float | None = None

    @property
    def least_cost(self) -> float | None:
        """Return the cost that is known, a lower bound where ``total_cost`` is None."""
        return self.known_cost if self.total_cost is None else self.total_cost

    @property
    def least_size(self) -> float | None:
        """Return the bytes that are known, a lower bound where ``total_size`` is None; None: nothing is known."""
        if self.total_size is not None or not self.storage:
            return self.total_size
        return sum(line.size for line in self.storage.values())


# Small enough to stay in a processor's cache from its making to its writing.
CHUNK = 300


def in_chunks(buckets: Sequence[Bucket]) -> Iterator[Sequence[Bucket]]:
    """For what goes over many buckets piece by piece."""
    return (buckets[start : start + CHUNK] for start in range(0, len(buckets), CHUNK))


def encode(buckets: Sequence[Bucket]) -> bytes:
    """The list, indented like the original's output, with a final newline."""
    return b"".join(pieces(in_chunks(buckets)))


def pieces(chunks: Iterable[Sequence[Bucket]]) -> Iterator[bytes]:
    """The same in pieces: a million buckets are a gigabyte of text."""
    begun = False
    for chunk in chunks:
        yield (b",\n" if begun else b"[\n") + members(chunk)
        begun = True
    yield b"\n]\n" if begun else b"[]\n"


def members(buckets: Sequence[Bucket]) -> bytes:
    """What stands between the brackets of the list, without the line feeds beside these."""
    return msgspec.json.format(msgspec.json.encode(buckets), indent=2)[2:-2]
