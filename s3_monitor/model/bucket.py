"""report/buckets.json: the buckets with their costs, in the form of the original monitor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.change import Cause
from s3_monitor.model.priced_object_stats import PricedObjectStats
from s3_monitor.model.request_metrics import RequestCosts
from s3_monitor.model.safe_text import in_json

Kind = Literal["general-purpose", "directory", "table", "vector"]
# Kinds with separate names: another bucket of the account and region may have the same name.
SEPARATE_NAMESPACE_KINDS: Final[frozenset[Kind]] = frozenset({"table", "vector"})
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
    """The bytes of one storage type in a bucket."""

    size: float
    """Bytes on the day of the bucket's figures."""
    cost: float | None
    """List price, in the currency of the price list per month; null: no known price."""
    num_objects: float | UnsetType | None = UNSET
    """Number of objects, of archive classes counted from their 32 KB overheads, of others only where objects were
    collected; null: unknown."""
    billed_cost: float | UnsetType | None = UNSET
    """Part of the billed month, in the currency of the bill; present only where the bill was requested; null:
    unknown."""
    cost_is_upper_bound: bool | UnsetType = UNSET
    """Present and true only where `cost` is an upper bound: only the price of the first volume tier is known."""


class BilledCharges(msgspec.Struct, frozen=True, gc=False):
    """The charges of a bucket in the billed month, from a billing export."""

    net: float
    """Amount after discounts, in the currency of the bill."""
    groups: dict[str, float]
    """Usage group (storage-CLASS, requests, transfer-out, retrieval, early-deletion, …) → amount before discounts, in
    the currency of the bill. The sum is billed_cost."""
    last_request: str | UnsetType | None = UNSET
    """Start of the last hour or day with object requests, UTC, like 2020-11-16 22:00:00+00:00; null: no requests in the
    billed month or since; present only where the export has requests."""


class LastKnown(msgspec.Struct, frozen=True, gc=False):
    """The last figures of an emptied bucket. They are not included in any total."""

    as_of: date
    """UTC day of these figures."""
    storage: dict[str, StorageLine]
    """Storage type → its bytes and cost."""
    total_size: float
    """Bytes in all storage types."""
    total_cost: float | None
    """List price at today's rates, as if the bytes were still stored, in the currency of the price list per month;
    null: a line has no known price."""
    num_objects: float | None
    """Number of objects; null: unknown."""


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """An entry of buckets.json. Null is unknown, 0 is none."""

    name: str
    """Name of the bucket."""
    creation_date: str | None
    """Time of creation, UTC, like 2020-05-04 15:13:08+00:00; null: unknown."""
    region: str
    """Region of the bucket."""
    storage: dict[str, StorageLine]
    """Storage type, as CloudWatch names it → its bytes and cost. If only some keys were selected, the storage types of
    their storage classes."""
    total_size: float | None
    """Bytes in all storage types; null if a storage type may be missing."""
    total_cost: float | None
    """List price of storage, in the currency of the price list per month; null if a storage type may be missing or has
    no known price."""
    num_objects: float | None
    """Number of objects, with earlier versions and delete markers; null: unknown."""
    last_modified: str | None
    """Time of the newest object, UTC, like 2020-11-16 22:53:00+00:00; null: not listed, or no objects."""
    account: str
    """Account id of the owner."""
    kind: Kind
    """Kind of bucket."""
    state: State
    """What is known: measured (CloudWatch has figures), emptied (it held bytes and holds none now), empty, young (too
    new for figures), no-data (no bytes in the window), unmeasured (a kind without storage metrics) or incomplete
    (data is missing: see the problems)."""
    as_of: date | None
    """UTC day of the figures; null: no figures. If only some keys were selected, the day of the listing."""
    objects: PricedObjectStats | UnsetType | None = UNSET
    """Statistics of the objects; present only where they were requested; null: not received."""
    details: BucketConfig | UnsetType | None = UNSET
    """Configuration; present only where it was requested; null: not received."""
    requests: RequestCosts | UnsetType | None = UNSET
    """Request metrics; present only where they were requested; null: unknown. Their costs are not included in
    total_cost."""
    billed_cost: float | UnsetType | None = UNSET
    """Part of the billed month, in the currency of the bill, with what the bucket no longer holds; present only where
    the bill was requested; null: unknown."""
    last_known: LastKnown | UnsetType | None = UNSET
    """The last figures of an emptied bucket; present only for these; null: the window holds none."""
    known_cost: float | None = None
    """List price of the storage types that are known and have a price, in the currency of the price list per month:
    total_cost, or a lower bound where that is null; null: none is known."""
    tags: dict[str, str] | UnsetType | None = UNSET
    """Tag key → value; present only where details were requested; null: unknown."""
    size_change_30d: float | None = None
    """Bytes more than 30 days before as_of (26 to 34 days where that day has no figures); null: the history is
    shorter, or the newest day lacks a storage type, see the notes."""
    cost_change_30d: float | None = None
    """The same change at today's rates, in the currency of the price list per month; null: size_change_30d is
    null, or no known price."""
    cause_30d: Cause | None = None
    """Main cause of the change: created, emptied, grew, shrank, or moved (between storage types); null: no change, or
    unknown."""
    charges: BilledCharges | UnsetType | None = UNSET
    """Charges of the billed month by usage group; present only where a billing export was requested; null: unknown."""

    @property
    def least_cost(self) -> float | None:
        """Return the cost that is known, a lower bound where ``total_cost`` is None."""
        return self.known_cost if self.total_cost is None else self.total_cost

    @property
    def cost_is_upper_bound(self) -> bool:
        """Return whether a part of the cost is an upper bound."""
        return any(line.cost_is_upper_bound is True for line in self.storage.values())

    @property
    def least_size(self) -> float | None:
        """Return the bytes that are known, a lower bound where ``total_size`` is None; None: nothing is known."""
        if self.total_size is not None or not self.storage:
            return self.total_size
        return sum(line.size for line in self.storage.values())


# Buckets that stay in the cache of a processor until they are written.
CHUNK = 300


def in_chunks(buckets: Sequence[Bucket]) -> Iterator[Sequence[Bucket]]:
    """Return slices of the buckets."""
    return (buckets[start : start + CHUNK] for start in range(0, len(buckets), CHUNK))


def encode(buckets: Sequence[Bucket]) -> bytes:
    """Return the file, indented like the original monitor's output."""
    if not buckets:
        return b"[]\n"
    return b"[\n" + b",\n".join(map(encode_elements, in_chunks(buckets))) + b"\n]\n"


def encode_elements(buckets: Sequence[Bucket]) -> bytes:
    """Return the elements of the list without its brackets."""
    return in_json(msgspec.json.format(msgspec.json.encode(buckets), indent=2)[2:-2])
