"""What is known of an account's buckets after all parts are merged. No money in it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill import BillData
from s3_monitor.model.bucket import Kind, State
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Series
from s3_monitor.model.summary import ShardLine


class Figures(msgspec.Struct, frozen=True, gc=False):
    """The figures of one day: storage types, sorted, with their bytes, and the object count."""

    day: int
    types: tuple[str, ...]
    amounts: tuple[int | float, ...]
    objects: int | float | None


class BucketRecord(msgspec.Struct, frozen=True, gc=False):
    """One bucket.

    ``created``, ``modified``: seconds since 1970 UTC. ``day``: offset in the plan's window of the day its figures
    are of; null where no byte series has a point. ``types``: its storage types with a point that day, sorted, and
    ``amounts``: their bytes; apart, so that a million buckets share a few tuples of types.
    ``objects``: the count of that day, or the newest before it. ``sizes``, ``counts``: the whole series.
    ``contents``: what is known of its objects, where that was asked for and came.
    ``details``: left out where the plan does not ask for them, null where none arrived. ``traffic``: as ``details``,
    and null too where no metrics configuration counts every request. ``last``: the last figures of an emptied bucket.
    """

    account: str
    region: str
    name: str
    created: int | None
    kind: Kind
    state: State
    day: int | None
    types: tuple[str, ...]
    amounts: tuple[int | float, ...]
    objects: int | float | None
    modified: int | None
    sizes: dict[str, Series]
    counts: Series | None
    contents: ObjectStats | None = None
    details: BucketConfig | UnsetType | None = UNSET
    traffic: RequestMetrics | UnsetType | None = UNSET
    last: Figures | None = None

    @property
    def lines(self) -> dict[str, int | float]:
        """Storage type → bytes of that day, sorted by type."""
        return dict(zip(self.types, self.amounts, strict=True))


class MergedData(msgspec.Struct, frozen=True):
    """Everything the parts of a plan say. ``buckets`` are sorted by name, account and region.

    ``problems``: all of them, once; ``shard_problems``: shard → those that it (or its absence) brought.
    ``owed``: (account, region) of which something asked did not arrive: there may be more than is here.
    ``usd``: what the asking cost. ``usable``: at least one shard brought data, be it that there are no buckets.
    ``deleted``: buckets that are gone and that CloudWatch still has figures of, sorted like ``buckets``.
    ``bill``: as far as it was asked for and arrived.
    ``whole``: where only some keys are asked about, the buckets with the figures of all their keys; otherwise null.
    """

    plan: Plan
    buckets: list[BucketRecord]
    shards: list[ShardLine]
    problems: list[Problem]
    shard_problems: dict[str, list[Problem]]
    owed: frozenset[tuple[str, str]]
    calls: CallCounts
    usd: Decimal
    usable: bool
    deleted: list[BucketRecord] = msgspec.field(default_factory=list)
    bill: BillData | None = None
    whole: list[BucketRecord] | None = None
    shard_seconds: dict[str, float] = msgspec.field(default_factory=dict)  # run time of the shards that left a part
