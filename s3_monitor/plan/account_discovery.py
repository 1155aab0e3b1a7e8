"""The accounts behind the accesses of a plan, and their buckets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from s3_monitor.model.errors import AwsError, IncompleteList, UserError
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.bucket_patterns import matching
from s3_monitor.plan.discovery import AccountDiscovery

_AT_ONCE = 32
# Above this number, buckets of unknown region are one problem instead of one each.
_NAMED_AT_MOST = 20
Failure = AwsError | UserError
Q = TypeVar("Q")
A = TypeVar("A")


class DiscoveredAccount(msgspec.Struct, frozen=True):
    """The account that an access opens."""

    access: Access
    identity: Identity | None = None
    """None: the account could not be identified."""
    home_region: str = ""
    buckets: list[AccountBucket] | None = None
    """None: the buckets could not be listed."""
    failure: Failure | None = None
    """Why the identity or the list of buckets is missing or incomplete."""
    directories: list[AccountBucket] = []
    """Directory buckets found in regions without other buckets."""

    @property
    def listed(self) -> bool:
        """Whether the list of buckets is complete."""
        return self.buckets is not None and self.failure is None

    @property
    def number(self) -> str | None:
        """Return the account id; None if it is unknown."""
        if self.identity is not None:
            return self.identity.account
        return self.access.role_arn.split(":")[4] if self.access.role_arn else None

    @property
    def partition(self) -> str:
        """Return the partition; empty if it is unknown."""
        return self.identity.partition if self.identity is not None else ""

    @property
    def place(self) -> str:
        """Return the account id, or the credentials if it is unknown."""
        return self.number or self._credentials

    @property
    def _credentials(self) -> str:
        if self.access.profile:
            return f"profile {self.access.profile}"
        return f"credentials {self.access.credentials}" if self.access.credentials else "default credentials"

    def names(self) -> list[str]:
        """Return the names of all buckets."""
        return [bucket.name for bucket in self.all()]

    def all(self) -> list[AccountBucket]:
        """Return all buckets, directory buckets included."""
        return [*(self.buckets or ()), *self.directories]

    def by_region(self, patterns: Collection[str]) -> dict[str, int]:
        """Return the number of matching buckets by region, without those of unknown region."""
        wanted = set(matching(patterns, self.names()))
        return Counter(bucket.region for bucket in self.all() if bucket.region and bucket.name in wanted)

    def problems(self, patterns: Collection[str]) -> Iterator[Problem]:
        """Yield what could not be read of the account and of its buckets that match the patterns."""
        if self.failure is not None and self.number is None:
            yield create_problem("credentials-unusable", credentials=self._credentials, error=self.failure)
        elif self.failure is not None:
            code = "account-inaccessible" if self.identity is None else "bucket-list-incomplete"
            yield create_problem(code, account=self.number, error=self.failure)
        names = matching(patterns, [bucket.name for bucket in self.buckets or () if not bucket.region])
        if len(names) > _NAMED_AT_MOST:
            yield create_problem("bucket-region-unknown", account=self.number, names=names)
        else:
            for name in sorted(names):
                yield create_problem("bucket-region-unknown", account=self.number, bucket=name)


def discover_accounts(accesses: Iterable[Access], discovery: AccountDiscovery) -> dict[Access, DiscoveredAccount]:
    """Return the account of each access. A failure is part of the result."""
    return map_concurrently(lambda access: _discover(access, discovery), accesses)


def map_concurrently(function: Callable[[Q], A], arguments: Iterable[Q]) -> dict[Q, A]:
    """Return the result for each argument, in the order of the arguments."""
    keys = list(arguments)
    if len(keys) < 2:
        return {key: function(key) for key in keys}
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(keys))) as pool:
        return dict(zip(keys, pool.map(function, keys), strict=True))


def attempt_concurrently(function: Callable[[Q], A], arguments: Iterable[Q]) -> dict[Q, A | Failure]:
    """Return the result or the failure for each argument, in the order of the arguments."""

    def attempt(argument: Q) -> A | Failure:
        try:
            return function(argument)
        except (AwsError, UserError) as failure:
            return failure

    return map_concurrently(attempt, arguments)


def _discover(access: Access, discovery: AccountDiscovery) -> DiscoveredAccount:
    account = DiscoveredAccount(access)
    try:
        opened, home_region = (
            discovery.account(access),
            discovery.home_region(access),
        )  # raises for missing credentials, before a request is sent
        with ThreadPoolExecutor(max_workers=1) as pool:
            buckets = pool.submit(opened.list_buckets, None)
            account = DiscoveredAccount(access, opened.identity(), home_region)
        return msgspec.structs.replace(account, buckets=buckets.result())
    except IncompleteList as failure:
        return msgspec.structs.replace(account, buckets=failure.buckets, failure=failure)
    except (AwsError, UserError) as failure:
        return msgspec.structs.replace(account, failure=failure)
