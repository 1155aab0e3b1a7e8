"""One account of a shard: connect, list its buckets, and collect its regions at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from s3_monitor.collect.account import Account
from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.expected_calls import Place, RegionContents
from s3_monitor.collect.metric_queries import list_metrics_queries
from s3_monitor.collect.problem_log import cause_of
from s3_monitor.collect.region_collectors import RegionCollectors
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.unit_data import RegionData, StorageMetrics
from s3_monitor.collect.worker_pool import Task
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access, Unit
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT


class AccountCollector:
    """Collects the units of one access. Used only by the thread of the pool."""

    def __init__(self, context: ShardContext, access: Access, units: Sequence[Unit]) -> None:
        self._context, self._access = context, access
        self._account_id, self._partition = units[0].account, units[0].partition
        self._access_index = units[0].access
        self._patterns = (
            [pattern for unit in units for pattern in unit.buckets] if all(u.buckets for u in units) else []
        )
        self._units: dict[str, list[Unit]] = {}  # by region
        for unit in sorted(units, key=lambda unit: unit.region):
            self._units.setdefault(unit.region, []).append(unit)
        self._regions: dict[str, RegionCollectors] = {}  # once connected
        self._unplaced: dict[str, AccountBucket] = {}
        self._is_linked = units[0].linked
        self._has_failed = False
        self._has_listed_buckets = False
        self._are_buckets_complete = False

    def start(self) -> None:
        """Connect, then collect."""
        self._context.connections.start(Task(self._connect, self._on_connected, self._on_connect_done))

    def _connect(self) -> Iterator[tuple[Account, Identity]]:
        account = self._context.connect(self._access, self._context.list_budget)
        yield account, account.identity()

    def _on_connected(self, connection: tuple[Account, Identity]) -> None:
        account, identity = connection
        if self._is_linked:
            account = account.of_linked_account(self._account_id)
        elif identity != Identity(self._account_id, self._partition):
            # Another Jenkins agent may have other credentials of the same name: its data is of another account.
            actual, partition = identity.account, identity.partition
            self._fail("wrong-account", actual=actual, partition=partition, credentials=self._credentials)
            return
        for name, units in self._units.items():
            account.share_limits(name, self._context.shards_of_region[self._account_id, name])
            region = AccountRegion(account, self._account_id, name, self._context.problems)
            self._regions[name] = RegionCollectors(self._context, region, units)
        if not self._is_linked:
            self._list_buckets(account)
        for collectors in self._regions.values():
            collectors.start()

    def _on_connect_done(self, error: Exception | None) -> None:
        if error is not None:
            self._fail("account-inaccessible", cause=cause_of(error))

    def _fail(self, code: str, **values: Any) -> None:
        self._context.problems.report(code, account=self._account_id, **values)
        self._has_failed = True
        self._context.on_progress()

    @property
    def _credentials(self) -> str:
        access = self._access
        if access.role_arn:
            return f"a role ({access.role_arn})"
        return f"a profile ({access.profile})" if access.profile else "credentials"

    def _list_buckets(self, account: Account) -> None:
        """List the buckets: AWS can filter them by one region."""
        region = next(iter(self._units)) if len(self._units) == 1 else None
        pages = partial(account.bucket_pages, region, matcher(self._patterns))
        self._context.connections.start(Task(pages, self._on_buckets, partial(self._on_buckets_done, region)))

    def _on_buckets(self, page: list[AccountBucket]) -> None:
        for bucket in page:
            if bucket.region is None:
                self._unplaced[bucket.name] = bucket
            elif (collectors := self._regions.get(bucket.region)) is not None:
                collectors.on_bucket(bucket)

    def _on_buckets_done(self, region: str | None, error: Exception | None) -> None:
        self._has_listed_buckets = True
        self._context.on_progress()
        if error is None:
            self._are_buckets_complete = True
            return
        cause, account = cause_of(error), self._account_id
        self._context.problems.report("bucket-list-incomplete", cause=cause, account=account, region=region)

    def contents(self) -> dict[Place, RegionContents] | None:
        """Return what determines the number of calls; ``None`` until ListBuckets and CloudWatch have responded."""
        if self._has_failed or self._is_linked:
            return {}
        if not self._has_listed_buckets or not all(region.are_metrics_complete for region in self._regions.values()):
            return None
        return {(self._access_index, name): region.contents() for name, region in self._regions.items()}

    def close(self) -> dict[str, RegionData]:
        """End collecting and return the data received, by region."""
        for bucket in self._unplaced:
            self._context.problems.add_for_bucket("bucket-region-unknown", (self._account_id, None), bucket)
        return {name: self._region_data(name) for name in self._units}

    def _region_data(self, name: str) -> RegionData:
        collectors = self._regions.get(name)
        if collectors is None:  # not connected: no metric was listed that a unit requests
            requested = {query.metric for query in list_metrics_queries(self._units[name])}
            return RegionData(StorageMetrics({}, {}, (), {BUCKET_SIZE, OBJECT_COUNT} - requested))
        data = collectors.close()
        return data._replace(unplaced=self._unplaced, are_buckets_complete=self._are_buckets_complete)
