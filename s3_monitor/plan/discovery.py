"""The interface through which planning reads accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.exports import StorageLensExport
from s3_monitor.model.identity import AccountBucket, Identity, OrganizationAccount, SpecialKind
from s3_monitor.model.plan import Access

_PARTITIONS = ("aws", "aws-cn", "aws-eusc", "aws-us-gov")


class ListedAccount(Protocol):
    """The requests that planning sends to an account: see the classes in ``aws`` for each.

    Each method raises AwsError if a request fails, and UserError (MissingCredentialsError) without credentials.
    """

    def identity(self) -> Identity: ...

    def list_buckets(self, region: str | None) -> list[AccountBucket]: ...

    def special_bucket_pages(
        self, kind: SpecialKind, region: str, attempts: int | None = None
    ) -> Iterator[list[AccountBucket]]: ...

    def linked_accounts(self, region: str) -> set[str]: ...

    def organization_pages(self) -> Iterator[list[OrganizationAccount]]: ...

    def unit_name(self, unit: str) -> str: ...

    def storage_lens_exports(self, account: str, region: str) -> list[StorageLensExport]: ...


class AccountDiscovery(Protocol):
    """The accounts that planning reads. May be used by several threads; ``identity`` is called first for each access.

    Methods with an access raise as those of ``ListedAccount``.
    """

    def account(self, access: Access) -> ListedAccount:
        """Return the account that the access opens."""

    def storage_types(self, access: Access, region: str) -> set[str]:
        """Return the storage types that have a metric in the region, except AllStorageTypes."""

    def home_region(self, access: Access) -> str:
        """Return the region of requests that do not concern a region."""

    def known_regions(self, partition: str) -> list[str]:
        """Return the regions of a partition, without a request."""

    def calls(self) -> CallCounts:
        """Return the requests sent so far."""


def partitions(discovery: AccountDiscovery) -> dict[str, str]:
    """Return region → partition."""
    return {region: name for name in _PARTITIONS for region in discovery.known_regions(name)}
