"""One account: the operations of all services, with its credentials, rate limits and call counter."""

from __future__ import annotations

from s3_monitor.aws.athena import AthenaApi
from s3_monitor.aws.bucket_properties import BucketPropertiesApi
from s3_monitor.aws.cloudwatch import CloudWatchApi
from s3_monitor.aws.cost_explorer import CostExplorerApi
from s3_monitor.aws.diagnostics import DiagnosticsApi
from s3_monitor.aws.inventory_files import InventoryFilesApi
from s3_monitor.aws.object_keys import ObjectKeysApi
from s3_monitor.aws.organizations import OrganizationsApi
from s3_monitor.aws.s3 import S3Api
from s3_monitor.aws.special_buckets import SpecialBucketsApi
from s3_monitor.aws.storage_lens import StorageLensApi
from s3_monitor.model.identity import Identity


class AwsAccount(
    S3Api,
    ObjectKeysApi,
    CloudWatchApi,
    BucketPropertiesApi,
    SpecialBucketsApi,
    InventoryFilesApi,
    AthenaApi,
    CostExplorerApi,
    StorageLensApi,
    OrganizationsApi,
    DiagnosticsApi,
):
    """An account."""

    def identity(self) -> Identity:
        """Return the account and partition of the credentials. Call it first: rate limits are kept by account."""
        self.calls.count("GetCallerIdentity")
        identity = self._connection.identity()
        self._account_id = identity.account
        return identity

    def share_limits(self, region: str, shards: int) -> None:
        """Start with an equal part of the region's rate limits: ``shards`` may use them at the same time."""
        self.limits(region).share(shards)
