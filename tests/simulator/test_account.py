"""Regions of an account: which there are, which are enabled, and what a disabled one answers."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Bucket, Simulator
from s3_monitor.simulator.accounts import DEFAULT_REGIONS, OPT_IN_REGIONS, make_account
from tests.simulator.clients import MIDNIGHT, TODAY, client


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(make_account("111122223333", [], opted_in=["eu-south-1"]), today=TODAY) as running:
        yield running


def regions(simulator: Simulator, page: int, *statuses: str) -> dict[str, str]:
    pages = client(simulator, "account").get_paginator("list_regions")
    asked = {"RegionOptStatusContains": list(statuses)} if statuses else {}
    found = [
        region for page_ in pages.paginate(**asked, PaginationConfig={"PageSize": page}) for region in page_["Regions"]
    ]
    assert len({region["RegionName"] for region in found}) == len(found)
    return {region["RegionName"]: region["RegionOptStatus"] for region in found}


@pytest.mark.parametrize("page", [1, 10, 50])
def test_every_region_with_its_status(simulator: Simulator, page: int) -> None:
    found = regions(simulator, page)
    assert found.keys() == {*DEFAULT_REGIONS, *OPT_IN_REGIONS}
    assert (found["us-east-1"], found["eu-south-1"], found["me-south-1"]) == (
        "ENABLED_BY_DEFAULT",
        "ENABLED",
        "DISABLED",
    )


def test_the_enabled_regions(simulator: Simulator) -> None:
    assert regions(simulator, 50, "ENABLED", "ENABLED_BY_DEFAULT").keys() == {*DEFAULT_REGIONS, "eu-south-1"}


@pytest.mark.parametrize("region", ["me-south-1", "eu-nowhere-1"])
def test_a_region_that_is_not_enabled_refuses_the_token(simulator: Simulator, region: str) -> None:
    assert client(simulator, "cloudwatch", "eu-south-1").list_metrics()["Metrics"] == []
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(simulator, "cloudwatch", region).list_metrics()


@pytest.mark.parametrize(
    ("partition", "region"), [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-northwest-1"), ("aws", "eu-west-1")]
)
def test_a_partition_has_regions_and_arns_of_its_own(partition: str, region: str) -> None:
    bucket = Bucket("only", region, MIDNIGHT)
    with Simulator(make_account("111122223333", [bucket], partition=partition), today=TODAY) as simulator:
        assert client(simulator, "sts", region).get_caller_identity()["Arn"].startswith(f"arn:{partition}:iam::1111")
        found = client(simulator, "s3", region).list_buckets(MaxBuckets=1)["Buckets"][0]
        assert (found["BucketRegion"], found["BucketArn"]) == (region, f"arn:{partition}:s3:::only")
        assert simulator.accounts[0].enabled(simulator.env()["AWS_DEFAULT_REGION"])
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            client(simulator, "cloudwatch", "me-south-1").list_metrics()
