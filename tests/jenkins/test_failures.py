"""The effect of failures, lost agents, aborts and restarts, on a Jenkins of recorded steps."""

from __future__ import annotations

import re

import pytest

from .scenarios import THREE, Run, arrived, exits

NAMES = [row[0] for row in THREE]


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
    waiting = "Shards that had no agent: eu-west-1 (label aws-eu), archive (label aws-eu)."
    assert any(f"Collecting was ended after 12 hours. {waiting}" in line for line in build.log)
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
    build = run_pipeline(shards=[], restart_from="Collect", lost_stashes=["report"])
    assert build.result == "FAILURE"
    assert any("no longer available: start a new build" in line for line in build.log)


def test_a_restarted_build_collects_only_shards_without_a_complete_part(run_pipeline: Run) -> None:
    parts = {"us-east-1": "complete", "eu-west-1": "partial"}
    build = run_pipeline(shards=THREE, restart_from="Collect", parts=parts)
    assert [shell["shard"] for shell in build.shells if shell["label"] == "Collect"] == ["eu-west-1", "archive"]
    assert arrived(build) == {f"{name}.json: complete" for name in NAMES}
    assert build.description == "$12.34 per month, 1 gap (the chosen values)"


def test_a_restarted_build_with_complete_parts_only_reports_them(run_pipeline: Run) -> None:
    build = run_pipeline(shards=THREE, restart_from="Collect", parts=dict.fromkeys(NAMES, "complete"))
    assert build.result == "SUCCESS"
    assert not build.named("parallel") and len(build.shell("Aggregate")) == 1


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


@pytest.mark.parametrize("fault", ["lose the agent", "hang", "abort"])
def test_a_lost_agent_is_reported_without_a_stack_trace(run_pipeline: Run, fault: str) -> None:
    faults = [{"on": "Collect archive", "does": fault, "and_loses_the_agent": True}]
    build = run_pipeline(shards=THREE, faults=faults)
    assert not [line for line in build.log if re.search(r"\.(java|groovy|py):\d+", line)]
    stashing = [line for line in build.log if line.startswith("Could not stash the part of shard archive: ")]
    assert len(stashing) == (3 if fault == "lose the agent" else 1)


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


@pytest.mark.parametrize(
    ("started_before", "seconds", "waited"), [(90_000, 89_995, True), (90_000, 3_000, False), (60, 50, False)]
)
def test_a_build_that_waited_for_a_long_build_logs_it(
    run_pipeline: Run, started_before: int, seconds: int, waited: bool
) -> None:
    build = run_pipeline(shards=THREE, previous_builds=[{"started_before": started_before, "seconds": seconds}])
    assert any(line.startswith("Build 6 ended just before this build started") for line in build.log) == waited
