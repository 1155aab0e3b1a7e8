"""A discovery with prepared responses: accounts by access, and failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.identity import AccountBucket, Identity, OrganizationAccount, SpecialKind
from s3_monitor.model.plan import Access

REGIONS = {
    "aws": ["ap-northeast-1", "eu-central-1", "eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-2"],
    "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
    "aws-cn": ["cn-north-1"],
}
Failure = AwsError | UserError


class Account(msgspec.Struct):
    """An account."""

    number: str
    buckets: Mapping[str, str | None] = {}  # region by name; None: it could not be determined
    types: Mapping[str, set[str]] = {}  # by region
    failures: Mapping[str, Failure] = {}  # by request: identity, buckets, storage_types, directory_buckets; or :REGION
    partition: str = "aws"
    directories: Mapping[str, str] = {}  # region by name
    organization: Sequence[Sequence[OrganizationAccount]] = ()  # pages
    units: Mapping[str, str] = {}  # name by id
    linked: Mapping[str, set[str]] = {}  # accounts by region


class Memory:
    """``accounts``: by the number in the role's ARN, profile or credentials id; "" opens without any."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self._calls = CallCounts()
        self.asked: list[tuple[str, str]] = []

    def account(self, access: Access) -> Opened:
        return Opened(self, access)

    def storage_types(self, access: Access, region: str) -> set[str]:
        return set(self.respond(access, f"storage_types:{region}").types.get(region, set()))

    def home_region(self, access: Access) -> str:
        partition = self.respond(access, "home").partition
        return access.region or {"aws": "us-east-1"}.get(partition, REGIONS[partition][0])

    def known_regions(self, partition: str) -> list[str]:
        return REGIONS.get(partition, [])

    def calls(self) -> CallCounts:
        return self._calls

    def respond(self, access: Access, question: str) -> Account:
        key = access.role_arn.split(":")[4] if access.role_arn else access.profile or access.credentials
        self.asked.append((key, question))
        self._calls.count(question)
        account: Any = self._accounts[key]
        for failing in (question, question.partition(":")[0]):
            if failing in account.failures:
                raise account.failures[failing]
        assert isinstance(account, Account)
        return account


class Opened:
    """An account opened by an access."""

    def __init__(self, memory: Memory, access: Access) -> None:
        self._memory, self._access = memory, access

    def _respond(self, question: str) -> Account:
        return self._memory.respond(self._access, question)

    def identity(self) -> Identity:
        account = self._respond("identity")
        return Identity(account.number, account.partition)

    def list_buckets(self, region: str | None) -> list[AccountBucket]:
        buckets = self._respond("buckets").buckets
        return [AccountBucket(name, 1_600_000_000, where) for name, where in buckets.items()]

    def linked_accounts(self, region: str) -> set[str]:
        return set(self._respond(f"linked_accounts:{region}").linked.get(region, ()))

    def special_bucket_pages(
        self, kind: SpecialKind, region: str, attempts: int | None = None
    ) -> Iterator[list[AccountBucket]]:
        buckets = self._respond(f"{kind}_buckets:{region}").directories
        yield [AccountBucket(name, 1_600_000_000, where) for name, where in buckets.items() if where == region]

    def organization_pages(self) -> Iterator[list[OrganizationAccount]]:
        for number, page in enumerate(self._respond("organization").organization):
            self._respond(f"organization:{number}")
            yield list(page)

    def unit_name(self, unit: str) -> str:
        return self._respond("unit_name").units[unit]
