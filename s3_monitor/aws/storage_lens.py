"""S3 Control: the exports of the Storage Lens configurations of an account."""

from __future__ import annotations

from typing import Any

from s3_monitor.aws.api_calls import AwsApi, Page
from s3_monitor.model.exports import StorageLensExport


class StorageLensApi(AwsApi):
    """The operations of S3 Control that return Storage Lens configurations."""

    def storage_lens_exports(self, account: str, region: str) -> list[StorageLensExport]:
        """Return the exports to S3 of the enabled configurations of an account with this home region."""
        client = self.client("s3control", region)
        ids = [
            id_
            for page in self.pages(client, "ListStorageLensConfigurations", {"AccountId": account}, _enabled)
            for id_, home in page
            if home == region
        ]
        exports = []
        for id_ in ids:
            with self.call("GetStorageLensConfiguration"):
                response = client.get_storage_lens_configuration(ConfigId=id_, AccountId=account)
                destination = response["StorageLensConfiguration"].get("DataExport", {}).get("S3BucketDestination")
                if destination is not None:
                    bucket = destination["Arn"].rpartition(":")[2]
                    prefix = (destination.get("Prefix") or "").strip("/")
                    exports.append(StorageLensExport(bucket, id_, prefix, region))
        return exports


def _enabled(response: dict[str, Any]) -> Page[list[tuple[str, str]]]:
    listed = response.get("StorageLensConfigurationList") or ()
    return [(one["Id"], one["HomeRegion"]) for one in listed if one.get("IsEnabled")], response.get("NextToken")
