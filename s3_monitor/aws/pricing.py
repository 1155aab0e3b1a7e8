"""AWS's Price List Query API: products as JSON documents, and the versions of price lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from s3_monitor.aws.api_calls import AwsApi, Clients
from s3_monitor.model.errors import UserError

# AWS: the Query API has endpoints in these regions only; botocore generates host names for all regions.
_REGIONS = {"aws": ("us-east-1", "eu-central-1", "ap-south-1"), "aws-cn": ("cn-northwest-1",)}
_PAGE = 100


def endpoint_region(partition: str, home_region: str) -> str:
    """Return the region of the Query API of a partition. Raises UserError if it has none."""
    regions = _REGIONS.get(partition)
    if regions is None:
        raise UserError(
            f"partition {partition} has no price list API",
            "use credentials of the aws partition, whose lists have its prices too, or give --from a list",
        )
    near = [region for region in regions if region.split("-")[0] == home_region.split("-")[0]]
    return home_region if home_region in regions else (near or regions)[0]


def products(clients: Clients, region: str, service: str, wanted: Mapping[str, str]) -> Iterator[str]:
    """Yield the products of a service with matching attributes, as JSON documents. Raises AwsError."""
    request = {
        "ServiceCode": service,
        "FormatVersion": "aws_v1",
        "MaxResults": _PAGE,
        "Filters": [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in sorted(wanted.items())],
    }
    return chain.from_iterable(
        _pages(clients, region, "GetProducts", request, lambda page: map(str, page["PriceList"]))
    )


def newest_version(clients: Clients, region: str, service: str, at: datetime, currency: str) -> str | None:
    """Return the version of the newest price list of a service, like ``20260728131000``; None without a list."""
    request = {"ServiceCode": service, "EffectiveDate": at, "CurrencyCode": currency, "MaxResults": _PAGE}
    pages = _pages(clients, region, "ListPriceLists", request, _versions)
    return max(chain.from_iterable(pages), default=None)


def _pages(
    clients: Clients,
    region: str,
    operation: str,
    request: dict[str, Any],
    read: Callable[[dict[str, Any]], Iterable[str]],
) -> Iterator[Iterable[str]]:
    api = AwsApi(clients)
    return api.pages(api.client("pricing", region), operation, request, read)


def _versions(response: dict[str, Any]) -> list[str]:
    # arn:aws:pricing:::price-list/aws/AmazonS3/USD/20260728131000/us-east-1
    return [str(listed["PriceListArn"]).split("/")[4] for listed in response["PriceLists"]]
