"""The commands that read AWS's price lists: `prices read` and `prices refresh`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, is_quiet, is_verbose, print_info, print_status
from s3_monitor.cli.options import output_option, profile_option, regions_option, utc_now, verbosity_options
from s3_monitor.cli.price_location import PriceTarget, check_region_names, check_regions_have_prices
from s3_monitor.cli.streams import write_result
from s3_monitor.model.errors import UserError
from s3_monitor.money.price_book import PriceBook

if TYPE_CHECKING:
    from s3_monitor.cli.price_lists import Entries

_MOST_NAMED_REGIONS = 5

price_lists_option = click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="FILE|URL",
    help="Read this AWS price list instead of calling AWS's Query API. May be repeated: the lists of S3, of S3 Glacier"
    " Deep Archive and of data transfer.",
)


@click.command()
@click.argument("lists", nargs=-1, required=True, metavar="FILE...")
@output_option
@regions_option
@verbosity_options
def read(lists: Sequence[str], output: Path | None, regions: Sequence[str]) -> None:
    """Convert AWS's price lists to a price book.

    FILE: an offer file (index.json or index.csv) of AmazonS3, AmazonS3GlacierDeepArchive or AWSDataTransfer, of any
    year, or the output of `aws pricing get-products`. All lists must have the same currency. Entries that cannot be
    used are counted by reason; -v lists their usage types. Unlike `prices refresh`, this command does not check
    whether the prices are complete.

    \b
    Examples:
      s3-monitor prices read AmazonS3.json AmazonS3GlacierDeepArchive.json -o prices.json
      s3-monitor prices read index.csv -r eu-west-1 -v
    """
    from s3_monitor.cli.price_lists import read_sources
    from s3_monitor.money.price_book import encode_price_book

    try:
        price_book = _import(read_sources(lists), regions, named=regions)
    except NoUsablePrice:
        check_region_names(regions)
        raise
    check_regions_have_prices(regions, price_book)
    write_result(encode_price_book(price_book), output)


@click.command()
@click.option(
    "--to",
    default="prices.json",
    show_default=True,
    metavar="FILE|dynamodb:TABLE",
    help="Write the prices to this file or table.",
)
@regions_option
@price_lists_option
@click.option("--accept-changes", is_flag=True, help="Accept missing prices and prices that changed by more than 20%.")
@profile_option
@verbosity_options
@click.pass_context
def refresh(
    ctx: click.Context,
    /,
    to: str,
    regions: Sequence[str],
    sources: Sequence[str],
    accept_changes: bool,
    profile: str | None,
) -> None:
    """Read AWS's current prices, and accept them only if they are complete.

    The new prices are accepted if they include every storage price of the regions (-r; default: the regions of the
    prices in use) and no price changes by more than 20%. Otherwise the prices in use stay, and the exit status is 1.

    With -r, all other regions of an existing file or table keep their prices and their dates. A new file or table
    gets only the regions named with -r; without -r it gets all regions.

    A damaged table is repaired: regions that can still be read are kept, the others are read from AWS again.

    \b
    Examples:
      s3-monitor prices refresh --to prices.json
      s3-monitor prices refresh --to dynamodb:s3-monitor-prices -r eu-west-1 -r us-east-1
      s3-monitor prices refresh --to prices.json --from AmazonS3.json --from AmazonS3GlacierDeepArchive.json
    """
    from s3_monitor.cli import price_lists
    from s3_monitor.money.price_book import bundled_prices, without_prices
    from s3_monitor.money.price_changes import keep_other_regions

    target = PriceTarget(to, profile)
    for damage in target.damage:
        print_status(f"{to}: damaged: {damage}")
    in_use = target.price_book or bundled_prices()
    lost = target.lost_regions
    refreshed = list(dict.fromkeys([*regions, *lost])) if regions else sorted({*in_use.regions, *lost})
    lists = price_lists.read_sources(sources) if sources else price_lists.query_price_lists(profile, refreshed)
    try:
        new = _import(lists, refreshed if regions else (), named=refreshed)
    except NoUsablePrice as error:
        check_region_names(refreshed, in_use)
        print_status(f"rejected: {error}; {to}: the prices in use stay")
        ctx.exit(ExitStatus.NOTHING_USABLE)
    check_region_names(refreshed, in_use, new)
    if new.currency != in_use.currency:
        if target.price_book:
            what = f"{to} has prices in {in_use.currency}, and the lists are in {new.currency}"
            raise UserError(f"{what}: a price book has one currency", "write them to another file with --to")
        in_use, refreshed = without_prices(new), list(regions) or sorted(new.regions)
    if not _accept(in_use, new, refreshed, accept_changes=accept_changes):
        print_status(f"{to}: the prices in use stay; --accept-changes accepts the new ones")
        ctx.exit(ExitStatus.NOTHING_USABLE)
    merged = keep_other_regions(target.price_book, new, refreshed) if target.price_book else new
    if not target.replace(merged, utc_now()):
        print_status(f"{to}: another refresh finished first; its prices are in use")
        ctx.exit(ExitStatus.NOTHING_USABLE)
    counts = f"{len(refreshed)} regions refreshed, {len(merged.regions)} in total"
    print_info(f"{to}: prices of {new.published}, {counts}")
    if regions and not target.price_book:
        print_info(f"{to} is new and has only the regions named with -r; other regions have no price in it")


def _accept(in_use: PriceBook, new: PriceBook, regions: Sequence[str], *, accept_changes: bool) -> bool:
    """Print the reasons against the new prices; return whether they may replace those in use."""
    from s3_monitor.money.price_changes import validation_errors

    errors = validation_errors(in_use, new, regions)
    for error in errors:
        print_status(f"{'accepted' if accept_changes else 'rejected'}: {error}")
    return accept_changes or not errors


class NoUsablePrice(UserError):
    """The price lists have no price that can be used."""


def _import(lists: Iterable[Entries], regions: Sequence[str], *, named: Sequence[str]) -> PriceBook:
    """Import price lists, and print which entries could not be used.

    ``named``: the regions that an error names. Raises NoUsablePrice, and UserError if the currencies differ.
    """
    from s3_monitor.cli.price_format import format_losses, format_skipped
    from s3_monitor.money.price_list_import import import_price_lists

    with activity("reading price lists"):
        price_book, skips = import_price_lists(lists, regions)
    for line in format_skipped(skips, losses_only=is_quiet()) if is_verbose() else ():
        print_status(line)
    losses = format_losses(skips)
    if price_book is None:
        where = ", ".join(named) if len(named) <= _MOST_NAMED_REGIONS else f"{len(named)} regions"
        what = f"the lists have no usable price of S3{f' in {where}' if named else ''}"
        if not losses:
            raise NoUsablePrice(f"{what}: products read: {skips.read:,}", "give the lists of AmazonS3")
        advice = "-v lists the usage types and values; give the lists as AWS publishes them"
        raise NoUsablePrice(f"{what}: {losses}", advice)
    if losses and not is_verbose():
        losses += " (-v lists them)"
    if losses or not is_quiet():
        print_status(f"read {skips.read:,} products, could not use {skips.lost:,}{losses and f': {losses}'}")
    return price_book
