"""Figures, their limits, and docs/benchmarks.md."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bench import results
from bench.metric import Figure, Result, Table, number, table
from bench.results import Entry, Measurements


@pytest.mark.parametrize(
    ("figure", "holds", "limit"),
    [
        (Figure("read", 5), None, ""),
        (Figure("at most", 4, most=4), True, "≤ 4"),
        (Figure("at most", 4.1, most=4), False, "≤ 4"),
        (Figure("at least", 3, least=3), True, "≥ 3"),
        (Figure("at least", 2.9, least=3), False, "≥ 3"),
        (Figure("exactly", 0, most=0, least=0), True, "≤ 0 and ≥ 0"),
        (Figure("exactly", -1, most=0, least=0), False, "≤ 0 and ≥ 0"),
    ],
)
def test_a_figure_meets_its_limits_or_misses_them(figure: Figure, holds: bool | None, limit: str) -> None:
    assert (figure.holds, figure.limit) == (holds, limit)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (7, "7"),
        (1234567, "1,234,567"),
        (1234.56, "1,235"),
        (123.45, "123.5"),
        (1.256, "1.26"),
        (0.0123, "0.012"),
    ],
)
def test_numbers_are_shown_with_three_significant_digits(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_a_table_is_written_in_markdown() -> None:
    assert table(Table(["", "s"], [["a", "1"]], "Seconds.")) == "|  | s |\n| --- | ---: |\n| a | 1 |\n\nSeconds.\n"


def test_the_document_compares_with_the_previous_commit_and_names_missed_limits() -> None:
    when = datetime(2026, 11, 22, 13, tzinfo=UTC)
    now = Measurements(
        {"python": "3.11"}, {"plan": Entry("b2", when, 0.5, 9, Result([Figure("wall", 12, "s", most=10)]))}
    )
    then = Measurements({}, {"plan": Entry("a1", when, 0.5, 9, Result([Figure("wall", 9, "s", most=10)]))})
    document = results.markdown(now, then, {"plan": "The plan"}, 40)
    assert "0 of 1 limits are met.\n- Missed: plan: wall" in document
    assert "| wall | 12 s | ≤ 10 | **missed** | 9 |" in document
    assert "commit b2" in document


def test_recorded_measurements_have_the_names_of_the_command() -> None:
    assert set(results.read().entries) <= set(_titles())


def test_the_document_has_the_recorded_figures() -> None:
    recorded = results.read()
    document = results.MARKDOWN.read_text(encoding="utf-8")
    for entry in recorded.entries.values():
        for figure in entry.result.figures:
            assert f"| {figure.name} | {number(figure.value)} {figure.unit}".rstrip() in document


def _titles() -> dict[str, str]:
    from bench.command import TITLES

    return TITLES
