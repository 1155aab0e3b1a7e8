"""Regions and partitions of an account."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Bucket, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.simulator.clients import MIDNIGHT, TODAY, client


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(make_account("111122223333", [], opted_in=["eu-south-1"]), today=TODAY) as running:
        yield running


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
