"""`s3-monitor plan`: write plan.json and shards.tsv from shards.yaml and options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import exit_status_for, is_quiet, print_info, print_problems
from s3_monitor.cli.options import (
    FOLDER,
    collection_options,
    combine,
    costs_option,
    dry_run_option,
    selection_options,
    split_options,
    to_plan_options,
    utc_now,
    verbosity_options,
)
from s3_monitor.cli.streams import user_errors
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.plan.shards_file import ShardsFile

plan_options = combine(selection_options, split_options, collection_options, costs_option)


def _profiles_by_id(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse ID=PROFILE. An id may contain an equals sign, a profile may not."""
    pairs = [value.rpartition("=") for value in values]
    for value, (credentials, _, profile) in zip(values, pairs, strict=True):
        if not (credentials and profile):
            raise click.BadParameter(f"must be ID=PROFILE, got {value!r}", ctx, parameter)
    return {credentials: profile for credentials, _, profile in pairs}


@click.command()
@plan_options
@click.option(
    "--credentials-profile",
    "credentials_profiles",
    multiple=True,
    callback=_profiles_by_id,
    metavar="ID=PROFILE",
    help="Plan shards that have these Jenkins credentials and no profile with this profile. May be repeated.",
)
@click.option(
    "--out", type=FOLDER, required=True, metavar="FOLDER", help="Write plan.json and shards.tsv to this folder."
)
@dry_run_option
@verbosity_options
@click.pass_context
def plan(ctx: click.Context, /, out: Path, dry_run: bool, **options: object) -> None:
    """Split accounts into shards; write plan.json and shards.tsv.

    Reads the lists of buckets and storage types. External ids of roles are written to external-ids.json, which only
    `collect` reads.

    Exit status: 0 complete, 3 an account could not be read; plan.json has its problems and the other accounts.

    \b
    Examples:
      s3-monitor plan --out plan
      s3-monitor plan --shards shards.yaml --split-by storage-type --out plan
      s3-monitor plan -p user1-dev -r eu-west-1 -r eu-west-2 --max-shards 4 --out plan
      s3-monitor plan --shards shards.yaml --costs billed --out plan
    """
    from s3_monitor.report.formats import plural

    plan = plan_or_estimate(ctx, options, out, dry_run=dry_run)
    print_info(f"{out}: planned {plural(len(plan.shards), 'shard')} of {plural(len(plan.units), 'unit')}")
    ctx.exit(exit_status_for(plan.problems))


def plan_or_estimate(ctx: click.Context, options: dict[str, object], out: Path, *, dry_run: bool) -> plans.Plan:
    """Create a plan, and write it to a folder; with --dry-run, print the estimate and end the command."""
    plan, discovery = create_plan(options)
    if dry_run:
        from s3_monitor.cli import estimate

        ctx.exit(estimate.dry_run(plan, discovery))
    print_problems(plan.problems, notes=not is_quiet())
    write_plan(plan, out)
    return plan


def create_plan(options: dict[str, object]) -> tuple[plans.Plan, AwsDiscovery]:
    """Create a plan from options and the shards file; return also the connections. Raises UserError."""
    from s3_monitor.plan.planner import make_plan

    with reading_accounts(options, "reading accounts and buckets") as (shards_file, discovery):
        return make_plan(to_plan_options(options), shards_file, discovery, utc_now()), discovery


@contextmanager
def reading_accounts(options: Mapping[str, Any], text: str) -> Iterator[tuple[ShardsFile | None, AwsDiscovery]]:
    """Read the shards file, and show the text with the number of calls in the block. Raises UserError."""
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.plan.shards_file import load

    shards_file = load(options["shards"]) if options["shards"] else None
    with activity(text) as progress:
        quotas = shards_file.settings.quotas if shards_file else None
        discovery = AwsDiscovery(quotas, options.get("credentials_profiles"), progress.on_retry)
        progress.step(lambda: f"{text}: {discovery.calls().total:,} calls")
        yield shards_file, discovery


def write_plan(plan: plans.Plan, out: Path) -> None:
    """Write the files of the plan. Raises UserError."""
    with user_errors(f"--out {out}: could not write the plan"):
        plan_folder.write(plan, out)
