"""Exit statuses, and the one place where an error becomes a message and a status."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable

import click

from s3_monitor.cli import signals
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.model.problem import Problem, has_gap
from s3_monitor.model.safe_text import hide_url_secrets, one_line
from s3_monitor.report.problem_groups import ProblemGroup, group_problems

_MOST_CHARACTERS = 3000  # of a line on standard error


class ExitStatus(enum.IntEnum):
    WHOLE = 0  # everything asked for is there; notes may be
    NOTHING = 1  # nothing usable
    USAGE = 2  # wrong usage, bad input file, no credentials: nothing was asked or written
    GAPS = 3  # written, with gaps
    NEWER = 4  # `prices check`: a newer price list is published
    UNTAGGED = 4  # `tags check`: buckets to be tagged, or the tag to be activated
    INTERRUPTED = signals.INTERRUPTED  # nothing was written


def exit_status_for(problems: Iterable[Problem]) -> ExitStatus:
    return ExitStatus.GAPS if has_gap(problems) else ExitStatus.WHOLE


def report_error(error: UserError | InvalidFileError | AwsError) -> ExitStatus:
    """Say on standard error what went wrong and what to do; the exit status that goes with it."""
    print_status(f"error: {error}")
    if error.advice:
        print_status(f"  {error.advice}")
    return ExitStatus.NOTHING if isinstance(error, AwsError) else ExitStatus.USAGE


def show_usage_error(error: click.ClickException) -> None:
    """Print how the command is used, and what is wrong with it."""
    context = getattr(error, "ctx", None)
    if context is not None:
        sys.stderr.write(f"{context.get_usage()}\nTry '{context.command_path} -h' for help.\n\n")
    sys.stderr.write(f"Error: {one_line(hide_url_secrets(_brief(error.format_message())))}\n")


def print_status(line: str) -> None:
    """Print one line on standard error, whatever the text holds: no line breaks, no secrets of URLs."""
    sys.stderr.write(f"s3-monitor: {one_line(hide_url_secrets(_brief(line)))}\n")


def _brief(line: str) -> str:
    """Return a line without the middle of a value that is much longer than any message of ours."""
    half = _MOST_CHARACTERS // 2
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:half]} … {line[-half:]}"


def print_problems(problems: Iterable[Problem], *, notes: bool = True, most: int | None = None) -> None:
    """Print gaps, and notes if wanted: those of one kind together, the places of the first few named. Not more than
    ``most`` kinds of each severity, and how many more problems there are."""
    found = list(problems)
    for severity in ("gap", "note") if notes else ("gap",):
        groups = group_problems(problem for problem in found if problem.severity == severity)
        for group in groups[:most]:
            advice = f" ({group.first.advice})" if group.first.advice else ""
            print_status(f"{severity}: {group.first.text}{advice}{_also(group)}")
        rest = 0 if most is None else sum(group.count for group in groups[most:])
        if rest:
            print_status(f"{severity}: and {rest:,} more {severity}s: -v shows them all")


def _also(group: ProblemGroup) -> str:
    """Where else there are problems of this kind."""
    others = group.places[1:]
    if not others:
        return ""
    more = group.count - 1 - len(others)
    return f"; also in {', '.join(others)}{f' and {more:,} more' if more else ''}"
