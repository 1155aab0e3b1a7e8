"""`s3-monitor collect`: one shard of a plan → one part."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, print_problems, print_status
from s3_monitor.cli.options import FILE, OUTPUT, output_file, utc_now, verbosity_options
from s3_monitor.model import external_ids
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model.errors import UserError
from s3_monitor.model.part import Part


@click.command()
@click.option("--plan", "plan_file", type=FILE, required=True, metavar="FILE", help="plan.json, as `plan` wrote it.")
@click.option("--shard", "name", required=True, metavar="NAME", help="The shard of the plan to collect.")
@click.option(
    "--out",
    type=OUTPUT,
    required=True,
    callback=output_file,
    metavar="FILE",
    help="The part to write, e.g. parts/NAME.json; - is standard output.",
)
@click.option(
    "--problems/--no-problems", default=True, hidden=True, help="Print the part's problems, or leave it to `run`."
)
@verbosity_options
@click.pass_context
def collect(
    ctx: click.Context, /, plan_file: Path, name: str, out: Path | None, problems: bool, verbose: bool, quiet: bool
) -> None:
    """Collect one shard of the plan, and write it as a part.

    A part is written whatever AWS returns: with gaps (exit 3) where data could not be read. A SIGTERM writes
    what was received. Exit 1 only if the part cannot be written.

    \b
    Example:
      s3-monitor collect --plan plan/plan.json --shard s3-eu-west-1 --out parts/s3-eu-west-1.json
    """
    now = utc_now()
    plan, digest = plans.read(plan_file, now)
    plans.check_retention(plan, plan_file, now)
    try:
        shard = plan.shard(name)
    except KeyError:
        known = ", ".join(shard.name for shard in plan.shards[:20])
        raise UserError(f"{plan_file} has no shard {name}", f"its shards: {known}") from None
    plan = external_ids.restore_external_ids(plan, shard, plan_file, digest)

    from s3_monitor.cli import shard_process
    from s3_monitor.cli.discovery import AwsDiscovery

    with signals.handled(shard_process.interrupt):
        with activity("connecting", quiet=quiet) as shown:
            inquiry = AwsDiscovery(plan.quotas, on_retry=shown.on_retry)
            part = shard_process.collect_in_process(plan, digest, shard, inquiry, shown, quiet=quiet)
        if problems:
            print_problems(part.problems, notes=verbose)
        status = _write(part, out)
        shard_process.exit_if_interrupted(status)
    ctx.exit(status)


def _write(part: Part, out: Path | None) -> ExitStatus:
    """Write the part, also if it is partial or failed."""
    if out is None:
        sys.stdout.buffer.write(parts.encode(part))
        sys.stdout.buffer.flush()
        return exit_status_for(part.problems)
    try:
        parts.write(part, out)
    except OSError as error:
        print_status(f"error: {out}: the part cannot be written: {error.strerror or error}")
        return ExitStatus.NOTHING
    return exit_status_for(part.problems)
