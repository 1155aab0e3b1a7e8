"""`s3-monitor aggregate`: parts become the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from s3_monitor.cli.exits import ExitStatus, say, say_problems, status_of
from s3_monitor.cli.options import FILE, FOLDER, combined, utc_now, verbosity_options
from s3_monitor.model.failure import UserError
from s3_monitor.model.summary import Summary

aggregate_options = combined(
    click.option(
        "--prices",
        default="bundled",
        metavar="bundled|FILE",
        help="The price list: the one that comes with the program (the default), or a file in its form.",
    ),
    click.option("--data-only", is_flag=True, help="Write the data files and no pages."),
)


@click.command()
@click.option("--plan", type=FILE, required=True, metavar="FILE", help="The plan.json that the parts answer.")
@click.option("--parts", type=FOLDER, required=True, metavar="FOLDER", help="Holds the parts, or folders of them.")
@click.option("--out", type=FOLDER, required=True, metavar="FOLDER", help="Gets the report.")
@aggregate_options
@verbosity_options
@click.pass_context
def aggregate(
    ctx: click.Context, /, plan: Path, parts: Path, out: Path, verbose: bool, quiet: bool, **choices: object
) -> None:
    """Merge the parts of all shards, price them, and write the report.

    \b
    Writes index.html, buckets.json, buckets.csv, summary.json and junit.xml.
    Exit status: 0 whole, 1 no shard brought any data, 3 written with gaps.

    \b
    Examples:
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
    """
    ctx.exit(perform(plan, parts, out, choices, quiet=quiet, verbose=verbose))


def perform(
    plan: Path,
    parts: Path,
    out: Path,
    choices: Mapping[str, object],
    *,
    quiet: bool,
    verbose: bool = False,
    now: datetime | None = None,
) -> ExitStatus:
    """The whole of it, as `run` does it too. BadFile where plan or prices cannot be used: nothing is written then."""
    from s3_monitor.merge import merge, paused_gc, read_parts
    from s3_monitor.model import plan as plans
    from s3_monitor.money import prices
    from s3_monitor.report.data import records
    from s3_monitor.report.files import write_data

    planned, digest = plans.read(plan)
    chosen = str(choices.get("prices") or "bundled")
    matrix = prices.bundled() if chosen == "bundled" else prices.read(Path(chosen))
    with paused_gc():
        facts = merge(planned, digest, read_parts(parts))
        buckets, summary = records(facts, matrix, now or utc_now())
        try:
            write_data(out, facts, buckets, summary)
            if not choices.get("data_only"):
                from s3_monitor.report.pages import write_pages

                write_pages(out, buckets, summary)
        except OSError as error:
            raise UserError(f"{out}: cannot be written: {error}", "give --out a folder that can") from error
    if not quiet:
        say_problems(summary.problems, notes=verbose)
        say(f"{out}: {_headline(summary)}")
    return status_of(summary.problems) if facts.usable else ExitStatus.NOTHING


def _headline(summary: Summary) -> str:
    totals = summary.totals
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    cost = "cost unknown" if totals.cost is None else f"{totals.cost:,.2f} {summary.currency} a month"
    return f"{totals.buckets:,} buckets, {cost}; {gaps:,} gaps, {len(summary.problems) - gaps:,} notes"
