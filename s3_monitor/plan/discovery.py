"""The interface through which planning reads accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.exports import StorageLensExport
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.organization import OrganizationAccount
from s3_monitor.model.plan import Access

_PARTITIONS = ("aws", "aws-cn", "aws-eusc", "aws-us-gov")


class AccountDiscovery(Protocol):
    """Requests that planning sends. May be used by several threads; ``identity`` is called first for each access.

    Each method raises AwsError if a request fails, and UserError (MissingCredentialsError) without credentials.
    """

    def identity(self, access: Access) -> Identity:
        """Return the account that the access opens."""

    def buckets(self, access: Access) -> list[AccountBucket]:
        """Return all buckets of the account, in one partition."""

    def storage_types(self, access: Access, region: str) -> set[str]:
        """Return the storage types that have a metric in the region, except AllStorageTypes."""

    def linked_accounts(self, access: Access, region: str) -> set[str]:
        """Return the accounts that are linked to the account in the region and have S3 metrics."""

    def directory_buckets(self, access: Access, region: str) -> list[AccountBucket]:
        """Return the account's directory buckets in a region. ListBuckets does not return them."""

    def organization_pages(self, access: Access) -> Iterator[list[OrganizationAccount]]:
        """Yield the accounts of the organization that the access can list."""

    def unit_name(self, access: Access, unit: str) -> str:
        """Return the name of an organizational unit."""

    def storage_lens_exports(self, access: Access, account: str, region: str) -> list[StorageLensExport]:
        """Return the exports of the account's Storage Lens configurations with this home region."""

    def home_region(self, access: Access) -> str:
        """Return the region of requests that do not concern a region."""

    def known_regions(self, partition: str) -> list[str]:
        """Return the regions of a partition, without a request."""

    def calls(self) -> CallCounts:
        """Return the requests sent so far."""


def partitions(discovery: AccountDiscovery) -> dict[str, str]:
    """Return region → partition."""
    return {region: name for name in _PARTITIONS for region in discovery.known_regions(name)}
