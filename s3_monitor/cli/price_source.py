"""Where prices come from: `bundled`, a file, or a table in DynamoDB."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from s3_monitor.model.errors import UserError
from s3_monitor.money.price_book import PriceBook, bundled_prices, read_price_book

if TYPE_CHECKING:
    from s3_monitor.aws.dynamodb import Table

_TABLE = "dynamodb:"
WHERE = "bundled|FILE|dynamodb:TABLE"

prices_option = click.option(
    "--prices",
    default="bundled",
    metavar=WHERE,
    help="The prices: those that come with the program (the default), a file of `prices refresh` or `prices read`, or "
    "a table in DynamoDB, with @DATE behind its name as they were on a day.",
)


class TableName(NamedTuple):
    name: str
    on: date | None


def table_name(where: str) -> TableName | None:
    """The table that ``dynamodb:TABLE`` or ``dynamodb:TABLE@2026-08-01`` names; None where it is no table. UserError
    where it is one that cannot be."""
    if not where.startswith(_TABLE):
        return None
    name, at, day = where.removeprefix(_TABLE).partition("@")
    if not name:
        raise UserError(f"{where}: no table is named", "e.g. dynamodb:s3-monitor-prices")
    try:
        return TableName(name, date.fromisoformat(day) if at else None)
    except ValueError as error:
        advice = "e.g. dynamodb:s3-monitor-prices@2026-08-01"
        raise UserError(f"{where}: what follows the first @ must be a date", advice) from error


def load_prices(
    where: str, *, regions: Collection[str] | None = None, profile: str | None = None, on: date | None = None
) -> PriceBook:
    """The matrix; of a table only ``regions``. BadFile, UserError, NoCredentials; AwsFailure where the table could not
    be read."""
    table = table_name(where)
    if table is not None:
        from s3_monitor.money.dynamodb_store import load_prices

        return load_prices(open_table(table.name, profile), regions, on or table.on)
    if on is not None:
        raise UserError(f"{where} holds the prices of one day only", "ask dynamodb:TABLE for those of a past date")
    return bundled_prices() if where == "bundled" else read_price_book(Path(where))


def open_table(name: str, profile: str | None) -> Table:
    """The table, with the credentials of a profile or of AWS's default chain, in their home region."""
    from s3_monitor.aws.dynamodb import Table
    from s3_monitor.aws.session import Connection
    from s3_monitor.model.plan import Access

    return Table(Connection(Access(profile=profile)), name, sleep=time.sleep)
