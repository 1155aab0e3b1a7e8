"""The pipeline's decisions, on a Jenkins made of recorded steps: what runs where, what a failure costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from .conftest import REPOSITORY, Broken, Build

Run = Callable[..., Build]

THREE = [["us-east-1", "", "", "30"], ["eu-west-1", "aws-eu", "", "45"], ["archive", "aws-eu", "", ""]]
NAMES = [row[0] for row in THREE]


def report(build: Build) -> str:
    return (build.archive / "report" / "index.html").read_text(encoding="utf-8")


def arrived(build: Build) -> set[str]:
    """The shards whose part the aggregate saw, and how it looked."""
    return set(report(build).splitlines())


def test_a_night_without_trouble(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.result == "SUCCESS"
    assert build.marks == {}
    assert build.description == "3 shards"
    assert [shell["label"] for shell in build.shells] == [
        "Build the program the agents run", "Which credentials the plan needs", "Plan",
        "Collect", "Collect", "Collect", "Aggregate",
    ]  # fmt: skip
    assert arrived(build) == {f"{name}.json: whole" for name in NAMES}
    assert build.archived == [
        "parts/archive.json", "parts/eu-west-1.json", "parts/us-east-1.json", "plan/plan.json", "plan/prices.tsv",
        "plan/shards.tsv", "report/index.html", "report/junit.xml",
    ]  # fmt: skip


def test_each_shard_runs_on_an_agent_of_its_own_label_with_its_own_time(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, parameters={"LABEL": "python3"})
    assert [step["arguments"] for step in build.named("node")] == [
        ["python3"], ["python3"], ["aws-eu"], ["aws-eu"], ["python3"],
    ]  # fmt: skip
    for name, minutes in zip(NAMES, ("30", "45", "60"), strict=True):
        inner = build.named("timeout", name)[-1]
        assert inner["arguments"] == {"time": minutes, "unit": "MINUTES"}
        assert inner["agent"] is not None, "the wait for an executor does not count"


def test_the_steps_of_a_branch_are_nested_so_that_each_sees_its_own_failures(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[["a", "", "", "30"]])
    order = [step["step"] for step in build.steps if step["branch"] == "a"]
    assert order == [
        "catchError", "timeout", "retry", "node", "timeout", "deleteDir", "unstash", "unstash", "withEnv", "sh",
        "stash",
    ]  # fmt: skip


def test_nothing_holds_an_executor_while_branches_wait(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.named("parallel")[0]["agent"] is None


def test_what_the_first_build_registers(run_pipeline: Run) -> None:
    declared = run_pipeline(shards=THREE).declared
    assert declared["triggers"] == ["H 3 * * *"]
    assert {"buildDiscarder", "disableConcurrentBuilds", "timestamps"} <= set(declared["options"])
    assert list(declared["parameters"]) == [
        "PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "SPLIT_BY", "MAX_SHARDS", "SHARDS_FILE", "LAST_MODIFIED",
        "PRICES", "COSTS", "CHECK_PRICES", "LABEL",
    ]  # fmt: skip
    for parameter in declared["parameters"].values():
        assert parameter.get("defaultValue", "") in ("", False) and parameter.get("choices", [""])[0] == "", "optional"


@pytest.mark.parametrize("parameters", [None, {}, {"REGION": ""}])
def test_a_build_that_knows_no_parameters_chooses_nothing(run_pipeline: Run, parameters: Any) -> None:
    build = run_pipeline(shards=THREE, parameters=parameters)
    assert build.result == "SUCCESS"
    chosen = {name: value for name, value in build.shell("Plan")[0]["environment"].items() if "PARAM_" in name}
    assert len(chosen) == 10 and set(chosen.values()) == {""}


HOSTILE = ['"; touch pwned; #', "$(id)", "`id`", "../../x", "a\nb", "it's", "${HOME}", "%s%n", "x" * 10_000, "-o/tmp/x"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "MAX_SHARDS", "SHARDS_FILE", "PRICES"])
def test_a_parameter_travels_as_it_is_and_never_through_a_shell_line(run_pipeline: Run, name: str, value: str) -> None:
    build = run_pipeline(shards=THREE, parameters={name: value})
    assert build.shell("Plan")[0]["environment"][f"PARAM_{name}"] == value
    assert not any(value in shell["script"] for shell in build.shells)


@pytest.mark.parametrize("value", [value for value in HOSTILE if value not in ("-o/tmp/x",)])
def test_a_label_that_is_none_is_refused_before_anything_waits_for_it(run_pipeline: Run, value: str) -> None:
    build = run_pipeline(shards=THREE, parameters={"LABEL": value})
    assert build.result == "FAILURE"
    assert not build.named("node")
    assert any("LABEL is not a label expression" in line for line in build.log)


@pytest.mark.parametrize("value", ["s3-monitor", "linux && python3.11", "!windows || (arm64 && aws)", "agent@2"])
def test_label_expressions_are_followed(run_pipeline: Run, value: str) -> None:
    assert run_pipeline(shards=THREE, parameters={"LABEL": value}).named("node")[0]["arguments"] == [value]


def exits(command: str, status: int) -> dict[str, Any]:
    return {"on": command, "does": "exit", "status": status}


@pytest.mark.parametrize(
    ("command", "status", "result", "collected", "says"),
    [
        ("Plan", 1, "FAILURE", 0, "Nothing was planned (exit status 1)"),
        ("Plan", 2, "FAILURE", 0, "Nothing was planned (exit status 2)"),
        ("Plan", 3, "UNSTABLE", 3, "The plan has gaps"),
        ("Plan", 137, "FAILURE", 0, "Nothing was planned (exit status 137)"),
        ("Which credentials the plan needs", 2, "FAILURE", 0, "Nothing was planned (exit status 2)"),
        ("Build the program the agents run", 2, "FAILURE", 0, "script returned exit code 2"),
        ("Collect eu-west-1", 3, "UNSTABLE", 3, "Shard eu-west-1 has gaps"),
        ("Collect eu-west-1", 1, "UNSTABLE", 3, "Shard eu-west-1 ended with exit status 1"),
        ("Collect eu-west-1", 2, "UNSTABLE", 3, "Shard eu-west-1 ended with exit status 2"),
        ("Collect eu-west-1", 127, "UNSTABLE", 3, "Shard eu-west-1 ended with exit status 127"),
        ("Collect eu-west-1", 137, "UNSTABLE", 3, "Shard eu-west-1 ended with exit status 137"),
        ("Aggregate", 1, "FAILURE", 3, "The report holds nothing usable (exit status 1)"),
        ("Aggregate", 2, "FAILURE", 3, "The report holds nothing usable (exit status 2)"),
        ("Aggregate", 3, "UNSTABLE", 3, "The report has gaps"),
    ],
)
def test_exit_statuses_become_results(
    run_pipeline: Run, command: str, status: int, result: str, collected: int, says: str
) -> None:
    build = run_pipeline(shards=THREE, faults=[exits(command, status)])
    assert build.result == result
    assert len(build.shell("Collect")) == collected
    assert any(says in line for line in build.log)
    if collected:
        assert "report/index.html" in build.archived, "whatever the result, the report is kept"
    else:
        assert not build.archived


@pytest.mark.parametrize(("status", "mark"), [(3, "UNSTABLE"), (1, "FAILURE"), (137, "FAILURE")])
def test_only_the_failed_shards_stage_is_marked(run_pipeline: Run, status: int, mark: str) -> None:
    assert run_pipeline(shards=THREE, faults=[exits("Collect archive", status)]).marks == {"archive": mark}


def test_a_killed_worker_costs_its_shard_only(run_pipeline: Run) -> None:
    fault = {**exits("Collect eu-west-1", 137), "leaves_nothing": True}
    build = run_pipeline(shards=THREE, faults=[fault])
    assert build.result == "UNSTABLE"
    assert arrived(build) == {"us-east-1.json: whole", "archive.json: whole"}


def test_an_agent_lost_once_is_replaced(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect archive", "does": "lose the agent", "attempts": [1]}])
    assert build.result == "SUCCESS"
    assert len(build.shell("Collect", "archive")) == 2
    assert "archive.json: whole" in arrived(build)


def test_agents_lost_every_time_cost_the_shard_only(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect archive", "does": "lose the agent"}])
    assert build.result == "UNSTABLE"
    assert len(build.shell("Collect", "archive")) == 3
    assert build.marks == {"archive": "FAILURE"}
    assert arrived(build) == {"us-east-1.json: whole", "eu-west-1.json: whole"}


@pytest.mark.parametrize("command", ["Plan", "Aggregate"])
def test_plan_and_report_survive_a_lost_agent(run_pipeline: Run, command: str) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": command, "does": "lose the agent", "attempts": [1]}])
    assert build.result == "SUCCESS"
    assert len(build.shell(command)) == 2
    assert len(build.shell("Collect")) == 3, "a plan made twice is not collected twice"


def test_a_shard_that_hangs_is_ended_and_what_it_had_is_kept(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect us-east-1", "does": "hang"}])
    assert build.result == "UNSTABLE"
    assert len(build.shell("Collect", "us-east-1")) == 1, "a timeout is not tried again"
    assert build.marks == {"us-east-1": "FAILURE"}
    assert "us-east-1.json: partial" in arrived(build)


def test_a_label_without_agents_costs_its_shards_only(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, labels_without_agents=["aws-eu"])
    assert build.result == "UNSTABLE"
    assert build.marks == {"eu-west-1": "FAILURE", "archive": "FAILURE"}
    assert arrived(build) == {"us-east-1.json: whole"}


def test_an_abort_keeps_and_reports_what_arrived(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect eu-west-1", "does": "abort"}])
    assert build.result == "ABORTED"
    assert not build.shell("Collect", "archive"), "a branch that waited for an executor is not started"
    assert arrived(build) == {"us-east-1.json: whole", "eu-west-1.json: partial"}
    assert "Shard archive left no part: No such saved stash ‘part-archive’" in build.log


def test_an_abort_before_anything_is_planned_reports_nothing(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Plan", "does": "abort"}])
    assert build.result == "ABORTED"
    assert not build.archived


def test_an_abort_is_not_undone_by_an_agent_lost_at_the_same_time(run_pipeline: Run) -> None:
    fault = {"on": "Collect us-east-1", "does": "abort", "and_loses_the_agent": True}
    build = run_pipeline(shards=THREE, faults=[fault])
    assert build.result == "ABORTED"
    assert [shell["label"] for shell in build.shells][-2:] == ["Collect", "Aggregate"]
    assert len(build.shell("Collect")) == 1


def test_a_part_whose_stash_is_missing_costs_that_shard_only(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, lost_stashes=["part-eu-west-1"])
    assert arrived(build) == {"us-east-1.json: whole", "archive.json: whole"}


def test_two_hundred_shards(run_pipeline: Run) -> None:
    shards = [[f"shard-{number}", "", "", "30"] for number in range(200)]
    build = run_pipeline(shards=shards)
    assert build.result == "SUCCESS"
    assert len(arrived(build)) == 200


def test_the_report_does_without_the_html_publisher(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, absent_steps=["publishHTML"])
    assert build.result == "SUCCESS"
    assert any("HTML Publisher plugin is not installed" in line for line in build.log)


@pytest.mark.parametrize(
    ("faults", "mails"), [([], 0), ([exits("Aggregate", 3)], 1), ([exits("Aggregate", 1)], 1), ([exits("Plan", 2)], 1)]
)
def test_mail_goes_out_where_a_build_is_not_whole(run_pipeline: Run, faults: list[Any], mails: int) -> None:
    build = run_pipeline(shards=THREE, faults=faults, environment={"S3_MONITOR_MAIL": "ops@example.com"})
    assert len(build.named("mail")) == mails


def test_no_mail_without_an_address(run_pipeline: Run) -> None:
    assert not run_pipeline(shards=THREE, faults=[exits("Aggregate", 3)]).named("mail")


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
def test_credentials_of_all_shards_are_there_for_the_commands_that_ask_and_no_others(
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
def test_only_a_table_is_asked_with_credentials_those_of_the_plan(
    run_pipeline: Run, prices: str, variables: set[str]
) -> None:
    build = run_pipeline(shards=[["a", "", "config-file", "30"]], credentials=CREDENTIALS, prices=prices)
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Aggregate")[0]) == variables
    assert not [shell for shell in build.shells if prices in shell["script"]]


def test_a_price_file_is_not_copied_to_every_branch(run_pipeline: Run) -> None:
    stashes = run_pipeline(shards=THREE).stashes
    assert stashes["plan"] == ["plan/plan.json", "plan/shards.tsv"]
    assert stashes["prices"] == ["plan/prices.tsv"]  # and jenkins/*.py, where they are really checked out


CHECKED = {"shards": THREE, "parameters": {"CHECK_PRICES": True}}


@pytest.mark.parametrize("chosen", [True, "true"])
def test_prices_are_checked_whoever_starts_the_build(run_pipeline: Run, chosen: Any) -> None:
    assert run_pipeline(shards=THREE, parameters={"CHECK_PRICES": chosen}).shell("Check prices")


@pytest.mark.parametrize("chosen", [None, {}, *({"CHECK_PRICES": one} for one in (None, False, "false", "", "yes"))])
def test_prices_are_checked_only_where_that_is_chosen(run_pipeline: Run, chosen: Any) -> None:
    build = run_pipeline(shards=THREE, parameters=chosen)
    assert not build.shell("Check prices")
    assert 'Stage "Check prices" skipped due to when conditional' in build.log


def test_newer_prices_are_a_note(run_pipeline: Run) -> None:
    build = run_pipeline(**CHECKED, faults=[exits("Check prices", 4)])
    assert build.result == "SUCCESS" and build.marks == {}
    assert build.description == "3 shards; newer prices are published"
    assert any("AWS has published newer prices" in line for line in build.log)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (exits("Check prices", 0), ""),
        (exits("Check prices", 1), "could not be checked (exit status 1)"),
        (exits("Check prices", 2), "could not be checked (exit status 2)"),
        (exits("Check prices", 137), "could not be checked (exit status 137)"),
        ({"on": "Check prices", "does": "hang"}, "could not be checked."),
        ({"on": "Check prices", "does": "lose the agent"}, "could not be checked."),
        ({"on": "Check prices", "does": "lose the agent", "attempts": [1]}, ""),
    ],
)
def test_prices_that_cannot_be_checked_are_a_line_in_the_log(run_pipeline: Run, fault: Any, says: str) -> None:
    build = run_pipeline(**CHECKED, faults=[fault])
    assert build.result == "SUCCESS" and build.marks == {}
    assert build.description == "3 shards"
    assert len(arrived(build)) == 3
    assert [line for line in build.log if "could not be checked" in line and says in line] or not says


def test_the_check_waits_no_night_for_an_agent(run_pipeline: Run) -> None:
    outer = next(step for step in run_pipeline(**CHECKED).named("timeout") if step["arguments"]["time"] == "15")
    assert outer["agent"] is None and outer["arguments"]["unit"] == "MINUTES"


def test_an_abort_of_the_check_is_an_abort(run_pipeline: Run) -> None:
    assert run_pipeline(**CHECKED, faults=[{"on": "Check prices", "does": "abort"}]).result == "ABORTED"


def test_the_check_has_the_credentials_of_the_plan(run_pipeline: Run) -> None:
    shards = [["a", "", "config-file", "30"], ["b", "", "another", "30"]]
    known = {**CREDENTIALS, "another": {"kind": "file", "text": "[profile b]"}}
    build = run_pipeline(shards=shards, credentials=known, parameters={"CHECK_PRICES": True})
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Check prices")[0]) == credentials_of(build.shell("Plan")[0])


def test_credentials_of_one_shard_do_not_reach_the_others(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[["a", "", "config-file", "30"], ["b", "", "", "30"]], credentials=CREDENTIALS)
    assert build.result == "SUCCESS"
    assert credentials_of(build.shell("Plan")[0]) == {"CREDENTIALS_FILE_0"}, "beside those of the agent"
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


MISTAKES = [
    ("a value in a shell line", "sh \"echo ${params.REGION}\"", "a value put into a shell line"),
    ("a shell line put together", "sh 'echo ' + params.REGION", "a shell line put together"),
    ("a range", "for (i in 1..40) { echo 'x' }", "a range is not serializable"),
    ("a matcher", "def found = 'a' =~ 'b'", "a matcher is not serializable"),
    ("Groovy's own iteration", "['a'].each { echo it }", "each is not on the list"),
    ("a class outside the sandbox", "new File('/etc/passwd')", "new java.io.File is outside the sandbox"),
    ("a static call", "System.exit(0)", "exit is not on the list"),
    ("a step of a plugin that is not there", "readYaml file: 'shards.yaml'", "No such DSL method 'readYaml'"),
    ("a parameter the step does not know", "echo mesage: 'x'", "Unknown parameter(s) found for step echo"),
    ("a step that needs an agent, without one", "deleteDir()", "the step needs a node"),
    ("an unserializable local", "def held = env.entrySet(); echo 'x'", "entrySet is not on the list"),
    ("a thread held across a step", "def held = [x: currentBuild.world]; echo 'x'", "in the local variable held"),
    ("a global without a declaration", "[1].size(); undeclared = 1", "a global without a declaration"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message"), [mistake[1:] for mistake in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_what_jenkins_refuses_is_refused_here(run_pipeline: Run, tmp_path: Path, line: str, message: str) -> None:
    text = (REPOSITORY / "Jenkinsfile").read_text(encoding="utf-8")
    broken = text.replace("                    planShards()\n", f"                    {line}\n", 1)
    assert broken != text
    file = tmp_path / "Jenkinsfile"
    file.write_text(broken, encoding="utf-8")
    try:
        said = "\n".join(run_pipeline(shards=THREE, jenkinsfile=str(file)).log)
    except Broken as error:
        said = str(error)
    assert message in said


def test_every_command_is_a_constant_of_ours() -> None:
    scripts = re.findall(r"script: ('''(?:.|\n)*?'''|'[^'\n]*')", (REPOSITORY / "Jenkinsfile").read_text())
    assert len(scripts) == 6
    assert all('"${PYTHON:-python3}" ' in script for script in scripts)


def test_the_job_that_jenkins_is_given_runs_this_file_on_this_schedule(run_pipeline: Run) -> None:
    job = ElementTree.parse(REPOSITORY / "jenkins" / "job.xml").getroot()
    assert job.tag == "flow-definition"
    assert [spec.text for spec in job.iter("spec")] == run_pipeline(shards=THREE).declared["triggers"]
    assert job.findtext("definition/scriptPath") == "Jenkinsfile"


def test_the_manual_names_every_parameter(run_pipeline: Run) -> None:
    manual = (REPOSITORY / "docs" / "jenkins.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", manual, re.MULTILINE) == list(
        run_pipeline(shards=THREE).declared["parameters"]
    )
