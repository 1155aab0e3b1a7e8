"""The line about the report in a build's description, and the advice in the log."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest

from .conftest import REPOSITORY


@pytest.fixture
def report_text(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    return importlib.import_module("report_text")


def summary(cost: float | None, gaps: int = 0, currency: str = "USD", **totals: Any) -> dict[str, Any]:
    problems = [{"severity": "gap"}] * gaps + [{"severity": "note"}]
    group = {"cost": cost, "unpriced_size": 0.0, "unknown_buckets": 0, "upper_bound_size": 0.0, **totals}
    return {
        "as_of": "2026-11-28T03:00:00Z", "totals": group, "currency": currency, "complete": not gaps,
        "problems": problems,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (summary(20656.4), "$20,656 per month, no gaps"),
        (summary(234.567), "$234.57 per month, no gaps"),
        (summary(0.0), "$0.00 per month, no gaps"),
        (summary(0.004), "< $0.01 per month, no gaps"),
        (summary(12.0, currency="CNY"), "12.00 CNY per month, no gaps"),
        (summary(12.0, gaps=1), "≥ $12.00 per month, 1 gap"),
        (summary(0.004, gaps=2), "> $0 per month, 2 gaps"),
        (summary(12.0, unpriced_size=1.0), "≥ $12.00 per month, no gaps"),
        (summary(12.0, unknown_buckets=1), "≥ $12.00 per month, no gaps"),
        (summary(12.0, upper_bound_size=1.0), "≤ $12.00 per month, no gaps"),
        (summary(12.0, upper_bound_size=1.0, unpriced_size=1.0), "about $12.00 per month, no gaps"),
        (summary(None, gaps=3), "cost unknown, 3 gaps"),
    ],
)
def test_the_description_states_the_cost_and_the_gaps(report_text: ModuleType, given: Any, line: str) -> None:
    assert report_text.description(given) == line


@pytest.mark.parametrize(
    ("cost", "before", "change"),
    [
        (0.4, 100.0, ", +0.4% since 2026-11-28"),
        (-12.0, 100.0, ", -12% since 2026-11-28"),
        (2900.0, 100.0, ", +2,900% since 2026-11-28"),
        (0.001, 100.0, ", unchanged since 2026-11-28"),
        (None, 100.0, ""),
        (5.0, None, ""),
        (5.0, 0.0, ""),
    ],
)
def test_the_change_since_the_last_report_is_stated_if_it_is_known(
    report_text: ModuleType, cost: float | None, before: float | None, change: str
) -> None:
    compared = {"as_of": "2026-11-28T03:00:00Z", "cost": cost, "cost_before": before}
    given = {**summary(100.0), "compared": [compared]}
    assert report_text.description(given) == f"$100.00 per month{change}, no gaps"
    assert report_text.description({**given, "compared": []}) == "$100.00 per month, no gaps"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"30d": {"cost": 4.0, "cost_before": 96.0}}, ", +4.2% in 30 days"),
        ({"30d": {"cost": -48.0, "cost_before": 96.0}}, ", -50% in 30 days"),
        ({"30d": {"cost": 4.0, "cost_before": 0.0}}, ""),
        ({"30d": {"cost": None, "cost_before": 96.0}}, ""),
        ({"30d": {"cost": None, "cost_before": None}}, ""),
        ({"30d": None}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_30_day_change_of_the_summary_has_precedence(report_text: ModuleType, changes: Any, text: str) -> None:
    given = {**summary(100.0), "changes": changes}
    assert report_text.description(given) == f"$100.00 per month{text}, no gaps"


def test_violated_policies_are_counted(report_text: ModuleType) -> None:
    given = {**summary(12.0), "policies": [{"status": "fail"}, {"status": "pass"}]}
    assert report_text.description(given) == "$12.00 per month, no gaps, 1 policy violated"


@pytest.mark.parametrize("url", ["", "https://jenkins.example.com/job/s3/7/"])
def test_incomplete_shards_are_named_with_the_way_to_collect_them_again(report_text: ModuleType, url: str) -> None:
    names = [f"s{number}" for number in range(12)]
    statuses = ["complete", *(["partial", "missing", "failed", "invalid"] * 3)[:11]]
    shards = [{"name": name, "status": status} for name, status in zip(names, statuses, strict=True)]
    line = report_text.advice(shards, url)
    assert line.startswith("11 of 12 shards are not complete: s1, s2, s3, s4, s5, s6, s7, s8, s9, s10 and 1 more. ")
    assert line.endswith(f"{url}restart/" if url else "the page of this build")
    assert report_text.advice(shards[:1], url) == ""
