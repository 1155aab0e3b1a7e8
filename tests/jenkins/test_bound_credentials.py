"""The credentials of Jenkins, bound to commands that run against simulated accounts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from s3_monitor.simulator import Account, Simulator

from .scenarios import SAME_FOR_ALL, SECRET, Run, as_file, as_key_pair, everything_left_behind, json_of, without_keys

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runs sh")


@pytest.fixture(autouse=True)
def _without_faults(simulator: Simulator) -> None:
    simulator.faults.clear()


@pytest.mark.parametrize("kind", ["key pair", "configuration", "credentials"])
def test_one_credentials_id_opens_the_account_and_stays_secret(
    run_commands: Run, simulator: Simulator, account: Account, kind: str
) -> None:
    stored = as_key_pair(account) if kind == "key pair" else as_file(account, "default")
    build = run_commands(
        environment=without_keys(simulator), files={"shards.yaml": SAME_FOR_ALL}, credentials={"reader": stored}
    )
    assert build.result == "SUCCESS", build.log
    assert len(json_of(build, "report/buckets.json")) == len(account.listed)
    left = everything_left_behind(build)
    assert account.access_key not in left and SECRET not in left


def test_a_profile_on_the_agents_opens_the_account(
    run_commands: Run, simulator: Simulator, account: Account, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(as_file(account, "profile user1-dev")["text"])
    build = run_commands(
        environment={**without_keys(simulator), "AWS_CONFIG_FILE": str(config)},
        parameters={"PROFILE": "user1-dev", "SPLIT_BY": "none"},
    )
    assert build.result == "SUCCESS", build.log
    assert build.description is not None and "(profile user1-dev; " in build.description


def test_a_role_per_shard_opens_its_account(run_commands: Run, account: Account, other_account: Account) -> None:
    role = f"arn:aws:iam::{other_account.id}:role/s3-monitor-reader"
    shards = f"shards:\n  - {{name: own}}\n  - {{name: other, role_arn: '{role}'}}\n"
    build = run_commands(files={"shards.yaml": shards})
    assert build.result == "SUCCESS", build.log
    assert {bucket["account"] for bucket in json_of(build, "report/buckets.json")} == {account.id, other_account.id}


def test_two_secret_files_open_two_accounts_and_stay_secret(
    run_commands: Run, simulator: Simulator, account: Account, other_account: Account
) -> None:
    shards = (
        "shards:\n"
        "  - {name: one, profile: one, credentials: file-one, split_by: none}\n"
        "  - {name: two, profile: two, credentials: file-two, split_by: none}\n"
    )
    stored = {"file-one": as_file(account, "profile one"), "file-two": as_file(other_account, "two")}
    build = run_commands(environment=without_keys(simulator), files={"shards.yaml": shards}, credentials=stored)
    assert build.result == "SUCCESS", build.log
    accounts = {bucket["account"] for bucket in json_of(build, "report/buckets.json")}
    assert accounts == {account.id, other_account.id}
    left = everything_left_behind(build)
    assert not [word for word in (account.access_key, other_account.access_key, SECRET) if word in left]


@pytest.mark.parametrize("second", ["key pair", "the agent's own"])
def test_key_pairs_of_two_ids_open_two_accounts_and_stay_secret(
    run_commands: Run, simulator: Simulator, account: Account, other_account: Account, second: str
) -> None:
    shards = "shards:\n  - {name: one, credentials: pair one}\n  - {name: two, credentials: pair=two}\n"
    stored = {"pair one": as_key_pair(account), "pair=two": as_key_pair(other_account)}
    environment = without_keys(simulator)
    if second == "the agent's own":
        shards = shards.replace(", credentials: pair=two", "")
        own = as_key_pair(other_account)
        environment |= {"AWS_ACCESS_KEY_ID": own["username"], "AWS_SECRET_ACCESS_KEY": own["password"]}
    build = run_commands(environment=environment, files={"shards.yaml": shards}, credentials=stored)
    assert build.result == "SUCCESS", build.log
    accounts = {bucket["account"] for bucket in json_of(build, "report/buckets.json")}
    assert accounts == {account.id, other_account.id}
    left = everything_left_behind(build)
    assert not [word for word in (account.access_key, other_account.access_key, SECRET) if word in left]
