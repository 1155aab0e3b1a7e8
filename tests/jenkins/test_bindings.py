"""Which command of the pipeline sees which credentials."""

from __future__ import annotations

from typing import Any

import pytest

from .scenarios import Run

CREDENTIALS = {
    "config-file": {"kind": "file", "text": "[default]\naws_access_key_id = AKIASECRETFILE\n"},
    "key-pair": {"kind": "usernamePassword", "username": "AKIASECRETPAIR", "password": "s3cr3t/pair"},
}
FILE = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
PAIR = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
NONE: set[str] = set()


def credentials_of(shell: dict[str, Any]) -> set[str]:
    return {name for name in shell["environment"] if name.startswith(("AWS_", "CREDENTIALS_"))}


@pytest.mark.parametrize(("credentials", "variables"), [("config-file", FILE), ("key-pair", PAIR), ("", NONE)])
def test_only_commands_that_call_aws_have_the_credentials_of_all_shards(
    run_pipeline: Run, credentials: str, variables: set[str]
) -> None:
    build = run_pipeline(shards=[["a", "", credentials, "30"], ["b", "", credentials, "30"]], credentials=CREDENTIALS)
    assert build.result == "SUCCESS"
    for shell in build.shells:
        assert credentials_of(shell) == (variables if shell["label"] in ("Plan", "Collect") else NONE)


@pytest.mark.parametrize(
    ("prices", "variables"),
    [("bundled", NONE), ("plan/prices.json", NONE), ("dynamodb:s3-monitor-prices", FILE), ("plan/dynamodb:x", NONE)],
)
def test_the_report_has_credentials_only_for_a_price_table(run_pipeline: Run, prices: str, variables: set[str]) -> None:
    build = run_pipeline(shards=[["a", "", "config-file", "30"]], credentials=CREDENTIALS, prices=prices)
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Aggregate")[0]) == variables
    assert not [shell for shell in build.shells if prices in shell["script"]]


def test_the_price_check_has_the_credentials_of_the_plan(run_pipeline: Run) -> None:
    shards = [["a", "", "config-file", "30"], ["b", "", "another", "30"]]
    known = {**CREDENTIALS, "another": {"kind": "file", "text": "[profile b]"}}
    build = run_pipeline(shards=shards, credentials=known, parameters={"CHECK_PRICES": True})
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Check prices")[0]) == credentials_of(build.shell("Plan")[0])


def test_credentials_of_one_shard_do_not_reach_the_others(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[["a", "", "config-file", "30"], ["b", "", "", "30"]], credentials=CREDENTIALS)
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Plan")[0]) == {"CREDENTIALS_FILE_0"}, "with those of the agent"
    assert credentials_of(build.shell("Collect", "a")[0]) == FILE
    assert credentials_of(build.shell("Collect", "b")[0]) == NONE


def test_the_plan_gets_the_secret_files_of_all_shards(run_pipeline: Run) -> None:
    shards = [["a", "", "config-file", "30"], ["b", "", "another-file", "30"]]
    known = {**CREDENTIALS, "another-file": {"kind": "file", "text": "[profile b]"}}
    build = run_pipeline(shards=shards, credentials=known)
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Plan")[0]) == {"CREDENTIALS_FILE_0", "CREDENTIALS_FILE_1"}
    assert credentials_of(build.shell("Collect", "b")[0]) == FILE


def test_the_plan_gets_key_pairs_of_several_ids_by_number(run_pipeline: Run) -> None:
    shards = [["a", "", "config-file", "30"], ["b", "", "key-pair", "30"], ["c", "", "", "30"]]
    build = run_pipeline(shards=shards, credentials=CREDENTIALS)
    assert build.result == "SUCCESS"
    expected = {"CREDENTIALS_FILE_0", "CREDENTIALS_KEY_1", "CREDENTIALS_SECRET_1"}
    assert credentials_of(build.shell("Plan")[0]) == expected
    assert [credentials_of(build.shell("Collect", shard)[0]) for shard in "abc"] == [FILE, PAIR, NONE]


def test_an_unknown_credentials_id_is_named(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[["a", "", "typo", "30"]], credentials=CREDENTIALS)
    assert build.result == "FAILURE"
    assert any("Could not find credentials entry with ID 'typo'" in line for line in build.log)
