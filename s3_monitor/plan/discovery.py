"""What planning needs to know from AWS."""

from __future__ import annotations

from typing import Protocol

from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access


class AccountDiscovery(Protocol):
    """Questions, each of which may raise AwsFailure, or UserError (NoCredentials) where it cannot even be asked.

    Several threads ask at once; the first question about an access is its identity.
    """

    def identity(self, access: Access) -> Identity: ...

    def buckets(self, access: Access) -> list[AccountBucket]:
        """All buckets of the account, in one partition."""

    def storage_types(self, access: Access, region: str) -> set[str]:
        """The storage types for which CloudWatch has a metric in the region, AllStorageTypes aside."""

    def directory_buckets(self, access: Access, region: str) -> list[AccountBucket]:
        """The account's directory buckets in a region, which the list of its buckets leaves out."""

    def home_region(self, access: Access) -> str:
        """Where questions go that concern no region."""

    def known_regions(self, partition: str) -> list[str]:
        """Known without asking."""

    def calls(self) -> CallCounts:
        """What has been asked so far."""
