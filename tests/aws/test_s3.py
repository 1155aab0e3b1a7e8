"""The lists of buckets, in the simulated account and in other emulators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from s3_monitor.aws.s3 import S3Api
from s3_monitor.model.errors import AwsError, IncompleteList
from s3_monitor.simulator import Account, Fault, Simulator, random_account
from tests.collect.canned_responses import bucket_list, server
from tests.collect.fixtures import TODAY, Clients
from tests.e2e import fakes

REGIONS = ("us-east-1", "eu-west-1")


@pytest.fixture(scope="module")
def account() -> Account:
    return random_account(5, buckets=60, regions=REGIONS, today=TODAY, awkward=0.4)


@pytest.fixture
def simulator(account: Account) -> Iterator[Simulator]:
    with Simulator(account, today=TODAY) as running:
        yield running


def test_one_call_lists_every_bucket_with_its_region_and_creation_date(simulator: Simulator, account: Account) -> None:
    api = S3Api(Clients(simulator.url))
    found = api.list_buckets(None)
    assert {(b.name, b.region, b.created) for b in found} == {
        (b.name, b.region, int(b.created.timestamp())) for b in account.listed
    }
    assert api.calls.calls().requests == {"ListBuckets": 1}
    assert simulator.counters.by_operation() == {"s3:ListBuckets": 1}


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_requested_at_its_own_endpoint(simulator: Simulator, account: Account, region: str) -> None:
    found = S3Api(Clients(simulator.url)).list_buckets(region)
    assert {bucket.name for bucket in found} == {b.name for b in account.listed if b.region == region}
    assert simulator.counters.total("ListBuckets", region=region).calls == 1


def test_only_selected_buckets_are_returned(simulator: Simulator, account: Account) -> None:
    (page,) = S3Api(Clients(simulator.url)).bucket_pages(None, lambda name: name.startswith("a"))
    assert {bucket.name for bucket in page} == {b.name for b in account.listed if b.name.startswith("a")}


def test_retries_are_counted(simulator: Simulator) -> None:
    simulator.faults.add(Fault("error", operation="ListBuckets", first=2))
    api = S3Api(Clients(simulator.url, attempts=3))
    api.list_buckets(None)
    assert api.calls.calls().total == simulator.counters.total("ListBuckets").calls == 3


def test_a_denied_request_is_an_error_and_is_counted(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListBuckets"))
    api = S3Api(Clients(simulator.url))
    with pytest.raises(AwsError) as failure:
        api.list_buckets(None)
    assert (failure.value.kind, api.calls.calls().requests) == ("denied", {"ListBuckets": 1})


def test_a_malformed_entry_fails_the_list_after_all_its_other_buckets() -> None:
    malformed = bucket_list(("a", "us-east-1"), ("b", "eu-west-1"), token="more").replace("<Name>b</Name>", "")

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        return 200, bucket_list(("c", "us-east-1")) if "continuation-token" in str(question) else malformed

    with server(script) as url, pytest.raises(IncompleteList) as failure:
        S3Api(Clients(url)).list_buckets(None)
    assert [bucket.name for bucket in failure.value.buckets] == ["a", "c"]
    assert str(failure.value) == "ListBuckets: could not read 1 entry of the response"


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        yield url


def test_buckets_of_other_emulators_are_listed(fake: str) -> None:
    """The list of moto has no regions: the region of each bucket is requested."""
    for region in REGIONS:
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        fakes.client("s3", fake, region).create_bucket(Bucket=f"in-{region}", **where)
    found = S3Api(Clients(fake)).list_buckets(None)
    assert {(bucket.name, bucket.region) for bucket in found} == {(f"in-{region}", region) for region in REGIONS}
    assert all(bucket.created for bucket in found)
    (here,) = S3Api(Clients(fake)).list_buckets("eu-west-1")
    assert here.name == "in-eu-west-1"


@pytest.mark.parametrize("sent", ["EU", " us-east-1", "0x10", "1_000", "a/b", "us-east-1\u202e", "../x", "x" * 100])
def test_an_invalid_region_is_looked_up_and_otherwise_unknown(sent: str) -> None:
    """It would be part of host names, and no other program would accept the plan."""
    for header, expected in ((None, None), ("EU_1", None), ("eu-west-1", "eu-west-1")):

        def script(operation: str, question: dict[str, Any], header: str | None = header) -> tuple[int, Any]:
            if operation == "ListBuckets":
                return 200, bucket_list(("b", sent))
            return 200, ("", {"x-amz-bucket-region": header} if header else {})

        with server(script) as url:
            (found,) = S3Api(Clients(url)).list_buckets(None)
        assert found.region == expected
