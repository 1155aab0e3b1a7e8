"""The facts of a bucket that findings are derived from. Every source fills the fields that it has."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from s3_monitor.findings.finding import FactDates, Finding, Missing, Value
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig, Coverage, Lifecycle, LifecycleAction
from s3_monitor.model.finding import FindingId
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.list_pricing import Exact, to_dollars
from s3_monitor.money.marginal_prices import PlacePrices

# Smaller amounts are shown only where they are exact.
_CENT = 10**74


class BucketFacts(msgspec.Struct, gc=False):
    """A bucket with everything that is known about it. None: unknown."""

    bucket: ResolvedBucket
    prices: PlacePrices
    sizes: Mapping[str, int | float]
    """Storage type → bytes."""
    dates: FactDates
    age: int | None
    """Days since the bucket was created."""
    config: BucketConfig | None = None
    objects: ObjectStats | None = None
    """Statistics of all keys. None also if they are lower bounds."""
    requests: RequestMetrics | None = None
    noncurrent: Mapping[str, Amount] | None = None
    """Storage class → noncurrent versions."""
    uploads: Mapping[str, Amount] | None = None
    """Storage class → incomplete multipart uploads, including recent ones."""
    old_uploads: Mapping[str, Amount] | None = None
    """Storage class → incomplete multipart uploads that were started more than 7 days ago."""
    delete_markers: int | None = None
    monitored_objects: int | None = None
    """Number of objects that Intelligent-Tiering monitors."""
    replicated_bytes: int | None = None
    """Bytes that replication wrote into this bucket."""
    days_since_request: int | None = None
    """Days since the last read or write on the bill."""
    empty_days: int | None = None
    """Days for which the bucket has been empty. None: it is not empty, or unknown."""
    bucket_fee: Exact | None = None
    """The fee that deleting the bucket saves, if the account has to pay for it."""
    copied_from: tuple[tuple[str, int], ...] = ()
    """Buckets of the report that replicate into this bucket, with their bytes in Standard."""

    @property
    def size(self) -> float:
        """Return the bytes of all storage types."""
        return sum(self.sizes.values())

    @property
    def lifecycle(self) -> Lifecycle | None:
        """Return the lifecycle rules, without rules if there is no configuration; None: unknown."""
        lifecycle = self.config.lifecycle if self.config is not None else None
        if lifecycle == "none":
            return Lifecycle(0, coverage={})
        return lifecycle if isinstance(lifecycle, Lifecycle) and lifecycle.coverage is not None else None

    def coverage(self, action: LifecycleAction) -> Coverage | None:
        """Return whether enabled lifecycle rules apply an action; None: no rule does, or unknown."""
        lifecycle = self.lifecycle
        return lifecycle.coverage.get(action) if lifecycle is not None and lifecycle.coverage is not None else None

    def exact(
        self,
        id_: FindingId,
        saving: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        types: tuple[str, ...] = (),
        *,
        once: Exact | None = None,
    ) -> Finding | None:
        """Return a finding with an exact saving, or None if there is none.

        ``types``: the storage types whose prices the saving contains. If a price is an upper bound, so is the saving.
        """
        if saving is None:
            return self.unknown(id_, "prices", scope, values)
        if saving <= 0:
            return None
        usd = to_dollars(saving)
        if self.prices.bounds and not self.prices.bounds.isdisjoint(types):
            return self._finding(id_, "at-most", 0.0, usd, scope, values, once=once, missing="prices")
        return self._finding(id_, "exact", usd, usd, scope, values, once=once)

    def at_most(
        self,
        id_: FindingId,
        saving: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        missing: Missing = "",
        once: Exact | None = None,
        low: float | None = 0.0,
    ) -> Finding | None:
        """Return a finding with an upper bound, or None if it is less than a cent."""
        if saving is None:
            return self.unknown(id_, "prices", scope, values)
        if saving < _CENT:
            return None
        return self._finding(id_, "at-most", low, to_dollars(saving), scope, values, once=once, missing=missing)

    def range(
        self,
        id_: FindingId,
        low: Exact | None,
        high: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        missing: Missing = "",
        once: Exact | None = None,
    ) -> Finding | None:
        """Return a finding with bounds, or None if the upper bound is less than a cent."""
        if low is None or high is None:
            return self.unknown(id_, "prices", scope, values)
        if high < _CENT:
            return None
        return self._finding(id_, "range", to_dollars(low), to_dollars(high), scope, values, once=once, missing=missing)

    def unknown(self, id_: FindingId, missing: Missing, scope: int, values: tuple[Value, ...]) -> Finding:
        """Return a finding of unknown amount."""
        return self._finding(id_, "unknown", None, None, scope, values, missing=missing)

    def without_amount(self, id_: FindingId, scope: int, values: tuple[Value, ...]) -> Finding:
        """Return a finding that saves nothing."""
        return self._finding(id_, "exact", 0.0, 0.0, scope, values)

    def _finding(
        self,
        id_: FindingId,
        kind: str,
        low: float | None,
        high: float | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        once: Exact | None = None,
        missing: Missing = "",
    ) -> Finding:
        bucket = self.bucket
        return Finding(
            id_,
            bucket.account,
            bucket.region,
            bucket.name,
            kind,  # type: ignore[arg-type]
            low,
            high,
            scope,
            values,
            self.dates,
            None if once is None else to_dollars(once),
            missing,
        )
