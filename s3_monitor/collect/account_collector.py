"""One access of a shard: who it is, which buckets it has, and its regions side by side."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.bucket_config import BucketConfigCollector
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.expected_calls import Place
from s3_monitor.collect.inventory_collector import InventoryCollector
from s3_monitor.collect.last_modified import LastModifiedCollector
from s3_monitor.collect.object_listing import ObjectStatsCollector
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.region_contents import RegionContents
from s3_monitor.collect.request_budget import RequestBudget
from s3_monitor.collect.request_metrics import RequestMetricsCollector
from s3_monitor.collect.running_statements import RunningStatements
from s3_monitor.collect.special_buckets import SpecialBucketCollector
from s3_monitor.collect.storage_metrics import StorageMetricsCollector
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.collect.unit_data import RegionData
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task, WorkerPool
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access, Plan, Unit
from s3_monitor.model.problem import gap
from s3_monitor.model.series import EMPTY, Series

if TYPE_CHECKING:
    from s3_monitor.collect.inventory_reader import InventoryReader

# ListMetrics chains and bucket listings under way at once, over all accounts and regions of a shard.
_CHAINS_AT_ONCE = 40
# GetMetricData calls: a month of 500 series is megabytes until it is folded, and one processor folds less than these
# bring, even where an answer takes 500 ms.
_BATCHES_AT_ONCE = 32
_LISTINGS_AT_ONCE = 32
_INQUIRIES_AT_ONCE = 16  # buckets asked how they are configured: more would only wait for their pace
_INVENTORIES_AT_ONCE = 8
# Accounts opened, their buckets listed: to make clients is work for the processor, and threads that wait for it wake
# every 5 ms to ask for it. A hundred of them took half of it.
_OPENINGS_AT_ONCE = 16
_SCRATCH_BYTES = 4 << 30


class ShardContext:
    """What all visits of a shard share. ``sharers``: of how many shards an account and region is."""

    def __init__(
        self, plan: Plan, stop: threading.Event, tally: CallCounter, now: datetime, on_progress: Callable[[], None]
    ) -> None:
        """``on_progress`` is called when ListBuckets or CloudWatch have responded for an account and region."""
        self.on_progress = on_progress
        self.window = plan.window
        self.rule = rule = plan.listing
        self.objects = plan.objects
        self.as_of = int(plan.as_of.timestamp())
        self.sharers = Counter(
            place for shard in plan.shards for place in {(unit.account, unit.region) for unit in shard.units}
        )
        self.losses = ProblemLog()
        self.tally = tally
        self.crew = WorkerPool()
        self.openings = ConcurrencyLimit(self.crew, _OPENINGS_AT_ONCE)
        self.chains = ConcurrencyLimit(self.crew, _CHAINS_AT_ONCE)
        self.points = ConcurrencyLimit(self.crew, _BATCHES_AT_ONCE)
        self.listings = ConcurrencyLimit(self.crew, _LISTINGS_AT_ONCE)
        self.properties = plan.properties
        self.kinds, self.requests = plan.details, plan.requests
        self.inquiries = ConcurrencyLimit(self.crew, _INQUIRIES_AT_ONCE)
        self.budget = RequestBudget(rule.max_requests)
        self.inventories = ConcurrencyLimit(self.crew, _INVENTORIES_AT_ONCE)
        self.scratch = BoundedTempDir(_SCRATCH_BYTES)
        self.statements = RunningStatements(tally.scanned)
        self._plan, self._stop, self._now = plan, stop, now

    def inventories_of(self, where: str, region: str) -> InventoryReader | None:
        """Null where the plan does not ask for any."""
        rule, as_of = self._plan.objects, int(self._plan.as_of.timestamp())
        if rule.mode not in ("inventory", "auto"):
            return None
        from s3_monitor.collect.inventory_reader import InventoryReader  # loads much

        return InventoryReader(where, region, rule, as_of, self.scratch, self._stop, self.statements, self._now)


class _Listers(NamedTuple):
    """``newest``: for the dates of newest objects. ``contents``: for all that listing says of objects; the same one
    where one listing answers both, and null where nobody asks."""

    newest: LastModifiedCollector | ObjectStatsCollector
    contents: ObjectStatsCollector | None

    @property
    def all(self) -> list[LastModifiedCollector | ObjectStatsCollector]:
        apart = self.contents is not None and self.contents is not self.newest
        return [self.newest, self.contents] if self.contents and apart else [self.newest]

    def counted(self, bucket: str, series: Series) -> None:
        for one in self.all:
            one.counted(bucket, series)

    def settled(self) -> None:
        for one in self.all:
            one.settled()


class _Place(NamedTuple):
    """A region of the visit. ``lists``: whether a bucket is one that some unit wants listed. ``answers``: some unit
    answers for whole buckets."""

    region: StorageMetricsCollector
    listers: _Listers
    inquirer: BucketConfigCollector
    stocktaker: InventoryCollector
    lists: Callable[[str], bool]
    here: dict[str, AccountBucket]
    kinds: SpecialBucketCollector
    answers: bool
    traffic: RequestMetricsCollector


class AccountCollector:
    """Used by the folding thread alone, its questions apart."""

    def __init__(self, access: Access, units: Sequence[Unit], tools: ShardContext) -> None:
        self._access, self._tools = access, tools
        self._account_id, self._partition = units[0].account, units[0].partition
        self._patterns = (
            [pattern for unit in units for pattern in unit.buckets] if all(u.buckets for u in units) else []
        )
        self._unplaced: dict[str, AccountBucket] = {}
        self._whole = False
        self._index = units[0].access
        self._failed = False  # to connect
        self._buckets_ended = False
        by_region: dict[str, list[Unit]] = {}
        for unit in units:
            by_region.setdefault(unit.region, []).append(unit)
        self._places = {region: self._place(region, here) for region, here in sorted(by_region.items())}

    def _place(self, name: str, units: Sequence[Unit]) -> _Place:
        tools, where = self._tools, f"{self._account_id}/{name}"
        listers = self._listers(where, name)
        inventories = tools.inventories_of(where, name)
        stocktaker = InventoryCollector(
            where, inventories, tools.losses, tools.tally, listers.contents.instead if listers.contents else None
        )
        region = StorageMetricsCollector(
            where,
            name,
            units,
            tools.window,
            tools.losses,
            tools.tally,
            on_count=listers.counted,
            on_settled=listers.settled,
            on_complete=tools.on_progress,
        )
        traffic = RequestMetricsCollector(where, name, tools.window, tools.losses, tools.tally, wanted=tools.requests)
        inquirer = BucketConfigCollector(where, name, tools.properties, tools.losses, tools.tally, traffic.configured)
        rest = [matcher(unit.buckets) for unit in units if unit.rest]
        here: dict[str, AccountBucket] = {}

        def lists(bucket: str) -> bool:
            return any(matches(bucket) for matches in rest)

        def on_directory(bucket: AccountBucket) -> None:
            here[bucket.name] = bucket
            inquirer.is_there(bucket.name)

        kinds = SpecialBucketCollector(where, name, lists, on_directory, tools.losses, tools.tally)
        return _Place(region, listers, inquirer, stocktaker, lists, here, kinds, bool(rest), traffic)

    def _listers(self, where: str, region: str) -> _Listers:
        tools = self._tools
        shared = (tools.budget, tools.losses, tools.tally)
        newest = LastModifiedCollector(where, region, tools.rule, *shared)
        if tools.objects.mode not in ("listing", "auto"):
            return _Listers(newest, None)
        contents = ObjectStatsCollector(where, region, tools.objects, tools.as_of, *shared)
        return _Listers(contents if tools.objects.mode == "listing" else newest, contents)

    def start(self, connect: Callable[[Access], Account]) -> None:
        self._tools.openings.ask(Task(partial(self._connect, connect), self._connected, self._connect_ended))

    def _connect(self, connect: Callable[[Access], Account]) -> Iterator[tuple[Account, Identity]]:
        account = connect(self._access)
        yield account, account.identity(self._tools.tally.count)

    def _connected(self, connection: tuple[Account, Identity]) -> None:
        account, identity = connection
        if identity != Identity(self._account_id, self._partition):
            # Another agent may hold other credentials under the same name: its figures are not this account's.
            what = f"these credentials are those of account {identity.account} ({identity.partition})"
            self._tools.losses.add(gap(self._account_id, what, f"use {self._credentials} of {self._account_id}"))
            self._failed = True
            self._tools.on_progress()
            return
        only = next(iter(self._places)) if len(self._places) == 1 else None
        listed = Task(partial(self._buckets, account, only), self._found, partial(self._list_ended, only))
        self._tools.openings.ask(listed)
        for name, place in self._places.items():
            account.share(name, self._tools.sharers[self._account_id, name])
            for lister in place.listers.all:
                lister.ask(account, self._tools.listings)
            place.inquirer.ask(account, self._tools.inquiries)
            place.traffic.ask(account, self._tools.points)
            if self._tools.kinds and place.answers:
                place.kinds.ask(account, self._tools.chains)
            place.stocktaker.ask(account, self._tools.inventories)
            place.region.ask(account, self._tools.chains, self._tools.points)

    @property
    def _credentials(self) -> str:
        access = self._access
        if access.role_arn:
            return f"a role ({access.role_arn})"
        return f"a profile ({access.profile})" if access.profile else "credentials"

    def _connect_ended(self, error: Exception | None) -> None:
        if error is not None:
            cause = cause_of(error)
            self._tools.losses.add(gap(self._account_id, cause.text, cause.advice))
            self._failed = True
            self._tools.on_progress()

    def contents(self) -> dict[Place, RegionContents] | None:
        """What decides how many calls are made, by region; ``None`` while ListBuckets or CloudWatch are responding."""
        if self._failed:
            return {}
        if not self._buckets_ended or not all(place.region.complete for place in self._places.values()):
            return None
        return {(self._index, name): _contents_of(place) for name, place in self._places.items()}

    def _buckets(self, account: Account, region: str | None) -> Iterator[list[AccountBucket]]:
        """AWS narrows the list to one region; several are sorted here."""
        return account.buckets(region, matcher(self._patterns), self._tools.tally.count)

    def _found(self, page: list[AccountBucket]) -> None:
        for bucket in page:
            if bucket.region is None:
                self._unplaced[bucket.name] = bucket
                continue
            place = self._places.get(bucket.region)
            if place is not None:
                place.here[bucket.name] = bucket
                if bucket.bad_date:
                    self._tools.losses.bad_creation_date(place.region.where, bucket.name)
                if place.lists(bucket.name):
                    place.listers.newest.is_there(bucket.name)
                    place.inquirer.is_there(bucket.name)
                    place.stocktaker.is_there(bucket.name)

    def _list_ended(self, region: str | None, error: Exception | None) -> None:
        self._buckets_ended = True
        self._tools.on_progress()
        if error is None:
            self._whole = True
            return
        cause = cause_of(error)
        where = f"{self._account_id}/{region}" if region else self._account_id
        self._tools.losses.add(gap(where, f"{cause.text}: not all of its buckets are known", cause.advice))

    def close(self) -> dict[str, RegionData]:
        """When nothing more comes: what is known, by region."""
        self._tools.losses.lose(
            self._account_id,
            self._unplaced,
            alone="its region could not be found out",
            together="buckets are in a region that could not be found out",
            advice="allow s3:ListBucket on it to the role or user",
        )
        for place in self._places.values():
            place.region.close()
            for lister in place.listers.all:
                lister.close()
        return {name: self._known(place) for name, place in self._places.items()}

    def _known(self, place: _Place) -> RegionData:
        newest, contents_lister = place.listers
        contents = {**(contents_lister.contents if contents_lister else {}), **place.stocktaker.found}
        return RegionData(
            place.region,
            place.here,
            self._unplaced,
            self._whole,
            newest.found,
            contents,
            place.inquirer.found if self._tools.kinds else {},
            place.kinds.found,
            place.traffic.found,
        )


def _contents_of(place: _Place) -> RegionContents:
    counts = {bucket: series or EMPTY for bucket, series in place.region.counts.items()}
    newest = max([series.day for series in counts.values()], default=-1)
    return RegionContents(
        place.here,
        place.region.sizes,
        {bucket: series.value if series.day >= 0 else None for bucket, series in counts.items()},
        {bucket for bucket, series in counts.items() if series.day < 0 or series.day < newest},
    )
