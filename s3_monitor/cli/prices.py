"""`s3-monitor prices`: the price matrix, read from AWS's lists, accepted, kept, shown."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, print_status
from s3_monitor.cli.options import combined, output_option, utc_now, verbosity_options
from s3_monitor.cli.price_regions import check_names, check_regions
from s3_monitor.cli.price_source import load_prices, open_table, prices_option, table_name
from s3_monitor.model.errors import UserError
from s3_monitor.model.safe_text import one_line
from s3_monitor.money.price_book import PriceBook

if TYPE_CHECKING:
    from s3_monitor.cli.price_lists import Entries
    from s3_monitor.money.price_list_import import NoUsablePriceError

_profile_option = click.option(
    "-p", "--profile", metavar="PROFILE", help="AWS profile. Default: AWS's own variables and chain."
)
_regions_option = click.option(
    "-r", "--region", "regions", multiple=True, metavar="REGION", help="Only this region. May be repeated."
)
_from_option = click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="FILE|URL",
    help="An AWS price list to take instead of asking AWS's API. May be repeated: the list of S3, of its Deep Archive, "
    "of data transfer.",
)
_MOST_NAMED = 5  # regions
_quiet_options = combined(_profile_option, verbosity_options)


@click.group()
def prices() -> None:
    """The price matrix: what storage, requests and transfer cost by region and tier.

    \b
    Examples:
      s3-monitor prices show -r eu-west-1
      s3-monitor prices refresh --to prices.json
      s3-monitor prices refresh --to dynamodb:s3-monitor-prices
      s3-monitor prices check --prices prices.json
      s3-monitor aggregate --plan plan/plan.json --parts parts --out report --prices prices.json
    """


@prices.command()
@click.argument("lists", nargs=-1, required=True, metavar="FILE...")
@output_option
@_regions_option
@verbosity_options
def read(lists: Sequence[str], output: Path | None, regions: Sequence[str], verbose: bool, quiet: bool) -> None:
    """Turn AWS's price lists into a matrix.

    FILE: offer files (index.json or index.csv) of AmazonS3, AmazonS3GlacierDeepArchive and AWSDataTransfer, of any
    year, or the output of `aws pricing get-products`. Entries that cannot be used are counted by reason; -v lists
    their usage types. The matrix has the currency of the lists, and lists must share one. `prices refresh` checks
    whether a matrix is complete, this command does not.

    \b
    Examples:
      s3-monitor prices read AmazonS3.json AmazonS3GlacierDeepArchive.json -o prices.json
      s3-monitor prices read index.csv -r eu-west-1 -v
    """
    from s3_monitor.cli.price_lists import read_sources
    from s3_monitor.money.price_book import encode_price_book
    from s3_monitor.money.price_list_import import NoUsablePriceError

    try:
        price_book = _read(read_sources(lists), regions, verbose=verbose, quiet=quiet)
    except NoUsablePriceError as error:
        check_names(regions)
        raise _nothing_read(error, regions) from error
    check_regions(regions, price_book)
    content = encode_price_book(price_book)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        _write(output, content)


@prices.command()
@click.option(
    "--to", default="prices.json", show_default=True, metavar="FILE|dynamodb:TABLE", help="Where the prices are kept."
)
@_regions_option
@_from_option
@click.option("--accept-changes", is_flag=True, help="Accept prices that are missing or have moved by more than 20 %.")
@_quiet_options
@click.pass_context
def refresh(
    ctx: click.Context,
    /,
    to: str,
    regions: Sequence[str],
    sources: Sequence[str],
    accept_changes: bool,
    profile: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Read AWS's current prices, and accept them only if they are complete.

    A matrix is accepted if it has every storage price of the regions (-r; default: those of the prices in use) and
    moves no price by more than 20%. Otherwise the prices in use stay, and the exit status is 1.

    With -r, all other regions of an existing file or table keep their prices and their dates. A new file or table
    gets only the regions named with -r; without -r it gets all regions.

    A damaged table is repaired: regions that can still be read are kept, the others are read anew.

    \b
    Examples:
      s3-monitor prices refresh --to prices.json
      s3-monitor prices refresh --to dynamodb:s3-monitor-prices -r eu-west-1 -r us-east-1
      s3-monitor prices refresh --to prices.json --from AmazonS3.json --from AmazonS3GlacierDeepArchive.json
    """
    from s3_monitor.cli import price_lists
    from s3_monitor.cli.price_target import Target
    from s3_monitor.money.price_book import bundled_prices, without_prices
    from s3_monitor.money.price_list_import import NoUsablePriceError
    from s3_monitor.money.price_validation import keep_other_regions, validation_errors

    target = Target.at(to, profile)
    in_use = target.price_book()
    for damage in target.damage:
        print_status(f"{to}: damaged: {damage}")
    old = in_use or bundled_prices()
    wanted = list(
        dict.fromkeys([*regions, *target.lost_regions] if regions else sorted({*old.regions, *target.lost_regions}))
    )
    entries = price_lists.read_sources(sources) if sources else price_lists.query_price_lists(profile, wanted)
    try:
        new = _read(entries, wanted if regions else (), verbose=verbose, quiet=quiet)
    except NoUsablePriceError as error:
        check_names(wanted, old)
        print_status(f"not accepted: {_nothing_read(error, wanted)}; {to}: the prices in use stay")
        ctx.exit(ExitStatus.NOTHING)
    check_names(wanted, old, new)
    if new.currency != old.currency:
        if in_use:
            what = f"{to} has prices in {old.currency}, the lists are in {new.currency}"
            raise UserError(f"{what}: a matrix has one currency", "write them to another file with --to")
        old, wanted = without_prices(new), list(regions) or sorted(new.regions)
    faults = validation_errors(old, new, wanted)
    for fault in faults:
        print_status(f"{'accepted' if accept_changes else 'not accepted'}: {fault}")
    if faults and not accept_changes:
        print_status(f"{to}: the prices in use stay as they are; --accept-changes accepts these")
        ctx.exit(ExitStatus.NOTHING)
    merged = keep_other_regions(in_use, new, wanted) if in_use else new
    if not target.put(merged, uuid.uuid4().hex, utc_now()):
        print_status(f"{to}: another refresh was faster; its prices are in use")
        ctx.exit(ExitStatus.NOTHING)
    if not quiet:
        print_status(f"{to}: prices of {new.published}, {len(wanted)} regions refreshed, {len(merged.regions)} in all")
        if regions and not in_use:
            print_status(f"{to} is new and has only the regions named with -r; other regions have no price in it")


@prices.command()
@prices_option
@_regions_option
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Of a table: as they were that day.")
@_quiet_options
def show(
    prices: str, regions: Sequence[str], as_of: datetime | None, profile: str | None, verbose: bool, quiet: bool
) -> None:
    """Print the prices, and where each was read.

    \b
    Examples:
      s3-monitor prices show -r us-east-1
      s3-monitor prices show --prices dynamodb:s3-monitor-prices --as-of 2026-08-01
    """
    from s3_monitor.cli.price_format import describe

    price_book = load_prices(prices, profile=profile, on=as_of.date() if as_of else None)
    check_regions(regions, price_book)
    _print(describe(price_book, regions))


@prices.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@_regions_option
@_quiet_options
def diff(before: str, after: str, regions: Sequence[str], profile: str | None, verbose: bool, quiet: bool) -> None:
    """Print what differs between two matrices, each bundled, a FILE or dynamodb:TABLE[@DATE].

    \b
    Examples:
      s3-monitor prices diff bundled prices.json
      s3-monitor prices diff dynamodb:s3-monitor-prices@2026-06-30 dynamodb:s3-monitor-prices
    """
    from s3_monitor.cli.price_format import differences
    from s3_monitor.money.price_changes import compare_prices

    old, new = (load_prices(where, profile=profile) for where in (before, after))
    check_regions(regions, old, new)
    if old.currency != new.currency:
        raise UserError(f"{before} is in {old.currency}, {after} in {new.currency}: they cannot be compared")
    found = compare_prices(old, new, regions or None)
    if found:
        _print(differences(found))
    elif not quiet:
        print_status("no difference")


@prices.command()
@prices_option
@_from_option
@_quiet_options
@click.pass_context
def check(
    ctx: click.Context, /, prices: str, sources: Sequence[str], profile: str | None, verbose: bool, quiet: bool
) -> None:
    """Find out whether AWS has published a newer list than the prices were read from: exit status 4 if so.

    \b
    Examples:
      s3-monitor prices check --prices prices.json
      s3-monitor prices check --from https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/region_index.json
    """
    from s3_monitor.cli.price_lists import published_versions
    from s3_monitor.money.price_list_versions import newer_versions, services_of

    price_book = load_prices(prices, regions=(), profile=profile)
    issues = published_versions(profile, sources, services_of(price_book), price_book.currency, utc_now())
    if not issues:
        raise UserError(f"no price list in {price_book.currency} was found to compare with", "give --from a list")
    found = newer_versions(price_book, issues)
    for issue in found:
        print_status(
            f"{prices}: a newer list of {issue.service or 'prices'} is published: {issue.version or issue.published}"
        )
    if not found and not quiet:
        print_status(f"{prices}: no newer list is published")
    ctx.exit(ExitStatus.NEWER if found else ExitStatus.WHOLE)


@prices.group()
def table() -> None:
    """The table in DynamoDB that prices may be kept in.

    \b
    Examples:
      s3-monitor prices table create s3-monitor-prices
      s3-monitor prices table describe s3-monitor-prices
    """


@table.command()
@click.argument("name", metavar="TABLE")
@_quiet_options
def create(name: str, profile: str | None, verbose: bool, quiet: bool) -> None:
    """Make the table, billed by the request.

    \b
    Example:
      s3-monitor prices table create s3-monitor-prices -p tooling
    """
    made = open_table(_name(name), profile).create()
    print_status(f"table {name}: {'made' if made else 'is there already'}")


@table.command("describe")
@click.argument("name", metavar="TABLE")
@_quiet_options
@click.pass_context
def describe_table(ctx: click.Context, /, name: str, profile: str | None, verbose: bool, quiet: bool) -> None:
    """Say whether the table is there, and which prices it has held.

    \b
    Example:
      s3-monitor prices table describe s3-monitor-prices
    """
    from s3_monitor.cli.price_format import table as columns
    from s3_monitor.money.dynamodb_store import read_pointer

    opened = open_table(_name(name), profile)
    about = opened.describe()
    if about is None:
        raise UserError(f"there is no table {name}", f"make it: s3-monitor prices table create {name}")
    billing = about.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    pointer = read_pointer(opened)
    lines = [f"table {name}: {about['TableStatus']}, {billing}"]
    if pointer is None:
        lines.append("no prices yet")
    else:
        rows = [(one.stored, str(one.published), one.version) for one in pointer.history]
        lines += columns([("stored", "published", "version"), *rows])
    _print(lines)


def _read(lists: Iterable[Entries], regions: Sequence[str], *, verbose: bool, quiet: bool) -> PriceBook:
    """Read lists into a matrix. NothingRead; UserError for lists in different currencies."""
    from s3_monitor.cli.price_format import losses, skipped
    from s3_monitor.money.price_list_import import MixedCurrenciesError, NoUsablePriceError, import_price_lists

    try:
        with activity("reading price lists", quiet=quiet):
            price_book, skips = import_price_lists(lists, regions)
    except MixedCurrenciesError as error:
        what = f"the price lists are in different currencies: {', '.join(error.currencies)}"
        raise UserError(what, "give lists of one currency") from error
    except NoUsablePriceError as error:
        if verbose:
            _say_all(skipped(error.skips, losses_only=quiet))
        raise
    if verbose:
        _say_all(skipped(skips, losses_only=quiet))
    if not quiet or skips.lost:
        more = f": {losses(skips)}" + ("" if verbose else " (-v lists them)") if skips.lost else ""
        print_status(f"{skips.read:,} products read, {skips.lost:,} not understood{more}")
    return price_book


def _nothing_read(error: NoUsablePriceError, regions: Sequence[str]) -> UserError:
    """Why no price could be read."""
    from s3_monitor.cli.price_format import losses

    named = ", ".join(regions) if len(regions) <= _MOST_NAMED else f"{len(regions)} regions"
    where = f" in {named}" if regions else ""
    what, why = f"the lists have no usable price of S3{where}", losses(error.skips)
    if why:
        return UserError(f"{what}: {why}", "-v lists the usage types and values; give the lists as AWS publishes them")
    return UserError(f"{what}: products read: {error.skips.read:,}", "give the lists of AmazonS3")


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        print_status(line)


def _name(name: str) -> str:
    """A table's name, also where it is written as --prices takes it."""
    read_sources = table_name(name)
    name = read_sources.name if read_sources else name
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):  # AWS: naming rules of tables
        raise UserError(f"{name!r} cannot be a table's name", "3 to 255 letters, digits, '_', '-' and '.'")
    return name


def _write(path: Path, content: bytes) -> None:
    from s3_monitor.model.output import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from error


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{one_line(line)}\n" for line in lines))
