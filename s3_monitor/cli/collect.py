"""`s3-monitor collect`: collect one shard of a plan and write its part."""

from __future__ import annotations

from pathlib import Path

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, is_verbose, print_problems, print_status
from s3_monitor.cli.options import FILE, OUTPUT, output_path, utc_now, verbosity_options
from s3_monitor.cli.streams import write_result
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.errors import UserError
from s3_monitor.model.part import Part


@click.command()
@click.option("--plan", "plan_file", type=FILE, required=True, metavar="FILE", help="Read this plan.json.")
@click.option("--shard", "name", required=True, metavar="NAME", help="Collect this shard of the plan.")
@click.option(
    "--out",
    type=OUTPUT,
    required=True,
    callback=output_path,
    metavar="FILE",
    help="Write the part to this file, e.g. parts/NAME.json. -: standard output.",
)
@click.option(
    "--problems/--no-problems", default=True, hidden=True, help="Print the problems of the part. Default: yes."
)
@verbosity_options
@click.pass_context
def collect(ctx: click.Context, /, plan_file: Path, name: str, out: Path | None, problems: bool) -> None:
    """Collect one shard of the plan and write its part.

    A part is always written, even if AWS returns only errors. SIGTERM writes the data received so far.

    Exit status: 0 complete, 1 the part could not be written, 3 written with gaps.

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
        names = ", ".join(shard.name for shard in plan.shards[:20])
        raise UserError(f"{plan_file} has no shard {name}", f"shards of the plan: {names}") from None
    plan = plan_folder.restore_external_ids(plan, shard, plan_file, digest)

    from s3_monitor.cli import shard_process
    from s3_monitor.cli.discovery import AwsDiscovery

    with signals.handled(shard_process.interrupt):
        with activity("connecting") as progress:
            discovery = AwsDiscovery(plan.quotas, on_retry=progress.on_retry)
            part = shard_process.collect_in_process(plan, digest, shard, discovery, progress)
        if problems:
            print_problems(part.problems, notes=is_verbose())
        status = _write(part, out)
        shard_process.exit_if_interrupted(status)
    ctx.exit(status)


def _write(part: Part, out: Path | None) -> ExitStatus:
    """Write the part, also if it is partial or failed; return the exit status."""
    try:
        if out is None:
            write_result(parts.encode(part), None)
        else:
            parts.write(part, out)
    except OSError as error:
        print_status(f"error: {out}: could not write the part: {error.strerror or error}")
        return ExitStatus.NOTHING_USABLE
    return exit_status_for(part.problems)
