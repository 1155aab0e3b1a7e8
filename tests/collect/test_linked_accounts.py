"""The metrics of linked accounts, read through a monitoring account of the simulator."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.collect.shard import collect_shard
from s3_monitor.merge.merger import merge
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.planner import make_plan
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document
from s3_monitor.simulator import Bucket, Series, Simulator
from s3_monitor.simulator.accounts import Account, make_account

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONITOR, LOGS, EMPTY = "111111111111", "222222222222", "333333333333"
GIB = 2**30
TEXT = b"shards: [{name: m, cross_account: true, regions: [us-east-1, eu-west-1]}]\n"


def account(number: str, **sizes: int) -> Account:
    day = TODAY.toordinal() - 1
    created = datetime(2025, 1, 1, tzinfo=UTC)
    buckets = [
        Bucket(
            name.replace("_", "-"),
            "eu-west-1",
            created,
            sizes={"StandardStorage": Series(day - 40, day, size)} if size else {},
            count=Series(day - 40, day, 3) if size else None,
        )
        for name, size in sizes.items()
    ]
    return make_account(number, buckets, access_key=f"AKIASIMULATED{number[:8]}")


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    monitor = replace(account(MONITOR, own=GIB), links=(LOGS, EMPTY))
    many = {f"logs_{number:03}": GIB + number for number in range(300)}
    accounts = [monitor, account(LOGS, **many, void=0), account(EMPTY, nothing=0)]
    with Simulator(accounts, today=TODAY) as running:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in running.env().items():
            monkeypatch.setenv(name, value)
        yield running


def test_the_series_of_linked_accounts_belong_to_their_owners(simulator: Simulator) -> None:
    discovery = AwsDiscovery()
    file = ShardsFile(Document("shards.yaml", TEXT))
    plan = make_plan(PlanOptions(last_modified="off", as_of=NOW), file, discovery, NOW)
    (shard,) = plan.shards
    part = collect_shard(
        plan, "0" * 64, shard, discovery.account, now=lambda: NOW, stop=threading.Event(), log=lambda line: None
    )
    merged = merge(plan, "0" * 64, [part])
    sizes = {(bucket.account, bucket.name): bucket.amounts for bucket in merged.buckets}
    assert sizes.pop((MONITOR, "own")) == (GIB,)
    assert sizes == {(LOGS, f"logs-{number:03}"): (GIB + number,) for number in range(300)}
    assert {bucket.created for bucket in merged.buckets if bucket.account == LOGS} == {None}
    assert {bucket.state for bucket in merged.buckets} == {"measured"}
    assert [problem for problem in merged.problems if problem.severity == "gap"] == []
    assert {row["account"] for row in simulator.counters.rows()} == {MONITOR}
