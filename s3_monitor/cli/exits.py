"""Exit statuses, and the one place where an error becomes a message and a status."""

from __future__ import annotations

import enum
import sys
from collections.abc import Collection, Iterable

from s3_monitor.model.failure import AwsFailure, BadFile, UserError
from s3_monitor.model.problem import Problem, has_gap


class ExitStatus(enum.IntEnum):
    WHOLE = 0  # everything asked for is there; notes may be
    NOTHING = 1  # nothing usable
    USAGE = 2  # wrong usage, bad input file, no credentials: nothing was asked or written
    GAPS = 3  # written, with gaps
    NEWER = 4  # `prices check`: a newer price list is published
    UNTAGGED = 4  # `tags check`: buckets to be tagged, or the tag to be activated


def status_of(problems: Iterable[Problem]) -> ExitStatus:
    return ExitStatus.GAPS if has_gap(problems) else ExitStatus.WHOLE


def explain(error: UserError | BadFile | AwsFailure) -> ExitStatus:
    """Say on standard error what went wrong and what to do; the exit status that goes with it."""
    say(f"error: {error}")
    if error.advice:
        say(f"  {error.advice}")
    return ExitStatus.NOTHING if isinstance(error, AwsFailure) else ExitStatus.USAGE


def say(line: str) -> None:
    """A line of ours on standard error, where logs go."""
    sys.stderr.write(f"s3-monitor: {line}\n")
    sys.stderr.flush()


def say_problems(problems: Collection[Problem], *, notes: bool = True, most: int | None = None) -> None:
    """Gaps, and notes if wanted; not more than ``most`` of each, and how many more there are."""
    for severity in ("gap", "note") if notes else ("gap",):
        those = [problem for problem in problems if problem.severity == severity]
        for problem in those[:most]:
            advice = f" ({problem.advice})" if problem.advice else ""
            say(f"{severity}: {problem.where}: {problem.what}{advice}")
        if most is not None and len(those) > most:
            say(f"{severity}: and {len(those) - most:,} more {severity}s: -v shows them all")
