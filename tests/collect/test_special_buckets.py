"""Directory, table and vector buckets: found in their own lists, by kind, and never twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from s3_monitor.aws.special_buckets import SpecialBucketsApi, is_offered
from s3_monitor.merge.merger import merge
from s3_monitor.model.errors import IncompleteList
from s3_monitor.model.identity import SpecialBucket, SpecialKind
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Unit
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from s3_monitor.simulator import Bucket, Fault, Series, Settings, Simulator, TableOrVectorBucket
from s3_monitor.simulator.accounts import make_account
from tests.collect.canned_responses import server
from tests.collect.fixtures import ACCOUNT, NOW, TODAY, Clients, buckets, collected, facts, plan_of, unit
from tests.collect.test_shard import OLD, YESTERDAY, made
from tests.e2e import fakes

HERE, THERE = unit("us-east-1"), unit("eu-west-1")
ZONE = "fast--use1-az4--x-s3"
KINDS: tuple[SpecialKind, ...] = ("directory", "table", "vector")
MADE = int(OLD.timestamp())


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    express = {"ExpressOneZoneStorage": Series(YESTERDAY - 3, YESTERDAY, 5000)}
    own = [
        made("logs"),
        made("other", region="eu-west-1"),
        Bucket(ZONE, "us-east-1", OLD, express, settings=Settings(key="k")),
        Bucket("idle--use1-az4--x-s3", "us-east-1", OLD),
    ]
    others = [
        TableOrVectorBucket("table", "logs", "us-east-1", OLD),
        TableOrVectorBucket("table", "lake", "us-east-1", OLD),
        TableOrVectorBucket("vector", "logs", "us-east-1", OLD),
        TableOrVectorBucket("vector", "far", "eu-west-1", OLD),
    ]
    with Simulator(make_account(ACCOUNT, own, others=others), today=TODAY) as running:
        yield running


def test_table_and_vector_buckets_are_in_the_part_by_kind(simulator: Simulator) -> None:
    part = collected(simulator.url, HERE, THERE, details=True)
    assert part.problems == []
    assert facts(part, HERE).others == [
        SpecialBucket("table", "lake", MADE),
        SpecialBucket("table", "logs", MADE),
        SpecialBucket("vector", "logs", MADE),
    ]
    assert facts(part, THERE).others == [SpecialBucket("vector", "far", MADE)]


def test_a_directory_bucket_that_is_listed_and_has_series_is_one_bucket(
    simulator: Simulator,
) -> None:
    part = collected(simulator.url, HERE, details=True)
    found = buckets(part, HERE)
    assert sorted(found) == [ZONE, "idle--use1-az4--x-s3", "logs"]
    assert (found[ZONE].listed, found[ZONE].created, len(found[ZONE].sizes)) == (True, MADE, 1)
    details = dict(facts(part, HERE).details)[ZONE]
    assert details.encryption is not None and details.encryption.method == "aws:kms"  # type: ignore[union-attr]
    assert not details.versioning and not details.tags and not details.policy
    assert part.calls.requests["GetBucketVersioning"] == 1


def test_each_kind_and_region_takes_one_call_and_none_by_default(simulator: Simulator) -> None:
    collected(simulator.url, HERE, THERE)
    listings = {"s3express:ListDirectoryBuckets", "s3tables:ListTableBuckets", "s3vectors:ListVectorBuckets"}
    assert not listings & simulator.counters.by_operation().keys()
    part = collected(simulator.url, HERE, THERE, details=True)
    assert {name: simulator.counters.by_operation()[name] for name in listings} == dict.fromkeys(listings, 2)
    assert part.calls.requests["ListTableBuckets"] == 2


@pytest.mark.parametrize(
    ("operation", "action", "kind"),
    [
        ("ListDirectoryBuckets", "s3express:ListAllMyDirectoryBuckets", "directory"),
        ("ListTableBuckets", "s3tables:ListTableBuckets", "table"),
        ("ListVectorBuckets", "s3vectors:ListVectorBuckets", "vector"),
    ],
)
def test_a_denied_kind_is_a_gap_and_the_others_are_listed(
    simulator: Simulator, operation: str, action: str, kind: str
) -> None:
    simulator.faults.add(Fault("deny", operation=operation))
    part = collected(simulator.url, HERE, details=True)
    (problem,) = part.problems
    assert (problem.code, problem.place) == (f"{kind}-buckets-unlisted", f"{ACCOUNT}/us-east-1")
    assert problem.advice == f"allow {action} to the role or user"
    assert {one.kind for one in facts(part, HERE).others} == {"table", "vector"} - {kind}
    assert ZONE in buckets(part, HERE)  # its series name it too


def test_only_rest_units_have_special_buckets_and_only_selected_names(simulator: Simulator) -> None:
    some, type_only = unit(buckets=("lake*",)), unit(types=("StandardStorage",), rest=False)
    assert facts(collected(simulator.url, some, details=True), some).others == [SpecialBucket("table", "lake", MADE)]
    part = collected(simulator.url, type_only, details=True)
    assert facts(part, type_only).others == []
    assert "ListTableBuckets" not in part.calls.requests


def test_one_client_lists_the_directory_buckets_of_every_region_with_that_regions_signature(
    simulator: Simulator,
) -> None:
    clients = Clients(simulator.url)

    def names(region: str) -> list[str]:
        pages = SpecialBucketsApi(clients).special_bucket_pages("directory", region)
        return [bucket.name for page in pages for bucket in page]

    regions = ["us-east-1", "eu-west-1", "us-west-2"]
    with ThreadPoolExecutor(len(regions)) as pool:
        found = dict(zip(regions, pool.map(names, regions), strict=True))
    assert found == {"us-east-1": ["fast--use1-az4--x-s3", "idle--use1-az4--x-s3"], "eu-west-1": [], "us-west-2": []}
    assert [simulator.counters.total("ListDirectoryBuckets", region=region).calls for region in regions] == [1, 1, 1]
    clients.client("s3").list_buckets()
    assert simulator.counters.total("ListBuckets", region="us-east-1").calls == 1


def test_all_pages_are_read() -> None:
    many = [
        TableOrVectorBucket(kind, f"b{n:04d}", "us-east-1", OLD) for n in range(1200) for kind in ("table", "vector")
    ]
    with Simulator(make_account(ACCOUNT, [], others=many)) as running:
        for kind in KINDS[1:]:
            pages = list(SpecialBucketsApi(Clients(running.url)).special_bucket_pages(kind, "us-east-1"))
            assert len({one.name for page in pages for one in page}) == 1200
            assert len(pages) > 1


@pytest.mark.parametrize("malformed", [{}, {"name": ""}, {"arn": "arn:aws:s3tables:us-east-1:1:bucket/x"}])
def test_an_invalid_entry_fails_the_list_after_all_valid_buckets(malformed: dict[str, str]) -> None:
    listed = {"tableBuckets": [malformed, {"name": "lake", "createdAt": "2020-05-04T15:13:08Z"}]}
    found = []
    with server(lambda operation, question: (200, listed)) as url, pytest.raises(IncompleteList, match="1 entry"):
        for page in SpecialBucketsApi(Clients(url)).special_bucket_pages("table", "us-east-1"):
            found += page
    assert [one.name for one in found] == ["lake"]


def report(*units: Unit, parts: list[Part]) -> tuple[list[tuple[str, str, str, object]], object]:
    plan = plan_of(units, details=True)
    found, summary = buckets_and_summary(merge(plan, "digest", parts), bundled_prices(), NOW)
    return [(one.name, one.kind, one.state, one.total_size) for one in found], summary


def test_the_report_shows_unknown_sizes_and_separates_buckets_of_the_same_name(simulator: Simulator) -> None:
    part = collected(simulator.url, HERE, THERE, details=True)
    rows, summary = report(HERE, THERE, parts=[part])
    assert rows == [
        ("far", "vector", "unmeasured", None),
        (ZONE, "directory", "measured", 5000.0),
        ("idle--use1-az4--x-s3", "directory", "empty", 0.0),
        ("lake", "table", "unmeasured", None),
        ("logs", "general-purpose", "measured", 1000.0),
        ("logs", "table", "unmeasured", None),
        ("logs", "vector", "unmeasured", None),
        ("other", "general-purpose", "measured", 1000.0),
    ]
    totals = summary.totals  # type: ignore[attr-defined]
    assert (totals.buckets, totals.size, totals.unknown_buckets) == (8, 7000.0, 4)
    notes = [problem for problem in summary.problems if problem.code == "special-buckets-unmeasured"]  # type: ignore[attr-defined]
    assert [problem.severity for problem in notes] == ["note", "note"]
    assert report(HERE, THERE, parts=[part, part])[0] == rows


@pytest.mark.parametrize(
    ("host", "error", "offered"),
    [
        ("s3tables.nowhere-9.amazonaws.com", socket.EAI_NONAME, False),
        ("s3tables.nowhere-9.amazonaws.com.cn", socket.EAI_NONAME, False),
        ("s3tables.nowhere-9.amazonaws.eu", socket.EAI_NONAME, False),
        ("s3tables-fips.nowhere-9.amazonaws.com", socket.EAI_NONAME, False),
        ("s3vectors.nowhere-9.api.aws", socket.EAI_NONAME, False),
        ("s3vectors.nowhere-9.api.amazonwebservices.com.cn", socket.EAI_NONAME, False),
        ("s3tables.nowhere-9.amazonaws.com", socket.EAI_AGAIN, True),  # a temporary failure shows nothing
        ("s3tables.nowhere-9.amazonaws.com", None, True),
        ("127.0.0.1:1", socket.EAI_NONAME, True),  # not an endpoint of AWS, so it is not resolved
        ("s3tables.example.com", socket.EAI_NONAME, True),
    ],
)
def test_a_region_without_the_service_has_no_such_buckets(
    monkeypatch: pytest.MonkeyPatch, host: str, error: int | None, offered: bool
) -> None:
    without_proxies(monkeypatch)

    def resolve(name: str) -> None:
        assert name == host
        if error is not None:
            raise socket.gaierror(error, "no such name")

    assert is_offered(f"https://{host}/buckets", resolve) == offered


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        fakes.client("s3", url, "us-east-1").create_bucket(Bucket="general")
        yield url


def test_general_purpose_buckets_are_never_taken_for_directory_buckets(fake: str) -> None:
    """The response of moto contains all buckets."""
    pages = SpecialBucketsApi(Clients(fake)).special_bucket_pages("directory", "us-east-1")
    assert [one for page in pages for one in page] == []


def test_emulators_list_their_table_buckets(fake: str) -> None:
    fakes.client("s3tables", fake, "us-east-1").create_table_bucket(name="lake")
    ((found,),) = SpecialBucketsApi(Clients(fake)).special_bucket_pages("table", "us-east-1")
    assert found.name == "lake"
    assert found.created is not None and abs(found.created - datetime.now(UTC).timestamp()) < 3600
