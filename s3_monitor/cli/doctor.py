"""`s3-monitor doctor`: what the credentials may do for each option, and what is missing. Changes nothing."""

from __future__ import annotations

import os
import sys

import click
import msgspec

from s3_monitor.cli.exit_status import ExitStatus
from s3_monitor.cli.options import to_plan_options, utc_now, verbosity_options
from s3_monitor.cli.plan import plan_options, reading_accounts


@click.command()
@plan_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Print text, or JSON for programs.",
)
@verbosity_options
@click.pass_context
def doctor(ctx: click.Context, /, form: str, **options: object) -> None:
    """Check what the credentials may do, by account, region and option.

    Tries each permission with a small request, changes nothing, and prints the missing actions, the figures that they
    provide, and an IAM policy that allows them. Without a shards file and options such as --details, all options are
    checked. With costs, two requests go to Cost Explorer (0.01 USD each). Also checks the clock of this machine,
    endpoints, the proxy, and whether the regions are enabled.

    Exit status: 0 nothing is missing, 3 something is missing or could not be checked.

    \b
    Examples:
      s3-monitor doctor
      s3-monitor doctor -p user1-dev -r eu-west-1 --details
      s3-monitor doctor --shards shards.yaml --format json
    """
    from s3_monitor.cli.diagnosis import diagnose
    from s3_monitor.doctor import text

    with reading_accounts(options, "checking permissions") as (shards_file, discovery):
        report = diagnose(to_plan_options(options), shards_file, discovery, utc_now(), os.environ)
    if form == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in text.lines(report)))
    ctx.exit(ExitStatus.COMPLETE if report.complete else ExitStatus.GAPS)
