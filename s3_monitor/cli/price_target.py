"""Where `prices refresh` keeps what it accepted: a file, or a table in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s3_monitor.cli.price_source import open_table, table_name
from s3_monitor.model.errors import UserError
from s3_monitor.model.output import write_atomically
from s3_monitor.money.price_book import PriceBook, encode_price_book, read_price_book

if TYPE_CHECKING:
    from s3_monitor.aws.dynamodb import Table
    from s3_monitor.money.dynamodb_store import Pointer


class Target:
    """A place for one matrix. ``matrix`` before ``put``: what is put replaces what was seen. ``damage``: what of it
    cannot be read; ``lost_regions``: those whose prices are lost by that."""

    damage: Sequence[str] = ()
    lost_regions: Sequence[str] = ()

    @staticmethod
    def at(where: str, profile: str | None) -> Target:
        """UserError where nothing can be kept there."""
        table = table_name(where)
        if table is None:
            if where == "bundled":
                raise UserError("--to bundled: the prices that come with the program stay as they are", "name a file")
            return _File(Path(where))
        if table.on is not None:
            raise UserError(f"--to {where}: only what is current can be replaced", f"--to dynamodb:{table.name}")
        return _InTable(open_table(table.name, profile))

    def price_book(self) -> PriceBook | None:
        """The matrix in use there; None where there is none yet."""
        raise NotImplementedError

    def put(self, price_book: PriceBook, writer: str, now: datetime) -> bool:
        """Put another one in its place. False, and nothing replaced, where somebody else has done so since."""
        raise NotImplementedError


class _File(Target):
    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.resolve().parent.is_dir():
            raise UserError(f"--to {path}: there is no folder {path.resolve().parent}")

    def price_book(self) -> PriceBook | None:
        return read_price_book(self._path) if self._path.exists() else None

    def put(self, price_book: PriceBook, writer: str, now: datetime) -> bool:
        try:
            write_atomically(self._path, encode_price_book(price_book))
        except OSError as error:
            raise UserError(f"--to {self._path}: cannot be written: {error.strerror or error}") from error
        return True


class _InTable(Target):
    def __init__(self, table: Table) -> None:
        self._table = table
        self._in_use: PriceBook | None = None
        self._seen: Pointer | None = None

    def price_book(self) -> PriceBook | None:
        from s3_monitor.money.dynamodb_repair import recover_prices

        found = recover_prices(self._table)
        self._seen, self._in_use, self.damage, self.lost_regions = found
        return self._in_use

    def put(self, price_book: PriceBook, writer: str, now: datetime) -> bool:
        from s3_monitor.money.dynamodb_store import store_prices

        if (
            self._in_use is not None
            and not self.damage
            and encode_price_book(price_book) == encode_price_book(self._in_use)
        ):
            return True  # it is there already
        return store_prices(self._table, price_book, self._seen, writer, now, repair=bool(self.damage))
