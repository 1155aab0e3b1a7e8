"""The rules of listings for object statistics, without HTTP: limits, key ranges, uploads, errors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from s3_monitor.collect.object_listing import ObjectStatsCollector
from s3_monitor.collect.problem_log import Cause
from s3_monitor.model.errors import AwsError, ErrorKind
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.part import Listing
from s3_monitor.model.plan import KeyPattern, ListingRule, ObjectsMode, ObjectsRule
from s3_monitor.model.responses import ListKeysRequest, UploadPartsPage, UploadsPage
from s3_monitor.model.series import Series
from tests.collect.listed_account import NOON_SECONDS, REGION, ListedAccount, ListingRun, page_of

DIRECTORY = "fast--use1-az4--x-s3"
UNAVAILABLE = Cause("the bucket has no inventory", "set one up", "unavailable")


def keys(count: int) -> list[str]:
    return [f"k{number:06d}" for number in range(count)]


def failure(kind: ErrorKind = "denied", operation: str = "ListObjectsV2") -> AwsError:
    return AwsError(kind, operation, "no", advice="do this")


def count_of(number: int) -> Series:
    return Series(4, number)


class Listed(ListingRun):
    """The statistics of buckets, once each is listed. ``counts``: their object counts."""

    def __init__(
        self, account: ListedAccount, *buckets: str, counts: dict[str, int] | None = None, limit: int = 4,
        mode: ObjectsMode = "listing", max_requests: int | None = None, prepare: Callable[[Any], None] | None = None,
        **rule: Any,
    ) -> None:  # fmt: skip
        listing = ListingRule("auto", max_requests=max_requests)
        super().__init__(account, objects=ObjectsRule(mode, **rule), listing=listing, limit=limit)
        self.collector = ObjectStatsCollector(self.region, self.context)
        if prepare is not None:
            prepare(self.collector)
        for bucket in buckets:
            self.collector.on_bucket(bucket)
        for bucket, count in (counts or {}).items():
            self.collector.on_object_count(bucket, count_of(count))
        self.collector.on_counts_complete()
        self.run()
        self.collector.close()

    @property
    def stats(self) -> dict[str, ObjectStats]:
        return self.collector.object_stats

    @property
    def listings(self) -> dict[str, Listing]:
        return self.collector.listings


# the limit of objects


@pytest.mark.parametrize(("most", "requested"), [(1, [1, 1]), (999, [999, 1]), (1000, [1000, 1]), (1001, [1000, 1, 1])])
def test_a_listing_reads_no_more_keys_than_the_limit_and_one_request_shows_whether_there_are_more(
    most: int, requested: list[int]
) -> None:
    account = ListedAccount({"b": keys(3000)})
    run = Listed(account, "b", max_objects=most)
    found = run.stats["b"]
    assert [request.most for _, request in account.requests] == requested
    assert (found.current, found.complete) == (Amount(most, 2 * most), False)
    assert found.cut == f"it holds more than the {most:,} objects that may be listed"
    assert (run.problems, run.listings) == ([("listing-truncated", "b")], {})
    assert found.cut in run.messages[0]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_a_bucket_with_exactly_as_many_objects_as_the_limit_is_complete(count: int) -> None:
    run = Listed(ListedAccount({"b": keys(count)}), "b", max_objects=max(1, count))
    found = run.stats["b"]
    assert (found.current.objects, found.complete, found.cut, run.problems) == (count, True, "", [])
    assert run.listings == {"b": Listing(NOON_SECONDS if count else None, count)}
    assert (found.noncurrent, found.multipart, found.delete_markers) == (None, None, None)


def test_keys_that_a_page_lacks_may_be_read_by_a_later_page() -> None:
    """A page may have fewer keys than requested: the limit is one of keys, not of requests."""
    pages = [page_of(["a"], ("1",)), page_of(["b"], ("2",)), page_of(["c"])]
    account = ListedAccount({"b": pages})
    run = Listed(account, "b", max_objects=4)
    assert [request.most for _, request in account.requests] == [4, 3, 2]
    assert (run.stats["b"].current.objects, run.stats["b"].complete) == (3, True)


def test_an_empty_page_beyond_the_limit_does_not_end_a_listing() -> None:
    pages = [page_of(["a"], ("1",)), page_of([], ("2",)), page_of([], ("3",)), page_of(["b"])]
    account = ListedAccount({"b": pages})
    run = Listed(account, "b", max_objects=1)
    assert [(request.most, request.token) for _, request in account.requests] == [
        (1, ()), (1, ("1",)), (1, ("2",)), (1, ("3",)),
    ]  # fmt: skip
    assert not run.stats["b"].complete


# key ranges


@pytest.mark.parametrize(
    ("bucket", "count", "limit", "split"),
    [
        ("b", 40_000, 4, True),
        ("b", 40_000, 2, True),
        ("b", 40_000, 1, False),  # other buckets may wait
        ("b", 1000, 4, False),
        (DIRECTORY, 40_000, 4, False),  # AWS: the keys are in no order
    ],
)
def test_a_large_bucket_is_listed_by_ranges_at_the_same_time(bucket: str, count: int, limit: int, split: bool) -> None:
    account = ListedAccount({bucket: keys(count)})
    run = Listed(account, *([bucket] if bucket == "b" else []), counts={bucket: count}, limit=limit)
    assert any(request.after for _, request in account.requests) == split
    assert (run.stats[bucket].current, run.stats[bucket].complete) == (Amount(count, 2 * count), True)
    assert run.problems == []


@pytest.mark.parametrize("most", [12_000, 12_500])
def test_ranges_share_the_limit_of_keys(most: int) -> None:
    account = ListedAccount({"b": keys(40_000)})
    run = Listed(account, "b", counts={"b": 40_000}, max_objects=most)
    assert (run.stats["b"].current.objects, run.stats["b"].complete) == (most, False)


def test_versions_and_prefixes_of_a_directory_bucket_are_not_requested() -> None:
    account = ListedAccount({DIRECTORY: [page_of(["b/1", "a/2"])], "b": [page_of(["a/1", "b/2"])]})
    run = Listed(account, "b", counts={DIRECTORY: 2, "b": 2}, versions=True)
    directory, plain = run.stats[DIRECTORY], run.stats["b"]
    assert {bucket: request.versions for bucket, request in account.requests} == {DIRECTORY: False, "b": True}
    assert (directory.current.objects, directory.noncurrent, directory.prefixes) == (2, None, ())
    assert plain.noncurrent == Amount() and [one.prefix for one in plain.prefixes or ()] == ["a/", "b/"]
    assert run.problems == []


@pytest.mark.parametrize(("mode", "requests"), [("listing", 1), ("auto", 0)])
def test_only_a_listing_of_all_buckets_includes_directory_buckets_by_their_counts(
    mode: ObjectsMode, requests: int
) -> None:
    account = ListedAccount({DIRECTORY: keys(3)})
    Listed(account, counts={DIRECTORY: 3}, mode=mode)
    assert len(account.requests) == requests


def test_a_count_without_its_bucket_lists_nothing() -> None:
    account = ListedAccount({"b": keys(3)})
    run = Listed(account, counts={"b": 3})
    assert (account.requests, run.stats) == ([], {})


# contents of the records


def test_selected_keys_have_no_listing_of_the_bucket() -> None:
    account = ListedAccount({"b": ["logs/1", "logs/2", "x/1"]})
    run = Listed(account, "b", keys=(KeyPattern("b", "logs/*1"),))
    assert (run.stats["b"].current.objects, run.stats["b"].keys) == (1, "logs/*1")
    assert {request.prefix for _, request in account.requests} == {"logs/"}
    assert run.listings == {}


@pytest.mark.parametrize(
    ("count", "versions", "requests", "listing"),
    [
        (None, False, 0, Listing(None, 0)),
        (0, False, 0, Listing(None, 0)),
        (1, False, 1, Listing(None, 0, vacant=True)),
        (1, True, 0, Listing(None, 0)),  # the listing itself has the versions
    ],
)
def test_a_bucket_without_objects_is_checked_for_versions_if_it_had_objects(
    count: int | None, versions: bool, requests: int, listing: Listing
) -> None:
    account = ListedAccount({"b": []})
    run = Listed(account, "b", counts={} if count is None else {"b": count}, versions=versions)
    checks = [request for _, request in account.requests if request == ListKeysRequest(most=1, versions=True)]
    assert len(checks) == requests
    assert run.listings == {"b": listing}
    assert len(account.upload_requests) == (1 if versions else requests)


# uploads


def test_the_parts_of_all_uploads_are_added() -> None:
    account = ListedAccount(
        {"b": ["logs/1"]},
        uploads=[UploadsPage([("logs/2", "i"), ("x", "j")], ("t",)), UploadsPage([("logs/3", "k")])],
        parts=[UploadPartsPage(5, ("p",)), UploadPartsPage(20), UploadPartsPage(100)],
    )
    run = Listed(account, "b", versions=True, keys=(KeyPattern("b", "logs/*[23]"),), limit=1)
    assert run.stats["b"].multipart == Amount(2, 125)
    assert account.upload_requests == [("b", REGION, "logs/", ()), ("b", REGION, "logs/", ("t",))]
    assert sorted(account.part_requests) == [
        ("b", REGION, ("logs/2", "i"), ()),
        ("b", REGION, ("logs/2", "i"), ("p",)),
        ("b", REGION, ("logs/3", "k"), ()),
    ]


def test_an_upload_that_has_ended_is_not_a_problem() -> None:
    account = ListedAccount(
        {"b": keys(1)},
        uploads=[UploadsPage([("a", "i"), ("c", "j")])],
        parts=[failure("missing", "ListParts"), UploadPartsPage(9)],
    )
    run = Listed(account, "b", versions=True)
    assert (run.stats["b"].multipart, run.problems) == (Amount(2, 9), [])


@pytest.mark.parametrize("fails", ["uploads", "parts", "both parts"])
def test_uploads_that_cannot_be_read_are_one_gap_and_unknown_and_the_keys_are_complete(fails: str) -> None:
    error = failure("denied", "ListMultipartUploads")
    uploads: list[Any] = [error] if fails == "uploads" else [UploadsPage([("a", "i"), ("c", "j")])]
    parts: list[Any] = [error, error if fails == "both parts" else UploadPartsPage(9)]
    run = Listed(ListedAccount({"b": keys(1)}, uploads=uploads, parts=parts), "b", versions=True)
    found = run.stats["b"]
    assert (found.multipart, found.complete, found.current.objects) == (None, True, 1)
    assert run.problems == [("uploads-unreadable", "b")]
    assert run.listings == {"b": Listing(NOON_SECONDS, 1)}


@pytest.mark.parametrize("where", ["keys", "uploads"])
def test_a_bucket_that_no_longer_exists_is_one_note_without_statistics(where: str) -> None:
    error = failure("missing")
    account = ListedAccount({"b": error if where == "keys" else keys(1)}, uploads=[error])
    run = Listed(account, "b", versions=True)
    assert (run.problems, run.stats, run.listings) == ([("bucket-deleted", "b")], {}, {})


# errors and limits of requests


def test_a_listing_that_fails_after_a_page_is_a_lower_bound_with_one_gap() -> None:
    pages = [page_of(keys(2), ("t",)), failure("broken")]
    run = Listed(ListedAccount({"b": pages}), "b")
    found = run.stats["b"]
    assert (found.current.objects, found.complete, found.cut) == (2, False, "ListObjectsV2: no")
    assert (run.problems, run.listings) == ([("objects-unreadable", "b")], {})


def test_a_listing_that_fails_at_once_is_unknown_with_one_gap() -> None:
    run = Listed(ListedAccount({"b": failure()}), "b")
    assert (run.stats, run.problems) == ({}, [("objects-unreadable", "b")])


def test_ranges_that_fail_are_one_gap() -> None:
    class Failing(ListedAccount):
        def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> Any:
            if request.after:
                raise AwsError("denied", "ListObjectsV2", f"not after {request.after}")
            return super().keys_page(bucket, region, request)

    run = Listed(Failing({"b": keys(40_000)}), "b", counts={"b": 40_000})
    assert run.problems == [("objects-unreadable", "b")]
    assert not run.stats["b"].complete


@pytest.mark.parametrize(
    ("budget", "objects", "code"), [(0, None, "objects-not-listed"), (1, 1000, "listing-truncated")]
)
def test_a_listing_beyond_the_budget_of_requests_is_a_lower_bound_or_unknown(
    budget: int, objects: int | None, code: str
) -> None:
    account = ListedAccount({"b": keys(5000)}, budget=budget)
    run = Listed(account, "b", max_requests=budget)
    reason = f"a shard may send {budget} list requests"
    assert {name: found.current.objects for name, found in run.stats.items()} == ({"b": objects} if objects else {})
    assert {found.cut for found in run.stats.values()} == ({reason} if objects else set())
    assert run.problems == [(code, "b")]
    assert reason in run.messages[0]


def test_without_the_budget_for_uploads_the_keys_are_a_lower_bound() -> None:
    run = Listed(ListedAccount({"b": keys(1)}, budget=1), "b", versions=True, max_requests=1)
    found = run.stats["b"]
    assert (found.complete, found.current.objects, found.multipart) == (False, 1, Amount())
    assert run.problems == [("listing-truncated", "b")]


@pytest.mark.parametrize("kind", ["unreachable", "expired", "invalid-credentials"])
def test_after_an_error_of_the_region_all_buckets_are_one_gap(kind: ErrorKind) -> None:
    account = ListedAccount({"a": failure(kind), **{f"b{number}": keys(1) for number in range(9)}})
    run = Listed(account, "a", *(f"b{number}" for number in range(9)), limit=1)
    assert (run.stats, [bucket for bucket, _ in account.requests]) == ({}, ["a"])
    (problem,) = run.log.problems()
    assert (problem.code, problem.count, problem.region) == ("objects-unreadable", 10, REGION)


def test_pages_received_before_an_error_of_the_region_are_lower_bounds() -> None:
    account = ListedAccount({"b": [page_of(keys(2), ("t",)), failure("unreachable")]})
    run = Listed(account, "b")
    found = run.stats["b"]
    assert (found.current.objects, found.complete, found.cut) == (2, False, "ListObjectsV2: no")
    assert [problem.code for problem in run.log.problems()] == ["objects-unreadable"]


def test_buckets_that_wait_for_their_count_are_part_of_the_gap_and_later_ones_are_not_listed() -> None:
    account = ListedAccount({"a": failure("expired"), "b": keys(1), "c": keys(1)})
    run = ListingRun(account, objects=ObjectsRule("listing"))
    collector = ObjectStatsCollector(run.region, run.context)
    for bucket in ("a", "b", "c"):
        collector.on_bucket(bucket)
    collector.on_object_count("a", count_of(1))
    run.run()
    collector.on_object_count("b", count_of(1))
    collector.on_counts_complete()
    assert [bucket for bucket, _ in account.requests] == ["a"]
    (problem,) = run.log.problems()
    assert problem.count == 3


@pytest.mark.parametrize("received", [0, 1])
def test_an_interrupted_listing_is_a_lower_bound_without_a_problem_of_its_own(received: int) -> None:
    run = ListingRun(ListedAccount({}), objects=ObjectsRule("listing"))

    class Interrupted(ListedAccount):
        def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> Any:
            if len(self.requests) == received:
                run.stop.set()
                threading.Event().wait()
            return super().keys_page(bucket, region, request)

    account: Any = Interrupted({"b": [page_of(keys(2), ("t",))]})
    collector = ObjectStatsCollector(run.region._replace(account=account), run.context)
    collector.on_bucket("b")
    collector.on_counts_complete()
    run.run()
    collector.close()
    assert run.problems == []
    found = [(one.current.objects, one.complete, one.cut) for one in collector.object_stats.values()]
    assert found == [(2, False, "interrupted")] * received


@pytest.mark.parametrize(("bucket", "ordered"), [("b", False), (DIRECTORY, True)])
def test_only_the_keys_of_a_directory_bucket_may_be_out_of_order(bucket: str, ordered: bool) -> None:
    run = Listed(ListedAccount({bucket: [page_of(["b", "a"])]}), "b" if bucket == "b" else "c", counts={bucket: 2})
    assert (bucket in run.stats) == ordered
    if not ordered:
        (problem,) = run.log.problems()
        assert "ListObjectsV2: the keys are not in order" in problem.message
        assert problem.advice == "try again later"


@pytest.mark.parametrize(("versions", "operation"), [(False, "ListObjectsV2"), (True, "ListObjectVersions")])
def test_an_invalid_page_names_its_operation(versions: bool, operation: str) -> None:
    pages = {"a": [page_of(["b", "a"])], "b": [page_of(["a"], classes=["standard"])]}
    run = Listed(ListedAccount(pages), "a", "b", versions=versions)
    assert run.problems == [("objects-unreadable", "a"), ("objects-unreadable", "b")]
    assert all(f"{operation}: " in message for message in run.messages)
    assert {problem.advice for problem in run.log.problems()} == {"try again later"}


# instead of an inventory


@pytest.mark.parametrize(("count", "is_listed"), [(None, True), (9, True), (10, True), (11, False)])
def test_a_bucket_without_inventory_is_listed_up_to_the_limit_of_objects(count: int | None, is_listed: bool) -> None:
    account = ListedAccount({"b": keys(5)})
    run = Listed(
        account,
        counts={} if count is None else {"b": count},
        mode="auto",
        max_objects=10,
        prepare=lambda collector: collector.list_instead_of_inventory("b", UNAVAILABLE),
    )
    assert bool(run.stats) == bool(account.requests) == is_listed
    if is_listed:
        assert run.problems == []
        return
    (problem,) = run.log.problems()
    assert (problem.code, problem.bucket, problem.advice) == ("inventory-report-unavailable", "b", "set one up")
    assert "the bucket has no inventory; not listed instead, as it has more than 10 objects" in problem.message
