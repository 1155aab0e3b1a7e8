"""Connections to AWS accounts, for planning and collecting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from s3_monitor.cli.once_cache import OnceCache
from s3_monitor.model.call_counts import CallCounter, CallCounts
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.plan import Access, Quotas

if TYPE_CHECKING:
    from s3_monitor.aws.account import AwsAccount
    from s3_monitor.aws.retries import Retry
    from s3_monitor.aws.role import RoleConnection
    from s3_monitor.aws.session import Connection


# A connection with its clients takes about 0.7 MB, and a plan may have thousands of accounts.
_MOST_CONNECTIONS = 64
_MOST_ROLES = 10_000  # they share the clients of one connection


class AwsDiscovery:
    """AccountDiscovery by boto3, and the accounts for collecting. May be used by several threads."""

    def __init__(
        self,
        quotas: Quotas | None = None,
        profiles: Mapping[str, str] | None = None,
        on_retry: Callable[[Retry], None] | None = None,
    ) -> None:
        """``quotas``: of every account and region; default: AWS's default quotas.

        ``profiles``: the profile to use for each id of Jenkins credentials, if the access has no profile.
        ``on_retry`` is called before a request is retried.
        """
        from s3_monitor.aws.rate_limiter import RateLimits

        self._profiles = profiles or {}
        self.on_retry = on_retry  # replaced in each step of a command
        self._connections = OnceCache[Access, "Connection"](_MOST_CONNECTIONS)
        self._sources = OnceCache[tuple[str | None, ...], "Connection | AwsError | UserError"](_MOST_CONNECTIONS)
        self._roles = OnceCache[Access, "RoleConnection"](_MOST_ROLES)
        self._calls = CallCounter()
        self._quotas = quotas or Quotas()
        self._rate_limits = RateLimits(self._quotas)

    def connect(self, access: Access) -> Connection | RoleConnection:
        """Return the connection of an access. Raises UserError (also without credentials) or AwsError."""
        from s3_monitor.aws.role import RoleConnection
        from s3_monitor.aws.session import Connection

        profile = access.profile or self._profiles.get(access.credentials)
        own = msgspec.structs.replace(access, profile=profile)
        if own.role_arn is None:
            return self._connections.get(access, lambda: Connection(own, self._report_retry))
        return self._roles.get(access, lambda: RoleConnection(self._source(own), own))

    def _source(self, access: Access) -> Connection:
        """Return the connection that assumes the role of an access. All roles of its profile share it."""
        from s3_monitor.aws.session import Connection

        def connect() -> Connection | AwsError | UserError:
            try:
                return Connection(access, self._report_retry)
            except (AwsError, UserError) as failure:
                return failure  # the other roles would fail, too, possibly after a timeout each

        partition = (access.role_arn or "").split(":")[1]
        source = self._sources.get((access.profile, access.region, partition), connect)
        if isinstance(source, AwsError | UserError):
            raise source
        return source

    def _report_retry(self, retry: Retry) -> None:
        if self.on_retry is not None:
            self.on_retry(retry)

    def account(self, access: Access) -> AwsAccount:
        """Return the account of an access. Its calls count as planning until it gets a counter of its own."""
        from s3_monitor.aws.account import AwsAccount

        return AwsAccount(self.connect(access), self._rate_limits, self._calls)

    def storage_types(self, access: Access, region: str) -> set[str]:
        """Return the storage types that have a metric in the region."""
        from s3_monitor.aws.cloudwatch import CloudWatchApi
        from s3_monitor.aws.rate_limiter import RateLimits

        limits = RateLimits(self._quotas)  # a separate one, since accounts do not share quotas
        return CloudWatchApi(self.connect(access), limits, self._calls).list_storage_types(region)

    def home_region(self, access: Access) -> str:
        """Return the region of requests that do not concern a region."""
        return self.connect(access).home_region

    def known_regions(self, partition: str) -> list[str]:
        """Return the regions of a partition, without a request."""
        from s3_monitor.aws.session import known_regions

        return known_regions(partition)

    def calls(self) -> CallCounts:
        """Return the requests sent so far."""
        return self._calls.calls()
