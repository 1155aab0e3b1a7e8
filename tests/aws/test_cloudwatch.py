"""The lists of series, and their points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from s3_monitor.aws.cloudwatch import CloudWatchApi
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.model.errors import AwsError
from s3_monitor.model.plan import Quotas
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.simulator import Account, Simulator, random_account
from tests.collect.fixtures import TODAY, Clients

FAST = Quotas(1e9, 1e9, 1e12)


@pytest.fixture(scope="module")
def account() -> Account:
    return random_account(9, buckets=400, regions=("us-east-1",), today=TODAY, awkward=0)


@pytest.fixture(scope="module")
def simulator(account: Account) -> Iterator[Simulator]:
    with Simulator(account, today=TODAY) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> CloudWatchApi:
    simulator.counters.reset()
    return CloudWatchApi(Clients(simulator.url), RateLimits(FAST))


def expected(account: Account, metric: str) -> set[SeriesName]:
    if metric == OBJECT_COUNT:
        return {
            SeriesName(OBJECT_COUNT, name, "AllStorageTypes")
            for name, bucket in account.buckets.items()
            if bucket.count
        }
    return {SeriesName(BUCKET_SIZE, name, type_) for name, bucket in account.buckets.items() for type_ in bucket.sizes}


@pytest.mark.parametrize("metric", [BUCKET_SIZE, OBJECT_COUNT])
def test_every_series_of_a_metric_is_named_once(api: CloudWatchApi, account: Account, metric: str) -> None:
    pages = list(api.series_pages("us-east-1", metric))
    found = [name for page in pages for name in page]
    assert len(found) == len(set(found))
    assert set(found) == expected(account, metric)
    assert len(pages) == -(-len(found) // 500)


def test_series_are_filtered_by_storage_type_or_bucket_in_the_request(api: CloudWatchApi, account: Account) -> None:
    one = next(iter(account.buckets))
    by_bucket = list(api.series_pages("us-east-1", BUCKET_SIZE, bucket=one))
    assert {name for page in by_bucket for name in page} == {
        s for s in expected(account, BUCKET_SIZE) if s.bucket == one
    }
    by_type = list(api.series_pages("us-east-1", BUCKET_SIZE, "GlacierStorage"))
    assert {name for page in by_type for name in page} == {
        series for series in expected(account, BUCKET_SIZE) if series.storage_type == "GlacierStorage"
    }
    assert len(by_bucket) == len(by_type) == 1


def test_the_storage_types_of_a_region_are_listed(api: CloudWatchApi, account: Account) -> None:
    found = api.list_storage_types("us-east-1")
    assert found == {name.storage_type for name in expected(account, BUCKET_SIZE)}
    assert api.calls.calls().requests["ListMetrics"] == -(-len(expected(account, BUCKET_SIZE)) // 500)
    assert api.list_storage_types("eu-west-1") == set()


def test_only_points_of_the_requested_days_are_returned(api: CloudWatchApi, account: Account) -> None:
    series = sorted(expected(account, BUCKET_SIZE))[:500]
    start, end = datetime(2026, 11, 15, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    (page,) = api.point_pages("us-east-1", series, start, end)
    assert page.messages == []
    assert api.calls.calls().metrics == 500
    assert [answer.place for answer in page.answers] == list(range(500))
    for name, answer in zip(series, page.answers, strict=True):
        true = account.buckets[name.bucket].sizes[name.storage_type]
        days = range(datetime(2026, 11, 19).toordinal(), datetime(2026, 11, 14).toordinal(), -1)
        assert [datetime.fromtimestamp(time, UTC).toordinal() for time in answer.times] == list(days)
        assert answer.values == [true.value(day) for day in days]
        assert answer.status == "Complete"


def test_more_than_500_series_in_one_request_are_rejected(api: CloudWatchApi, account: Account) -> None:
    series = sorted(expected(account, BUCKET_SIZE))[:501]
    start, end = (datetime(2026, 11, day, tzinfo=UTC) for day in (18, 20))
    with pytest.raises(AwsError) as failure:
        next(api.point_pages("us-east-1", series, start, end))
    assert failure.value.kind == "refused"
    assert api.calls.calls().metrics == 0, "AWS does not charge for a request that failed"
