"""The simulated Price List API, by real boto3; and its files."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Account, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.price_lists import make_offers
from tests.simulator.clients import client

JULY, SEPTEMBER = date(2026, 7, 28), date(2026, 9, 1)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    account: Account = make_account("111122223333", [])
    with Simulator(account, offers=[*make_offers(JULY), *make_offers(SEPTEMBER, factor="1.1")]) as running:
        yield running


def products(simulator: Simulator, service: str = "AmazonS3", **wanted: str) -> list[Any]:
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
    pages = (
        client(simulator, "pricing")
        .get_paginator("get_products")
        .paginate(ServiceCode=service, Filters=filters, PaginationConfig={"PageSize": 7})
    )
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def get(simulator: Simulator, path: str) -> bytes:
    with urllib.request.urlopen(simulator.url + path) as answer:
        content: bytes = answer.read()
        return content


def test_products_come_in_pages_of_json_in_json(simulator: Simulator) -> None:
    found = products(simulator, regionCode="eu-west-1")
    assert len({one["product"]["sku"] for one in found}) == len(found) > 20
    (standard,) = [one for one in found if one["product"]["attributes"]["usagetype"] == "EU-TimedStorage-SIA-ByteHrs"]
    assert (standard["version"], standard["serviceCode"]) == ("20260901131000", "AmazonS3")
    ((term,),) = [one.values() for one in [standard["terms"]["OnDemand"]]]
    (dimension,) = term["priceDimensions"].values()
    assert (dimension["pricePerUnit"], dimension["unit"]) == ({"USD": "0.013750000000"}, "GB-Mo")


def test_filters_narrow_all_together(simulator: Simulator) -> None:
    (one,) = products(simulator, regionCode="eu-west-1", usagetype="EU-Requests-Tier1")
    assert one["product"]["attributes"]["location"] == "EU (Ireland)"
    assert products(simulator, regionCode="eu-west-1", usagetype="Requests-Tier1") == []
    (deep,) = products(simulator, "AmazonS3GlacierDeepArchive", regionCode="us-east-1")
    assert deep["product"]["attributes"]["usagetype"] == "TimedStorage-GDA-ByteHrs"


@pytest.mark.parametrize(
    ("region", "call", "code"),
    [
        ("us-west-2", {"ServiceCode": "AmazonS3"}, "UnknownEndpoint"),
        ("us-east-1", {"ServiceCode": "AmazonS4"}, "NotFoundException"),
        ("us-east-1", {"ServiceCode": "AmazonS3", "NextToken": "x"}, "InvalidNextTokenException"),
        ("us-east-1", {"ServiceCode": "AmazonS3", "MaxResults": 101}, "ValidationError"),
    ],
)
def test_what_aws_refuses_is_refused(simulator: Simulator, region: str, call: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client(simulator, "pricing", region).get_products(**call)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(("day", "version"), [(10, "20260728131000"), (30, "20260901131000")])
def test_lists_are_those_of_a_day_and_lead_to_their_files(simulator: Simulator, day: int, version: str) -> None:
    api = client(simulator, "pricing")
    when = datetime(2026, 8 if day == 10 else 9, day, tzinfo=UTC)
    answer = api.list_price_lists(
        ServiceCode="AmazonS3", EffectiveDate=when, CurrencyCode="USD", RegionCode="eu-west-1"
    )
    (listed,) = answer["PriceLists"]
    assert listed["PriceListArn"] == f"arn:aws:pricing:::price-list/aws/AmazonS3/USD/{version}/eu-west-1"
    url = api.get_price_list_file_url(PriceListArn=listed["PriceListArn"], FileFormat="json")["Url"]
    with urllib.request.urlopen(url) as file:
        offer = json.loads(file.read())
    assert (offer["version"], offer["offerCode"]) == (version, "AmazonS3")
    assert {one["attributes"]["regionCode"] for one in offer["products"].values()} == {"eu-west-1"}
    with pytest.raises(ClientError):
        api.list_price_lists(ServiceCode="AmazonS3", EffectiveDate=datetime(2020, 1, 1, tzinfo=UTC), CurrencyCode="USD")


def test_services_are_described(simulator: Simulator) -> None:
    found = client(simulator, "pricing").describe_services(ServiceCode="AmazonS3")["Services"]
    assert [one["ServiceCode"] for one in found] == ["AmazonS3"]


def test_files_are_public_in_both_formats(simulator: Simulator) -> None:
    base = "/offers/v1.0/aws/AmazonS3"
    whole = json.loads(get(simulator, f"{base}/current/index.json"))
    assert len({one["attributes"]["regionCode"] for one in whole["products"].values()}) == 17
    rows = list(csv.reader(io.StringIO(get(simulator, f"{base}/20260728131000/eu-west-1/index.csv").decode())))
    assert [row[0] for row in rows[:6]] == [
        "FormatVersion",
        "Disclaimer",
        "Publication Date",
        "Version",
        "OfferCode",
        "SKU",
    ]
    assert rows[3][1] == "20260728131000"
    index = json.loads(get(simulator, f"{base}/current/region_index.json"))
    path = index["regions"]["eu-west-1"]["currentVersionUrl"]
    assert json.loads(get(simulator, path))["version"] == "20260901131000"
    for wrong in ("/offers/v1.0/aws/AmazonS4/current/index.json", f"{base}/current/mo-on-1/index.json", f"{base}/x"):
        with pytest.raises(urllib.error.HTTPError):
            get(simulator, wrong)
