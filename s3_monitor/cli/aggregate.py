"""`s3-monitor aggregate`: parts become the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path

import click

from s3_monitor.cli.exits import ExitStatus, say, say_problems, status_of
from s3_monitor.cli.options import FILE, FOLDER, combined, utc_now, verbosity_options
from s3_monitor.cli.price_source import load_prices, prices_option, table_name
from s3_monitor.model import earlier
from s3_monitor.model.earlier import Earlier
from s3_monitor.model.failure import AwsFailure, BadFile, UserError
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem, gap
from s3_monitor.model.summary import Summary
from s3_monitor.money.prices import Matrix

aggregate_options = combined(
    prices_option,
    click.option(
        "--previous",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="The summary.json of an earlier report to compare with. May be repeated.",
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
    Writes index.html, report.md, buckets.json, buckets.csv, storage.csv, summary.json
    and junit.xml.
    Exit status: 0 whole, 1 no shard brought any data, 3 written with gaps.

    \b
    Examples:
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --previous last-week/summary.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices dynamodb:s3-monitor-prices
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
    from s3_monitor.report.comparison import compare
    from s3_monitor.report.data import ALL, made, reckoned
    from s3_monitor.report.files import write_data
    from s3_monitor.report.markdown import write_markdown
    from s3_monitor.trends import trends

    planned, digest = plans.read(plan, now or utc_now())
    earlier_ones = _earlier(choices)
    matrix, fallen_back = _prices(planned, choices)
    with paused_gc():
        facts = merge(planned, digest, read_parts(parts))
        facts.problems.extend(fallen_back)
        found = reckoned(facts, matrix, now or utc_now())
        summary = found.summary
        try:
            if choices.get("data_only"):
                write_data(out, facts, found)
            else:
                buckets = [*chain.from_iterable(found.lines(ALL))]
                write_data(out, facts, found._replace(lines=made(buckets)))
                from s3_monitor.report.pages import write_pages

                courses = trends(facts, matrix)
                compared = [compare(summary, one) for one in earlier_ones]
                write_markdown(out, summary, courses, compared)
                write_pages(out, buckets, summary, courses, top=planned.report.top, comparisons=compared)
        except OSError as error:
            raise UserError(f"{out}: cannot be written: {error}", "give --out a folder that can") from error
        usable = facts.usable
        del facts, found  # before the cycle collector wakes: it would walk them
    if not quiet:
        say_problems(summary.problems, notes=verbose)
        say(f"{out}: {_headline(summary)}")
    return status_of(summary.problems) if usable else ExitStatus.NOTHING


def check_files(choices: Mapping[str, object]) -> None:
    """Read what --prices and --previous name, before a night's questions are asked. UserError, BadFile."""
    _earlier(choices)
    where = str(choices.get("prices") or "bundled")
    if table_name(where) is None:
        load_prices(where)


def _earlier(choices: Mapping[str, object]) -> list[Earlier]:
    """What --previous names, in that order. BadFile where one is no summary."""
    given = choices.get("previous")
    return [earlier.read(Path(path)) for path in given] if isinstance(given, (list, tuple)) else []


def _prices(plan: Plan, choices: Mapping[str, object]) -> tuple[Matrix, list[Problem]]:
    """What --prices names. Where a table cannot be read tonight, for whatever reason, the bundled prices, and a gap
    that says so: what was collected is worth a report."""
    where, profile = str(choices.get("prices") or "bundled"), choices.get("profile")
    try:
        regions = {unit.region for unit in plan.units}
        return load_prices(where, regions=regions, profile=str(profile) if profile else None), []
    except (AwsFailure, BadFile, UserError) as failure:
        if table_name(where) is None:
            raise
        matrix = load_prices("bundled")
        what = f"{where} could not be read, so the bundled list of {matrix.published} is used: {failure}"
        return matrix, [gap("prices", what, failure.advice or "aggregate the parts again")]


def _headline(summary: Summary) -> str:
    from s3_monitor.report import sums

    totals = summary.totals
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    cost = "cost unknown"
    if totals.cost is not None:
        left_out = sums.excludes(sums.left_out_of_cost(totals))
        cost = f"{sums.cost_text(totals, summary.currency)} a month{left_out and f' ({left_out})'}"
    return f"{totals.buckets:,} buckets, {cost}; {gaps:,} gaps, {len(summary.problems) - gaps:,} notes"
