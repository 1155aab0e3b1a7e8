"""Objects, from the command line to buckets.json, on the simulated account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from s3_monitor.simulator import Bucket, FileList, ObjectList, Simulator
from s3_monitor.simulator.accounts import Series, make_account
from s3_monitor.simulator.settings import InventoryConfiguration, Settings
from tests.e2e.conftest import Program
from tests.objects.reports import OPTIONAL, Item, report

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY.date().toordinal() - 1
HELD = ObjectList(4321, TODAY - timedelta(days=3), folders=("Folder/SubFolder/log/", "other/"), mean_size=1000)
BYTES = sum(one.size for one in HELD)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    buckets = [
        Bucket(
            *(name, region, TODAY - timedelta(days=900)),
            sizes={"StandardStorage": Series(YESTERDAY - 9, YESTERDAY, BYTES)},
            count=Series(YESTERDAY - 9, YESTERDAY, len(HELD)),
            objects=HELD,
        )
        for name, region in (("my-bucket", "us-east-1"), ("other", "eu-west-1"))
    ]
    with Simulator(make_account("123456789012", buckets)) as running:
        yield running


def test_a_key_pattern_selects_keys_of_a_bucket(monitor: Program, simulator: Simulator) -> None:
    done = monitor("-b", "s3://my-bucket/Folder/SubFolder/log*", env=simulator.env())
    assert done.status == 0, done.err
    wanted = [one for one in HELD if one.key.startswith("Folder/SubFolder/log")]
    (bucket,) = done.json
    assert (bucket["name"], bucket["num_objects"]) == ("my-bucket", len(wanted))
    assert bucket["total_size"] == bucket["storage"]["StandardStorage"]["size"] == sum(one.size for one in wanted)
    assert bucket["last_modified"] == str(max(one.last_modified for one in wanted))
    assert "not listed" not in done.err


def test_a_regular_expression_selects_keys(monitor: Program, simulator: Simulator) -> None:
    done = monitor("-b", "my-*", "--regex", r"other/0+4320-", env=simulator.env())
    assert [(one["name"], one["num_objects"]) for one in done.json] == [("my-bucket", 1)]


def test_a_key_pattern_selects_keys_of_an_inventory(monitor: Program) -> None:
    made = TODAY - timedelta(days=2, hours=-1)
    items = [Item(f"{folder}/{number}", 100 + number) for folder in ("a", "b") for number in range(9)]
    configured = InventoryConfiguration("nightly", "inventories", prefix="daily", fields=OPTIONAL)
    logs = Bucket("logs", "us-east-1", TODAY - timedelta(days=900), settings=Settings(inventories=(configured,)))
    files = FileList(report("Parquet", "logs", items, made=made, prefix="daily"))
    inventories = Bucket("inventories", "us-east-1", TODAY - timedelta(days=900), objects=files)
    with Simulator(make_account("123456789012", [logs, inventories])) as simulator:
        arguments = ("-b", "s3://logs/b/", "--regex", "[3-5]$", "--objects", "inventory", "--as-of", str(TODAY.date()))
        done = monitor(*arguments, env=simulator.env())
    assert done.status == 0, done.err
    (bucket,) = done.json
    assert (bucket["num_objects"], bucket["total_size"]) == (3, 103 + 104 + 105)
    assert bucket["as_of"] == str(made.date())
    assert bucket["objects"]["source"] == "inventory"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-b", "s3://my-bukket/a"], "no such bucket"),
        (["-b", "s3:///a"], "not a bucket"),
        (["--regex", "("], "--regex"),
        (["-b", "s3://my-bucket/a", "--objects", "off"], "--objects off cannot be combined with a selection of keys"),
    ],
)
def test_impossible_options_are_rejected(
    monitor: Program, simulator: Simulator, arguments: list[str], said: str
) -> None:
    done = monitor(*arguments, env=simulator.env())
    assert done.status == 2
    assert said in done.err


def test_the_dry_run_states_what_a_listing_costs(monitor: Program, simulator: Simulator) -> None:
    done = monitor("--objects", "listing", "--dry-run", env=simulator.env())
    assert "10 of the calls list objects" in done.out, "five pages for each of two buckets"


def test_any_split_gives_the_same_data_of_objects(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    found = []
    for split_by in ("none", "region", "storage-type"):
        out = tmp_path / split_by
        as_of = f"{TODAY.date()}T00:00:00Z"  # later is in the future in the first hours of a day
        arguments = [
            "run",
            "--objects",
            "listing",
            "--versions",
            "--as-of",
            as_of,
            "--split-by",
            split_by,
            "--out",
            out,
        ]
        done = monitor(*arguments, env=simulator.env())
        assert done.status == 0, done.err
        found.append((out / "report" / "buckets.json").read_bytes())
    assert found[0] == found[1] == found[2]
    for bucket in json.loads(found[0]):
        assert (
            bucket["objects"]["current"]["objects"] == bucket["storage"]["StandardStorage"]["num_objects"] == len(HELD)
        )
        assert bucket["objects"]["difference"]["unexplained"] == 0
