"""The one-shot monitor: collect one account in this process and print the list of buckets."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, is_quiet, print_problems, print_status
from s3_monitor.cli.options import (
    collection_options,
    combine,
    dry_run_option,
    output_option,
    selection_options,
    to_plan_options,
    utc_now,
    verbosity_options,
)
from s3_monitor.cli.streams import write_result
from s3_monitor.model.bounds import is_utf8
from s3_monitor.model.output import check_writable

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.model.bucket import Bucket
    from s3_monitor.model.plan import Plan
    from s3_monitor.model.summary import Summary

scan_options = combine(
    selection_options,
    output_option,
    click.option(
        "--format",
        type=click.Choice(["json", "table", "csv", "markdown"]),
        default="json",
        help="Print the result in this format. csv: the columns of report/buckets.csv. Default: json.",
    ),
    click.option(
        "--units",
        type=click.Choice(["bytes", "iec", "si"]),
        help="Print sizes of table and markdown in bytes, KiB (iec) or kB (si). Default: iec.",
    ),
    click.option(
        "--sort",
        type=click.Choice(["cost", "size", "objects", "name", "created", "modified"]),
        help="Sort table and markdown by this, the largest, oldest or longest unchanged first. Default: cost.",
    ),
    click.option(
        "--top",
        type=click.IntRange(min=1),
        metavar="N",
        help="Print only the first N rows of table and markdown, and the total. Default: all.",
    ),
    click.option(
        "--group-by",
        callback=lambda ctx, param, value: _check_dimension(value),
        metavar="DIMENSION",
        help="Print sums instead of buckets: by region, account, storage-type, encryption or tag:KEY.",
    ),
    collection_options,
    dry_run_option,
    verbosity_options,
)


def _check_dimension(value: str | None) -> str | None:
    names = ("region", "account", "storage-type", "encryption")
    if value is None or value in names or (value.startswith("tag:") and len(value) > len("tag:") and is_utf8(value)):
        return value
    raise click.BadParameter(f"must be one of {', '.join(names)} or tag:KEY, got {value!r}")


# The listing limit if each -b is the name of one bucket: its last-modified date is worth a longer listing.
_NAMED_BUCKET_OBJECTS = 1_000_000


def scan(options: Mapping[str, Any]) -> ExitStatus:
    """Plan, collect and merge in this process, and write the result; print problems to standard error.

    A signal ends the process with exit status 130 and without a result.
    """
    from s3_monitor.cli import estimate, shard_process
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.merge.merger import merge
    from s3_monitor.model import plan as plans
    from s3_monitor.money.price_book import bundled_prices
    from s3_monitor.report.data import buckets_and_summary

    _check_table_options(options)
    output: Path | None = options["output"]
    _check_writable(output)
    with activity("reading the list of buckets") as progress:
        discovery = AwsDiscovery(on_retry=progress.on_retry)
        plan = _create_plan(options, discovery)
    if options["dry_run"]:
        return estimate.dry_run(plan, discovery)
    digest = plans.digest(plans.encode(plan))
    with signals.handled(_interrupt_or_leave):
        with activity("collecting") as progress:
            discovery.on_retry = progress.on_retry
            parts = [
                shard_process.collect_in_process(plan, digest, shard, discovery, progress) for shard in plan.shards
            ]
        if shard_process.stop.is_set():
            signals.leave()
        facts = merge(plan, digest, parts)
        buckets, summary = buckets_and_summary(facts, bundled_prices(), utc_now())
        content = _content(buckets, summary, options)
    with signals.handled(signals.interrupt):
        if shard_process.stop.is_set():
            signals.leave()
        print_problems(summary.problems, notes=not is_quiet(), brief=True)
        if all(part.status == "failed" for part in parts):
            print_status("error: no data could be collected")
            return ExitStatus.NOTHING_USABLE
        write_result(content, output)
    return exit_status_for(summary.problems)


def _check_table_options(options: Mapping[str, Any]) -> None:
    """Raise a usage error for options that the format or the groups do not have."""
    format_, instead = options["format"], "add --format table or --format markdown"
    if format_ in ("json", "csv"):
        if options["units"] not in (None, "bytes"):
            raise click.UsageError(f"--units: {format_} is in bytes; {instead}")
        for name in ("sort", "top"):
            if options[name] is not None:
                raise click.UsageError(f"--{name}: {format_} has all buckets, sorted by name; {instead}")
    if options["group_by"] is not None and options["sort"] in ("created", "modified"):
        raise click.UsageError(f"--sort with --group-by must be cost, size, objects or name, got {options['sort']}")


def _create_plan(options: Mapping[str, Any], discovery: AwsDiscovery) -> Plan:
    """Create a plan with one shard that has all the selection, and the configuration of buckets if groups need it."""
    import msgspec

    from s3_monitor.model.patterns import is_glob
    from s3_monitor.plan.planner import make_plan

    by, _, tag = (options["group_by"] or "").partition(":")
    details = by in ("encryption", "tag") or options["details"]
    plan_options = to_plan_options({**options, "split_by": "none", "details": details})
    plan = make_plan(plan_options, None, discovery, utc_now())
    if plan_options.buckets and not any(map(is_glob, plan_options.buckets)):
        plan = msgspec.structs.replace(
            plan, listing=msgspec.structs.replace(plan.listing, max_objects=_NAMED_BUCKET_OBJECTS)
        )
    report = msgspec.structs.replace(plan.report, group_by_tags=(tag,) if tag else None)
    return msgspec.structs.replace(plan, report=report)


def _interrupt_or_leave(number: int, frame: FrameType | None) -> None:
    """Handle a signal while collecting: the first ends collecting, the second ends the process at once."""
    from s3_monitor.cli import shard_process

    if shard_process.stop.is_set():
        signals.leave()
    shard_process.interrupt(number, frame)


def _content(buckets: Sequence[Bucket], summary: Summary, options: Mapping[str, Any]) -> bytes:
    """Return the buckets, or their groups, in the chosen format."""
    from s3_monitor.model import bucket

    format_, by = options["format"], options["group_by"]
    if format_ == "json" and by is None:
        return bucket.encode(buckets)

    import msgspec

    from s3_monitor.model.safe_text import in_json
    from s3_monitor.report import csv_files, text_table

    if format_ == "json":
        return in_json(msgspec.json.format(msgspec.json.encode(text_table.groups_by(summary, by)), indent=2)) + b"\n"
    if format_ == "csv":
        if by is not None:
            return csv_files.group_table(by, text_table.groups_by(summary, by), summary.currency)
        columns = csv_files.Columns(summary.currency, tags=any(row.tags is not msgspec.UNSET for row in buckets))
        return csv_files.BUCKETS.heading(columns) + csv_files.BUCKETS.rows(buckets, columns)
    units: text_table.Units = options["units"] or "iec"
    sort, top = options["sort"] or "cost", options["top"]
    table = (
        text_table.list_buckets(buckets, summary, sort, top)
        if by is None
        else text_table.list_groups(summary, by, sort, top)
    )
    width = shutil.get_terminal_size().columns if options["output"] is None and sys.stdout.isatty() else None
    return text_table.format_table(table, format_, units, width).encode("utf-8", "replace")


def _check_writable(output: Path | None) -> None:
    """Raise a usage error if the file cannot be written, before AWS is called."""
    if output is not None:
        try:
            check_writable(output)
        except OSError as error:
            raise click.UsageError(f"-o {output}: {error.strerror or error}") from error
