"""The shell commands of the Jenkinsfile, run in the order of the pipeline, against simulated accounts.

Only Jenkins itself is simulated: agents are folders, stashes are copies. The bundle is built, the program plans,
collects and aggregates over HTTP, and signals are real.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from s3_monitor.cli.price_location import open_table
from s3_monitor.cli.price_table import store_prices
from s3_monitor.money.price_book import bundled_prices, encode_price_book
from s3_monitor.simulator import Account, Fault, Simulator
from tests.e2e import fakes

from .conftest import REGIONS, Build
from .scenarios import SAME_FOR_ALL, Run, as_key_pair, everything_left_behind, json_of, shards_of, without_keys

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runs sh")


@pytest.fixture(autouse=True)
def _without_faults(simulator: Simulator) -> None:
    simulator.faults.clear()


def test_the_first_build_without_parameters_reads_everything(first_build: Build, account: Account) -> None:
    build = first_build
    assert build.result == "SUCCESS", build.log
    assert re.fullmatch(
        r"(≥ |≤ |about )?\$[\d,.]+ per month(, \S+ in 30 days)?, no gaps \((from shards\.yaml; )?2 shards\)",
        build.description or "",
    )
    assert len(json_of(build, "report/buckets.json")) == len(account.listed)
    assert {"plan/plan.json", "plan/shards.tsv", "report/index.html", "report/junit.xml"} <= set(build.archived)
    assert {f"parts/s3-{region}.json" for region in REGIONS} <= set(build.archived)


def test_any_split_gives_the_same_result(run_commands: Run, first_build: Build) -> None:
    cuts = [{"SPLIT_BY": "storage-type", "MAX_SHARDS": "3"}, {"SPLIT_BY": "none"}]
    builds = [first_build, *(run_commands(parameters=cut) for cut in cuts)]
    assert [len(build.shell("Collect")) for build in builds] == [2, 3, 1]
    results = {(build.archive / "report" / "buckets.json").read_bytes() for build in builds}
    assert len(results) == 1


def test_the_report_covers_and_states_the_selection(run_commands: Run) -> None:
    build = run_commands(
        parameters={"REGION": "eu-west-1, us-east-1", "STORAGE_TYPE": "standardstorage", "SPLIT_BY": "none"}
    )
    assert build.result == "SUCCESS", build.log
    assert build.description is not None and "regions eu-west-1, us-east-1; types standardstorage" in build.description
    selection = json_of(build, "report/summary.json")["selection"]
    assert sorted(selection["regions"]) == ["eu-west-1", "us-east-1"]
    assert selection["storage_types"] == ["StandardStorage"]


def test_a_shard_logs_its_start_its_calls_and_its_end(first_build: Build) -> None:
    log = first_build.log
    lines = [line for line in log if line.startswith("s3-monitor: s3-eu-west-1: ")]
    assert len(lines) == 3
    assert lines[0].endswith("started, 123456789012/eu-west-1")
    assert "calls, about" in lines[1] and lines[2].endswith("complete")
    assert not [line for line in log if "Traceback" in line or "\x1b" in line or "\r" in line]


def test_a_denied_region_is_reported_and_the_others_are_correct(run_commands: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", region="eu-west-1", service="monitoring"))
    build = run_commands()
    assert build.result == "UNSTABLE"
    assert build.marks == {"s3-eu-west-1": "UNSTABLE", "": "UNSTABLE"}, "the shard, and the report"
    summary = json_of(build, "report/summary.json")
    assert not summary["complete"]
    assert [problem for problem in summary["problems"] if problem["severity"] == "gap" and "eu-west-1" in str(problem)]
    assert shards_of(build)["s3-us-east-1"] == "complete"


def test_a_killed_worker_costs_only_its_shard(run_commands: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("slow", region="eu-west-1", service="monitoring", seconds=5))
    build = run_commands(faults=[{"on": "Collect s3-eu-west-1", "at": ": started, ", "signal": "KILL"}])
    assert build.result == "UNSTABLE"
    assert build.shell("Collect", "s3-eu-west-1")[0]["status"] == 137
    assert shards_of(build) == {"s3-eu-west-1": "missing", "s3-us-east-1": "complete"}


@pytest.mark.parametrize(("does", "result"), [("abort", "ABORTED"), ("hang", "UNSTABLE")])
def test_a_terminated_worker_writes_its_part_and_the_report_is_written(
    run_commands: Run, simulator: Simulator, does: str, result: str
) -> None:
    simulator.faults.add(Fault("slow", region="eu-west-1", operation="GetMetricData", seconds=5))
    build = run_commands(faults=[{"on": "Collect s3-eu-west-1", "at": ": started, ", "signal": "TERM", "does": does}])
    assert build.result == result
    assert "parts/s3-eu-west-1.json" in build.archived
    assert shards_of(build)["s3-eu-west-1"] in ("partial", "failed")
    assert shards_of(build)["s3-us-east-1"] == ("missing" if does == "abort" else "complete")
    assert "report/index.html" in build.archived


def test_without_any_data_the_build_fails_with_a_report(run_commands: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("slow", service="monitoring", seconds=5))
    faults = [{"on": f"Collect s3-{region}", "at": ": started, ", "signal": "KILL"} for region in REGIONS]
    build = run_commands(faults=faults)
    assert build.result == "FAILURE"
    assert "report/index.html" in build.archived, "the report"


def test_missing_credentials_are_reported_with_advice(run_commands: Run, simulator: Simulator) -> None:
    none = {name: "" for name in simulator.env() if name != "AWS_EC2_METADATA_DISABLED"}
    build = run_commands(environment={**none, "AWS_EC2_METADATA_DISABLED": "true"})
    assert build.result == "FAILURE"
    assert build.shell("Plan")[0]["status"] == 2
    assert [line for line in build.log if line.startswith("s3-monitor: error: ")]
    assert not [line for line in build.log if "Traceback" in line]


# One of each kind; every parameter is given many more in test_parameters.py and test_jenkinsfile.py.
HOSTILE = [
    ("REGION", '"; touch pwned; #'), ("BUCKET", "`touch pwned`"), ("PROFILE", "../../pwned"), ("PROFILE", "'"),
    ("SHARDS_FILE", "/etc/passwd"), ("STORAGE_TYPE", "a\nb"), ("MAX_SHARDS", "x" * 10_000),
    ("PRICES", "$(touch pwned)"), ("PRICES", "shards.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), HOSTILE)
def test_hostile_parameters_are_rejected_without_side_effects(run_commands: Run, name: str, value: str) -> None:
    build = run_commands(parameters={name: value})
    assert build.result == "FAILURE"
    assert [line for line in build.log if "error: " in line and "Traceback" not in line]
    everywhere = build.archive.parent
    assert not list(everywhere.rglob("*pwned*"))
    assert not build.archived


QUICK = {"REGION": "eu-west-1"}
OWN = bundled_prices()


def priced(build: Build) -> Any:
    return json_of(build, "report/summary.json")["prices"]


def test_a_price_file_of_the_repository_is_used_on_any_agent(run_commands: Run) -> None:
    own = encode_price_book(msgspec.structs.replace(OWN, source="our contract")).decode()
    build = run_commands(parameters={**QUICK, "PRICES": "own.json"}, files={"own.json": own})
    assert build.result == "SUCCESS", build.log
    assert "our contract" in str(priced(build))
    assert build.description is not None and "prices own.json" in build.description
    assert (build.archive / "plan" / "prices.json").read_text(encoding="utf-8") == own
    assert "plan/prices.json" not in build.stashes["shard"], "branches do not need it"


def test_a_table_prices_the_report_with_the_credentials_of_the_plan(
    run_commands: Run, simulator: Simulator, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fakes.running("moto") as url:
        with monkeypatch.context() as patch:
            for name, value in fakes.environment(url).items():
                patch.setenv(name, value)
            table = open_table("s3-monitor-prices", None)
            table.create()
            ours = msgspec.structs.replace(OWN, source="our table", regions={"eu-west-1": OWN.regions["eu-west-1"]})
            assert store_prices(table, ours, None, "a test", datetime.now(UTC))
        build = run_commands(
            environment={**without_keys(simulator), "AWS_ENDPOINT_URL_DYNAMODB": url},
            files={"shards.yaml": SAME_FOR_ALL}, credentials={"reader": as_key_pair(account)},
            parameters={**QUICK, "PRICES": "dynamodb:s3-monitor-prices"},
        )  # fmt: skip
    assert build.result == "SUCCESS", build.log
    assert "our table" in str(priced(build))
    assert account.access_key not in everything_left_behind(build)


def test_an_unreachable_table_is_a_gap_and_the_bundled_prices_are_used(run_commands: Run) -> None:
    nobody = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    build = run_commands(environment=nobody, parameters={**QUICK, "PRICES": "dynamodb:s3-monitor-prices"})
    assert build.result == "UNSTABLE", build.log
    problems = json_of(build, "report/summary.json")["problems"]
    assert [one["code"] for one in problems if one["severity"] == "gap"] == ["price-table-unreadable"]


def test_newer_prices_are_noted_and_change_nothing(run_commands: Run) -> None:
    build = run_commands(parameters={**QUICK, "CHECK_PRICES": True})
    assert build.result == "SUCCESS", build.log
    assert build.shell("Check prices")[0]["status"] == 4
    assert build.description is not None
    assert build.description.endswith("(regions eu-west-1; 1 shard; newer prices are published)")


def test_a_denied_price_check_changes_nothing(run_commands: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", service="pricing"))
    build = run_commands(parameters={**QUICK, "CHECK_PRICES": True})
    assert build.result == "SUCCESS", build.log
    assert build.shell("Check prices")[0]["status"] == 1
    assert any("Could not check the prices (exit status 1:" in line for line in build.log)


def test_stashes_stay_small(first_build: Build) -> None:
    build = first_build
    branches = len(build.shell("Collect"))
    a_branch = build.unstashed_bytes / (branches + 1)
    assert a_branch < 5_000_000, "program and plan; parts go the other way"
