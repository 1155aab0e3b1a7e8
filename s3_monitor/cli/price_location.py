"""Locations of prices (`bundled`, a file or a DynamoDB table), and the regions that their prices cover."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from s3_monitor.cli.streams import user_errors
from s3_monitor.model.errors import UserError
from s3_monitor.model.output import write_atomically
from s3_monitor.money.price_book import PriceBook, bundled_prices, encode_price_book, read_price_book
from s3_monitor.money.regions import GLOBAL, regions_by_location
from s3_monitor.plan import names

if TYPE_CHECKING:
    from s3_monitor.aws.dynamodb import Table

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
        from s3_monitor.cli.price_table import load_prices

        return load_prices(open_table(table.name, profile), regions, day or table.day)
    if day is not None:
        raise UserError(f"{location} has the prices of one day only", "past prices are available from dynamodb:TABLE")
    return bundled_prices() if location == BUNDLED else read_price_book(Path(location))


class PriceTarget:
    """The file or DynamoDB table that `prices refresh` writes, and the prices that it has now."""

    price_book: PriceBook | None = None
    """None: no prices are stored yet."""
    damage: Sequence[str] = ()
    """Descriptions of what could not be read."""
    lost_regions: Sequence[str] = ()
    """Regions whose prices could not be read."""

    def __init__(self, location: str, profile: str | None) -> None:
        """Read the prices. Raises UserError if the location cannot be written, InvalidFileError or AwsError."""
        self._path, self._table = Path(location), None
        if location == BUNDLED:
            raise UserError("--to bundled: the bundled prices cannot be replaced", "name a file or dynamodb:TABLE")
        if table := parse_table(location):
            from s3_monitor.cli.price_table import recover_prices

            if table.day is not None:
                advice = f"--to {_TABLE_PREFIX}{table.name}"
                raise UserError(f"--to {location}: only the current prices can be replaced", advice)
            self._table = open_table(table.name, profile)
            self._pointer, self.price_book, self.damage, self.lost_regions = recover_prices(self._table)
            return
        folder = self._path.resolve().parent
        if not folder.is_dir():
            raise UserError(f"--to {location}: there is no folder {folder}")
        if self._path.exists():
            self.price_book = read_price_book(self._path)

    def replace(self, price_book: PriceBook, now: datetime) -> bool:
        """Store the prices; return False if the table has changed since it was read. Raises UserError or AwsError."""
        content = encode_price_book(price_book)
        if self._table is None:
            with user_errors(f"--to {self._path}: could not write the file"):
                write_atomically(self._path, content)
            return True
        from s3_monitor.cli.price_table import store_prices

        if self.price_book is not None and not self.damage and content == encode_price_book(self.price_book):
            return True
        repair = bool(self.damage)
        return store_prices(self._table, price_book, self._pointer, uuid.uuid4().hex, now, repair=repair)


def check_region_names(regions: Sequence[str], *price_books: PriceBook) -> None:
    """Raise UserError if a region neither exists in AWS nor has a price."""
    names.check_exists("-r", regions, {*regions_by_location().values(), GLOBAL, *_regions(*price_books)}, "region")


def check_regions_have_prices(regions: Sequence[str], *price_books: PriceBook) -> None:
    """Raise UserError if a region has no price in any of the price books."""
    available = _regions(*price_books)
    for region in regions:
        if region not in available:
            near = names.nearest(region, available)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            advice = f"{hint}Available regions: {', '.join(sorted(available))}"
            raise UserError(f"-r {region}: the prices do not include this region", advice)


def _regions(*price_books: PriceBook) -> set[str]:
    return {region for price_book in price_books for region in (*price_book.regions, *price_book.charges)}
