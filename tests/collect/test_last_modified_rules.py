"""The rules of listings for the last-modified date, without HTTP: which buckets, how many requests, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from s3_monitor.collect.last_modified import LastModifiedCollector
from s3_monitor.collect.worker_pool import Task
from s3_monitor.model.errors import AwsError, ErrorKind, RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.plan import LastModified, ListingRule
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadsPage
from s3_monitor.model.series import Series
from tests.collect.listed_account import NOON, NOON_SECONDS, REGION, ListedAccount, ListingRun, page_of

DIRECTORY = "fast--use1-az4--x-s3"
CHECK = ListKeysRequest(most=1, versions=True)


def keys(count: int) -> list[str]:
    return [f"k{number:06d}" for number in range(count)]


class Listed(ListingRun):
    """The listings of buckets. ``counts``: object counts by bucket; ``None``: a series without a point."""

    def __init__(
        self, account: ListedAccount, *buckets: str, counts: Mapping[str, int | None] | None = None,
        mode: LastModified = "auto", limit: int = 4, **rule: Any,
    ) -> None:  # fmt: skip
        super().__init__(account, listing=ListingRule(mode, **rule), limit=limit)
        collector = LastModifiedCollector(self.region, self.context)
        for bucket in buckets:
            collector.on_bucket(bucket)
        for bucket, count in (counts or {}).items():
            collector.on_object_count(bucket, Series(-1, 0) if count is None else Series(4, count))
        collector.on_counts_complete()
        self.run()
        collector.close()
        self.listings = collector.listings


@pytest.mark.parametrize("count", [0, 1, 1000, 1001, 2500])
def test_a_listing_reads_all_pages(count: int) -> None:
    account = ListedAccount({"b": keys(count)})
    run = Listed(account, "b", max_objects=5000)
    assert run.listings == {"b": Listing(NOON_SECONDS if count else None, count)}
    assert len(account.requests) == max(1, -(-count // 1000))
    assert run.problems == []


def test_the_last_modified_date_is_the_newest_of_all_pages() -> None:
    newer = "2026-11-20T12:00:07.999Z"
    page = page_of(["a", "b", "c"])
    account = ListedAccount({"b": [page._replace(times=[NOON, newer, NOON], token=("t",)), page]})
    run = Listed(account, "b", max_objects=5000)
    assert run.listings == {"b": Listing(NOON_SECONDS + 7, 6)}
    assert [request for _, request in account.requests] == [ListKeysRequest(), ListKeysRequest(token=("t",))]


@pytest.mark.parametrize(
    ("most", "requests", "is_listed"), [(1, 1, False), (1000, 1, False), (1001, 2, False), (2001, 3, True)]
)
def test_a_bucket_that_has_grown_is_not_listed_beyond_the_limit(most: int, requests: int, is_listed: bool) -> None:
    account = ListedAccount({"b": keys(2500)})
    run = Listed(account, "b", counts={"b": 1}, max_objects=most)
    assert (len(account.requests), "b" in run.listings, run.problems) == (requests, is_listed, [])


@pytest.mark.parametrize(
    ("mode", "count", "is_listed"),
    [
        ("off", 3, False),
        ("auto", None, True),
        ("auto", 0, True),
        ("auto", 1000, True),
        ("auto", 1001, False),
        ("all", 1001, True),
    ],
)
def test_the_mode_and_the_count_decide_whether_a_bucket_is_listed(
    mode: LastModified, count: int | None, is_listed: bool
) -> None:
    account = ListedAccount({"b": keys(3), DIRECTORY: keys(3)})
    run = Listed(account, "b", DIRECTORY, counts={"b": count, "other": 3, DIRECTORY: 3}, mode=mode)
    assert [bucket for bucket, _ in account.requests] == ["b"] * is_listed
    assert run.problems == []


def test_with_mode_all_a_bucket_does_not_wait_for_its_count() -> None:
    account = ListedAccount({"b": keys(3)})
    run = ListingRun(account, listing=ListingRule("all"))
    collector = LastModifiedCollector(run.region, run.context)
    collector.on_bucket("b")
    run.run()
    assert collector.listings == {"b": Listing(NOON_SECONDS, 3)}
    collector.on_object_count("b", Series(4, 3))
    run.run()
    assert len(account.requests) == 1


@pytest.mark.parametrize("budget", [0, 1])
def test_a_listing_beyond_the_budget_of_requests_is_unknown_without_a_problem_of_its_own(budget: int) -> None:
    run = Listed(ListedAccount({"b": keys(1500)}, budget=budget), "b", max_objects=5000)
    assert (run.listings, run.problems) == ({}, [])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("denied", "last-modified-unreadable"),
        ("broken", "last-modified-unreadable"),
        ("missing", "bucket-deleted"),
    ],
)
def test_a_listing_that_fails_is_unknown_and_the_others_are_complete(kind: ErrorKind, code: str) -> None:
    pages = [page_of(keys(1), ("t",)), AwsError(kind, "ListObjectsV2", "no")]
    run = Listed(ListedAccount({"a": pages, "b": keys(1)}), "a", "b", max_objects=5000)
    assert run.listings == {"b": Listing(NOON_SECONDS, 1)}
    assert run.problems == [(code, "a")]


@pytest.mark.parametrize("waiting", [0, 3])
def test_an_error_of_the_region_is_one_gap_of_all_buckets_without_a_listing(waiting: int) -> None:
    account = ListedAccount({f"b{number}": AwsError("expired", "ListObjectsV2", "no") for number in range(9)})
    run = ListingRun(account, listing=ListingRule("auto"), limit=1)
    collector = LastModifiedCollector(run.region, run.context)
    for number in range(6):
        collector.on_bucket(f"b{number}")
    for number in range(6 - waiting):
        collector.on_object_count(f"b{number}", Series(4, 1))
    run.run()
    collector.on_bucket("b6")
    collector.on_object_count("b5", Series(4, 1))
    collector.on_counts_complete()
    assert [bucket for bucket, _ in account.requests] == ["b0"]
    (problem,) = run.log.problems()
    assert (problem.code, problem.count, problem.bucket, problem.region) == (
        "last-modified-unreadable",
        6,
        None,
        REGION,
    )


# empty buckets


class Emptied(ListedAccount):
    """A bucket whose listing is empty; ``versions``: the page of its versions."""

    def __init__(self, versions: KeysPage | Exception, uploads: UploadsPage | Exception) -> None:
        super().__init__({"b": []}, uploads=[uploads])
        self._versions = versions

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage:
        page = super().keys_page(bucket, region, request)
        if request != CHECK:
            return page
        if isinstance(self._versions, Exception):
            raise self._versions
        return self._versions


NOTHING, NO_UPLOADS = page_of([]), UploadsPage([])


@pytest.mark.parametrize(
    ("versions", "uploads", "is_vacant"),
    [
        (NOTHING, NO_UPLOADS, True),
        (page_of(["a"]), NO_UPLOADS, False),
        (page_of([], markers=["a"]), NO_UPLOADS, False),
        (page_of([], ("t",)), NO_UPLOADS, False),
        (NOTHING, UploadsPage([("a", "i")]), False),
        (NOTHING, UploadsPage([], ("t",)), False),
        (AwsError("denied", "ListObjectVersions", "no"), NO_UPLOADS, False),
        (RequestBudgetExhausted(), NO_UPLOADS, False),
        (NOTHING, AwsError("denied", "ListMultipartUploads", "no"), False),
        (NOTHING, RequestBudgetExhausted(), False),
    ],
)
def test_a_bucket_is_empty_without_versions_markers_and_uploads(versions: Any, uploads: Any, is_vacant: bool) -> None:
    account = Emptied(versions, uploads)
    run = Listed(account, "b", counts={"b": 5})
    assert run.listings == {"b": Listing(None, 0, vacant=is_vacant)}
    assert len(account.upload_requests) == (versions is NOTHING)
    assert run.problems == []


@pytest.mark.parametrize(
    ("mode", "counts", "is_checked"),
    [
        ("auto", {"b": 5}, True),
        ("auto", {"b": None}, True),  # its count has no point in the window: it may have ended
        ("auto", {"b": 0}, False),
        ("auto", {}, False),
        ("all", {"b": 5}, True),
        ("all", {"b": 0}, False),
    ],
)
def test_only_a_bucket_that_had_objects_is_checked(
    mode: LastModified, counts: dict[str, int | None], is_checked: bool
) -> None:
    account = Emptied(NOTHING, NO_UPLOADS)
    run = Listed(account, "b", counts=counts, mode=mode)
    assert (CHECK in [request for _, request in account.requests]) == is_checked
    assert run.listings == {"b": Listing(None, 0, vacant=is_checked)}


@pytest.mark.parametrize(
    ("series", "is_checked"), [(Series(-1, 0), True), (Series(0, 0), False), (Series(0, 1), True), (Series(4, 1), True)]
)
def test_a_bucket_is_checked_also_if_its_count_is_received_after_its_listing(series: Series, is_checked: bool) -> None:
    account = Emptied(NOTHING, NO_UPLOADS)
    run = ListingRun(account, listing=ListingRule("all"), limit=1)
    collector = LastModifiedCollector(run.region, run.context)
    collector.on_bucket("b")
    count = Task(lambda: [series], lambda result: collector.on_object_count("b", result), lambda error: None)
    run.context.object_lists.start(count)  # after the listing: the limit is one
    run.run()
    assert collector.listings == {"b": Listing(None, 0, vacant=is_checked)}
    assert len(account.requests) == 1 + is_checked


def test_a_bucket_with_objects_is_not_checked() -> None:
    account = ListedAccount({"b": keys(1)})
    Listed(account, "b", counts={"b": 5})
    assert CHECK not in [request for _, request in account.requests]
