"""The merged data of a plan: all parts together, without costs."""

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
    """The figures of a bucket on one day."""

    day: int
    """Offset in the window of the plan; -1: no day."""
    types: tuple[str, ...]
    """Storage types with a point on that day, sorted."""
    amounts: tuple[int | float, ...]
    """Bytes of each of these types."""
    objects: int | float | None
    """Object count of that day, or the newest before it; None: unknown."""


class ResolvedBucket(msgspec.Struct, frozen=True, gc=False):
    """A bucket after the merge, with its state and the figures of its day."""

    account: str
    region: str
    name: str
    created: int | None
    """Seconds since 1970 UTC; None: unknown."""
    kind: Kind
    state: State
    day: int | None
    """Offset in the window of the plan; None: no byte series has a point."""
    types: tuple[str, ...]
    """As in Figures. Separate from the bytes, so that a million buckets share a few tuples."""
    amounts: tuple[int | float, ...]
    objects: int | float | None
    modified: int | None
    """Last-modified time of the newest object, seconds since 1970 UTC; None: unknown, or no objects."""
    sizes: dict[str, Series]
    """Storage type → daily bytes."""
    counts: Series | None
    """Daily number of objects."""
    object_stats: ObjectStats | None = None
    """None: not requested, or not received."""
    details: BucketConfig | UnsetType | None = UNSET
    """UNSET: not requested; None: not received."""
    request_metrics: RequestMetrics | UnsetType | None = UNSET
    """UNSET: not requested; None: not received, or no configuration counts all requests."""
    last: Figures | None = None
    """The last figures of an emptied bucket."""

    @property
    def lines(self) -> dict[str, int | float]:
        """Return storage type → bytes of the day, sorted by type."""
        return dict(zip(self.types, self.amounts, strict=True))


class MergedData(msgspec.Struct, frozen=True):
    """The data of all parts of a plan."""

    plan: Plan
    buckets: list[ResolvedBucket]
    """Sorted by name, account and region."""
    shards: list[ShardLine]
    problems: list[Problem]
    """All problems, each once."""
    shard_problems: dict[str, list[Problem]]
    """Shard → its problems, or those of its absence."""
    incomplete_regions: frozenset[tuple[str, str]]
    """Accounts and regions with missing data, which may have more buckets."""
    calls: CallCounts
    usd: Decimal
    """List price of the requests to AWS, in USD."""
    usable: bool
    """Whether a shard delivered data, even if there are no buckets."""
    deleted: list[ResolvedBucket] = msgspec.field(default_factory=list)
    """Deleted buckets that CloudWatch still has figures of, sorted like ``buckets``."""
    bill: BillData | None = None
    """None: not requested, or not received."""
    all_keys: list[ResolvedBucket] | None = None
    """If only some keys are selected, the buckets with the figures of all keys; otherwise None."""
    shard_seconds: dict[str, float] = msgspec.field(default_factory=dict)
    """Shard with a part → its run time."""
