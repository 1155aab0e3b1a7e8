"""`s3-monitor prices`: read, refresh, print and compare prices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import click

from s3_monitor.cli.exit_status import ExitStatus, print_info, print_status
from s3_monitor.cli.options import combine, profile_option, regions_option, utc_now, verbosity_options
from s3_monitor.cli.price_location import (
    check_regions_have_prices,
    load_prices,
    open_table,
    parse_table,
    prices_option,
)
from s3_monitor.cli.price_refresh import price_lists_option, read, refresh
from s3_monitor.cli.streams import print_lines
from s3_monitor.model.errors import UserError
from s3_monitor.model.safe_text import align_columns

_common_options = combine(profile_option, verbosity_options)


@click.group()
def prices() -> None:
    """Read, refresh and compare prices by region.

    Prices are those of storage, requests and transfer, by volume tier.

    \b
    Examples:
      s3-monitor prices show -r eu-west-1
      s3-monitor prices refresh --to prices.json
      s3-monitor prices refresh --to dynamodb:s3-monitor-prices
      s3-monitor prices check --prices prices.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
    """


prices.add_command(read)
prices.add_command(refresh)


@prices.command()
@prices_option
@regions_option
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Print a table's prices of this past day."
)
@_common_options
def show(prices: str, regions: Sequence[str], as_of: datetime | None, profile: str | None) -> None:
    """Print prices with their sources and dates.

    \b
    Examples:
      s3-monitor prices show -r us-east-1
      s3-monitor prices show --prices dynamodb:s3-monitor-prices --as-of 2026-08-01
    """
    from s3_monitor.cli.price_format import format_prices

    price_book = load_prices(prices, profile=profile, day=as_of.date() if as_of else None)
    check_regions_have_prices(regions, price_book)
    print_lines(format_prices(price_book, regions))


@prices.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@regions_option
@_common_options
def diff(before: str, after: str, regions: Sequence[str], profile: str | None) -> None:
    """Print the differences between the prices of A and B.

    A, B: bundled, a file, dynamodb:TABLE, or dynamodb:TABLE@DATE for the prices of a past day.

    \b
    Examples:
      s3-monitor prices diff bundled prices.json
      s3-monitor prices diff dynamodb:s3-monitor-prices@2026-06-30 dynamodb:s3-monitor-prices
    """
    from s3_monitor.cli.price_format import format_changes
    from s3_monitor.money.price_changes import compare_prices

    old, new = (load_prices(location, profile=profile) for location in (before, after))
    check_regions_have_prices(regions, old, new)
    if old.currency != new.currency:
        raise UserError(
            f"prices must have the same currency, got {old.currency} in {before} and {new.currency} in {after}"
        )
    changes = compare_prices(old, new, regions or None)
    if changes:
        print_lines(format_changes(changes))
    else:
        print_info("no differences")


@prices.command()
@prices_option
@price_lists_option
@_common_options
@click.pass_context
def check(ctx: click.Context, /, prices: str, sources: Sequence[str], profile: str | None) -> None:
    """Check whether AWS has published a newer price list than the prices in use.

    Exit status: 0 no newer list, 4 a newer list is published.

    \b
    Examples:
      s3-monitor prices check --prices prices.json
      s3-monitor prices check --from https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/region_index.json
    """
    from s3_monitor.cli.price_lists import published_versions
    from s3_monitor.money.price_changes import newer_versions, services_of

    price_book = load_prices(prices, regions=(), profile=profile)
    published = published_versions(profile, sources, services_of(price_book), price_book.currency, utc_now())
    if not published:
        raise UserError(f"found no price list in {price_book.currency} to compare with", "give --from a price list")
    newer = newer_versions(price_book, published)
    for version in newer:
        name = version.version or version.published
        print_status(f"{prices}: a newer list of {version.service or 'prices'} is published: {name}")
    if not newer:
        print_info(f"{prices}: no newer list is published")
    ctx.exit(ExitStatus.ACTION_NEEDED if newer else ExitStatus.COMPLETE)


@prices.group()
def table() -> None:
    """Create or describe the DynamoDB table that holds prices.

    \b
    Examples:
      s3-monitor prices table create s3-monitor-prices
      s3-monitor prices table describe s3-monitor-prices
    """


@table.command()
@click.argument("name", metavar="TABLE")
@_common_options
def create(name: str, profile: str | None) -> None:
    """Create the table, with on-demand billing.

    \b
    Example:
      s3-monitor prices table create s3-monitor-prices -p tooling
    """
    created = open_table(_table_name(name), profile).create()
    print_status(f"table {name}: {'created' if created else 'exists already'}")


@table.command()
@click.argument("name", metavar="TABLE")
@_common_options
def describe(name: str, profile: str | None) -> None:
    """Print the status of the table and the versions of its prices.

    \b
    Example:
      s3-monitor prices table describe s3-monitor-prices
    """
    from s3_monitor.cli.price_table import read_pointer

    table = open_table(_table_name(name), profile)
    description = table.describe()
    if description is None:
        raise UserError(f"there is no table {name}", f"create it: s3-monitor prices table create {name}")
    billing = description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    pointer = read_pointer(table)
    lines = [f"table {name}: {description['TableStatus']}, {billing}"]
    if pointer is None:
        lines.append("no prices yet")
    else:
        rows = [(version.stored, str(version.published), version.version) for version in pointer.history]
        lines += align_columns([("stored", "published", "version"), *rows])
    print_lines(lines)


def _table_name(text: str) -> str:
    """Return the name of a table, also if it is written as in --prices. Raises UserError."""
    location = parse_table(text)
    name = location.name if location else text
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):  # AWS: naming rules of tables
        raise UserError(f"a table name must have 3 to 255 letters, digits, '_', '-' and '.', got {name!r}")
    return name
