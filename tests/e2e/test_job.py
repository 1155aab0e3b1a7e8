"""The nightly job on accounts made by chance: figures, money, calls, cuts and faults, held against the truth."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.simulator import Account, Fault, Simulator, random_account
from tests.e2e import oracle
from tests.e2e.conftest import ROOT, Command, Program

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
DATA = ROOT / "s3_monitor" / "money" / "data"
PRICES, TYPES = DATA / "prices-2024-09-25.json", DATA / "storage-types.json"
TODAY = datetime.now(UTC).date()
CENT_FRACTION = 2e-6


@pytest.fixture(scope="module")
def account() -> Account:
    return random_account(7, 600, REGIONS, today=TODAY, awkward=0.4, objects=(1, 60))


@pytest.fixture(scope="module")
def simulator(account: Account) -> Iterator[Simulator]:
    with Simulator(account, today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def few() -> Account:
    """Serve a small account, for tests that do not read figures."""
    return random_account(8, 40, REGIONS, today=TODAY, awkward=0.2, objects=(1, 20))


@pytest.fixture(scope="module")
def small(few: Account) -> Iterator[Simulator]:
    with Simulator(few, today=TODAY) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_faults(simulator: Simulator, small: Simulator) -> None:
    for one in (simulator, small):
        one.faults.clear()
        one.counters.reset()


@pytest.fixture(scope="module")
def whole(command: Command, simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output of the job, for tests that only read it."""
    folder = tmp_path_factory.mktemp("complete")
    done = command(["s3_monitor", "run", "--out", "out"], simulator.env(), folder, 120)
    assert done.status == 0, done.err
    return folder / "out"


@pytest.fixture
def few_pages(tmp_path: Path) -> list[object]:
    """Return options for a report without pages of buckets, which these tests do not read."""
    (tmp_path / "few-pages.yaml").write_text("report: {top: 1}\nshards: [{name: s3, split_by: region}]\n")
    return ["--shards", "few-pages.yaml"]


def report(out: Path) -> dict[str, dict[str, Any]]:
    return {bucket["name"]: bucket for bucket in json.loads((out / "report" / "buckets.json").read_bytes())}


def summary(out: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((out / "report" / "summary.json").read_bytes())
    return parsed


def test_every_figure_and_every_cent_is_right(whole: Path, account: Account) -> None:
    _is_right(whole, account, 30)


def test_every_figure_is_right_where_only_the_newest_days_are_read(
    monitor: Program, simulator: Simulator, account: Account, few_pages: list[object], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    quick = ["--last-modified", "off", *few_pages]
    done = monitor("run", "--out", out, "--history-days", 4, *quick, env=simulator.env())
    assert done.status == 0, done.err
    _is_right(out, account, 4, listing=False)


def _is_right(out: Path, account: Account, history_days: int, *, listing: bool = True) -> None:
    expected = oracle.expected([account], TODAY, history_days, listing=listing)
    costs = oracle.costs(expected, PRICES, TYPES)
    found = report(out)
    assert sorted(found) == sorted(expected)
    for name, truth in expected.items():
        bucket = found[name]
        assert {type_: line["size"] for type_, line in bucket["storage"].items()} == truth["lines"], name
        assert (bucket["account"], bucket["region"]) == (truth["account"], truth["region"])
        assert (bucket["state"], bucket["kind"]) == (truth["state"], truth["kind"]), name
        assert (bucket["total_size"], bucket["num_objects"]) == (truth["total"], truth["count"]), name
        assert bucket["as_of"] == truth["day"]
        last = bucket.get("last_known") or {"storage": {}}
        assert {type_: line["size"] for type_, line in last["storage"].items()} == truth["last"], name
        for type_, line in bucket["storage"].items():
            exact = costs[name, type_]
            assert (line["cost"] is None) == (exact is None), (name, type_)
            assert exact is None or math.isclose(line["cost"], exact, rel_tol=0, abs_tol=CENT_FRACTION)
    _totals_are_sums(summary(out), expected, costs)


def _totals_are_sums(summary: dict[str, Any], expected: dict[str, Any], costs: dict[Any, Any]) -> None:
    totals = summary["totals"]
    assert totals["buckets"] == len(expected)
    assert totals["size"] == sum(sum(bucket["lines"].values()) for bucket in expected.values())
    assert math.isclose(totals["cost"], sum(cost for cost in costs.values() if cost is not None), abs_tol=CENT_FRACTION)
    unpriced = sum(expected[name]["lines"][type_] for (name, type_), cost in costs.items() if cost is None)
    assert totals["unpriced_size"] == unpriced
    regions = Counter(bucket["region"] for bucket in expected.values())
    assert {region: group["buckets"] for region, group in summary["by_region"].items()} == regions
    assert summary["complete"] is True


def test_the_newest_object_of_each_small_bucket_is_found(whole: Path, account: Account) -> None:
    modified = {name: bucket["last_modified"] for name, bucket in report(whole).items()}
    for name, bucket in account.buckets.items():
        newest = bucket.objects.last_modified
        if name in modified and bucket.kind == "general" and newest is not None:
            assert modified[name] == newest.replace(microsecond=0).isoformat(" "), name


def test_any_split_gives_the_same_bytes(
    monitor: Program, aggregate: Program, small: Simulator, few_pages: list[object], tmp_path: Path
) -> None:
    cuts = {
        "whole": ["--split-by", "none"],
        "by-region": ["--split-by", "region"],
        "by-type": ["--split-by", "storage-type"],
        "by-account": ["--split-by", "account"],
        "packed": ["--split-by", "storage-type", "--max-shards", "3"],
    }
    written = {}
    for name, options in cuts.items():
        plan = tmp_path / name / "plan" / "plan.json"
        done = monitor("plan", "--out", plan.parent, *options, *few_pages, env=small.env())
        assert done.status == 0, done.err
        shards = [line.split("\t")[0] for line in plan.with_name("shards.tsv").read_text().splitlines()]
        assert (len(shards) > 5) == (name == "by-type")
        for shard in shards:
            part = tmp_path / name / "parts" / f"{shard}.json"
            done = monitor("collect", "--plan", plan, "--shard", shard, "--out", part, env=small.env())
            assert done.status == 0, done.err
        done = aggregate("--plan", plan, "--parts", part.parent, "--out", tmp_path / name / "report")
        assert done.status == 0, done.err
        written[name] = (tmp_path / name / "report" / "buckets.json").read_bytes()
    assert len(set(written.values())) == 1


def test_a_run_sends_the_minimum_number_of_calls(
    monitor: Program, simulator: Simulator, account: Account, few_pages: list[object], tmp_path: Path
) -> None:
    done = monitor("run", "--out", tmp_path / "out", "--last-modified", "off", *few_pages, env=simulator.env())
    assert done.status == 0, done.err
    lists = data = series = 0
    for region in REGIONS:
        buckets = [bucket for bucket in account.buckets.values() if bucket.region == region]
        sizes = sum(len(bucket.sizes) for bucket in buckets)
        counts = sum(bucket.count is not None for bucket in buckets)
        lists += math.ceil(sizes / 500) + math.ceil(counts / 500)
        data += math.ceil((sizes + counts) / 500)
        series += sizes + counts
    counters = simulator.counters
    assert counters.total("ListMetrics").calls <= lists
    assert counters.total("GetMetricData").calls <= data
    assert counters.total("GetMetricData").metrics <= series
    looked = counters.total("ListDirectoryBuckets").calls  # in regions without other buckets
    assert looked <= 40 - len(REGIONS)
    assert counters.total().calls - looked <= (lists + data) * 1.02 + 5 + 2 * len(REGIONS)
    asked = summary(tmp_path / "out")["api"]
    assert asked["calls"] == counters.total().calls


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("deny", region="eu-west-1", service="monitoring"), "cloudwatch:"),
        (Fault("disabled", region="eu-west-1", service="monitoring"), "enabled"),
        (Fault("malformed", region="eu-west-1", service="monitoring"), "could not read the response"),
        (Fault("throttle", region="eu-west-1", service="monitoring"), "Throttl"),
        (Fault("hang", region="eu-west-1", service="monitoring"), "timeout"),
    ],
    ids=lambda value: value.action if isinstance(value, Fault) else "",
)
def test_a_region_that_fails_costs_that_region_only(
    monitor: Program, small: Simulator, few: Account, few_pages: list[object], tmp_path: Path, fault: Fault, said: str
) -> None:
    small.faults.add(fault)
    out = tmp_path / "out"
    quick = {**small.env(), "AWS_MAX_ATTEMPTS": "1"}
    two = ["-r", "eu-west-1", "-r", "us-east-1"]
    done = monitor("run", "--out", out, *two, "--last-modified", "off", *few_pages, env=quick)
    assert done.status == 3, done.err
    assert "Traceback" not in done.err
    gaps = [problem for problem in summary(out)["problems"] if problem["severity"] == "gap"]
    assert any(gap["region"] == "eu-west-1" and said in gap["message"] + (gap["advice"] or "") for gap in gaps), gaps
    assert {shard["name"]: shard["status"] for shard in summary(out)["shards"]}["s3-us-east-1"] == "complete"
    expected, found = oracle.expected([few], TODAY, 30), report(out)
    for name, bucket in found.items():
        if bucket["region"] == "eu-west-1":
            assert (bucket["state"], bucket["total_size"], bucket["total_cost"]) == ("incomplete", None, None)
        else:
            assert bucket["total_size"] == expected[name]["total"]


def test_without_usable_data_a_report_is_written_with_exit_status_1(
    monitor: Program, aggregate: Program, small: Simulator, tmp_path: Path
) -> None:
    monitor("plan", "--out", tmp_path / "plan", env=small.env())
    (tmp_path / "parts").mkdir()
    done = aggregate("--plan", "plan/plan.json", "--parts", "parts", "--out", "report")
    assert done.status == 1, done.err
    written = json.loads((tmp_path / "report" / "summary.json").read_bytes())
    assert written["complete"] is False
    assert {shard["status"] for shard in written["shards"]} == {"missing"}
    assert (written["totals"]["size"], written["totals"]["cost"]) == (None, None)
    assert (tmp_path / "report" / "index.html").exists()


def test_a_missing_a_truncated_and_a_foreign_part_are_named(
    monitor: Program, aggregate: Program, small: Simulator, few_pages: list[object], tmp_path: Path
) -> None:
    monitor("run", "--out", tmp_path / "a", *few_pages, env=small.env())
    monitor("run", "--out", tmp_path / "b", "-r", "us-east-1", *few_pages, env=small.env())
    parts = tmp_path / "a" / "parts"
    (parts / "s3-ap-southeast-2.json").unlink()
    truncated = parts / "s3-eu-west-1.json"
    truncated.write_bytes(truncated.read_bytes()[:-100])
    (parts / "foreign.json").write_bytes((tmp_path / "b" / "parts" / "s3-us-east-1.json").read_bytes())
    done = aggregate("--plan", "a/plan/plan.json", "--parts", "a/parts", "--out", "a/report")
    assert done.status == 3
    problems = summary(tmp_path / "a")["problems"]
    invalid = [problem["message"] for problem in problems if problem["code"] == "part-invalid"]
    assert [message.split(":")[0] for message in invalid] == [
        "Could not use parts/foreign.json",
        "Could not use parts/s3-eu-west-1.json",
    ]
    statuses = {shard["name"]: shard["status"] for shard in summary(tmp_path / "a")["shards"]}
    assert statuses == {"s3-ap-southeast-2": "missing", "s3-eu-west-1": "invalid", "s3-us-east-1": "complete"}


@pytest.mark.parametrize("option", ["--prices", "--previous"])
def test_an_unusable_file_is_rejected_before_any_request(
    monitor: Program, small: Simulator, tmp_path: Path, option: str
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    done = monitor("run", "--out", tmp_path / "out", option, "bad.json", env=small.env())
    assert done.status == 2, done.err
    assert "bad.json" in done.err
    assert small.counters.total().calls == 0
    assert not (tmp_path / "out").exists()
