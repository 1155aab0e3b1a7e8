"""Command-line options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from s3_monitor.cli.exit_status import store_flag
from s3_monitor.model.bounds import utf8_text

if TYPE_CHECKING:
    from s3_monitor.plan.options import PlanOptions

F = TypeVar("F", bound=Callable[..., Any])


class _PathType(click.Path):
    """A path that is not empty: Path("") would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; fail if it is empty."""
        if value == "":
            self.fail("must be a path, got ''", param, ctx)
        return super().convert(value, param, ctx)


FOLDER = _PathType(file_okay=False, path_type=Path)
FILE = _PathType(dir_okay=False, path_type=Path)
OUTPUT = _PathType(dir_okay=False, allow_dash=True)


def output_path(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """Return the path of an option of type OUTPUT; None means standard output."""
    return None if value in (None, "-") else Path(value)


def combine(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator that applies several options, in reading order."""
    return lambda function: functools.reduce(lambda inner, option: option(inner), reversed(options), function)


output_option = click.option(
    "-o",
    "--output",
    type=OUTPUT,
    callback=output_path,
    metavar="FILE",
    help="Write the result to this file. Default: -, standard output.",
)

_flag = functools.partial(click.option, is_flag=True, callback=store_flag, expose_value=False)
verbosity_options = combine(
    _flag("-v", "--verbose", help="Print more to standard error."),
    _flag("-q", "--quiet", help="Print only errors and gaps to standard error."),
)

profile_option = click.option(
    "-p",
    "--profile",
    callback=lambda context, parameter, value: value or None,
    metavar="PROFILE",
    help="Use this AWS profile. Default: the AWS environment variables and the default credential chain.",
)

regions_option = click.option(
    "-r", "--region", "regions", multiple=True, metavar="REGION", help="Select this region. May be repeated."
)

selection_options = combine(
    profile_option,
    regions_option,
    click.option(
        "-b",
        "--bucket",
        "buckets",
        multiple=True,
        metavar="PATTERN",
        help="Select this bucket, or the buckets that match this glob; s3://BUCKET/KEY selects only matching keys."
        " May be repeated.",
    ),
    click.option(
        "--regex",
        metavar="PATTERN",
        help="Select only keys that match this RE2 regular expression, anywhere in the key.",
    ),
    click.option(
        "-s",
        "--storage-type",
        "storage_types",
        multiple=True,
        metavar="STORAGE_TYPE",
        help="Select this CloudWatch StorageType, e.g. StandardStorage; case-insensitive. May be repeated.",
    ),
)

collection_options = combine(
    click.option(
        "--last-modified",
        type=click.Choice(["auto", "all", "off"]),
        help="List buckets for their last-modified date. auto: small buckets only. Default: auto.",
    ),
    click.option(
        "--objects",
        type=click.Choice(["off", "auto", "storage-lens", "inventory", "listing"]),
        help="Count objects by class, age and size, from a listing of each bucket or its S3 Inventory, or only by class"
        " from Storage Lens. auto: the exports of Storage Lens in shards.yaml, otherwise a recent inventory, otherwise"
        " a listing. Default: off.",
    ),
    click.option(
        "--versions/--no-versions",
        default=None,
        help="With --objects: also count noncurrent versions, delete markers and incomplete multipart uploads.",
    ),
    click.option(
        "--history-days",
        type=click.IntRange(0, 455),
        metavar="N",
        help="Read N days of daily values, at least 4. Default: 34, for an exact 30-day change.",
    ),
    click.option(
        "--details/--no-details",
        default=None,
        help="Read the configuration of each bucket: encryption, tags, … Default: as in shards.yaml, otherwise no.",
    ),
    click.option(
        "--requests/--no-requests",
        default=None,
        help="Read and price the request metrics of buckets that have them. Default: as in shards.yaml, otherwise no.",
    ),
    click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
        metavar="TIME",
        help="End the history at this UTC time, e.g. 2026-11-21. At most 455 days ago. Default: now.",
    ),
)

split_options = combine(
    click.option(
        "--shards", type=FILE, metavar="FILE", help="Read this shards.yaml. Default: one account, split by region."
    ),
    click.option(
        "--split-by",
        type=click.Choice(["region", "storage-type", "account", "none"]),
        help="Split accounts into shards by this dimension. Default: as in shards.yaml, otherwise region.",
    ),
    click.option("--max-shards", type=click.IntRange(1, 1_000_000), metavar="N", help="Create at most N shards."),
)

costs_option = click.option(
    "--costs",
    type=click.Choice(["list", "billed", "tagged", "exported"]),
    help="list: list prices only. billed: also the bill, allocated to buckets by bytes and days. tagged: also the bill"
    " by cost allocation tag. exported: also the charges of each bucket in a billing export. Cost Explorer charges 0.01"
    " USD per page, exports are free. Default: list.",
)

dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Print the expected calls and dollars, including listings, and collect nothing. Reads the lists of metrics"
    " and the object counts from CloudWatch: 0.01 USD per 1,000 buckets.",
)


def to_plan_options(options: Mapping[str, Any]) -> PlanOptions:
    """Convert command-line options. An option that the command does not have counts as not given."""
    from s3_monitor.plan.options import PlanOptions

    given = {name: options[name] for name in PlanOptions.__struct_fields__ if options.get(name) is not None}
    if "shards" in given:
        given["shards"] = utf8_text(str(given["shards"]))
    return PlanOptions(**given)


def utc_now() -> datetime:
    """Return the current time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
