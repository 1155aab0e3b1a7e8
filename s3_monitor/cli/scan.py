"""The one-shot monitor: ask one account now, print the JSON list."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from s3_monitor.cli import signals
from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, print_problems, print_status
from s3_monitor.cli.options import (
    combined,
    depth_options,
    dry_run_option,
    output_option,
    selection_options,
    utc_now,
    verbosity_options,
)
from s3_monitor.model.bounds import is_utf8
from s3_monitor.model.errors import UserError
from s3_monitor.model.output import check_writable, write_atomically

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.model.bucket import Bucket
    from s3_monitor.model.plan import Plan
    from s3_monitor.model.summary import Summary

scan_options = combined(
    selection_options,
    output_option,
    click.option(
        "--format",
        type=click.Choice(["json", "table", "csv", "markdown"]),
        default="json",
        help="Output format. csv has the columns of report/buckets.csv. Default: json.",
    ),
    click.option(
        "--units",
        type=click.Choice(["bytes", "iec", "si"]),
        help="Unit of sizes in a table or markdown: bytes, KiB (iec) or kB (si). Default: iec.",
    ),
    click.option(
        "--group-by",
        callback=lambda ctx, param, value: _dimension(value),
        metavar="DIMENSION",
        help="Sums rather than buckets: region, account, storage-type, encryption or tag:KEY.",
    ),
    depth_options,
    dry_run_option,
    verbosity_options,
)


def _dimension(value: str | None) -> str | None:
    known = ("region", "account", "storage-type", "encryption")
    if value is None or value in known or (value.startswith("tag:") and len(value) > len("tag:") and is_utf8(value)):
        return value
    raise click.BadParameter(f"{value!r} is not one of {', '.join(known)}, tag:KEY")


# An exact -b names buckets one by one: the reader wants their dates, even of large ones.
_NAMED_BUCKET_OBJECTS = 1_000_000
_SAID = 20  # gaps, and notes


def scan(choices: Mapping[str, Any]) -> ExitStatus:
    """Plan, collect and merge in this process; the list to standard output, the rest to standard error.

    A signal ends it with exit status 130, and nothing is written.
    """
    from s3_monitor.cli import estimate, shard_process
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.merge.merger import merge
    from s3_monitor.model import plan as plans
    from s3_monitor.money.price_book import bundled_prices
    from s3_monitor.report.data import buckets_and_summary

    if choices["units"] not in (None, "bytes") and choices["format"] in ("json", "csv"):
        raise click.UsageError(f"--units: {choices['format']} is in bytes; add --format table or --format markdown")
    output: Path | None = choices["output"]
    _check_writable(output)
    quiet = choices["quiet"]
    with activity("reading the list of buckets", quiet=quiet) as shown:
        inquiry = AwsDiscovery(on_retry=shown.on_retry)
        plan = _plan(choices, inquiry)
    if choices["dry_run"]:
        return estimate.dry_run(plan, inquiry, quiet=quiet)
    digest = plans.digest(plans.encode(plan))
    with signals.handled(_stop_or_leave):
        with activity("collecting", quiet=quiet) as shown:
            inquiry.on_retry = shown.on_retry
            parts = [
                shard_process.collect_in_process(plan, digest, shard, inquiry, shown, quiet=quiet)
                for shard in plan.shards
            ]
        if shard_process.is_interrupted():
            signals.leave()
        facts = merge(plan, digest, parts)
        buckets, summary = buckets_and_summary(facts, bundled_prices(), utc_now())
        content = _content(buckets, summary, choices)
    with signals.handled(signals.interrupt):
        if shard_process.is_interrupted():
            signals.leave()
        print_problems(summary.problems, notes=not quiet, most=None if choices["verbose"] else _SAID)
        if all(part.status == "failed" for part in parts):
            print_status("error: nothing could be collected")
            return ExitStatus.NOTHING
        _write(content, output)
    return exit_status_for(summary.problems)


def _plan(choices: Mapping[str, Any], inquiry: AwsDiscovery) -> Plan:
    """Plan one shard of everything that the options select."""
    import msgspec

    from s3_monitor.cli.discovery import plan_options
    from s3_monitor.model.patterns import is_glob
    from s3_monitor.plan.planner import make_plan

    chosen = plan_options({**choices, "split_by": "none"})
    plan = make_plan(chosen, None, inquiry, utc_now())
    if chosen.buckets and not any(map(is_glob, chosen.buckets)):
        plan = msgspec.structs.replace(
            plan, listing=msgspec.structs.replace(plan.listing, max_objects=_NAMED_BUCKET_OBJECTS)
        )
    return _with_labels(plan, choices["group_by"])


def _stop_or_leave(number: int, frame: FrameType | None) -> None:
    """Handle a signal while collecting: the first lets temporary files be removed, a second does not wait for that."""
    from s3_monitor.cli import shard_process

    if shard_process.is_interrupted():
        signals.leave()
    shard_process.interrupt(number, frame)


def _with_labels(plan: Plan, group_by: str | None) -> Plan:
    """Sums by tag or encryption need buckets that were asked how they are configured."""
    import msgspec

    if group_by == "encryption":
        return msgspec.structs.replace(plan, details=True)
    if group_by is None or not group_by.startswith("tag:"):
        return plan
    report = msgspec.structs.replace(plan.report, group_by_tags=(group_by.removeprefix("tag:"),))
    return msgspec.structs.replace(plan, details=True, report=report)


def _content(buckets: Sequence[Bucket], summary: Summary, choices: Mapping[str, Any]) -> bytes:
    """Return the buckets, or their groups, in the chosen format."""
    from s3_monitor.model import bucket

    format_, by = choices["format"], choices["group_by"]
    if format_ == "json" and by is None:
        return bucket.encode(buckets)

    import msgspec

    from s3_monitor.model.safe_text import in_json
    from s3_monitor.report import buckets_csv, groups_csv, text_table
    from s3_monitor.report.csv_cells import Columns

    if format_ == "json":
        return in_json(msgspec.json.format(msgspec.json.encode(text_table.groups_by(summary, by)), indent=2)) + b"\n"
    if format_ == "csv":
        if by is not None:
            return groups_csv.encode(by, text_table.groups_by(summary, by), summary.currency)
        columns = Columns(summary.currency, tags=any(row.tags is not msgspec.UNSET for row in buckets))
        return buckets_csv.heading(columns) + buckets_csv.rows(buckets, columns)
    units: text_table.Units = choices["units"] or "iec"
    table = text_table.list_buckets(buckets, summary.currency) if by is None else text_table.list_groups(summary, by)
    return text_table.format_table(table, format_, units).encode("utf-8", "replace")


def _check_writable(output: Path | None) -> None:
    """UserError if the file cannot be written, before AWS is called."""
    if output is not None:
        try:
            check_writable(output)
        except OSError as error:
            raise click.UsageError(f"-o {output}: {error.strerror or error}") from error


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(output, content)
    except OSError as error:
        raise UserError(
            f"-o {output}: could not write it: {error.strerror or error}", "name another file with -o"
        ) from error
