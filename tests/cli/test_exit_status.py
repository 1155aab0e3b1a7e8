"""Messages on standard error, and exit statuses."""

from __future__ import annotations

import pytest

from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, print_problems, print_status, report_error
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.model.problem import Problem
from tests.problems import gap, note

Capture = pytest.CaptureFixture[str]


def kinds(count: int) -> list[Problem]:
    """Gaps that do not group."""
    return [gap(f"111122223333/r{number:02}", f"fault {chr(97 + number)}{chr(97 + number)}") for number in range(count)]


@pytest.mark.parametrize(
    ("count", "lines", "more"), [(19, 19, ""), (20, 20, ""), (21, 21, "1 more gap"), (25, 21, "5 more gaps")]
)
def test_groups_over_the_limit_are_counted(count: int, lines: int, more: str, capsys: Capture) -> None:
    print_problems(kinds(count), brief=True)
    printed = capsys.readouterr().err.splitlines()
    assert len(printed) == lines
    assert all(line.startswith("s3-monitor: gap: ") for line in printed)
    last = [line for line in printed if "more" in line]
    assert last == ([f"s3-monitor: gap: {more}; -v prints all"] if more else [])


def test_without_a_limit_all_problems_are_printed_gaps_first(capsys: Capture) -> None:
    print_problems([note("1", "a note"), *kinds(25), note("2", "another")])
    printed = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in printed] == ["gap"] * 25 + ["note"] * 2


def test_notes_are_printed_only_if_selected(capsys: Capture) -> None:
    print_problems([note("a", "a note"), gap("b", "a gap", "do this")], notes=False)
    assert capsys.readouterr().err == "s3-monitor: gap: b: a gap (do this)\n"


def test_the_other_places_of_a_group_are_named_or_counted(capsys: Capture) -> None:
    problems = [gap(f"1/r{number}", "denied") for number in range(6)]
    print_problems([*problems, note("", "2 odd months"), note("", "3 odd months")])
    assert capsys.readouterr().err.splitlines() == [
        "s3-monitor: gap: 1/r0: denied; also in 1/r1, 1/r2, 1/r3 and 2 more",
        "s3-monitor: note: 2 odd months; and 1 more",
    ]


def test_each_severity_has_its_own_limit(capsys: Capture) -> None:
    notes = [note(f"n{number:02}", f"note {chr(97 + number) * 2}") for number in range(21)]
    print_problems([*notes, gap("g", "a gap")], brief=True)
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "s3-monitor: gap: g: a gap"
    assert printed[-1] == "s3-monitor: note: 1 more note; -v prints all"
    assert len(printed) == 22


@pytest.mark.parametrize(
    ("problems", "status"),
    [([], 0), ([note("a", "x")], 0), ([note("a", "x"), gap("b", "y")], 3)],
)
def test_only_gaps_change_the_exit_status(problems: list[Problem], status: int) -> None:
    assert exit_status_for(problems) == status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UserError("no such thing", "see -h"), ExitStatus.USAGE),
        (InvalidFileError("x.json", "is empty", "run it again"), ExitStatus.USAGE),
        (AwsError("denied", "ListBuckets", "no", advice="allow it"), ExitStatus.NOTHING_USABLE),
    ],
)
def test_an_error_is_one_line_followed_by_its_advice(
    error: UserError | InvalidFileError | AwsError, status: int, capsys: Capture
) -> None:
    assert report_error(error) == status
    assert capsys.readouterr().err == f"s3-monitor: error: {error}\ns3-monitor:   {error.advice}\n"


def test_an_error_without_advice_is_one_line(capsys: Capture) -> None:
    assert report_error(UserError("no such thing")) == 2
    assert capsys.readouterr().err == "s3-monitor: error: no such thing\n"


@pytest.mark.parametrize(("length", "is_complete"), [(3000, True), (3001, False)])
def test_the_middle_of_a_long_line_is_omitted(length: int, is_complete: bool, capsys: Capture) -> None:
    print_status("a" * 1500 + "b" * (length - 3000) + "c" * 1500)
    expected = "a" * 1500 + ("" if is_complete else " … ") + "c" * 1500
    assert capsys.readouterr().err == f"s3-monitor: {expected}\n"
