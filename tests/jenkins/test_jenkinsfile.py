"""The pipeline's decisions, on a Jenkins of recorded steps: what runs where, and the effect of failures."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from .conftest import REPOSITORY
from .scenarios import THREE, Run, arrived, exits

NAMES = [row[0] for row in THREE]


def test_a_build_without_failures_runs_all_commands_and_archives_all_files(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.result == "SUCCESS"
    assert build.marks == {}
    assert build.description == "3 shards; $12.34 per month, 1 gap"
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
    assert order == [
        "catchError", "retry", "node", "timeout", "deleteDir", "unstash", "unstash", "withEnv", "sh",
        "stash",
    ]  # fmt: skip


def test_nothing_holds_an_executor_while_branches_wait(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert build.named("parallel")[0]["agent"] is None


def test_the_first_build_registers_parameters_schedule_and_options(run_pipeline: Run) -> None:
    declared = run_pipeline(shards=THREE).declared
    assert declared["triggers"] == ["H 3 * * *"]
    assert {"buildDiscarder", "disableConcurrentBuilds", "preserveStashes", "timestamps"} <= set(declared["options"])
    assert list(declared["parameters"]) == [
        "PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "SPLIT_BY", "MAX_SHARDS", "SHARDS_FILE", "LAST_MODIFIED",
        "PRICES", "COSTS", "CHECK_PRICES", "LABEL",
    ]  # fmt: skip
    for parameter in declared["parameters"].values():
        assert parameter.get("defaultValue", "") in ("", False) and parameter.get("choices", [""])[0] == "", "optional"


@pytest.mark.parametrize("parameters", [None, {}, {"REGION": ""}])
def test_a_build_without_parameters_passes_empty_values(run_pipeline: Run, parameters: Any) -> None:
    build = run_pipeline(shards=THREE, parameters=parameters)
    assert build.result == "SUCCESS"
    chosen = {name: value for name, value in build.shell("Plan")[0]["environment"].items() if "PARAM_" in name}
    assert len(chosen) == 10 and set(chosen.values()) == {""}


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


@pytest.mark.parametrize(
    ("command", "status", "result", "collected", "says"),
    [
        ("Plan", 1, "FAILURE", 0, "Planning failed (exit status 1: see the lines above)"),
        ("Plan", 2, "FAILURE", 0, "Planning failed (exit status 2: see the lines above)"),
        ("Plan", 3, "UNSTABLE", 3, "The plan has gaps"),
        ("Plan", 137, "FAILURE", 0, "Planning failed (exit status 137: killed, often out of memory)"),
        ("List the required credentials", 2, "FAILURE", 0, "Planning failed (exit status 2: see"),
        ("Build the bundle", 2, "FAILURE", 0, "script returned exit code 2"),
        ("Collect eu-west-1", 3, "UNSTABLE", 3, "Shard eu-west-1 has gaps"),
        ("Collect eu-west-1", 1, "UNSTABLE", 3, "Shard eu-west-1 failed (exit status 1: see the lines above)"),
        ("Collect eu-west-1", 2, "UNSTABLE", 3, "Shard eu-west-1 failed (exit status 2: see the lines above)"),
        ("Collect eu-west-1", 127, "UNSTABLE", 3, "Shard eu-west-1 failed (exit status 127: command"),
        ("Collect eu-west-1", 137, "UNSTABLE", 3, "Shard eu-west-1 failed (exit status 137: killed, often"),
        ("Aggregate", 1, "FAILURE", 3, "The report has no data (exit status 1: see the lines above)"),
        ("Aggregate", 2, "FAILURE", 3, "The report has no data (exit status 2: see the lines above)"),
        ("Aggregate", 3, "UNSTABLE", 3, "The report has gaps"),
    ],
)
def test_exit_statuses_determine_the_build_result(
    run_pipeline: Run, command: str, status: int, result: str, collected: int, says: str
) -> None:
    build = run_pipeline(shards=THREE, faults=[exits(command, status)])
    assert build.result == result
    assert len(build.shell("Collect")) == collected
    assert any(says in line for line in build.log)
    if collected:
        assert "report/index.html" in build.archived, "the report is kept with any result"
    else:
        assert not build.archived


@pytest.mark.parametrize(("status", "mark"), [(3, "UNSTABLE"), (1, "FAILURE"), (137, "FAILURE")])
def test_only_the_failed_shards_stage_is_marked(run_pipeline: Run, status: int, mark: str) -> None:
    assert run_pipeline(shards=THREE, faults=[exits("Collect archive", status)]).marks == {"archive": mark}


def test_a_killed_worker_costs_only_its_shard(run_pipeline: Run) -> None:
    fault = {**exits("Collect eu-west-1", 137), "leaves_nothing": True}
    build = run_pipeline(shards=THREE, faults=[fault])
    assert build.result == "UNSTABLE"
    assert arrived(build) == {"us-east-1.json: complete", "archive.json: complete"}


def test_a_shard_that_loses_its_agent_once_is_retried(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect archive", "does": "lose the agent", "attempts": [1]}])
    assert build.result == "SUCCESS"
    assert len(build.shell("Collect", "archive")) == 2
    assert "archive.json: complete" in arrived(build)


def test_a_shard_that_loses_every_agent_costs_only_its_data(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect archive", "does": "lose the agent"}])
    assert build.result == "UNSTABLE"
    assert len(build.shell("Collect", "archive")) == 3
    assert build.marks == {"archive": "FAILURE"}
    assert arrived(build) == {"us-east-1.json: complete", "eu-west-1.json: complete"}


@pytest.mark.parametrize("command", ["Plan", "Aggregate"])
def test_plan_and_report_survive_a_lost_agent(run_pipeline: Run, command: str) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": command, "does": "lose the agent", "attempts": [1]}])
    assert build.result == "SUCCESS"
    assert len(build.shell(command)) == 2
    assert len(build.shell("Collect")) == 3, "a plan made twice is not collected twice"


def test_a_shard_that_hangs_is_ended_and_its_partial_part_is_kept(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect us-east-1", "does": "hang"}])
    assert build.result == "UNSTABLE"
    assert len(build.shell("Collect", "us-east-1")) == 1, "a timeout is not tried again"
    assert build.marks == {"us-east-1": "FAILURE"}
    assert "us-east-1.json: partial" in arrived(build)


def test_a_label_without_agents_costs_only_its_shards(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, labels_without_agents=["aws-eu"])
    assert build.result == "UNSTABLE"
    assert any("ended after 12 hours" in line for line in build.log)
    assert arrived(build) == {"us-east-1.json: complete"}


def test_an_abort_keeps_and_reports_the_received_parts(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Collect eu-west-1", "does": "abort"}])
    assert build.result == "ABORTED"
    assert not build.shell("Collect", "archive"), "a branch that waited for an executor is not started"
    assert arrived(build) == {"us-east-1.json: complete", "eu-west-1.json: partial"}
    assert "Shard archive has no part: No such saved stash ‘part-archive’" in build.log


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


def test_a_missing_stash_costs_only_its_shard(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, lost_stashes=["part-eu-west-1"])
    assert arrived(build) == {"us-east-1.json: complete", "archive.json: complete"}


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
    assert stashes["plan"] == ["plan/plan.json", "plan/shards.tsv"]
    assert stashes["prices"] == ["credentials.txt", "jenkins/bundle.py", "plan/prices.tsv"]


def test_every_command_is_a_constant() -> None:
    scripts = re.findall(r"script: ('''(?:.|\n)*?'''|'[^'\n]*')", (REPOSITORY / "Jenkinsfile").read_text())
    assert len(scripts) == 6
    assert all('"${PYTHON:-python3}" ' in script for script in scripts)


def test_job_xml_runs_the_jenkinsfile_on_its_schedule(run_pipeline: Run) -> None:
    job = ElementTree.parse(REPOSITORY / "jenkins" / "job.xml").getroot()
    assert job.tag == "flow-definition"
    assert [spec.text for spec in job.iter("spec")] == run_pipeline(shards=THREE).declared["triggers"]
    assert job.findtext("definition/scriptPath") == "Jenkinsfile"


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


def test_a_build_aborted_between_plan_and_collect_still_writes_its_report(run_pipeline: Run) -> None:
    abort = {"on": "Check prices", "does": "abort"}
    build = run_pipeline(shards=THREE, faults=[abort], parameters={"CHECK_PRICES": "true"})
    assert build.result == "ABORTED"
    assert not build.shell("Collect") and len(build.shell("Aggregate")) == 1


@pytest.mark.parametrize(("restart_from", "collected"), [("Collect", 3), ("Report", 0)])
def test_a_build_restarted_from_a_stage_reads_the_plan_again(
    run_pipeline: Run, restart_from: str, collected: int
) -> None:
    build = run_pipeline(shards=THREE, restart_from=restart_from)
    assert build.result == "SUCCESS"
    assert not build.shell("Plan") and len(build.shell("Collect")) == collected
    assert len(build.shell("Aggregate")) == 1


def test_a_build_restarted_without_its_plan_is_rejected(run_pipeline: Run) -> None:
    build = run_pipeline(shards=[], restart_from="Collect", lost_stashes=["plan"])
    assert build.result == "FAILURE"
    assert any("no longer available: start a new build" in line for line in build.log)


@pytest.mark.parametrize("label", ["", "no-such-agent"])
def test_a_label_without_agents_ends_the_build_and_is_named(run_pipeline: Run, label: str) -> None:
    build = run_pipeline(shards=THREE, parameters={"LABEL": label}, labels_without_agents=[label])
    named = f"with the label {label}" if label else "at all"
    assert build.result == "FAILURE"
    assert f"AbortException: Plan found no agent {named} within 30 minutes: check the parameter LABEL." in build.log
    assert not build.shells


def test_plan_and_report_limit_the_wait_for_an_agent_and_not_the_run(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    waits = [step["arguments"] for step in build.named("timeout", "") if step["arguments"].get("activity")]
    assert waits == [{"time": "30", "unit": "MINUTES", "activity": "true"}] * 2
    runs = [step["arguments"] for step in build.named("timeout", "") if step["agent"] is not None]
    assert all(int(run["time"]) <= 30 for run in runs), "a silent run ends before the wait for its agent would"


def test_a_plan_that_hangs_is_a_failure(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[{"on": "Plan", "does": "hang"}])
    assert build.result == "FAILURE"
    assert "AbortException: Plan did not finish within 30 minutes, or its agent was removed." in build.log


def test_a_branch_announces_one_timeout(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE)
    assert [len(build.named("timeout", name)) for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize("fault", ["lose the agent", "hang", "abort"])
def test_a_lost_agent_is_reported_without_a_stack_trace(run_pipeline: Run, fault: str) -> None:
    faults = [{"on": "Collect archive", "does": fault, "and_loses_the_agent": True}]
    build = run_pipeline(shards=THREE, faults=faults)
    assert not [line for line in build.log if re.search(r"\.(java|groovy|py):\d+", line)]
    stashing = [line for line in build.log if line.startswith("Could not stash the part of shard archive: ")]
    assert len(stashing) == (3 if fault == "lose the agent" else 1)


def test_a_jenkinsfile_in_a_subfolder_is_rejected_with_the_reason(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, subfolder="monitoring")
    assert build.result == "FAILURE"
    assert any("jenkins/bundle.py must be in the top folder of the repository" in line for line in build.log)


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


def test_a_violated_policy_makes_the_build_unstable(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, faults=[exits("Aggregate", 5)])
    assert build.result == "UNSTABLE"
    assert any("A policy or budget is violated" in line for line in build.log)


@pytest.mark.parametrize("command", ["Plan", "Collect archive", "Aggregate"])
def test_an_abort_is_aborted_and_a_timeout_is_not(run_pipeline: Run, command: str) -> None:
    aborted = run_pipeline(shards=THREE, faults=[{"on": command, "does": "abort"}])
    timed_out = run_pipeline(shards=THREE, faults=[{"on": command, "does": "hang"}])
    assert aborted.result == "ABORTED"
    assert timed_out.result == ("UNSTABLE" if "Collect" in command else "FAILURE")


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
