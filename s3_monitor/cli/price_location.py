"""Locations of prices (`bundled`, a file or a DynamoDB table), and the regions that their prices cover."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from s3_monitor.model.errors import UserError
from s3_monitor.model.output import write_atomically
from s3_monitor.money.price_book import PriceBook, bundled_prices, encode_price_book, read_price_book
from s3_monitor.money.region_names import GLOBAL, regions_by_location
from s3_monitor.plan.names import did_you_mean, nearest

if TYPE_CHECKING:
    from s3_monitor.aws.dynamodb import Table
    from s3_monitor.money.dynamodb_store import Pointer

_TABLE_PREFIX = "dynamodb:"
BUNDLED = "bundled"

prices_option = click.option(
    "--prices",
    default=BUNDLED,
    show_default=True,
    metavar="bundled|FILE|dynamodb:TABLE",
    help="Read prices from the program itself, from a file written by `prices refresh` or `prices read`, or from a"
    " DynamoDB table. dynamodb:TABLE@DATE: the prices of a past day.",
)


class TableLocation(NamedTuple):
    """A DynamoDB table, and the day whose prices are read from it."""

    name: str
    day: date | None
    """None: the current prices."""


def parse_table(location: str) -> TableLocation | None:
    """Parse ``dynamodb:TABLE`` or ``dynamodb:TABLE@2026-08-01``; return None for other locations.

    Raises UserError if the name or the date is invalid.
    """
    if not location.startswith(_TABLE_PREFIX):
        return None
    name, at, day = location.removeprefix(_TABLE_PREFIX).partition("@")
    if not name:
        raise UserError(f"{location}: the name of the table is missing", "e.g. dynamodb:s3-monitor-prices")
    try:
        return TableLocation(name, date.fromisoformat(day) if at else None)
    except ValueError as error:
        # The text after @ may be part of a URL with a password: only the complete location is shown, without secrets.
        advice = "e.g. dynamodb:s3-monitor-prices@2026-08-01"
        raise UserError(f"{location}: the text after the first @ must be a date", advice) from error


def open_table(name: str, profile: str | None) -> Table:
    """Return the table in the home region of a profile, or of the default credential chain."""
    from s3_monitor.aws.dynamodb import Table
    from s3_monitor.aws.session import Connection
    from s3_monitor.model.plan import Access

    return Table(Connection(Access(profile=profile)), name, sleep=time.sleep)


def load_prices(
    location: str, *, regions: Collection[str] | None = None, profile: str | None = None, day: date | None = None
) -> PriceBook:
    """Return the prices at a location; from a table, only those of ``regions``.

    Raises InvalidFileError, UserError (also without credentials), and AwsError if the table cannot be read.
    """
    table = parse_table(location)
    if table is not None:
        from s3_monitor.money.dynamodb_store import load_prices

        return load_prices(open_table(table.name, profile), regions, day or table.day)
    if day is not None:
        raise UserError(f"{location} has the prices of one day only", "past prices are available from dynamodb:TABLE")
    return bundled_prices() if location == BUNDLED else read_price_book(Path(location))


class StoredPrices(NamedTuple):
    """The prices that a refresh replaces."""

    price_book: PriceBook | None
    """None: no prices are stored yet."""
    damage: Sequence[str] = ()
    """Descriptions of what could not be read."""
    lost_regions: Sequence[str] = ()
    """Regions whose prices could not be read."""
    pointer: Pointer | None = None
    """The table's current version."""


class PriceFile:
    """A file that `prices refresh` writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.resolve().parent.is_dir():
            raise UserError(f"--to {path}: there is no folder {path.resolve().parent}")

    def read(self) -> StoredPrices:
        """Return the prices of the file. Raises InvalidFileError."""
        return StoredPrices(read_price_book(self._path) if self._path.exists() else None)

    def replace(self, stored: StoredPrices, price_book: PriceBook, now: datetime) -> bool:
        """Write the file. Always returns True; raises UserError."""
        try:
            write_atomically(self._path, encode_price_book(price_book))
        except OSError as error:
            raise UserError(f"--to {self._path}: could not write the file: {error.strerror or error}") from error
        return True


class PriceTable:
    """A DynamoDB table that `prices refresh` writes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> StoredPrices:
        """Return the prices of the table, as far as they can be read. Raises InvalidFileError or AwsError."""
        from s3_monitor.money.dynamodb_repair import recover_prices

        pointer, price_book, damage, lost_regions = recover_prices(self._table)
        return StoredPrices(price_book, damage, lost_regions, pointer)

    def replace(self, stored: StoredPrices, price_book: PriceBook, now: datetime) -> bool:
        """Store the prices as a new version; return False if the table has changed since ``stored`` was read."""
        from s3_monitor.money.dynamodb_store import store_prices

        current = stored.price_book
        if current is not None and not stored.damage and encode_price_book(price_book) == encode_price_book(current):
            return True
        writer, repair = uuid.uuid4().hex, bool(stored.damage)
        return store_prices(self._table, price_book, stored.pointer, writer, now, repair=repair)


def open_target(location: str, profile: str | None) -> PriceFile | PriceTable:
    """Return the file or table to write prices to. Raises UserError if the location cannot be written."""
    table = parse_table(location)
    if table is None:
        if location == BUNDLED:
            raise UserError("--to bundled: the bundled prices cannot be replaced", "name a file or dynamodb:TABLE")
        return PriceFile(Path(location))
    if table.day is not None:
        raise UserError(
            f"--to {location}: only the current prices can be replaced", f"--to {_TABLE_PREFIX}{table.name}"
        )
    return PriceTable(open_table(table.name, profile))


def check_region_names(regions: Sequence[str], *price_books: PriceBook) -> None:
    """Raise UserError if a region neither exists in AWS nor has a price."""
    existing = {*regions_by_location().values(), GLOBAL, *_regions(*price_books)}
    for region in regions:
        if region not in existing:
            raise UserError(f"-r {region}: no such region", did_you_mean(region, existing))


def check_regions_have_prices(regions: Sequence[str], *price_books: PriceBook) -> None:
    """Raise UserError if a region has no price in any of the price books."""
    available = _regions(*price_books)
    for region in regions:
        if region not in available:
            near = nearest(region, available)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            advice = f"{hint}Available regions: {', '.join(sorted(available))}"
            raise UserError(f"-r {region}: the prices do not include this region", advice)


def _regions(*price_books: PriceBook) -> set[str]:
    return {region for price_book in price_books for region in (*price_book.regions, *price_book.charges)}
