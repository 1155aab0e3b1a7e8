"""The estimate of `--dry-run`: the expected calls of each shard and in total."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from s3_monitor.cli.estimate import describe
from s3_monitor.collect.expected_calls import RegionContents
from s3_monitor.model.bill import CostQuery
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.exports import BillingExport, ExportReading, StorageLensExport
from s3_monitor.model.plan import Plan, Shard
from s3_monitor.model.storage_lens import LensQuery
from tests.collect.fixtures import plan_of, unit

US, EU = unit("us-east-1"), unit("eu-west-1")


def contents(buckets: int) -> RegionContents:
    names = [f"b{number}" for number in range(buckets)]
    return RegionContents(names, dict.fromkeys(names, ("StandardStorage",)), dict.fromkeys(names, 10.0))


def plan(*shards: Shard, **fields: Any) -> Plan:
    return msgspec.structs.replace(plan_of([US, EU]), shards=shards, **fields)


def shard(name: str, *units: Any, **fields: Any) -> Shard:
    return Shard(name, "", "", 30, units, **fields)


def lines(made: Plan, here: dict[Any, RegionContents], planning: CallCounts | None = None) -> list[str]:
    return describe(made, planning or CallCounts(), here).splitlines()


def test_each_shard_has_its_buckets_regions_and_calls_and_the_total_those_of_planning() -> None:
    planning = CallCounts()
    planning.count("ListBuckets", 3)
    made = plan(shard("both", US, EU), shard("us", US))
    assert lines(made, {(0, "us-east-1"): contents(1), (0, "eu-west-1"): contents(2)}, planning) == [
        "both: 3 buckets in 2 regions, about 8 calls, about 0.0001 USD",
        "us: 1 bucket in 1 region, about 5 calls, less than 0.0001 USD",
        "total: 2 shards, about 16 calls, about 0.0002 USD, planning included, 2026-11-18 to 2026-11-22",
    ]


def test_regions_that_could_not_be_read_are_left_out() -> None:
    found = lines(plan(shard("both", US, EU)), {(0, "us-east-1"): contents(1)})
    assert found[0] == "both: 1 bucket in 2 regions, about 5 calls, less than 0.0001 USD"


QUERY = CostQuery(0, "aws", ("1", "2"), date(2026, 10, 1), date(2026, 11, 22))
EXPORT = BillingExport("cur2", "bills", "p")


@pytest.mark.parametrize(
    ("shard_of", "engine", "text"),
    [
        (
            shard("bill", bill=QUERY),
            "duckdb",
            "bill: the bill of 2 accounts, 0.01 USD per page, about 2 calls, about 0.0100 USD",
        ),
        (
            shard("bill", bill=msgspec.structs.replace(QUERY, export=EXPORT)),
            "duckdb",
            "bill: the bill of 2 accounts, from a billing export, about 13 calls",
        ),
        (
            shard("bill", bill=msgspec.structs.replace(QUERY, export=EXPORT)),
            "athena",
            "bill: the bill of 2 accounts, from a billing export, read by Athena: at most 1.00 USD, about 13 calls",
        ),
        (
            shard("lens", lens=LensQuery(0, StorageLensExport("lenses", "daily"))),
            "duckdb",
            "lens: Storage Lens export s3://lenses, about 9 calls",
        ),
    ],
)
def test_the_shards_of_bills_and_exports_have_their_sources(shard_of: Shard, engine: Any, text: str) -> None:
    found = lines(plan(shard_of, exports=ExportReading(engine=engine)), {})
    assert found[0].startswith(text)
    assert found[1].startswith("total: 1 shard, ")
