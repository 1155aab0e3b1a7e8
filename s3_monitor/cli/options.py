"""Options that several verbs share, and the choices they make."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class _PathType(click.Path):
    """A path that is not empty: Path("") would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("must be a path, got ''", param, ctx)
        return super().convert(value, param, ctx)


FOLDER = _PathType(file_okay=False, path_type=Path)
FILE = _PathType(dir_okay=False, path_type=Path)
OUTPUT = _PathType(dir_okay=False, allow_dash=True)


def output_file(ctx: click.Context, parameter: click.Parameter, given: str | None) -> Path | None:
    """The file that an option of type OUTPUT names; None for standard output."""
    return None if given in (None, "-") else Path(given)


output_option = click.option(
    "-o",
    "--output",
    type=OUTPUT,
    callback=output_file,
    metavar="FILE",
    help="Write the result to this file; - is standard output, the default.",
)


def combined(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several click decorators as one, in reading order."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


verbosity_options = combined(
    click.option("-v", "--verbose", is_flag=True, help="Say more on standard error."),
    click.option("-q", "--quiet", is_flag=True, help="Say only errors and gaps on standard error."),
)

selection_options = combined(
    click.option("-p", "--profile", metavar="PROFILE", help="AWS profile. Default: AWS's own variables and chain."),
    click.option(
        "-r", "--region", "regions", multiple=True, metavar="REGION", help="Only this region. May be repeated."
    ),
    click.option(
        "-b",
        "--bucket",
        "buckets",
        multiple=True,
        metavar="PATTERN",
        help="Only this bucket, or those that match this glob; of s3://BUCKET/KEY only those keys, a glob too."
        " May be repeated.",
    ),
    click.option("--regex", metavar="PATTERN", help="Only keys in which this regular expression (RE2) is found."),
    click.option(
        "-s",
        "--storage-type",
        "storage_types",
        multiple=True,
        metavar="STORAGE_TYPE",
        help="Only this CloudWatch StorageType, e.g. StandardStorage, in any case. May be repeated.",
    ),
)

depth_options = combined(
    click.option(
        "--last-modified",
        type=click.Choice(["auto", "all", "off"]),
        help="Which buckets are listed for the date of their newest object: auto (small ones, the default), all, off.",
    ),
    click.option(
        "--objects",
        type=click.Choice(["off", "auto", "inventory", "listing"]),
        help="What is asked about the objects of buckets, e.g. how many of which class and age: off (the default),"
        " listing every bucket, their S3 inventory, or auto: a young inventory, else a listing.",
    ),
    click.option(
        "--versions/--no-versions",
        default=None,
        help="With --objects: earlier versions, delete markers and unfinished uploads too.",
    ),
    click.option(
        "--history-days",
        type=click.IntRange(0, 455),
        metavar="N",
        help="Days of daily figures to read, 0 to 455; at least 4 are. Default: 34, for an exact 30-day change.",
    ),
    click.option(
        "--details/--no-details",
        default=None,
        help="Ask each bucket how it is configured: encryption, tags, … Default: what shards.yaml says, or no.",
    ),
    click.option(
        "--requests/--no-requests",
        default=None,
        help="Read request metrics of buckets that have them, and price them. Default: what shards.yaml says, or no.",
    ),
    click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
        metavar="TIME",
        help="The UTC time to look back from, e.g. 2026-11-21: not later than now, at most 455 days ago. Default: now.",
    ),
)

split_options = combined(
    click.option("--shards", type=FILE, metavar="FILE", help="A shards.yaml. Default: one account, by region."),
    click.option(
        "--split-by",
        type=click.Choice(["region", "storage-type", "account", "none"]),
        help="How accounts are split into shards. Default: what shards.yaml says, or region.",
    ),
    click.option("--max-shards", type=click.IntRange(1), metavar="N", help="Pack into at most N shards."),
)

costs_option = click.option(
    "--costs",
    type=click.Choice(["list", "billed", "tagged"]),
    help="list prices alone (the default); beside them what was billed, shared out by bytes and days, or by a cost "
    "allocation tag. Cost Explorer takes 0.01 USD a page.",
)

dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Print the expected calls and dollars, listings included, and collect nothing. Reads the lists of metrics"
    " and the object counts from CloudWatch: 0.01 USD per 1,000 buckets.",
)


def utc_now() -> datetime:
    """The clock, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
