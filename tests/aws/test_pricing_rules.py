"""AWS's price lists: the endpoint, the requests, and the newest version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from s3_monitor.aws.pricing import endpoint_region, newest_version, products
from s3_monitor.model.errors import UserError
from tests.aws.canned_client import CannedClients

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("partition", "home", "region"),
    [
        ("aws", "us-east-1", "us-east-1"),
        ("aws", "eu-central-1", "eu-central-1"),
        ("aws", "us-west-2", "us-east-1"),
        ("aws", "eu-west-1", "eu-central-1"),
        ("aws", "ap-northeast-1", "ap-south-1"),
        ("aws", "sa-east-1", "us-east-1"),
        ("aws-cn", "cn-north-1", "cn-northwest-1"),
    ],
)
def test_price_lists_are_requested_near_the_home_region(partition: str, home: str, region: str) -> None:
    assert endpoint_region(partition, home) == region


def test_a_partition_without_price_lists_is_an_error_of_usage() -> None:
    with pytest.raises(UserError, match="partition aws-us-gov has no price list API"):
        endpoint_region("aws-us-gov", "us-gov-west-1")


def test_the_products_of_all_pages_are_read_by_their_attributes() -> None:
    clients = CannedClients({"get_products": [{"PriceList": ["a"], "NextToken": "t"}, {"PriceList": ["b", "c"]}]})
    assert list(products(clients, "us-east-1", "AmazonS3", {"z": "1", "a": "2"})) == ["a", "b", "c"]
    (_, first), (_, second) = clients.requests
    assert first == {
        "ServiceCode": "AmazonS3",
        "FormatVersion": "aws_v1",
        "MaxResults": 100,
        "Filters": [
            {"Type": "TERM_MATCH", "Field": "a", "Value": "2"},
            {"Type": "TERM_MATCH", "Field": "z", "Value": "1"},
        ],
    }
    assert second == {**first, "NextToken": "t"}
    assert clients.regions == [("pricing", "us-east-1")]


def test_the_newest_version_is_that_of_the_highest_number() -> None:
    arn = "arn:aws:pricing:::price-list/aws/AmazonS3/USD/{}/us-east-1"
    lists = [{"PriceListArn": arn.format(number)} for number in ("20260728131000", "20261101000000", "20260101000000")]
    clients = CannedClients(
        {"list_price_lists": [{"PriceLists": lists[:1], "NextToken": "t"}, {"PriceLists": lists[1:]}]}
    )
    assert newest_version(clients, "us-east-1", "AmazonS3", NOW, "USD") == "20261101000000"
    assert clients.requests[0][1] == {
        "ServiceCode": "AmazonS3", "EffectiveDate": NOW, "CurrencyCode": "USD", "MaxResults": 100,
    }  # fmt: skip
    assert newest_version(CannedClients({"list_price_lists": [{"PriceLists": []}]}), "r", "s", NOW, "USD") is None
