"""S3 Control: the exports and scopes of the Storage Lens configurations of an account."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.exports import LensScope, StorageLensExport

# Addresses that have no subdomain, of emulators.
_LOCAL = re.compile(r"localhost|[0-9.]+|.*:.*")


class StorageLensApi(AwsApi):
    """The operations of S3 Control that return Storage Lens configurations."""

    def storage_lens_exports(self, account: str, region: str) -> list[StorageLensExport]:
        """Return the exports to S3 of the enabled configurations of an account with this home region."""
        client = self._control(region)
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
                configuration = response["StorageLensConfiguration"]
                destination = configuration.get("DataExport", {}).get("S3BucketDestination")
                if destination is not None:
                    bucket, prefix = _name(destination["Arn"]), (destination.get("Prefix") or "").strip("/")
                    scopes = _scopes(account, configuration)
                    exports.append(StorageLensExport(bucket, id_, prefix, region, scopes=scopes))
        return exports

    def storage_lens_scopes(self, account: str, config: str, region: str) -> dict[str, LensScope]:
        """Return what a configuration covers, by the id of its account or organization.

        ``region``: its home region; empty: that of the credentials.
        """
        client = self._control(region or None)
        with self.call("GetStorageLensConfiguration"):
            response = client.get_storage_lens_configuration(ConfigId=config, AccountId=account)
            return _scopes(account, response["StorageLensConfiguration"])

    def _control(self, region: str | None) -> Any:
        client = self.client("s3control", region)
        if _LOCAL.fullmatch(urlsplit(client.meta.endpoint_url).hostname or ""):
            client.meta.events.register("before-sign.s3-control", _without_account, unique_id="s3-monitor-local")
        return client


def _enabled(response: dict[str, Any]) -> list[tuple[str, str]]:
    listed = response.get("StorageLensConfigurationList") or ()
    return [(one["Id"], one["HomeRegion"]) for one in listed if one.get("IsEnabled")]


def _scopes(account: str, configuration: dict[str, Any]) -> dict[str, LensScope]:
    organization = configuration.get("AwsOrg", {}).get("Arn", "")
    owner = organization.rpartition("/")[2] or account
    included, excluded = configuration.get("Include") or {}, configuration.get("Exclude") or {}
    return {
        owner: LensScope(
            tuple(sorted(included.get("Regions") or ())),
            tuple(sorted(map(_name, included.get("Buckets") or ()))),
            tuple(sorted(excluded.get("Regions") or ())),
            tuple(sorted(map(_name, excluded.get("Buckets") or ()))),
        )
    }


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _without_account(request: Any, **_: Any) -> None:
    """Remove the account from the host. AWS: the header x-amz-account-id has it, too."""
    account = request.headers["x-amz-account-id"]
    request.url = request.url.replace(f"://{account}.", "://", 1)
