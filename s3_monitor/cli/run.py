"""`s3-monitor run`: plan, every shard, aggregate, on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from s3_monitor.cli.aggregate import aggregate_options, check_files, perform
from s3_monitor.cli.exits import ExitStatus, say, say_problems
from s3_monitor.cli.options import FOLDER, dry_run_option, verbosity_options
from s3_monitor.cli.plan import make, plan_options, write
from s3_monitor.cli.progress import Progress
from s3_monitor.cli.workers import Workers
from s3_monitor.model import plan as plans


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
    made, inquiry = make(choices)
    if dry_run:
        from s3_monitor.cli import estimate

        ctx.exit(estimate.dry_run(made, inquiry, quiet=quiet))
    say_problems(made.problems, notes=not quiet)
    write(made, out / "plan")
    status = carry_out(made, out, jobs, choices, verbose=verbose, quiet=quiet)
    say(f"report: {out / 'report' / 'index.html'}")
    ctx.exit(status)


def carry_out(
    made: plans.Plan, out: Path, jobs: int | None, choices: dict[str, object], *, verbose: bool, quiet: bool
) -> ExitStatus:
    """Every shard of a plan written to out/plan, then the report; a table on a terminal."""
    plan, parts, report = out / "plan" / "plan.json", out / "parts", out / "report"
    parts.mkdir(parents=True, exist_ok=True)
    for old in parts.glob("*.json"):  # of an earlier run: they answer another plan
        old.unlink()
    options = [flag for flag, given in (("-v", verbose), ("-q", quiet)) if given]
    with Progress(len(made.shards), quiet=quiet) as progress, Workers(plan, parts, options, progress.hear) as workers:
        workers.run(made.shards, jobs or 2 * (os.cpu_count() or 1), progress.done)
    status = perform(plan, parts, report, choices, quiet=True)
    if not quiet:
        from s3_monitor.cli.table import show

        show(report)
    return status
