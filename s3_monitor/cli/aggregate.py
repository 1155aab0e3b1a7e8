"""`s3-monitor aggregate`: parts become the report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, print_problems, print_status
from s3_monitor.cli.options import FILE, FOLDER, combined, utc_now, verbosity_options
from s3_monitor.cli.price_source import load_prices, prices_option, table_name
from s3_monitor.model import previous_summary
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.model.output import check_writable, exclusive
from s3_monitor.model.plan import Plan
from s3_monitor.model.previous_summary import PreviousSummary
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import PriceBook

if TYPE_CHECKING:
    from s3_monitor.merge.merged_data import MergedData
    from s3_monitor.model.bucket import Bucket
    from s3_monitor.report.data import ReportData
    from s3_monitor.trends.buckets import Changes, Key

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
    Exit status: 0 complete, 1 no shard has any data, 3 written with gaps.

    \b
    Examples:
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --previous last-week/summary.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices dynamodb:s3-monitor-prices
    """
    with signals.handled(signals.interrupt), activity("merging parts and writing the report", quiet=quiet):
        outcome = run_aggregate(plan, parts, out, choices, quiet=quiet, verbose=verbose)
    ctx.exit(outcome.status)


class Outcome(NamedTuple):
    """``entry``: the file to open first; None if no report was written."""

    status: ExitStatus
    summary: Summary
    entry: Path | None


def run_aggregate(
    plan: Path,
    parts: Path,
    out: Path,
    choices: Mapping[str, object],
    *,
    quiet: bool,
    verbose: bool = False,
    now: datetime | None = None,
) -> Outcome:
    """Merge, price and write. BadFile or UserError if an input or the folder cannot be used: then nothing is written.

    ``quiet`` is for callers that print problems and the headline themselves.
    """
    from s3_monitor.merge.merger import merge, paused_gc
    from s3_monitor.merge.parts import read_parts
    from s3_monitor.model import plan as plans
    from s3_monitor.report.data import build_report_data

    planned, digest = plans.read(plan, now or utc_now())
    earlier_ones = _earlier(choices)
    price_book, fallen_back = _prices(planned, choices)
    _check_folders(parts, out)
    with paused_gc():
        facts = merge(planned, digest, read_parts(parts))
        facts.problems.extend(fallen_back)
        found = build_report_data(facts, price_book, now or utc_now())
        summary, usable = found.summary, facts.usable
        if choices.get("data_only"):
            entry, missing = _write(out, facts, found, None)
        else:
            entry, missing = _write(out, facts, found, _PagesInput(price_book, earlier_ones, planned.report.top))
        del facts, found  # before the cycle collector wakes: it would walk them
    if not quiet:
        print_problems(summary.problems, notes=verbose)
    for what in missing:
        print_status(f"error: {out}: {what}")
    if not quiet and entry is not None:
        print_status(f"{entry}: {_headline(summary)}")
    status = exit_status_for(summary.problems) if usable and entry is not None else ExitStatus.NOTHING
    return Outcome(ExitStatus.GAPS if missing and status == ExitStatus.WHOLE else status, summary, entry)


class _PagesInput(NamedTuple):
    """What pages show in addition to the data files."""

    price_book: PriceBook
    earlier: list[PreviousSummary]
    top: int


def _check_folders(parts: Path, out: Path) -> None:
    """UserError if the parts cannot be listed or no report can be written."""
    if not parts.is_dir():
        raise UserError(f"--parts {parts}: there is no such folder", "name the folder that `collect` wrote parts to")
    if not os.access(parts, os.R_OK | os.X_OK):
        raise UserError(f"--parts {parts}: no permission to read the folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        check_writable(out / "summary.json")
        if not os.access(out, os.W_OK | os.X_OK):
            raise PermissionError(13, f"no permission to write to {out}")
    except OSError as error:
        raise UserError(f"--out {out}: cannot be written: {error.strerror or error}") from error


def _write(out: Path, facts: MergedData, found: ReportData, pages: _PagesInput | None) -> tuple[Path | None, list[str]]:
    """Write the report; return the file to open first, and what could not be written."""
    from s3_monitor.model.bucket import in_chunks
    from s3_monitor.report.data_files import write_data
    from s3_monitor.report.site_folder import prepare, remove_pages

    missing: list[str] = []
    try:
        with exclusive(out, lambda: print_status(f"{out}: waiting for another aggregation to finish writing")):
            prepare(out)
            if pages is None:
                write_data(out, facts, found)
                remove_pages(out)
                return out / "summary.json", missing
            buckets = [*chain.from_iterable(found.buckets())]
            write_data(out, facts, found._replace(buckets=lambda: in_chunks(buckets)))
            missing = _write_pages(out, buckets, facts, found, pages)
            return out / ("summary.json" if missing else "index.html"), missing
    except OSError as error:
        return None, [f"Could not write the report: {error.strerror or error}. No file of it was changed"]


def _write_pages(
    out: Path, buckets: Sequence[Bucket], facts: MergedData, data: ReportData, pages: _PagesInput
) -> list[str]:
    """Write report.md and the pages; return what could not be written."""
    from s3_monitor.report.comparison import compare
    from s3_monitor.report.markdown import write_markdown
    from s3_monitor.report.pages import write_pages
    from s3_monitor.trends import compute_trends

    missing = []
    summary = data.summary
    courses = compute_trends(facts, pages.price_book, _changes(buckets))
    compared = [compare(summary, one) for one in pages.earlier]
    try:
        write_markdown(out, summary, courses, compared)
    except OSError as error:
        missing.append(f"Could not write report.md: {error.strerror or error}")
    try:
        write_pages(out, buckets, summary, data.totals, courses, top=pages.top, comparisons=compared)
    except OSError as error:
        reason = error.strerror or error
        missing.append(f"Could not write index.html and all pages: {reason}. The data files are complete")
    return missing


def check_files(choices: Mapping[str, object]) -> None:
    """Read what --prices and --previous name, before a night's questions are asked. UserError, BadFile."""
    _earlier(choices)
    where = str(choices.get("prices") or "bundled")
    if table_name(where) is None:
        load_prices(where)


def _earlier(choices: Mapping[str, object]) -> list[PreviousSummary]:
    """What --previous names, in that order. BadFile where one is no summary."""
    given = choices.get("previous")
    return [previous_summary.read(Path(path)) for path in given] if isinstance(given, (list, tuple)) else []


def _prices(plan: Plan, choices: Mapping[str, object]) -> tuple[PriceBook, list[Problem]]:
    """What --prices names. Where a table cannot be read tonight, for whatever reason, the bundled prices, and a gap
    that says so: what was collected is worth a report."""
    where, profile = str(choices.get("prices") or "bundled"), choices.get("profile")
    try:
        regions = {unit.region for unit in plan.units}
        return load_prices(where, regions=regions, profile=str(profile) if profile else None), []
    except (AwsError, InvalidFileError, UserError) as failure:
        if table_name(where) is None:
            raise
        price_book = load_prices("bundled")
        published = price_book.published
        return price_book, [create_problem("price-table-unreadable", source=where, published=published, error=failure)]


def _changes(buckets: Iterable[Bucket]) -> dict[Key, Changes]:
    """Return the changes over 30 days that buckets.json states, so that the pages state the same."""
    from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS

    return {
        (one.account, one.region, one.name): (
            None if one.size_change_30d is None else round(one.size_change_30d),
            one.cost_change_30d,
        )
        for one in buckets
        if one.kind not in SEPARATE_NAMESPACE_KINDS
    }


def _headline(summary: Summary) -> str:
    from s3_monitor.report import sums

    totals = summary.totals
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    cost = "cost unknown"
    if totals.cost is not None:
        remark = sums.cost_remark(totals)
        cost = f"{sums.cost_text(totals, summary.currency)} a month{remark and f' ({remark})'}"
    return f"{totals.buckets:,} buckets, {cost}; {gaps:,} gaps, {len(summary.problems) - gaps:,} notes"
