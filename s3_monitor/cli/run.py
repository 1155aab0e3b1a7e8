"""`s3-monitor run`: plan, every shard, aggregate, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from types import FrameType

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.aggregate import aggregate_options, check_files, run_aggregate
from s3_monitor.cli.exit_status import ExitStatus, print_problems, print_status
from s3_monitor.cli.options import FOLDER, dry_run_option, verbosity_options
from s3_monitor.cli.plan import create_plan, plan_options, write_plan
from s3_monitor.cli.progress import Progress
from s3_monitor.cli.shard_processes import ShardProcesses
from s3_monitor.model import plan as plans
from s3_monitor.model.errors import UserError

_MOST_PROBLEMS = 20  # groups of gaps, and of notes


@click.command()
@plan_options
@aggregate_options
@click.option("--out", type=FOLDER, required=True, metavar="FOLDER", help="Gets plan/, parts/ and report/.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Shards at a time. Default: twice the processors.")
@dry_run_option
@verbosity_options
@click.pass_context
def run(
    ctx: click.Context, /, out: Path, jobs: int | None, dry_run: bool, verbose: bool, quiet: bool, **choices: object
) -> None:
    """Plan, collect every shard in a process of its own, and aggregate: the nightly job on one machine.

    \b
    Examples:
      s3-monitor run --out out
      s3-monitor run --shards shards.yaml --split-by storage-type --out out
      s3-monitor run -p user1-dev -b 'logs-*' --out out
    """
    check_files(choices)
    _check_writable(out)
    made, inquiry = create_plan({**choices, "quiet": quiet})
    if dry_run:
        from s3_monitor.cli import estimate

        ctx.exit(estimate.dry_run(made, inquiry, quiet=quiet))
    print_problems(made.problems, notes=not quiet)
    write_plan(made, out / "plan")
    ctx.exit(execute_plan(made, out, jobs, choices, verbose=verbose, quiet=quiet))


def execute_plan(
    made: plans.Plan, out: Path, jobs: int | None, choices: dict[str, object], *, verbose: bool, quiet: bool
) -> ExitStatus:
    """Collect every shard of a plan written to out/plan, then write the report and print a table and the problems.

    A signal ends collecting, and the report of what was collected is still written.
    """
    plan, parts, report = out / "plan" / "plan.json", out / "parts", out / "report"
    _empty(parts)
    options = ["--no-problems", *(flag for flag, given in (("-v", verbose), ("-q", quiet)) if given)]
    with signals.handled(_finish_report):
        with Progress(len(made.shards), quiet=quiet) as bar, ShardProcesses(plan, parts, options, bar.hear) as workers:
            workers.run(made.shards, jobs or 2 * (os.cpu_count() or 1), bar.done)
        with activity("merging parts and writing the report", quiet=quiet):
            outcome = run_aggregate(plan, parts, report, choices, quiet=True)
        print_problems(outcome.summary.problems, notes=verbose, most=None if verbose else _MOST_PROBLEMS)
        if not quiet:
            from s3_monitor.cli.summary_table import print_summary

            print_summary(outcome.summary)
        if outcome.entry is not None:
            print_status(f"report: {outcome.entry}")
    return outcome.status


def _check_writable(out: Path) -> None:
    """UserError if the folders cannot be written, before AWS is called. Creates nothing."""
    for folder in (out / "plan", out / "parts", out / "report"):
        existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if not existing.is_dir():
            raise UserError(f"--out {out}: {existing} must be a folder", "name another folder with --out")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise UserError(f"--out {out}: no permission to write to {existing}", "name another folder with --out")


def _empty(parts: Path) -> None:
    """Create the folder, and remove the parts of an earlier run: they belong to another plan. UserError."""
    try:
        parts.mkdir(parents=True, exist_ok=True)
        for old in parts.glob("*.json"):
            if not old.is_dir():
                old.unlink()
    except OSError as error:
        raise UserError(
            f"{parts}: cannot be written: {error.strerror or error}", "name another folder with --out"
        ) from error


def _finish_report(number: int, frame: FrameType | None) -> None:
    """Handle a signal: the report takes seconds, and without it everything collected would be lost."""
    print_status("interrupted: the report of what was collected is being written")
