"""The one-shot monitor: ask one account now, print the JSON list."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from s3_monitor.cli.exits import ExitStatus, say, say_problems, status_of
from s3_monitor.cli.options import (
    FILE,
    combined,
    depth_options,
    dry_run_option,
    selection_options,
    utc_now,
    verbosity_options,
)

if TYPE_CHECKING:
    from s3_monitor.model.bucket import Bucket
    from s3_monitor.model.plan import Plan
    from s3_monitor.model.summary import Summary

scan_options = combined(
    selection_options,
    click.option("-o", "--output", type=FILE, metavar="FILE", help="Write the list there, not to standard output."),
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
    if value is None or value in known or (value.startswith("tag:") and len(value) > len("tag:")):
        return value
    raise click.BadParameter(f"{value!r} is not one of {', '.join(known)}, tag:KEY")


# An exact -b names buckets one by one: the reader wants their dates, even of large ones.
_NAMED_BUCKET_OBJECTS = 1_000_000
_SAID = 20  # gaps, and notes


def scan(choices: Mapping[str, Any]) -> ExitStatus:
    """Plan, collect and merge in this process; the list to standard output, the rest to standard error."""
    import msgspec

    from s3_monitor.cli.estimate import dry_run
    from s3_monitor.cli.inquiry import AwsInquiry, choices_of
    from s3_monitor.cli.worker import collect_in_process, leave_if_interrupted
    from s3_monitor.merge import merge
    from s3_monitor.model import plan as plans
    from s3_monitor.model.patterns import is_glob
    from s3_monitor.money.prices import bundled
    from s3_monitor.plan.planner import make_plan
    from s3_monitor.report.data import records

    if choices["units"] not in (None, "bytes") and choices["format"] in ("json", "csv"):
        raise click.UsageError(f"--units: {choices['format']} is in bytes; add --format table or --format markdown")
    output: Path | None = choices["output"]
    if output is not None and not output.resolve().parent.is_dir():
        raise click.UsageError(f"-o {output}: there is no folder {output.resolve().parent}")
    if output is not None and not os.access(output.resolve().parent, os.W_OK):
        raise click.UsageError(f"-o {output}: nothing may be written into {output.resolve().parent}")

    inquiry = AwsInquiry()
    chosen = choices_of({**choices, "split_by": "none"})
    plan = make_plan(chosen, None, inquiry, utc_now())
    if chosen.buckets and not any(map(is_glob, chosen.buckets)):
        plan = msgspec.structs.replace(
            plan, listing=msgspec.structs.replace(plan.listing, max_objects=_NAMED_BUCKET_OBJECTS)
        )
    plan = _with_labels(plan, choices["group_by"])
    if choices["dry_run"]:
        return dry_run(plan, inquiry, quiet=choices["quiet"])

    content = plans.encode(plan)
    digest = plans.digest(content)
    parts = [collect_in_process(plan, digest, shard, inquiry, quiet=choices["quiet"]) for shard in plan.shards]
    facts = merge(plan, digest, parts)
    buckets, summary = records(facts, bundled(), utc_now())
    say_problems(summary.problems, notes=not choices["quiet"], most=None if choices["verbose"] else _SAID)
    if all(part.status == "failed" for part in parts):
        say("error: nothing could be collected")
        status = ExitStatus.NOTHING
    else:
        _write(_content(buckets, summary, choices), output)
        status = status_of(summary.problems)
    leave_if_interrupted(status)
    return status


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
    """The list, or the groups, in the form that was chosen."""
    import msgspec

    from s3_monitor.model import bucket
    from s3_monitor.report import buckets_csv, groups_csv, listing
    from s3_monitor.report.csv_cells import Columns

    form, by = choices["format"], choices["group_by"]
    if form == "json":
        if by is None:
            return bucket.encode(buckets)
        return msgspec.json.format(msgspec.json.encode(listing.groups_of(summary, by)), indent=2) + b"\n"
    if form == "csv":
        if by is not None:
            return groups_csv.encode(by, listing.groups_of(summary, by), summary.currency)
        columns = Columns(summary.currency, tags=any(one.tags is not msgspec.UNSET for one in buckets))
        return b"".join(buckets_csv.pieces(bucket.in_chunks(buckets), columns))
    units: listing.Units = choices["units"] or "iec"
    shown = listing.of_buckets(buckets, summary.currency) if by is None else listing.of_groups(summary, by)
    return listing.written(shown, form, units).encode("utf-8", "replace")


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from s3_monitor.model.failure import UserError
    from s3_monitor.model.files import write_atomically

    try:
        write_atomically(output, content)
    except OSError as error:
        raise UserError(f"{output}: cannot be written: {error.strerror or error}", "give -o a file that can") from error
