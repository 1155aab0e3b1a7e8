"""`s3-monitor aggregate`: merge parts, price them and write the report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import (
    ExitStatus,
    exit_status_for,
    is_quiet,
    is_verbose,
    print_info,
    print_problems,
    print_status,
)
from s3_monitor.cli.options import FILE, FOLDER, combine, utc_now, verbosity_options
from s3_monitor.cli.price_location import BUNDLED, load_prices, parse_table, prices_option
from s3_monitor.cli.streams import user_errors
from s3_monitor.model import previous_summary
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.model.output import check_writable, exclusive
from s3_monitor.model.plan import Plan
from s3_monitor.model.policies import Policies
from s3_monitor.model.previous_summary import PreviousSummary
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import PriceBook

if TYPE_CHECKING:
    from s3_monitor.merge.merged_data import MergedData
    from s3_monitor.model.bucket import Bucket
    from s3_monitor.report.data import ReportData

aggregate_options = combine(
    prices_option,
    click.option(
        "--previous",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="Compare with this summary.json of an earlier report. May be repeated.",
    ),
    click.option(
        "--policies",
        type=FILE,
        metavar="FILE",
        help="Check the report against the budgets and rules of this policies.yaml.",
    ),
    click.option(
        "--data-only",
        is_flag=True,
        help="Write the data files without pages; above 100,000 buckets, without changes and forecast.",
    ),
)


@click.command()
@click.option("--plan", type=FILE, required=True, metavar="FILE", help="Read this plan.json.")
@click.option(
    "--parts", type=FOLDER, required=True, metavar="FOLDER", help="Read the parts in this folder and the folders in it."
)
@click.option("--out", type=FOLDER, required=True, metavar="FOLDER", help="Write the report to this folder.")
@aggregate_options
@verbosity_options
@click.pass_context
def aggregate(ctx: click.Context, /, plan: Path, parts: Path, out: Path, **options: object) -> None:
    """Merge the parts of all shards and write the report.

    \b
    Writes index.html, report.md, buckets.json, buckets.csv, storage.csv, summary.json,
    findings.json, findings.sarif, metrics.prom and junit.xml.
    Exit status: 0 complete, 1 no shard delivered data, 3 written with gaps, 5 written, and a policy is violated.

    \b
    Examples:
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --previous last-week/summary.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices dynamodb:s3-monitor-prices
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --policies policies.yaml
    """
    with signals.handled(signals.interrupt), activity("merging parts and writing the report"):
        outcome = run_aggregate(plan, parts, out, options)
    if not is_quiet():
        print_problems(outcome.summary.problems, notes=is_verbose())
    print_policies(outcome.summary)
    if outcome.entry is not None:
        print_info(f"{outcome.entry}: {_headline(outcome.summary)}")
    ctx.exit(outcome.status)


def print_policies(summary: Summary) -> None:
    """Print the policies that do not pass: with -q, only the violated ones."""
    for policy in summary.policies or ():
        if policy.status == "fail" or (policy.status != "pass" and not is_quiet()):
            print_status(f"{policy.kind} {policy.name}: {policy.status}: {policy.message}")


_MAX_BUCKETS_WITH_TRENDS = 100_000  # without pages; trends take longer than the data files


class Outcome(NamedTuple):
    """The result of an aggregation."""

    status: ExitStatus
    summary: Summary
    entry: Path | None
    """The file to open first; None: no report was written."""


def run_aggregate(plan: Path, parts: Path, out: Path, options: Mapping[str, Any]) -> Outcome:
    """Merge the parts, price them and write the report.

    Raises InvalidFileError or UserError if an input or the folder cannot be used; nothing is written then.
    """
    from s3_monitor.merge.merger import merge, paused_gc
    from s3_monitor.merge.parts import read_parts
    from s3_monitor.model import plan as plans
    from s3_monitor.report.data import build_report_data

    now = utc_now()
    planned, digest = plans.read(plan, now)
    previous, policies = _read_files(options)
    price_book, price_problems = _load_prices(planned, options)
    _check_folders(parts, out)
    with paused_gc():
        data = merge(planned, digest, read_parts(parts))
        data.problems.extend(price_problems)
        data_only = bool(options.get("data_only"))
        with_trends = not data_only or len(data.buckets) <= _MAX_BUCKETS_WITH_TRENDS
        report = build_report_data(data, price_book, now, policies=policies, previous=previous, with_trends=with_trends)
        summary, usable = report.summary, data.usable
        entry, errors = _write_report(out, data, report, with_pages=not data_only)
        del data, report  # before the garbage collector runs: it would traverse them
    for error in errors:
        print_status(f"error: {out}: {error}")
    return Outcome(_status(summary, errors, usable=usable and entry is not None), summary, entry)


def _status(summary: Summary, errors: Sequence[str], *, usable: bool) -> ExitStatus:
    """Return the exit status. A violated policy precedes gaps, since it is proven in spite of them."""
    if not usable:
        return ExitStatus.NOTHING_USABLE
    if any(policy.status == "fail" for policy in summary.policies or ()):
        return ExitStatus.POLICY_VIOLATED
    return ExitStatus.GAPS if errors else exit_status_for(summary.problems)


def _check_folders(parts: Path, out: Path) -> None:
    """Raise UserError if the parts cannot be listed or the report cannot be written."""
    if not parts.is_dir():
        raise UserError(f"--parts {parts}: there is no such folder", "name the folder that `collect` wrote parts to")
    if not os.access(parts, os.R_OK | os.X_OK):
        raise UserError(f"--parts {parts}: no permission to read the folder")
    with user_errors(f"--out {out}: could not write to the folder"):
        out.mkdir(parents=True, exist_ok=True)
        check_writable(out / "summary.json")
        if not os.access(out, os.W_OK | os.X_OK):
            raise PermissionError(13, f"no permission to write to {out}")


def _write_report(
    out: Path, data: MergedData, report: ReportData, *, with_pages: bool
) -> tuple[Path | None, list[str]]:
    """Write the report; return the file to open first, and the errors."""
    from s3_monitor.model.bucket import in_chunks
    from s3_monitor.report.data_files import write_data
    from s3_monitor.report.site_folder import prepare, remove_pages

    try:
        with exclusive(out, lambda: print_status(f"{out}: waiting for another aggregation to finish writing")):
            prepare(out)
            if not with_pages:
                write_data(out, data, report)
                remove_pages(out)
                return out / "summary.json", []
            buckets = [*chain.from_iterable(report.buckets())]
            write_data(out, data, report._replace(buckets=lambda: in_chunks(buckets)))
            errors = _write_pages(out, buckets, report, data.plan.report.top)
            return out / ("summary.json" if errors else "index.html"), errors
    except OSError as error:
        return None, [f"Could not write the report: {error.strerror or error}. No file of it was changed"]


def _write_pages(out: Path, buckets: Sequence[Bucket], report: ReportData, top: int) -> list[str]:
    """Write report.md and the pages, with a page for each of the ``top`` buckets; return the errors."""
    from s3_monitor.report.markdown import write_markdown
    from s3_monitor.report.pages import write_pages

    errors = []
    summary, totals, trends, findings = report.summary, report.totals, report.trends, report.findings
    compared = summary.compared
    try:
        write_markdown(out, summary, trends, compared)
    except OSError as error:
        errors.append(f"Could not write report.md: {error.strerror or error}")
    try:
        write_pages(out, buckets, summary, totals, trends, top=top, comparisons=compared, findings=findings)
    except OSError as error:
        reason = error.strerror or error
        errors.append(f"Could not write index.html and all pages: {reason}. The data files are complete")
    return errors


def check_files(options: Mapping[str, Any]) -> None:
    """Check the files of the options before data is collected. Raises UserError or InvalidFileError."""
    _read_files(options)
    location = options.get("prices") or BUNDLED
    if parse_table(location) is None:
        load_prices(location)


def _read_files(options: Mapping[str, Any]) -> tuple[list[PreviousSummary], Policies | None]:
    """Return the summaries of --previous in their order, and the policies. Raises InvalidFileError or UserError."""
    previous = [previous_summary.read(path) for path in options.get("previous") or ()]
    if not options.get("policies"):
        return previous, None
    from s3_monitor.plan import policies_file

    return previous, policies_file.load(options["policies"])


def _load_prices(plan: Plan, options: Mapping[str, Any]) -> tuple[PriceBook, list[Problem]]:
    """Return the prices of --prices; if a table cannot be read, the bundled prices and a gap.

    Raises InvalidFileError or UserError if a file cannot be read.
    """
    where = options.get("prices") or BUNDLED
    try:
        regions = {unit.region for unit in plan.units}
        return load_prices(where, regions=regions, profile=options.get("profile")), []
    except (AwsError, InvalidFileError, UserError) as failure:
        if parse_table(where) is None:
            raise
        price_book = load_prices(BUNDLED)
        published = price_book.published
        return price_book, [create_problem("price-table-unreadable", source=where, published=published, error=failure)]


def _headline(summary: Summary) -> str:
    """Return the number of buckets, their cost, and the number of problems."""
    from s3_monitor.report import formats, sums

    totals = summary.totals
    gaps = sum(problem.severity == "gap" for problem in summary.problems)
    cost = "cost unknown"
    if totals.cost is not None:
        remark = sums.cost(totals).remark
        cost = f"{sums.cost_text(totals, summary.currency)} per month{remark and f' ({remark})'}"
    counts = (formats.plural(gaps, "gap"), formats.plural(len(summary.problems) - gaps, "note"))
    return f"{formats.plural(totals.buckets, 'bucket')}, {cost}; {', '.join(counts)}"
