"""Exit statuses, and messages on standard error."""

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

_MOST_CHARACTERS = 3000  # of a line
_MOST_GROUPS = 20  # of gaps, and of notes


class ExitStatus(enum.IntEnum):
    """The exit status of every command. See the README."""

    COMPLETE = 0
    """All selected data was collected. There may be notes."""
    NOTHING_USABLE = 1
    """No shard delivered data, or the one-shot monitor received none, or new prices were rejected."""
    USAGE = 2
    """Wrong usage, an invalid input file or no credentials: nothing was requested or written."""
    GAPS = 3
    """The output is written and has gaps."""
    ACTION_NEEDED = 4
    """`prices check`: a newer price list is published. `tags check`: a tag must be set or activated."""
    POLICY_VIOLATED = 5
    """The output is written, and a policy of severity `fail` is violated. There may be gaps, too."""
    INTERRUPTED = signals.INTERRUPTED
    """The command was interrupted before it wrote results."""


def exit_status_for(problems: Iterable[Problem]) -> ExitStatus:
    """Return GAPS if there is a gap; notes do not count."""
    return ExitStatus.GAPS if has_gap(problems) else ExitStatus.COMPLETE


def report_error(error: UserError | InvalidFileError | AwsError) -> ExitStatus:
    """Print an error with its advice; return the exit status."""
    print_status(f"error: {error}")
    if error.advice:
        print_status(f"  {error.advice}")
    return ExitStatus.NOTHING_USABLE if isinstance(error, AwsError) else ExitStatus.USAGE


def show_usage_error(error: click.ClickException) -> None:
    """Print the usage of the command and the error."""
    context = getattr(error, "ctx", None)
    if context is not None:
        sys.stderr.write(f"{context.get_usage()}\nTry '{context.command_path} -h' for help.\n\n")
    sys.stderr.write(f"Error: {one_line(hide_url_secrets(_shorten(error.format_message())))}\n")


def store_flag(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Store the value of -q or -v for ``is_quiet`` and ``is_verbose``."""
    context.meta[f"{__name__}.{parameter.name}"] = value


def is_quiet() -> bool:
    """Return whether the command has -q. To be called by the main thread only."""
    return _has_flag("quiet")


def is_verbose() -> bool:
    """Return whether the command has -v. To be called by the main thread only."""
    return _has_flag("verbose")


def _has_flag(name: str) -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(f"{__name__}.{name}", False)


def print_info(line: str) -> None:
    """Print one line on standard error, unless the command has -q."""
    if not is_quiet():
        print_status(line)


def print_status(line: str) -> None:
    """Print one line on standard error: line breaks are escaped, secrets in URLs are hidden."""
    sys.stderr.write(f"s3-monitor: {one_line(hide_url_secrets(_shorten(line)))}\n")


def _shorten(line: str) -> str:
    """Return the line, without its middle if it is extremely long."""
    half = _MOST_CHARACTERS // 2
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:half]} … {line[-half:]}"


def print_problems(problems: Iterable[Problem], *, notes: bool = True, brief: bool = False) -> None:
    """Print gaps, then notes: one line per group of similar problems, with the first few places.

    ``brief``: without -v, print only the first groups of each severity, and the number of the remaining problems.
    """
    most = _MOST_GROUPS if brief and not is_verbose() else None
    all_problems = list(problems)
    for severity in ("gap", "note") if notes else ("gap",):
        groups = group_problems(problem for problem in all_problems if problem.severity == severity)
        for group in groups[:most]:
            advice = f" ({group.first.advice})" if group.first.advice else ""
            print_status(f"{severity}: {group.first.text}{advice}{_also(group)}")
        omitted = 0 if most is None else sum(group.count for group in groups[most:])
        if omitted:
            print_status(f"{severity}: {omitted:,} more {severity}{'s' if omitted > 1 else ''}; -v prints all")


def _also(group: ProblemGroup) -> str:
    """Return the other places of the group, as the end of its line."""
    others = [place for place in group.places[1:] if place]
    more = group.count - 1 - len(others)
    if not others:
        return f"; and {more:,} more" if more else ""
    return f"; also in {', '.join(others)}{f' and {more:,} more' if more else ''}"
