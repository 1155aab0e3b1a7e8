"""The collectors of one account and region, and the events that connect them."""

from __future__ import annotations

from collections.abc import Sequence

from s3_monitor.collect.bucket_config import BucketConfigCollector
from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.expected_calls import RegionContents, region_contents
from s3_monitor.collect.inventory_collector import InventoryCollector
from s3_monitor.collect.last_modified import LastModifiedCollector
from s3_monitor.collect.object_listing import ObjectStatsCollector
from s3_monitor.collect.request_metrics import RequestMetricsCollector
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.special_buckets import SpecialBucketCollector
from s3_monitor.collect.storage_metrics import StorageMetricsCollector
from s3_monitor.collect.unit_data import RegionData
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit
from s3_monitor.model.series import Series


class RegionCollectors:
    """Creates the collectors that the units of a region need, and passes each event to those concerned."""

    def __init__(self, context: ShardContext, region: AccountRegion, units: Sequence[Unit]) -> None:
        plan = context.plan
        self._place = region.place
        self.buckets: dict[str, AccountBucket] = {}
        """The buckets that ListBuckets and ListDirectoryBuckets returned, by name."""
        self._rest = [matcher(unit.buckets) for unit in units if unit.rest]
        self._problems = region.problems
        self._object_stats: ObjectStatsCollector | None = None
        if plan.objects.mode in ("listing", "auto"):
            self._object_stats = ObjectStatsCollector(region, context)
        # With `listing`, the same listing has the object statistics and the last-modified date.
        self._listing: LastModifiedCollector | ObjectStatsCollector
        if self._object_stats is not None and plan.objects.mode == "listing":
            self._listing = self._object_stats
        else:
            self._listing = LastModifiedCollector(region, context)
        self._listings = [*dict.fromkeys((self._listing, self._object_stats or self._listing))]
        self._inventory: InventoryCollector | None = None
        if plan.objects.mode in ("inventory", "auto"):
            on_unavailable = self._object_stats.list_instead_of_inventory if self._object_stats else None
            self._inventory = InventoryCollector(region, context, on_unavailable)
        self._request_metrics = RequestMetricsCollector(region, context)
        on_config = self._request_metrics.on_config if plan.requests else None
        self._configs = BucketConfigCollector(region, context, on_config)
        self._special_buckets = SpecialBucketCollector(region, context, self._is_rest, self._on_directory_bucket)
        self._has_special_buckets = plan.details and bool(self._rest) and not units[0].linked
        events = self._on_object_count, self._on_counts_complete
        self._metrics = StorageMetricsCollector(region, context, units, *events)
        self._reads_details = plan.details

    def start(self) -> None:
        """Start the collectors that do not wait for ListBuckets."""
        if self._has_special_buckets:
            self._special_buckets.start()
        self._metrics.start()

    def on_bucket(self, bucket: AccountBucket) -> None:
        """Handle a bucket that ListBuckets returned."""
        self.buckets[bucket.name] = bucket
        if bucket.bad_date:
            self._problems.add_for_bucket("creation-date-invalid", self._place, bucket.name)
        if self._is_rest(bucket.name):
            self._listing.on_bucket(bucket.name)
            self._configs.on_bucket(bucket.name)
            if self._inventory is not None:
                self._inventory.on_bucket(bucket.name)

    def _on_directory_bucket(self, bucket: AccountBucket) -> None:
        self.buckets[bucket.name] = bucket
        self._configs.on_bucket(bucket.name)

    def _on_object_count(self, bucket: str, series: Series) -> None:
        for listing in self._listings:
            listing.on_object_count(bucket, series)

    def _on_counts_complete(self) -> None:
        for listing in self._listings:
            listing.on_counts_complete()

    def _is_rest(self, bucket: str) -> bool:
        """Return whether a unit reads the bucket itself, not only some storage types."""
        return any(matches(bucket) for matches in self._rest)

    @property
    def are_metrics_complete(self) -> bool:
        """Whether CloudWatch has responded to all requests."""
        return self._metrics.is_complete

    def contents(self) -> RegionContents:
        """Return what determines the number of calls."""
        series = self._metrics.series
        counts = {
            bucket: (count.day, count.value) if count and count.day >= 0 else None
            for bucket, count in series.counts.items()
        }
        return region_contents(self.buckets, series.sizes, counts)

    def close(self) -> RegionData:
        """End collecting and return the data received."""
        metrics = self._metrics.close()
        for listing in self._listings:
            listing.close()
        listed = self._object_stats.object_stats if self._object_stats else {}
        inventoried = self._inventory.object_stats if self._inventory else {}
        return RegionData(
            metrics,
            self.buckets,
            listings=self._listing.listings,
            object_stats={**listed, **inventoried},
            configs=self._configs.configs if self._reads_details else {},
            special_buckets=self._special_buckets.buckets,
            request_metrics=self._request_metrics.metrics,
        )
