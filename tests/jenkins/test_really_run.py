"""The shell commands of the Jenkinsfile, really run in the order the pipeline runs them, against simulated accounts.

Only Jenkins itself is played: agents are folders, stashes are copies. The bundle is built, the program plans,
collects and aggregates over HTTP, and signals are real.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.cli.price_location import open_table
from s3_monitor.money.dynamodb_store import store_prices
from s3_monitor.money.price_book import bundled_prices, encode_price_book
from s3_monitor.simulator import Account, Fault, Role, Simulator, random_account
from tests.e2e import fakes

from .conftest import REPOSITORY, TARGETS, Build

TODAY = datetime.now(UTC).date()
REGIONS = ("us-east-1", "eu-west-1")
Run = Callable[..., Build]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runs sh")


@pytest.fixture(scope="module")
def account() -> Account:
    return replace(random_account(11, 16, REGIONS, today=TODAY), access_key="AKIAHUSHHUSHHUSH0001")


@pytest.fixture(scope="module")
def other_account() -> Account:
    reader = Role("s3-monitor-reader")
    made = random_account(12, 10, ("eu-west-1",), today=TODAY, account_id="999988887777", roles=(reader,))
    return replace(made, access_key="AKIAHUSHHUSHHUSH0002")


@pytest.fixture(scope="module")
def simulator(account: Account, other_account: Account) -> Iterator[Simulator]:
    with Simulator((account, other_account), today=TODAY) as running:
        yield running


@pytest.fixture(autouse=True)
def _without_faults(simulator: Simulator) -> None:
    simulator.faults.clear()


@pytest.fixture(scope="module")
def really_run(run_pipeline: Run, bundle: Path, bundle_cache: Path, simulator: Simulator) -> Run:
    """Return a function that runs the pipeline with all its commands. It builds the bundle if there is none."""

    def run(environment: dict[str, str] | None = None, **scenario: Any) -> Build:
        base = {
            "PATH": "/usr/bin:/bin",
            "PYTHON": sys._base_executable,  # type: ignore[attr-defined]
            "HOME": "/nowhere",
            "S3_MONITOR_CACHE": str(bundle_cache),
            "S3_MONITOR_TARGETS": " ".join(TARGETS),
            **_clock(),
            **simulator.env(),
        }
        given = {"real": True, "repository": str(REPOSITORY), "bundle": str(bundle), **scenario}
        return run_pipeline(environment={**base, **(environment or {})}, **given)

    return run


def _clock() -> dict[str, str]:
    """Return the variables of a faked clock: the programs must have the date of the simulator."""
    return {name: value for name, value in os.environ.items() if name == "LD_PRELOAD" or name.startswith("FAKETIME")}


@pytest.fixture(scope="module")
def first_build(really_run: Run, simulator: Simulator) -> Build:
    """Run a build without parameters and failures, with every command of the Jenkinsfile."""
    simulator.faults.clear()
    return really_run(bundle=None)


def json_of(build: Build, path: str) -> Any:
    return json.loads((build.archive / path).read_bytes())


def shards_of(build: Build) -> dict[str, str]:
    return {shard["name"]: shard["status"] for shard in json_of(build, "report/summary.json")["shards"]}


def test_the_first_build_without_parameters_reads_everything(first_build: Build, account: Account) -> None:
    build = first_build
    assert build.result == "SUCCESS", build.log
    assert re.fullmatch(
        r"(from shards\.yaml; )?2 shards; (≥ )?[\d,]+\.\d\d USD per month(, \S+ in 30 days)?, no gaps",
        build.description or "",
    )
    assert len(json_of(build, "report/buckets.json")) == len(account.listed)
    assert {"plan/plan.json", "plan/shards.tsv", "report/index.html", "report/junit.xml"} <= set(build.archived)
    assert {f"parts/s3-{region}.json" for region in REGIONS} <= set(build.archived)


def test_any_split_gives_the_same_result(really_run: Run, first_build: Build) -> None:
    cuts = [{"SPLIT_BY": "storage-type", "MAX_SHARDS": "3"}, {"SPLIT_BY": "none"}]
    builds = [first_build, *(really_run(parameters=cut) for cut in cuts)]
    assert [len(build.shell("Collect")) for build in builds] == [2, 3, 1]
    results = {(build.archive / "report" / "buckets.json").read_bytes() for build in builds}
    assert len(results) == 1


def test_the_report_covers_and_states_the_selection(really_run: Run) -> None:
    build = really_run(
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


def test_a_denied_region_is_reported_and_the_others_are_correct(really_run: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", region="eu-west-1", service="monitoring"))
    build = really_run()
    assert build.result == "UNSTABLE"
    assert build.marks == {"s3-eu-west-1": "UNSTABLE", "": "UNSTABLE"}, "the shard, and the report"
    summary = json_of(build, "report/summary.json")
    assert not summary["complete"]
    assert [problem for problem in summary["problems"] if problem["severity"] == "gap" and "eu-west-1" in str(problem)]
    assert shards_of(build)["s3-us-east-1"] == "complete"


def test_a_killed_worker_costs_only_its_shard(really_run: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("slow", region="eu-west-1", service="monitoring", seconds=5))
    build = really_run(faults=[{"on": "Collect s3-eu-west-1", "at": ": started, ", "signal": "KILL"}])
    assert build.result == "UNSTABLE"
    assert build.shell("Collect", "s3-eu-west-1")[0]["status"] == 137
    assert shards_of(build) == {"s3-eu-west-1": "missing", "s3-us-east-1": "complete"}


@pytest.mark.parametrize(("does", "result"), [("abort", "ABORTED"), ("hang", "UNSTABLE")])
def test_a_terminated_worker_writes_its_part_and_the_report_is_written(
    really_run: Run, simulator: Simulator, does: str, result: str
) -> None:
    simulator.faults.add(Fault("slow", region="eu-west-1", operation="GetMetricData", seconds=5))
    build = really_run(faults=[{"on": "Collect s3-eu-west-1", "at": ": started, ", "signal": "TERM", "does": does}])
    assert build.result == result
    assert "parts/s3-eu-west-1.json" in build.archived
    assert shards_of(build)["s3-eu-west-1"] in ("partial", "failed")
    assert shards_of(build)["s3-us-east-1"] == ("missing" if does == "abort" else "complete")
    assert "report/index.html" in build.archived


def test_without_any_data_the_build_fails_with_a_report(really_run: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("slow", service="monitoring", seconds=5))
    faults = [{"on": f"Collect s3-{region}", "at": ": started, ", "signal": "KILL"} for region in REGIONS]
    build = really_run(faults=faults)
    assert build.result == "FAILURE"
    assert "report/index.html" in build.archived, "the report"


def test_missing_credentials_are_reported_with_advice(really_run: Run, simulator: Simulator) -> None:
    none = {name: "" for name in simulator.env() if name != "AWS_EC2_METADATA_DISABLED"}
    build = really_run(environment={**none, "AWS_EC2_METADATA_DISABLED": "true"})
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
def test_hostile_parameters_are_rejected_without_side_effects(really_run: Run, name: str, value: str) -> None:
    build = really_run(parameters={name: value})
    assert build.result == "FAILURE"
    assert [line for line in build.log if "error: " in line and "Traceback" not in line]
    everywhere = build.archive.parent
    assert not list(everywhere.rglob("*pwned*"))
    assert not build.archived


SECRET = "hush/hush+secret+of+nobody"  # the simulated account looks at access keys only


def everything_left_behind(build: Build) -> str:
    """Return logs, stashes, artifacts and workspaces. The secrets of the agents are in `shells`, which is excluded."""
    kept = [path for path in build.archive.parent.rglob("*") if path.is_file()]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in kept]
    return "\n".join([*texts, *build.log, build.description or "", json.dumps(build.steps)])


def without_keys(simulator: Simulator) -> dict[str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    return dict.fromkeys(names, "")


SAME_FOR_ALL = "defaults: {credentials: reader}\nshards:\n  - {name: all, split_by: none}\n"


def as_key_pair(account: Account) -> dict[str, str]:
    return {"kind": "usernamePassword", "username": account.access_key, "password": SECRET}


def as_file(account: Account, section: str) -> dict[str, str]:
    lines = [f"[{section}]", f"aws_access_key_id = {account.access_key}", f"aws_secret_access_key = {SECRET}", ""]
    return {"kind": "file", "text": "\n".join(lines)}


@pytest.mark.parametrize("kind", ["key pair", "configuration", "credentials"])
def test_one_credentials_id_opens_the_account_and_stays_secret(
    really_run: Run, simulator: Simulator, account: Account, kind: str
) -> None:
    stored = as_key_pair(account) if kind == "key pair" else as_file(account, "default")
    build = really_run(
        environment=without_keys(simulator), files={"shards.yaml": SAME_FOR_ALL}, credentials={"reader": stored}
    )
    assert build.result == "SUCCESS", build.log
    assert len(json_of(build, "report/buckets.json")) == len(account.listed)
    left = everything_left_behind(build)
    assert account.access_key not in left and SECRET not in left


def test_a_profile_on_the_agents_opens_the_account(
    really_run: Run, simulator: Simulator, account: Account, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(as_file(account, "profile user1-dev")["text"])
    build = really_run(
        environment={**without_keys(simulator), "AWS_CONFIG_FILE": str(config)},
        parameters={"PROFILE": "user1-dev", "SPLIT_BY": "none"},
    )
    assert build.result == "SUCCESS", build.log
    assert build.description is not None and build.description.startswith("profile user1-dev; ")


def test_a_role_per_shard_opens_its_account(really_run: Run, account: Account, other_account: Account) -> None:
    role = f"arn:aws:iam::{other_account.id}:role/s3-monitor-reader"
    shards = f"shards:\n  - {{name: own}}\n  - {{name: other, role_arn: '{role}'}}\n"
    build = really_run(files={"shards.yaml": shards})
    assert build.result == "SUCCESS", build.log
    assert {bucket["account"] for bucket in json_of(build, "report/buckets.json")} == {account.id, other_account.id}


def test_two_secret_files_open_two_accounts_and_stay_secret(
    really_run: Run, simulator: Simulator, account: Account, other_account: Account
) -> None:
    shards = (
        "shards:\n"
        "  - {name: one, profile: one, credentials: file-one, split_by: none}\n"
        "  - {name: two, profile: two, credentials: file-two, split_by: none}\n"
    )
    stored = {"file-one": as_file(account, "profile one"), "file-two": as_file(other_account, "two")}
    build = really_run(environment=without_keys(simulator), files={"shards.yaml": shards}, credentials=stored)
    assert build.result == "SUCCESS", build.log
    accounts = {bucket["account"] for bucket in json_of(build, "report/buckets.json")}
    assert accounts == {account.id, other_account.id}
    left = everything_left_behind(build)
    assert not [word for word in (account.access_key, other_account.access_key, SECRET) if word in left]


@pytest.mark.parametrize("second", ["key pair", "the agent's own"])
def test_key_pairs_of_two_ids_open_two_accounts_and_stay_secret(
    really_run: Run, simulator: Simulator, account: Account, other_account: Account, second: str
) -> None:
    shards = "shards:\n  - {name: one, credentials: pair one}\n  - {name: two, credentials: pair=two}\n"
    stored = {"pair one": as_key_pair(account), "pair=two": as_key_pair(other_account)}
    environment = without_keys(simulator)
    if second == "the agent's own":
        shards = shards.replace(", credentials: pair=two", "")
        own = as_key_pair(other_account)
        environment |= {"AWS_ACCESS_KEY_ID": own["username"], "AWS_SECRET_ACCESS_KEY": own["password"]}
    build = really_run(environment=environment, files={"shards.yaml": shards}, credentials=stored)
    assert build.result == "SUCCESS", build.log
    accounts = {bucket["account"] for bucket in json_of(build, "report/buckets.json")}
    assert accounts == {account.id, other_account.id}
    left = everything_left_behind(build)
    assert not [word for word in (account.access_key, other_account.access_key, SECRET) if word in left]


QUICK = {"REGION": "eu-west-1"}
OWN = bundled_prices()


def priced(build: Build) -> Any:
    return json_of(build, "report/summary.json")["prices"]


def test_a_price_file_of_the_repository_is_used_on_any_agent(really_run: Run) -> None:
    own = encode_price_book(msgspec.structs.replace(OWN, source="our contract")).decode()
    build = really_run(parameters={**QUICK, "PRICES": "own.json"}, files={"own.json": own})
    assert build.result == "SUCCESS", build.log
    assert "our contract" in str(priced(build))
    assert build.description is not None and "prices own.json" in build.description
    assert (build.archive / "plan" / "prices.json").read_text(encoding="utf-8") == own
    assert "plan/prices.json" not in build.stashes["plan"], "branches do not need it"


def test_a_table_prices_the_report_with_the_credentials_of_the_plan(
    really_run: Run, simulator: Simulator, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fakes.running("moto") as url:
        with monkeypatch.context() as patch:
            for name, value in fakes.environment(url).items():
                patch.setenv(name, value)
            table = open_table("s3-monitor-prices", None)
            table.create()
            ours = msgspec.structs.replace(OWN, source="our table", regions={"eu-west-1": OWN.regions["eu-west-1"]})
            assert store_prices(table, ours, None, "a test", datetime.now(UTC))
        build = really_run(
            environment={**without_keys(simulator), "AWS_ENDPOINT_URL_DYNAMODB": url},
            files={"shards.yaml": SAME_FOR_ALL}, credentials={"reader": as_key_pair(account)},
            parameters={**QUICK, "PRICES": "dynamodb:s3-monitor-prices"},
        )  # fmt: skip
    assert build.result == "SUCCESS", build.log
    assert "our table" in str(priced(build))
    assert account.access_key not in everything_left_behind(build)


def test_an_unreachable_table_is_a_gap_and_the_bundled_prices_are_used(really_run: Run) -> None:
    nobody = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    build = really_run(environment=nobody, parameters={**QUICK, "PRICES": "dynamodb:s3-monitor-prices"})
    assert build.result == "UNSTABLE", build.log
    problems = json_of(build, "report/summary.json")["problems"]
    assert [one["code"] for one in problems if one["severity"] == "gap"] == ["price-table-unreadable"]


def test_newer_prices_are_noted_and_change_nothing(really_run: Run) -> None:
    build = really_run(parameters={**QUICK, "CHECK_PRICES": True})
    assert build.result == "SUCCESS", build.log
    assert build.shell("Check prices")[0]["status"] == 4
    assert build.description is not None
    assert build.description.startswith("regions eu-west-1; 1 shard; newer prices are published; ")


def test_a_denied_price_check_changes_nothing(really_run: Run, simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", service="pricing"))
    build = really_run(parameters={**QUICK, "CHECK_PRICES": True})
    assert build.result == "SUCCESS", build.log
    assert build.shell("Check prices")[0]["status"] == 1
    assert any("Could not check the prices (exit status 1:" in line for line in build.log)


def test_stashes_stay_small(first_build: Build) -> None:
    build = first_build
    branches = len(build.shell("Collect"))
    a_branch = build.unstashed_bytes / (branches + 1)
    assert a_branch < 4_600_000, "program and plan; parts go the other way"
