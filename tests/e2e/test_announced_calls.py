"""The announced calls and dollars: at least what a run makes, and little more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from s3_monitor.simulator import Account, Bucket, Fault, ObjectList, Simulator
from s3_monitor.simulator.accounts import Series, make_account
from s3_monitor.simulator.random_account import random_account
from tests.e2e.conftest import Program

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY.toordinal() - 1
TOTAL = re.compile(r"^total: .*?about ([\d,]+) calls, about ([\d.]+) USD", re.M)
PER_SHARD = re.compile(r"^(?:s3-monitor: )?([\w.-]+): .*?about ([\d,]+) calls, about ([\d.]+) USD", re.M)


def mixed_account() -> Account:
    """Buckets around every limit that decides how many requests a listing takes."""
    counts = [0, 1, 999, 1000, 1001, 2500, 12_000, 40_000]
    created = datetime(2020, 1, 1, tzinfo=UTC)
    regions = ("us-east-1", "eu-west-1", "eu-north-1")
    buckets = [
        Bucket(
            f"bucket-{count}-{region}",
            region,
            created,
            {"StandardStorage": Series(YESTERDAY - 9, YESTERDAY, 1000 * count)} if count else {},
            Series(YESTERDAY - 9, YESTERDAY, count) if count else None,
            ObjectList(count, created + timedelta(days=9)),
        )
        for count in counts
        for region in regions
    ]
    return make_account("111122223333", buckets)


@pytest.fixture(scope="module")
def simulators() -> Iterator[dict[str, Simulator]]:
    accounts = {"mixed": mixed_account(), "random": random_account(7, buckets=40)}
    with Simulator(accounts["mixed"]) as mixed, Simulator(accounts["random"]) as random:
        yield {"mixed": mixed, "random": random}


# Two young buckets of the random account have no object count yet: each is announced with one request and takes two.
@pytest.mark.parametrize(("name", "uncounted"), [("mixed", 0), ("random", 2)])
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--last-modified", "off"),
        ("--last-modified", "all"),
        ("--objects", "listing"),
        ("--split-by", "storage-type"),
        ("--split-by", "none", "--max-shards", "1"),
        ("-r", "eu-west-1"),
        ("-b", "bucket-2*"),
        ("-s", "StandardStorage"),
        ("--details",),
        ("--history-days", "455"),
    ],
    ids=" ".join,
)
def test_the_announced_calls_are_at_least_those_of_the_run_and_at_most_a_fifth_more(
    monitor: Program,
    simulators: dict[str, Simulator],
    tmp_path: Path,
    name: str,
    uncounted: int,
    options: tuple[str, ...],
) -> None:
    simulator = simulators[name]
    dry = monitor("run", *options, "--out", tmp_path / "out", "--dry-run", env=simulator.env())
    assert dry.status == 0, dry.err
    simulator.counters.reset()
    run = monitor("run", *options, "--out", tmp_path / "out", env=simulator.env())
    assert run.status in (0, 3), run.err
    made = simulator.counters.total().calls
    summary = json.loads((tmp_path / "out" / "report" / "summary.json").read_bytes())
    assert summary["api"]["calls"] == made

    match = TOTAL.search(dry.out)
    assert match is not None, dry.out
    announced, dollars = int(match[1].replace(",", "")), float(match[2])
    assert made - uncounted <= announced <= 1.2 * made
    assert summary["api"]["usd"] <= dollars + 0.0001
    assert dollars <= 1.2 * summary["api"]["usd"] + 0.0002
    if not uncounted:  # which may be listed before a shard states its calls
        shards = [shard for shard in PER_SHARD.findall(dry.out) if shard[0] != "total"]
        assert sorted(shards) == sorted(PER_SHARD.findall(run.err))


def test_the_log_announces_the_calls_of_the_dry_run(monitor: Program, simulators: dict[str, Simulator]) -> None:
    env = simulators["mixed"].env()
    dry = monitor("-b", "bucket-12000-eu-west-1", "--dry-run", env=env)
    run = monitor("-b", "bucket-12000-eu-west-1", env=env)
    assert "12 of the calls list objects" in dry.out
    assert "12 of the calls list objects" in run.err
    assert run.json[0]["last_modified"] is not None


def test_a_region_without_an_estimate_is_named(monitor: Program) -> None:
    with Simulator(mixed_account(), today=date.fromordinal(YESTERDAY + 1)) as simulator:
        simulator.faults.add(Fault("deny", region="eu-west-1", service="monitoring"))
        dry = monitor("--dry-run", env=simulator.env())
    assert dry.status == 0
    assert "no estimate for 111122223333/eu-west-1: " in dry.err
    assert "about" in dry.out


def test_a_regular_expression_needs_a_bucket_or_objects(monitor: Program, simulators: dict[str, Simulator]) -> None:
    simulator = simulators["mixed"]
    simulator.counters.reset()
    done = monitor("--regex", "x", env=simulator.env())
    assert done.status == 2
    assert "-b" in done.err and "--objects" in done.err
    assert simulator.counters.total().calls == 0
