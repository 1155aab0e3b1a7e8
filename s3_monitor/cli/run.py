"""`s3-monitor run`: plan, collect all shards and aggregate on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.aggregate import aggregate_options, check_files, print_policies, run_aggregate
from s3_monitor.cli.exit_status import ExitStatus, is_quiet, is_verbose, print_problems, print_status
from s3_monitor.cli.options import FOLDER, dry_run_option, verbosity_options
from s3_monitor.cli.plan import plan_options, plan_or_estimate
from s3_monitor.cli.shard_processes import ShardProcesses
from s3_monitor.cli.streams import user_errors
from s3_monitor.model import plan as plans
from s3_monitor.model.errors import UserError
from s3_monitor.model.summary import Summary


@click.command()
@plan_options
@aggregate_options
@click.option(
    "--out", type=FOLDER, required=True, metavar="FOLDER", help="Write plan/, parts/ and report/ to this folder."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Collect N shards at a time. Default: twice the number of CPUs."
)
@dry_run_option
@verbosity_options
@click.pass_context
def run(ctx: click.Context, /, out: Path, jobs: int | None, dry_run: bool, **options: object) -> None:
    """Plan, collect all shards and aggregate on this machine.

    Each shard is collected by a separate process.

    \b
    Examples:
      s3-monitor run --out out
      s3-monitor run --shards shards.yaml --split-by storage-type --out out
      s3-monitor run -p user1-dev -b 'logs-*' --out out
    """
    check_files(options)
    _check_writable(out)
    plan = plan_or_estimate(ctx, options, out / "plan", dry_run=dry_run)
    ctx.exit(execute_plan(plan, out, jobs, options))


def execute_plan(plan: plans.Plan, out: Path, jobs: int | None, options: dict[str, object]) -> ExitStatus:
    """Collect every shard of a plan written to out/plan, write the report, and print the problems and a table.

    A signal ends collecting; the report is still written, from the data received so far.
    """
    plan_file, parts, report = out / "plan" / "plan.json", out / "parts", out / "report"
    _remove_parts(parts)
    with signals.handled(_finish_report):
        with activity("collecting", total=len(plan.shards)) as progress:
            processes = ShardProcesses(plan_file, parts)
            processes.run(plan.shards, jobs or 2 * (os.cpu_count() or 1), progress.advance)
        with activity("merging parts and writing the report"):
            outcome = run_aggregate(plan_file, parts, report, options)
        print_problems(outcome.summary.problems, notes=is_verbose(), brief=True)
        print_policies(outcome.summary)
        if not is_quiet():
            _print_summary(outcome.summary)
        if outcome.entry is not None:
            print_status(f"report: {outcome.entry}")
    return outcome.status


def _print_summary(summary: Summary) -> None:
    """Print sums by region, the totals, and the number of gaps and notes."""
    from s3_monitor.report import formats, sums, text_table

    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    notes = formats.plural(len(summary.problems) - gaps, "note")
    table = text_table.format_table(text_table.list_groups(summary, "region"), "table", "iec")
    lines = [f"S3 on {summary.as_of.date()}", *table.splitlines()]
    for noun, total in (("cost", sums.cost(summary.totals)), ("object count", sums.objects(summary.totals))):
        if total.remark:
            lines.append(f"the {noun} {total.remark}")
    lines.append(f"{'all data collected' if summary.complete else formats.plural(gaps, 'gap')}, {notes}")
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def _check_writable(out: Path) -> None:
    """Raise UserError if the folders cannot be written, before AWS is called. Creates nothing."""
    for folder in (out / "plan", out / "parts", out / "report"):
        existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if not existing.is_dir():
            raise UserError(f"--out {out}: {existing} must be a folder", "name another folder with --out")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise UserError(f"--out {out}: no permission to write to {existing}", "name another folder with --out")


def _remove_parts(parts: Path) -> None:
    """Create the folder, or remove the parts of an earlier run, which belong to another plan. Raises UserError."""
    with user_errors(f"{parts}: could not write to the folder", "name another folder with --out"):
        parts.mkdir(parents=True, exist_ok=True)
        for part in parts.glob("*.json"):
            if not part.is_dir():
                part.unlink()


def _finish_report(number: int, frame: FrameType | None) -> None:
    """Handle a signal: write the report first. It takes seconds, and all collected data would be lost without it."""
    print_status("interrupted: writing the report of the data collected so far")
