"""The pipeline's look for newer prices: a note, never a failure."""

from __future__ import annotations

from typing import Any

import pytest

from .scenarios import THREE, Run, arrived, exits

CHECKED = {"shards": THREE, "parameters": {"CHECK_PRICES": True}}


@pytest.mark.parametrize("chosen", [True, "true"])
def test_prices_are_checked_for_boolean_and_text_values(run_pipeline: Run, chosen: Any) -> None:
    assert run_pipeline(shards=THREE, parameters={"CHECK_PRICES": chosen}).shell("Check prices")


@pytest.mark.parametrize("chosen", [None, {}, *({"CHECK_PRICES": one} for one in (None, False, "false", "", "yes"))])
def test_prices_are_checked_only_if_selected(run_pipeline: Run, chosen: Any) -> None:
    build = run_pipeline(shards=THREE, parameters=chosen)
    assert not build.shell("Check prices")
    assert 'Stage "Check prices" skipped due to when conditional' in build.log


def test_newer_prices_are_a_note(run_pipeline: Run) -> None:
    build = run_pipeline(**CHECKED, faults=[exits("Check prices", 4)])
    assert build.result == "SUCCESS" and build.marks == {}
    assert build.description == "$12.34 per month, 1 gap (3 shards; newer prices are published)"
    assert any("AWS has published newer prices" in line for line in build.log)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (exits("Check prices", 0), ""),
        (exits("Check prices", 1), "Could not check the prices (exit status 1:"),
        (exits("Check prices", 2), "Could not check the prices (exit status 2:"),
        (exits("Check prices", 137), "Could not check the prices (exit status 137:"),
        ({"on": "Check prices", "does": "hang"}, "Could not check the prices:"),
        ({"on": "Check prices", "does": "lose the agent"}, "Could not check the prices:"),
        ({"on": "Check prices", "does": "lose the agent", "attempts": [1]}, ""),
    ],
)
def test_prices_that_cannot_be_checked_are_a_line_in_the_log(run_pipeline: Run, fault: Any, says: str) -> None:
    build = run_pipeline(**CHECKED, faults=[fault])
    assert build.result == "SUCCESS" and build.marks == {}
    assert build.description == "$12.34 per month, 1 gap (3 shards)"
    assert len(arrived(build)) == 3
    assert [line for line in build.log if "Could not check the prices" in line and says in line] or not says


def test_the_price_check_limits_its_wait_for_an_agent(run_pipeline: Run) -> None:
    outer = next(step for step in run_pipeline(**CHECKED).named("timeout") if step["arguments"]["time"] == "15")
    assert outer["agent"] is None and outer["arguments"]["unit"] == "MINUTES"


def test_an_abort_during_the_price_check_aborts_the_build(run_pipeline: Run) -> None:
    assert run_pipeline(**CHECKED, faults=[{"on": "Check prices", "does": "abort"}]).result == "ABORTED"
