"""The price matrix in a table: whole versions of it, and one item that says which is current.

A version's items are written first and never changed; then the pointer is flipped, on the condition that nobody else
has flipped it since it was read. Whoever reads sees one whole version, whatever happens to who writes: what a writer
that was killed leaves behind is not pointed at.

A head has a digest of itself and of each region, so that a changed, missing or foreign item is found when it is read.

    pk                      sk                   what
    CURRENT                 CURRENT              serial, version, writer, history [{version, published, stored}]
    VERSION                 HEAD                 source, published, currency, sources, note; digests: region → its own
    VERSION#REGION          storage#POOL         source, tiers [{upto, price}]
    VERSION#REGION          charge#USAGE_TYPE    kind, unit, source, tiers
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from s3_monitor.model.errors import InvalidFileError, UserError
from s3_monitor.money.price_book import (
    FORMAT,
    Charge,
    PoolPrice,
    PriceBook,
    Source,
    Tier,
    check_price_book,
    encode_price_book,
)

Item = dict[str, Any]
P = TypeVar("P", PoolPrice, Charge)
_POINTER = "CURRENT"
HEAD = "HEAD"
_REMEMBERED = 2000  # versions: an item holds 400 KB
_LARGEST_EXPONENT = 40
# What reading an item that is not ours may raise.
_NOT_OURS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, msgspec.MsgspecError)


class PriceTable(Protocol):
    """A table, as aws/dynamodb.py has it."""

    name: str

    def get(self, pk: str, sk: str) -> Item | None: ...
    def query(self, pk: str) -> Iterator[Item]: ...
    def partitions(self, sk: str) -> Iterator[str]: ...
    def put_all(self, items: Iterable[Item]) -> None: ...
    def put_if(self, item: Item, attribute: str, expected: Any) -> bool: ...


class Version(NamedTuple):
    """``published``: the date of its price list; ``stored``: when it became current, UTC."""

    version: str
    published: date
    stored: str


class NewerFormatError(InvalidFileError):
    """A newer version of this program wrote the table: there is nothing to repair."""


class Pointer(NamedTuple):
    """What the table's one pointer says. ``serial`` grows with each flip: a number, or where the pointer is damaged
    whatever it has there; None where it has nothing."""

    serial: Any
    history: tuple[Version, ...]

    @property
    def current(self) -> str:
        return self.history[-1].version


NO_POINTER = Pointer(None, ())


class VersionHead(msgspec.Struct, frozen=True):
    source: str
    published: date
    currency: str
    note: str
    sources: dict[str, Source]
    digests: dict[str, str]


def read_pointer(table: PriceTable) -> Pointer | None:
    """None where the table has no pointer. BadFile where the item is damaged, or of a newer format."""
    found = pointer_item(table)
    return None if found is None else _pointer(found, table)


def pointer_item(table: PriceTable) -> Item | None:
    """Return the pointer as it is in the table."""
    return table.get(_POINTER, _POINTER)


def load_prices(table: PriceTable, regions: Collection[str] | None = None, on: date | None = None) -> PriceBook:
    """The current matrix, or the one whose price list was the newest on a day; of some regions, or of all of them.
    One query a region. UserError where there is none; BadFile where what is there is damaged."""
    pointer = read_pointer(table)
    if pointer is None:
        what = f"{_place(table)} holds no prices yet, or its item {_POINTER}/{_POINTER} was deleted"
        raise UserError(what, f"{_command(table)} fills or repairs it")
    return load_version(table, _version(pointer, on, table), regions)


def load_version(table: PriceTable, version: str, regions: Collection[str] | None = None) -> PriceBook:
    """As ``load``."""
    head = read_head(table, version)
    wanted = sorted(head.digests if regions is None else {*regions, "global"} & head.digests.keys())
    return combine_versions([head], [read_region(table, version, region, head) for region in wanted])


class RegionPrices(NamedTuple):
    """The prices of a region."""

    region: str
    pools: dict[str, PoolPrice]
    charges: dict[str, Charge]


def combine_versions(heads: Sequence[VersionHead], regions: Iterable[RegionPrices]) -> PriceBook:
    """Return the matrix of prices that these versions have, the newest first."""
    read, newest = list(regions), heads[0]
    return PriceBook(
        source=newest.source,
        published=newest.published,
        currency=newest.currency,
        note=newest.note,
        sources={key: source for head in reversed(heads) for key, source in head.sources.items()},
        regions={one.region: one.pools for one in read if one.pools},
        charges={one.region: one.charges for one in read if one.charges},
    )


def _pointer(found: Item, table: PriceTable) -> Pointer:
    try:
        if int(found["format"]) > FORMAT:
            what = f"has prices of format {found['format']}, this program reads up to {FORMAT}"
            raise NewerFormatError(_place(table), what, "use a newer version of s3-monitor")
        history = [
            Version(_text(one["version"]), date.fromisoformat(one["published"]), _text(one["stored"]))
            for one in found["history"]
        ]
        if not history or history[-1].version != found["version"]:
            raise ValueError("its history must end with its version")
        if not isinstance(found["serial"], Decimal):
            raise TypeError(f"serial must be a number, got {found['serial']!r:.40}")
        return Pointer(found["serial"], tuple(history))
    except _NOT_OURS as error:
        raise _damaged(table, f"the item {_POINTER}/{_POINTER}", error) from error


def read_head(table: PriceTable, version: str) -> VersionHead:
    """BadFile."""
    what, found = f"the item {version}/{HEAD}", table.get(version, HEAD)
    if found is None:
        raise _damaged(table, what, "it is missing")
    try:
        if "digests" not in found and "counts" in found:
            raise ValueError("an earlier version of s3-monitor wrote it")
        head = msgspec.convert({name: found[name] for name in VersionHead.__struct_fields__}, VersionHead)
        if found["digest"] != _digest(head):
            raise ValueError("it was changed")
        return head
    except _NOT_OURS as error:
        raise _damaged(table, what, error) from error


def read_region(table: PriceTable, version: str, region: str, head: VersionHead) -> RegionPrices:
    """BadFile."""
    pools: dict[str, PoolPrice] = {}
    charges: dict[str, Charge] = {}
    what = f"the items of {version}#{region}"
    try:
        for item in table.query(f"{version}#{region}"):
            kind, _, name = item["sk"].partition("#")
            fields = {name: value for name, value in item.items() if name not in ("pk", "sk", "tiers")}
            if "exact_to" in fields:
                fields["exact_to"] = _number(fields["exact_to"])
            fields["tiers"] = [(_number(tier["upto"]), _number(tier["price"])) for tier in item["tiers"]]
            if kind == "storage":
                pools[name] = msgspec.convert(fields, PoolPrice)
            else:
                charges[name] = msgspec.convert(fields, Charge)
        prices = RegionPrices(region, pools, charges)
        if _digest(prices) != head.digests[region]:
            raise ValueError("some were changed, deleted or added")
        check_price_book(combine_versions([head], [prices]), _place(table))
        return prices
    except _NOT_OURS as error:
        raise _damaged(table, what, error) from error


def store_prices(
    table: PriceTable, price_book: PriceBook, seen: Pointer | None, writer: str, now: datetime, *, repair: bool = False
) -> bool:
    """Write a matrix and make it the current one, if the pointer is still as it was ``seen``; False where it is not:
    the matrix of another writer is current then. ``writer`` must be unique. ``repair``: write a version of its own,
    since the one by content may have foreign items."""
    seen = seen or NO_POINTER
    version = f"{version_of(price_book)}-{writer[:12]}" if repair else version_of(price_book)
    table.put_all(_items(price_book, version))
    entry = Version(version, price_book.published, now.isoformat(timespec="seconds"))
    history = [*seen.history, entry][-_REMEMBERED:]
    pointer: Item = {
        "pk": _POINTER,
        "sk": _POINTER,
        "format": FORMAT,
        "serial": (seen.serial if isinstance(seen.serial, Decimal) else Decimal(len(seen.history))) + 1,
        "version": version,
        "writer": writer,
        "history": [{**one._asdict(), "published": str(one.published)} for one in history],
    }
    if table.put_if(pointer, "serial", seen.serial):
        return True
    # A flip whose answer was lost on the way is asked for again, and then refused because it was done. And another
    # writer may have flipped to the same prices.
    found = table.get(_POINTER, _POINTER)
    return found is not None and (found.get("writer") == writer or found.get("version") == version)


def version_of(price_book: PriceBook) -> str:
    """A name by content: the same matrix is the same version, whoever writes it."""
    return f"{price_book.published:%Y%m%d}-{hashlib.sha256(encode_price_book(price_book)).hexdigest()[:16]}"


def _version(pointer: Pointer, on: date | None, table: PriceTable) -> str:
    if on is None:
        return pointer.current
    known = [one for one in pointer.history if one.published <= on]
    if not known:
        oldest = min(one.published for one in pointer.history)
        raise UserError(f"{_place(table)} holds no prices of {on} or before: its oldest list is of {oldest}")
    return max(reversed(known), key=lambda one: one.published).version


def _items(price_book: PriceBook, version: str) -> Iterator[Item]:
    digests: dict[str, str] = {}
    for region in sorted({*price_book.regions, *price_book.charges}):
        pools, charges = price_book.regions.get(region, {}), price_book.charges.get(region, {})
        prices = RegionPrices(
            region,
            {name: _plain(price) for name, price in pools.items()},
            {name: _plain(charge) for name, charge in charges.items()},
        )
        digests[region] = _digest(prices)
        for name, price in sorted(prices.pools.items()):
            yield {"pk": f"{version}#{region}", "sk": f"storage#{name}", **_price_item(price)}
        for name, charge in sorted(prices.charges.items()):
            about = {"kind": charge.kind, "unit": charge.unit}
            yield {"pk": f"{version}#{region}", "sk": f"charge#{name}", **about, **_price_item(charge)}
    head = VersionHead(
        price_book.source, price_book.published, price_book.currency, price_book.note, price_book.sources, digests
    )
    yield {"pk": version, "sk": HEAD, "digest": _digest(head), **msgspec.to_builtins(head)}


def _price_item(price: PoolPrice | Charge) -> Item:
    item = {"source": price.source, "tiers": [{"upto": tier.upto, "price": tier.price} for tier in price.tiers]}
    return item if price.exact_to is None else {**item, "exact_to": price.exact_to}


def _digest(content: VersionHead | RegionPrices) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:32]


def _number(value: Any) -> Decimal | None:
    """As it was written: DynamoDB's numbers have no exponents of their own."""
    if value is None:
        return None
    if not isinstance(value, Decimal) or abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise TypeError(f"a tier must have numbers, got {value!r:.40}")
    return Decimal(format(value.normalize(), "f"))


def _plain(price: P) -> P:
    """Return a price as DynamoDB gives it back: 0.0230 is 0.023 there."""
    tiers = tuple(Tier(_number(tier.upto), _number(tier.price) or Decimal(0)) for tier in price.tiers)
    return msgspec.structs.replace(price, tiers=tiers, exact_to=_number(price.exact_to))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is expected, got {value!r:.40}")
    return value


def _damaged(table: PriceTable, what: str, why: object) -> InvalidFileError:
    reason = f"attribute {why} is missing" if isinstance(why, KeyError) else str(why)
    return InvalidFileError(_place(table), f"damaged: {what}: {reason}", f"{_command(table)} repairs it")


def _command(table: PriceTable) -> str:
    return f"`s3-monitor prices refresh --to {_place(table)}`"


def _place(table: PriceTable) -> str:
    return f"dynamodb:{table.name}"
