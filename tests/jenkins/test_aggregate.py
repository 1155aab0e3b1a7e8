"""The line about the report in a build's description."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest

from .conftest import REPOSITORY


@pytest.fixture
def aggregate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    return importlib.import_module("aggregate")


def summary(cost: float | None, gaps: int = 0, **totals: Any) -> dict[str, Any]:
    problems = [{"severity": "gap"}] * gaps + [{"severity": "note"}]
    group = {"cost": cost, "unpriced_size": 0.0, "unknown_buckets": 0, **totals}
    return {"totals": group, "currency": "USD", "complete": not gaps, "problems": problems}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (summary(1234.567), "1,234.57 USD per month, no gaps"),
        (summary(0.0), "0.00 USD per month, no gaps"),
        (summary(0.004), "< 0.01 USD per month, no gaps"),
        (summary(12.0, gaps=1), "≥ 12.00 USD per month, 1 gap"),
        (summary(0.004, gaps=2), "> 0 USD per month, 2 gaps"),
        (summary(12.0, unpriced_size=1.0), "≥ 12.00 USD per month, no gaps"),
        (summary(12.0, unknown_buckets=1), "≥ 12.00 USD per month, no gaps"),
        (summary(None, gaps=3), "cost unknown, 3 gaps"),
    ],
)
def test_the_description_states_the_cost_and_the_gaps(aggregate: ModuleType, given: Any, line: str) -> None:
    assert aggregate.report_description(given) == line


@pytest.mark.parametrize("change", ["+$1.20", "-$3", "no change"])
def test_the_description_states_the_30_day_change_of_the_report(aggregate: ModuleType, change: str) -> None:
    markdown = f"**$12 per month**\n- 1-day change: +$9 per month, +1 B\n- 30-day change: {change} per month, +1 B\n"
    assert aggregate.report_description(summary(12.0), markdown) == f"12.00 USD per month, {change} in 30 days, no gaps"
