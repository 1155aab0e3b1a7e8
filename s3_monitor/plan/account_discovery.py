"""Every access asked once: whose account it opens, and which buckets that holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from s3_monitor.model.errors import AwsError, IncompleteList, UserError
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, gap
from s3_monitor.plan.bucket_patterns import matching
from s3_monitor.plan.discovery import AccountDiscovery

_AT_ONCE = 16
# More buckets than this whose region is unknown are one problem, not one each.
_NAMED_AT_MOST = 20
Q = TypeVar("Q")
A = TypeVar("A")


class DiscoveredAccount(msgspec.Struct, frozen=True):
    """What one access gave. ``identity`` null: nothing; ``buckets`` null: not the list; ``failure`` says why, also
    where the list is incomplete.

    ``directories``: directory buckets of regions without other buckets, where they were looked for.
    """

    access: Access
    identity: Identity | None = None
    home_region: str = ""
    buckets: list[AccountBucket] | None = None
    failure: AwsError | UserError | None = None
    directories: list[AccountBucket] = []

    @property
    def listed(self) -> bool:
        """Whether the list of buckets is complete."""
        return self.buckets is not None and self.failure is None

    @property
    def place(self) -> str:
        """The account's number, or words for it where that is not known."""
        if self.identity is not None:
            return self.identity.account
        if self.access.role_arn:
            return self.access.role_arn.split(":")[4]
        if self.access.profile:
            return f"profile {self.access.profile}"
        return f"credentials {self.access.credentials}" if self.access.credentials else "default credentials"

    def names(self) -> list[str]:
        return [bucket.name for bucket in self.all()]

    def all(self) -> list[AccountBucket]:
        return [*(self.buckets or ()), *self.directories]

    def by_region(self, patterns: Collection[str]) -> dict[str, int]:
        """How many matching buckets each region holds; those of unknown region aside."""
        wanted = set(matching(patterns, self.names()))
        return Counter(bucket.region for bucket in self.all() if bucket.region and bucket.name in wanted)

    def nowhere(self, patterns: Collection[str]) -> list[Problem]:
        """A gap for each matching bucket whose region could not be found out."""
        names = sorted(matching(patterns, [bucket.name for bucket in self.buckets or () if not bucket.region]))
        advice = "allow s3:ListAllMyBuckets and s3:ListBucket to the role or user"
        if len(names) > _NAMED_AT_MOST:
            some = ", ".join(names[:_NAMED_AT_MOST])
            return [gap(self.place, f"the region of {len(names)} buckets could not be found out: {some}, …", advice)]
        return [gap(f"{self.place}/{name}", "its region could not be found out", advice) for name in names]


def discover_accounts(accesses: Iterable[Access], inquiry: AccountDiscovery) -> dict[Access, DiscoveredAccount]:
    """Failures are part of the answer."""
    return map_concurrently(lambda access: _ask(access, inquiry), accesses)


def map_concurrently(ask: Callable[[Q], A], questions: Iterable[Q]) -> dict[Q, A]:
    """Ask all, several at a time; the answers in the order of the questions."""
    asked = list(questions)
    if len(asked) < 2:
        return {question: ask(question) for question in asked}
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(asked))) as pool:
        return dict(zip(asked, pool.map(ask, asked), strict=True))


def _ask(access: Access, inquiry: AccountDiscovery) -> DiscoveredAccount:
    found = DiscoveredAccount(access)
    try:
        identity = inquiry.identity(access)
        found = DiscoveredAccount(access, identity, inquiry.home_region(access))
        return msgspec.structs.replace(found, buckets=inquiry.buckets(access))
    except IncompleteList as failure:
        return msgspec.structs.replace(found, buckets=failure.buckets, failure=failure)
    except (AwsError, UserError) as failure:
        return msgspec.structs.replace(found, failure=failure)
