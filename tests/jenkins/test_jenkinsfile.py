"""The pipeline's decisions, on a Jenkins of recorded steps: what runs where."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import REPOSITORY
from .scenarios import THREE, Run, arrived, exits

NAMES = [row[0] for row in THREE]


def test_a_build_without_failures_runs_all_commands_and_archives_all_files(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.result == "SUCCESS"
    assert build.marks == {}
    assert build.description == "$12.34 per month, 1 gap (3 shards)"
    assert [shell["label"] for shell in build.shells] == [
        "Build the bundle", "List the required credentials", "Plan",
        "Collect", "Collect", "Collect", "Aggregate",
    ]  # fmt: skip
    assert arrived(build) == {f"{name}.json: complete" for name in NAMES}
    assert build.archived == [
        "parts/archive.json", "parts/eu-west-1.json", "parts/us-east-1.json", "plan/plan.json", "plan/prices.tsv",
        "plan/shards.tsv", "report/index.html", "report/junit.xml", "report/report.md",
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
    assert order == ["node", "timeout", "deleteDir", "unstash", "writeFile", "sh", "stash"]


# Jenkins prints `[Pipeline] step` for each step, for a step with a body also `{`, `}` and `// step`, and two lines for
# each branch.
BLOCKS = {"catchError", "node", "retry", "timeout", "withCredentials", "withEnv"}


@pytest.mark.parametrize(("credentials", "lines"), [("", 15), ("key-pair", 19)])
def test_the_log_of_a_shard_has_at_most_20_lines_of_pipeline(run_pipeline: Run, credentials: str, lines: int) -> None:
    known = {"key-pair": {"kind": "usernamePassword", "username": "A", "password": "B"}}
    build = run_pipeline(shards=[["a", "", credentials, "30"]], credentials=known)
    steps = [step["step"] for step in build.steps if step["branch"] == "a"]
    assert 2 + sum(4 if step in BLOCKS else 1 for step in steps) == lines


def test_nothing_holds_an_executor_while_branches_wait(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.named("parallel")[0]["agent"] is None


def test_the_first_build_registers_parameters_schedule_and_options(run_pipeline: Run) -> None:
    declared = run_pipeline(shards=THREE).declared
    assert declared["triggers"] == ["H 3 * * *"]
    assert {"buildDiscarder", "disableConcurrentBuilds", "preserveStashes", "timestamps"} <= set(declared["options"])
    assert list(declared["parameters"]) == [
        "PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "SPLIT_BY", "MAX_SHARDS", "SHARDS_FILE", "LAST_MODIFIED",
        "PRICES", "COSTS", "POLICIES", "PREVIOUS", "CHECK_PRICES", "LABEL",
    ]  # fmt: skip
    for parameter in declared["parameters"].values():
        assert parameter.get("defaultValue", "") in ("", False) and parameter.get("choices", [""])[0] == "", "optional"


@pytest.mark.parametrize("parameters", [None, {}, {"REGION": ""}])
def test_a_build_without_parameters_passes_empty_values(run_pipeline: Run, parameters: Any) -> None:
    build = run_pipeline(shards=THREE, parameters=parameters)
    assert build.result == "SUCCESS"
    chosen = {name: value for name, value in build.shell("Plan")[0]["environment"].items() if "PARAM_" in name}
    assert len(chosen) == 12 and set(chosen.values()) == {""}


HOSTILE = ['"; touch pwned; #', "$(id)", "`id`", "../../x", "a\nb", "it's", "${HOME}", "%s%n", "x" * 10_000, "-o/tmp/x"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "MAX_SHARDS", "SHARDS_FILE", "PRICES"])
def test_a_parameter_is_passed_unchanged_and_never_in_a_shell_command(run_pipeline: Run, name: str, value: str) -> None:
    build = run_pipeline(shards=THREE, parameters={name: value})
    assert build.shell("Plan")[0]["environment"][f"PARAM_{name}"] == value
    assert not any(value in shell["script"] for shell in build.shells)


@pytest.mark.parametrize("value", [value for value in HOSTILE if value not in ("-o/tmp/x",)])
def test_an_invalid_label_is_rejected_before_the_wait_for_an_agent(run_pipeline: Run, value: str) -> None:
    build = run_pipeline(shards=THREE, parameters={"LABEL": value})
    assert build.result == "FAILURE"
    assert not build.named("node")
    assert any("LABEL must be a label expression" in line for line in build.log)


@pytest.mark.parametrize("value", ["s3-monitor", "linux && python3.11", "!windows || (arm64 && aws)", "agent@2"])
def test_label_expressions_are_accepted(run_pipeline: Run, value: str) -> None:
    assert run_pipeline(shards=THREE, parameters={"LABEL": value}).named("node")[0]["arguments"] == [value]


def test_two_hundred_shards_are_collected(run_pipeline: Run) -> None:
    shards = [[f"shard-{number}", "", "", "30"] for number in range(200)]
    build = run_pipeline(shards=shards)
    assert build.result == "SUCCESS"
    assert len(arrived(build)) == 200


def test_the_html_publisher_is_optional(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, absent_steps=["publishHTML"])
    assert build.result == "SUCCESS"
    assert any("HTML Publisher plugin is not installed" in line for line in build.log)


@pytest.mark.parametrize(
    ("faults", "mails"), [([], 0), ([exits("Aggregate", 3)], 1), ([exits("Aggregate", 1)], 1), ([exits("Plan", 2)], 1)]
)
def test_a_build_with_gaps_or_failures_sends_mail(run_pipeline: Run, faults: list[Any], mails: int) -> None:
    build = run_pipeline(shards=THREE, faults=faults, environment={"S3_MONITOR_MAIL": "ops@example.com"})
    assert len(build.named("mail")) == mails


def test_no_mail_is_sent_without_an_address(run_pipeline: Run) -> None:
    assert not run_pipeline(shards=THREE, faults=[exits("Aggregate", 3)]).named("mail")


def test_a_price_file_is_not_copied_to_every_branch(run_pipeline: Run) -> None:
    stashes = run_pipeline(shards=THREE).stashes
    assert stashes["shard"] == ["plan/plan.json", "plan/shards.tsv", "s3-monitor.pyz"]
    assert stashes["report"] == ["credentials.txt", "description.txt", "plan/prices.tsv"]


def test_every_command_is_a_constant() -> None:
    scripts = re.findall(r"script: ('''(?:.|\n)*?'''|'[^'\n]*')", (REPOSITORY / "Jenkinsfile").read_text())
    assert len(scripts) == 8
    assert all('"${PYTHON:-python3}" ' in script for script in scripts)


def test_the_manual_names_every_parameter(run_pipeline: Run) -> None:
    manual = (REPOSITORY / "docs" / "jenkins.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z_]+)` \|", manual, re.MULTILINE) == list(
        run_pipeline(shards=THREE).declared["parameters"]
    )


def test_the_report_is_a_stage_of_its_own_that_runs_once(run_pipeline: Run) -> None:
    for faults in ([], [{"on": "Collect eu-west-1", "does": "abort"}], [exits("Collect archive", 1)]):
        build = run_pipeline(shards=THREE, faults=faults)
        assert build.declared["stages"] == ["Plan", "Check prices", "Collect", "Report"]
        assert not any('Stage "Report" skipped' in line for line in build.log)
        assert len(build.shell("Aggregate")) == 1


def test_a_branch_announces_one_timeout(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert [len(build.named("timeout", name)) for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize(
    ("scenario", "folder", "checkouts"),
    [
        ({}, ".", 1),
        ({"subfolder": "s3-monitor"}, "s3-monitor", 1),
        ({"subfolder": "tools/s3", "environment": {"S3_MONITOR_FOLDER": "tools/s3"}}, "tools/s3", 1),
        ({"subfolder": "x", "environment": {"S3_MONITOR_REPOSITORY": "https://git.example.com/s3"}}, "s3-monitor", 2),
    ],
)
def test_the_program_can_be_in_another_folder_or_repository(
    run_pipeline: Run, scenario: dict[str, Any], folder: str, checkouts: int
) -> None:
    build = run_pipeline(shards=THREE, **scenario)
    assert build.result == "SUCCESS"
    assert build.shell("Build the bundle")[0]["environment"]["FOLDER"] == folder
    assert len(build.named("checkout")) == checkouts


def test_a_repository_without_the_program_is_rejected_with_the_reason(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, subfolder="monitoring")
    assert build.result == "FAILURE"
    assert any("must have the file jenkins/bundle.py or s3-monitor/jenkins/bundle.py" in line for line in build.log)


def test_text_files_are_read_as_utf_8(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[["a", "größe", "", "30"]])
    assert build.named("node", "a")[0]["arguments"] == ["größe"]
    assert {step["arguments"]["encoding"] for step in build.named("readFile")} == {"UTF-8"}


def test_a_mail_contains_the_report(run_pipeline: Run) -> None:
    mail = {"S3_MONITOR_MAIL": "ops@example.com"}
    body = run_pipeline(shards=THREE, faults=[exits("Aggregate", 3)], environment=mail).named("mail")[0]
    text = body["arguments"]["body"]
    assert "artifact/report/index.html" in text and text.rstrip().endswith("# Amazon S3 storage")


def test_a_mail_of_a_jenkins_without_an_address_has_no_links(run_pipeline: Run) -> None:
    mail = {"S3_MONITOR_MAIL": "ops@example.com"}
    build = run_pipeline(shards=THREE, faults=[exits("Aggregate", 3)], environment=mail, without_address=True)
    text = build.named("mail")[0]["arguments"]["body"]
    assert "null" not in text and "artifact" not in text and "# Amazon S3 storage" in text


@pytest.mark.parametrize("command", ["Plan", "List the required credentials", "Build the bundle"])
def test_a_mail_links_only_to_pages_that_exist(run_pipeline: Run, command: str) -> None:
    mail = {"S3_MONITOR_MAIL": "ops@example.com"}
    build = run_pipeline(shards=THREE, faults=[exits(command, 2)], environment=mail)
    text = build.named("mail")[0]["arguments"]["body"]
    assert "no report" in text and "/console" in text and "artifact" not in text


def test_the_link_of_the_job_leads_to_the_newest_report(run_pipeline: Run) -> None:
    target = run_pipeline(shards=THREE).named("publishHTML")[0]["arguments"]["target"]
    assert "alwaysLinkToLastBuild:false" in target


def test_artifacts_leave_no_fingerprints(run_pipeline: Run) -> None:
    assert "fingerprint" not in run_pipeline(shards=THREE).named("archiveArtifacts")[0]["arguments"]


def test_a_build_leaves_its_summary_and_the_next_build_reads_it(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.variables == {"S3_MONITOR_SUMMARY": "the summary of this build"}
    earlier: list[dict[str, Any]] = [{"variables": {"S3_MONITOR_SUMMARY": "newest"}}, {}]
    earlier.append({"variables": {"S3_MONITOR_SUMMARY": "oldest"}})
    build = run_pipeline(shards=THREE, previous_builds=earlier)
    written = [step["arguments"] for step in build.named("writeFile", "")]
    assert [write["text"] for write in written if write["file"] == "earlier.txt"] == ["newest\noldest\n"]


@pytest.mark.parametrize("previous", ["none", "reports/summary.json"])
def test_the_parameter_previous_replaces_the_summaries_of_earlier_builds(run_pipeline: Run, previous: str) -> None:
    earlier = [{"variables": {"S3_MONITOR_SUMMARY": "newest"}}]
    build = run_pipeline(shards=THREE, previous_builds=earlier, parameters={"PREVIOUS": previous})
    written = [step["arguments"] for step in build.named("writeFile", "")]
    assert [write["text"] for write in written if write["file"] == "earlier.txt"] == [""]


@pytest.mark.parametrize(("count", "advised"), [(3, False), (20, False), (21, True)])
def test_many_shards_for_the_executors_are_advised_against(run_pipeline: Run, count: int, advised: bool) -> None:
    build = run_pipeline(shards=[[f"shard-{number}", "", "", "30"] for number in range(count)])
    assert any("with MAX_SHARDS=4 the build is shorter" in line for line in build.log) == advised


def test_an_aborted_build_is_not_advised_to_have_fewer_shards(run_pipeline: Run) -> None:
    shards = [[f"shard-{number}", "", "", "30"] for number in range(21)]
    build = run_pipeline(shards=shards, faults=[{"on": "Collect shard-20", "does": "abort"}])
    assert build.result == "ABORTED"
    assert not any("the build is shorter" in line for line in build.log)


WEBHOOK = {"chat": {"kind": "string", "text": "https://chat.example.com/hooks/secret"}}


def test_the_report_is_posted_to_the_chat_of_the_credentials(run_pipeline: Run) -> None:
    chat = {"S3_MONITOR_NOTIFY": "chat"}
    build = run_pipeline(shards=THREE, faults=[exits("Aggregate", 3)], environment=chat, credentials=WEBHOOK)
    (shell,) = build.shell("Notify")
    assert shell["environment"]["RESULT"] == "UNSTABLE"
    assert "https://chat" not in "\n".join(build.log)
    assert not run_pipeline(shards=THREE, credentials=WEBHOOK).shell("Notify")


@pytest.mark.parametrize("chat", ["chat", "no such id"])
def test_a_failed_post_does_not_change_the_result(run_pipeline: Run, chat: str) -> None:
    build = run_pipeline(
        shards=THREE, faults=[exits("Notify", 1)], environment={"S3_MONITOR_NOTIFY": chat}, credentials=WEBHOOK
    )
    assert build.result == "SUCCESS"
    assert any(line.startswith("Could not post the report: ") for line in build.log) == (chat != "chat")


@pytest.mark.parametrize(
    ("environment", "schedule"),
    [
        ({}, ["H 3 * * *"]),
        ({"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true"}, ["H 3 * * *"]),
        ({"BRANCH_NAME": "feature/x"}, []),
    ],
)
def test_only_the_primary_branch_of_a_multibranch_job_has_the_schedule(
    run_pipeline: Run, environment: dict[str, str], schedule: list[str]
) -> None:
    assert run_pipeline(shards=THREE, environment=environment).declared["triggers"] == schedule
