"""What planning asks AWS, answered by the real thing; connections are made once and shared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

import msgspec

from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.call_counter import CallCounter
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access, Quotas
from s3_monitor.plan.options import PlanOptions

if TYPE_CHECKING:
    from s3_monitor.aws.account import AwsAccount
    from s3_monitor.aws.retry_events import Retry
    from s3_monitor.aws.session import Connection


# A connection with its clients is some 0.7 MB, and a plan may be of thousands of accounts, asked one after another.
_KEPT = 64
# To look for directory buckets: a network without a way there must not hold up the start for minutes.
_TRIES = 2


class AwsDiscovery:
    """An Inquiry (see plan/discovery.py) over boto3, and the accounts for collecting afterwards. Threads may share it.

    ``profiles``: by the id of Jenkins credentials, the profile that stands for them here, where those of all shards
    come together; an access with a profile of its own keeps that. ``quotas``: of every account and region; AWS's usual
    ones if null. ``on_retry`` is called before a request is sent again.
    """

    def __init__(
        self,
        quotas: Quotas | None = None,
        profiles: Mapping[str, str] | None = None,
        on_retry: Callable[[Retry], None] | None = None,
    ) -> None:
        from s3_monitor.aws.rate_limiter import RateLimits

        self._profiles = profiles or {}
        self.on_retry = on_retry  # may be replaced as a command goes on
        self._connections: OrderedDict[Access, Connection] = OrderedDict()
        self._calls = CallCounter()
        self._quotas = quotas or Quotas()
        self._paces = RateLimits(self._quotas)
        self._lock = threading.Lock()
        self._opening: dict[Access, threading.Lock] = {}

    def connect(self, access: Access) -> Connection:
        """NoCredentials, UserError or AwsFailure where that cannot be done."""
        from s3_monitor.aws.session import Connection

        with self._lock:
            opening = self._opening.setdefault(access, threading.Lock())
        with opening:
            if (known := self._connections.get(access)) is not None:
                return known
            profile = access.profile or self._profiles.get(access.credentials)
            made = Connection(msgspec.structs.replace(access, profile=profile), self._report_retry)
            with self._lock:
                self._connections[access] = made
                if len(self._connections) > _KEPT:  # they can be made again
                    self._connections.popitem(last=False)
            return made

    def _report_retry(self, retry: Retry) -> None:
        if self.on_retry is not None:
            self.on_retry(retry)

    def account(self, access: Access) -> AwsAccount:
        """Return the account of an access; its calls count as those of planning, unless it is metered otherwise."""
        from s3_monitor.aws.account import AwsAccount

        return AwsAccount(self.connect(access), self._paces, self._calls)

    def identity(self, access: Access) -> Identity:
        self._calls.count("GetCallerIdentity")
        return self.connect(access).identity()

    def buckets(self, access: Access) -> list[AccountBucket]:
        return self.account(access).list_buckets(None)

    def storage_types(self, access: Access, region: str) -> set[str]:
        from s3_monitor.aws.cloudwatch import CloudWatchApi
        from s3_monitor.aws.rate_limiter import RateLimits

        limits = RateLimits(self._quotas)  # of its own: accounts do not share quotas
        return CloudWatchApi(self.connect(access), limits, self._calls).list_storage_types(region)

    def directory_buckets(self, access: Access, region: str) -> list[AccountBucket]:
        pages = self.account(access).special_bucket_pages("directory", region, attempts=_TRIES)
        return [bucket for page in pages for bucket in page]

    def home_region(self, access: Access) -> str:
        return self.connect(access).home_region

    def known_regions(self, partition: str) -> list[str]:
        from s3_monitor.aws.session import known_regions

        return known_regions(partition)

    def calls(self) -> CallCounts:
        return self._calls.calls()


def plan_options(options: Mapping[str, Any]) -> PlanOptions:
    """What the options of a verb choose; an option that the verb does not have is not chosen."""
    as_of, shards = options.get("as_of"), options.get("shards")
    return PlanOptions(
        profile=options.get("profile") or None,
        regions=tuple(options.get("regions") or ()),
        buckets=tuple(options.get("buckets") or ()),
        storage_types=tuple(options.get("storage_types") or ()),
        split_by=options.get("split_by"),
        max_shards=options.get("max_shards"),
        last_modified=options.get("last_modified"),
        history_days=options.get("history_days"),
        objects=options.get("objects"),
        versions=options.get("versions"),
        regex=options.get("regex") or "",
        details=options.get("details"),
        requests=options.get("requests"),
        as_of=as_of.replace(tzinfo=UTC) if as_of else None,
        shards=utf8_text(str(shards)) if shards else None,
        costs=options.get("costs"),
    )
