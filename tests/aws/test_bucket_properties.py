"""How a bucket is configured, in AWS fakes of other people and in answers as AWS documents them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from s3_monitor.aws.bucket_properties import inventory_configurations
from s3_monitor.model.details import Inventory
from s3_monitor.model.failure import AwsFailure
from tests.collect.canned import server
from tests.collect.world import Clients
from tests.e2e import fakes

REGION = "eu-west-1"


def uncounted(operation: str) -> None:
    """Nobody wants to know."""


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("fake")
    with fakes.moto() if request.param == "moto" else fakes.ministack(str(folder)) as url:
        client = fakes.client("s3", url, REGION)
        for name in ("plain", "full"):
            client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield url


def test_a_bucket_without_inventories_has_none(fake: str) -> None:
    assert inventory_configurations(Clients(fake), "plain", REGION, uncounted) == ()


@pytest.mark.parametrize("fake", ["moto"], indirect=True)  # ministack takes it for a new bucket
def test_an_inventory_says_what_it_reports_and_where_to(fake: str) -> None:
    configuration = {
        "Id": "nightly",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Filter": {"Prefix": "logs/"},
        "OptionalFields": ["Size"],
        "Destination": {
            "S3BucketDestination": {
                "Bucket": "arn:aws:s3:::elsewhere", "Format": "Parquet", "Prefix": "inventory", "AccountId": "1" * 12,
            }
        },
    }  # fmt: skip
    fakes.client("s3", fake, REGION).put_bucket_inventory_configuration(
        Bucket="full", Id="nightly", InventoryConfiguration=configuration
    )
    (found,) = inventory_configurations(Clients(fake), "full", REGION, uncounted)
    assert (found.id, found.enabled, found.format, found.bucket) == ("nightly", True, "Parquet", "elsewhere")
    assert (found.versions, found.frequency) == ("All", "Daily")


def test_inventories_come_in_pages_and_each_page_is_counted() -> None:
    def answer(operation: str, asked: dict[str, str]) -> tuple[int, str]:
        second = "continuation-token" in asked
        more = "" if second else "<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>"
        item = _inventory("a" if second else "b")
        return 200, f"<ListInventoryConfigurationsResult>{item}{more}</ListInventoryConfigurationsResult>"

    counted: Counter[str] = Counter()
    with server(answer) as url:
        found = inventory_configurations(Clients(url), "b", REGION, lambda operation: counted.update([operation]))
    assert found == tuple(
        Inventory(id_, True, "CSV", "dest", "Current", "Weekly", fields=("Size", "StorageClass")) for id_ in "ab"
    )
    assert counted == {"ListBucketInventoryConfigurations": 2}


def test_an_inventory_without_a_destination_is_no_answer() -> None:
    body = _inventory("a").replace("S3BucketDestination", "Elsewhere")
    with (
        server(lambda operation, asked: (200, f"<R>{body}</R>")) as url,
        pytest.raises(AwsFailure, match="could not be understood") as failure,
    ):
        inventory_configurations(Clients(url), "b", REGION, uncounted)
    assert failure.value.kind == "broken"


def _inventory(id_: str) -> str:
    return (
        f"<InventoryConfiguration><Id>{id_}</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination>"
        "<Bucket>arn:aws:s3:::dest</Bucket><Format>CSV</Format></S3BucketDestination></Destination>"
        "<IncludedObjectVersions>Current</IncludedObjectVersions><Schedule><Frequency>Weekly</Frequency></Schedule>"
        "<OptionalFields><Field>Size</Field><Field>StorageClass</Field></OptionalFields></InventoryConfiguration>"
    )
