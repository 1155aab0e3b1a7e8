"""`s3-monitor plan`: shards.yaml and choices → plan.json and shards.tsv."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import exit_status_for, print_problems, print_status
from s3_monitor.cli.options import (
    FOLDER,
    combined,
    costs_option,
    depth_options,
    dry_run_option,
    selection_options,
    split_options,
    utc_now,
    verbosity_options,
)
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery

plan_options = combined(selection_options, split_options, depth_options, costs_option)


def _by_id(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """ID=PROFILE by the id; an id may hold an equals sign, a profile of ours does not."""
    pairs = [one.rpartition("=") for one in given]
    for credentials, _, profile in pairs:
        if not (credentials and profile):
            raise click.BadParameter("write ID=PROFILE", ctx, parameter)
    return {credentials: profile for credentials, _, profile in pairs}


@click.command()
@plan_options
@click.option(
    "--credentials-profile",
    "credentials_profiles",
    multiple=True,
    callback=_by_id,
    metavar="ID=PROFILE",
    help="For shards with these Jenkins credentials and no profile, plan with this profile. May be repeated.",
)
@click.option("--out", type=FOLDER, required=True, metavar="FOLDER", help="Where plan.json and shards.tsv go.")
@dry_run_option
@verbosity_options
@click.pass_context
def plan(ctx: click.Context, /, out: Path, dry_run: bool, verbose: bool, quiet: bool, **choices: object) -> None:
    """Find buckets, regions and storage types, split them into shards, and write plan.json and shards.tsv.

    Where roles have external ids, also external-ids.json, for `collect` only. Exit 3: an account could not be
    planned; its problems are in plan.json, and the other accounts are planned.

    \b
    Examples:
      s3-monitor plan --out plan
      s3-monitor plan --shards shards.yaml --split-by storage-type --out plan
      s3-monitor plan -p user1-dev -r eu-west-1 -r eu-west-2 --max-shards 4 --out plan
      s3-monitor plan --shards shards.yaml --costs billed --out plan
    """
    made, inquiry = create_plan({**choices, "quiet": quiet})
    if dry_run:
        from s3_monitor.cli import estimate

        ctx.exit(estimate.dry_run(made, inquiry, quiet=quiet))
    print_problems(made.problems, notes=not quiet)
    write_plan(made, out)
    if not quiet:
        print_status(f"planned {len(made.shards)} shards of {len(made.units)} units in {out}")
    ctx.exit(exit_status_for(made.problems))


def create_plan(choices: dict[str, object]) -> tuple[plans.Plan, AwsDiscovery]:
    """Create the plan that the options and the shards file describe. Raises UserError if they cannot be followed."""
    from s3_monitor.cli.discovery import AwsDiscovery, plan_options
    from s3_monitor.plan.planner import make_plan
    from s3_monitor.plan.shards_file import load

    shards = choices["shards"]
    shards_file = load(shards) if isinstance(shards, Path) else None
    profiles: Any = choices.get("credentials_profiles")
    with activity("reading accounts and buckets", quiet=bool(choices.get("quiet"))) as shown:
        inquiry = AwsDiscovery(shards_file.quotas if shards_file else None, profiles, shown.on_retry)
        shown.step(lambda: f"reading accounts and buckets: {inquiry.calls().total:,} calls")
        return make_plan(plan_options(choices), shards_file, inquiry, utc_now()), inquiry


def write_plan(made: plans.Plan, out: Path) -> None:
    """UserError where the folder cannot be written: nothing has been collected yet."""
    from s3_monitor.model.errors import UserError

    try:
        plan_folder.write(made, out)
    except OSError as error:
        raise UserError(f"{out}: the plan cannot be written: {error.strerror or error}") from error
