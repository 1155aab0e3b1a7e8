"""The price table: versions of a price book in DynamoDB, and a pointer to the current version.

The items of a version are written first and never changed. Then the pointer is replaced, on condition that no other
writer has replaced it in between. A reader therefore always sees one complete version. A version whose writer was
killed has no pointer. The head of a version has digests of itself and of each region, which reveal changed, missing
and foreign items.

    pk                      sk                   content
    CURRENT                 CURRENT              serial, version, writer, history [{version, published, stored}]
    VERSION                 HEAD                 source, published, currency, sources, note; digests: region → digest
    VERSION#REGION          storage#POOL         source, tiers [{upto, price}]
    VERSION#REGION          charge#USAGE_TYPE    kind, unit, source, tiers
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from s3_monitor.aws.dynamodb import Item, Table
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.money.price_book import (
    FORMAT,
    Charge,
    PoolPrice,
    Price,
    PriceBook,
    Source,
    check_price_book,
    encode_price_book,
)

_POINTER = "CURRENT"
_HEAD = "HEAD"
_MAX_VERSIONS = 10  # the newest versions, in which undamaged regions are searched
_MAX_HISTORY = 2000  # versions; AWS: an item has at most 400 KB
_MAX_EXPONENT = 40
# Errors from decoding an item of another writer.
_DECODING_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, msgspec.MsgspecError)


class Version(msgspec.Struct, frozen=True):
    """A stored version of the price book."""

    version: str
    published: date
    """Date of its price list."""
    stored: str
    """When it became current, UTC."""


class NewerFormatError(InvalidFileError):
    """A newer version of the program wrote the table, which is not damaged."""


class Pointer(NamedTuple):
    """The pointer to the current version, the last of ``history``."""

    serial: Any
    """A number that increases by 1 with each replacement; the raw value if the pointer is damaged; None if absent."""
    history: tuple[Version, ...]


class VersionHead(msgspec.Struct, frozen=True):
    """The fields that all prices of a version share, and the digests of its regions."""

    source: str
    published: date
    currency: str
    note: str
    sources: dict[str, Source]
    digests: dict[str, str]


def read_pointer(table: Table) -> Pointer | None:
    """Return the pointer, or None if there is none. Raises InvalidFileError if it is damaged or of a newer format."""
    item = _pointer_item(table)
    return None if item is None else _pointer(item, table)


def _pointer_item(table: Table) -> Item | None:
    """Return the item of the pointer."""
    return table.get(_POINTER, _POINTER)


def load_prices(table: Table, regions: Collection[str] | None = None, on: date | None = None) -> PriceBook:
    """Return the current prices, or those whose price list was the newest on a day; for some or all regions.

    Sends one query per region. Raises UserError if there are none, and InvalidFileError if they are damaged.
    """
    pointer = read_pointer(table)
    if pointer is None:
        what = f"{_address(table)} has no prices yet, or its item {_POINTER}/{_POINTER} was deleted"
        raise UserError(what, f"{_command(table)} fills or repairs it")
    version = _version(pointer, on, table)
    head = read_head(table, version)
    names = sorted(head.digests if regions is None else {*regions, "global"} & head.digests.keys())
    return combine_versions([head], [read_region(table, version, region, head) for region in names])


class RegionPrices(NamedTuple):
    """The prices of a region."""

    region: str
    pools: dict[str, PoolPrice]
    charges: dict[str, Charge]


def combine_versions(heads: Sequence[VersionHead], regions: Iterable[RegionPrices]) -> PriceBook:
    """Return a price book with these regions. ``heads``: the versions they are from, the newest first."""
    all_regions, newest = list(regions), heads[0]
    return PriceBook(
        source=newest.source,
        published=newest.published,
        currency=newest.currency,
        note=newest.note,
        sources={key: source for head in reversed(heads) for key, source in head.sources.items()},
        regions={prices.region: prices.pools for prices in all_regions if prices.pools},
        charges={prices.region: prices.charges for prices in all_regions if prices.charges},
    )


def _pointer(item: Item, table: Table) -> Pointer:
    try:
        if int(item["format"]) > FORMAT:
            what = f"has prices of format {item['format']}, this program reads up to {FORMAT}"
            raise NewerFormatError(_address(table), what, "use a newer version of s3-monitor")
        history = msgspec.convert(item["history"], tuple[Version, ...])
        if not history or history[-1].version != item["version"]:
            raise ValueError("its history must end with its version")
        if not isinstance(item["serial"], Decimal):
            raise TypeError(f"serial must be a number, got {item['serial']!r:.40}")
        return Pointer(item["serial"], history)
    except _DECODING_ERRORS as error:
        raise _damaged(table, f"the item {_POINTER}/{_POINTER}", error) from error


def read_head(table: Table, version: str) -> VersionHead:
    """Return the head of a version. Raises InvalidFileError if it is missing or damaged."""
    what, item = f"the item {version}/{_HEAD}", table.get(version, _HEAD)
    if item is None:
        raise _damaged(table, what, "it is missing")
    try:
        if "digests" not in item and "counts" in item:
            raise ValueError("an earlier version of s3-monitor wrote it")
        head = msgspec.convert({name: item[name] for name in VersionHead.__struct_fields__}, VersionHead)
        if item["digest"] != _digest(head):
            raise ValueError("it was changed")
        return head
    except _DECODING_ERRORS as error:
        raise _damaged(table, what, error) from error


def read_region(table: Table, version: str, region: str, head: VersionHead) -> RegionPrices:
    """Return the prices of a region. Raises InvalidFileError if they are damaged."""
    try:
        prices = _decode_region(region, table.query(f"{version}#{region}"))
        if _digest(prices) != head.digests[region]:
            raise ValueError("some were changed, deleted or added")
        check_price_book(combine_versions([head], [prices]), _address(table))
        return prices
    except _DECODING_ERRORS as error:
        raise _damaged(table, f"the items of {version}#{region}", error) from error


def _decode_region(region: str, items: Iterable[Item]) -> RegionPrices:
    """Decode prices, with their numbers as DynamoDB stores them: 0.0230 becomes 0.023."""
    prices = RegionPrices(region, {}, {})
    for item in items:
        kind, _, name = item["sk"].partition("#")
        fields = {name: value for name, value in item.items() if name not in ("pk", "sk")}
        fields["tiers"] = [(_number(tier["upto"]), _number(tier["price"])) for tier in item["tiers"]]
        if "exact_to" in fields:
            fields["exact_to"] = _number(fields["exact_to"])
        if kind == "storage":
            prices.pools[name] = msgspec.convert(fields, PoolPrice)
        else:
            prices.charges[name] = msgspec.convert(fields, Charge)
    return prices


def store_prices(
    table: Table, price_book: PriceBook, seen: Pointer | None, writer: str, now: datetime, *, repair: bool = False
) -> bool:
    """Write a price book and make it the current version, unless the pointer was replaced since ``seen`` was read.

    ``writer`` must be unique. ``repair``: use a new version name, since the items of the version that is named by
    content may be damaged. Return False if another writer has replaced the pointer; its prices are then current.
    """
    seen = seen or Pointer(None, ())
    version = f"{version_of(price_book)}-{writer[:12]}" if repair else version_of(price_book)
    table.put_all(_items(price_book, version))
    current = Version(version, price_book.published, now.isoformat(timespec="seconds"))
    history = [*seen.history, current][-_MAX_HISTORY:]
    pointer: Item = {
        "pk": _POINTER,
        "sk": _POINTER,
        "format": FORMAT,
        "serial": (seen.serial if isinstance(seen.serial, Decimal) else Decimal(len(seen.history))) + 1,
        "version": version,
        "writer": writer,
        "history": msgspec.to_builtins(history),
    }
    if table.put_if(pointer, "serial", seen.serial):
        return True
    # A replacement is refused if it is a retry after a lost response. Another writer may have stored the same prices.
    stored = table.get(_POINTER, _POINTER)
    return stored is not None and (stored.get("writer") == writer or stored.get("version") == version)


def version_of(price_book: PriceBook) -> str:
    """Return the name of a version, which depends only on its content."""
    return f"{price_book.published:%Y%m%d}-{hashlib.sha256(encode_price_book(price_book)).hexdigest()[:16]}"


class RecoveredPrices(NamedTuple):
    """The readable content of a price table."""

    pointer: Pointer
    """The pointer that the next one must replace."""
    price_book: PriceBook | None
    """The readable prices: each region from the newest version in which it is undamaged. None: no readable prices."""
    damage: list[str]
    """What is damaged, as sentences."""
    lost: list[str]
    """The regions that are damaged in all versions."""


def recover_prices(table: Table) -> RecoveredPrices:
    """Read a price table, damaged or not. Raises InvalidFileError for a newer format, and AwsError."""
    damage: list[str] = []
    pointer = _recover_pointer(table, damage)
    heads: list[VersionHead] = []
    regions: dict[str, RegionPrices] = {}
    lost: set[str] = set()
    for version in reversed(pointer.history[-_MAX_VERSIONS:]):
        try:
            head = read_head(table, version.version)
        except InvalidFileError as error:
            damage.append(error.what)
            continue
        heads.append(head)
        for region in sorted((lost if len(heads) > 1 else head.digests.keys()) & head.digests.keys()):
            try:
                regions[region] = read_region(table, version.version, region, head)
                lost.discard(region)
            except InvalidFileError as error:
                damage.append(error.what)
                lost.add(region)
        if not lost:
            break
    price_book = combine_versions(heads, regions.values()) if regions else None
    return RecoveredPrices(pointer, price_book, damage, sorted(lost - {"global"}))


def _recover_pointer(table: Table, damage: list[str]) -> Pointer:
    try:
        pointer = read_pointer(table)
        if pointer is not None:
            return pointer
        missing, serial = True, None
    except NewerFormatError:
        raise
    except InvalidFileError as error:
        damage.append(error.what)
        missing, serial = False, (_pointer_item(table) or {}).get("serial")
    history = _recover_history(table, damage)
    if history and missing:
        damage.append("the pointer to the current version is missing")
    return Pointer(serial, history)


def _recover_history(table: Table, damage: list[str]) -> tuple[Version, ...]:
    """Return the versions in the table, by the date of their price lists. They replace a lost pointer."""
    try:
        names = sorted(set(table.partitions(_HEAD)))
    except AwsError as failure:
        damage.append(f"could not list its versions: {failure}")
        return ()
    versions = []
    for name in names:
        try:
            versions.append(Version(name, read_head(table, name).published, "unknown"))
        except InvalidFileError as error:
            damage.append(error.what)
    return tuple(sorted(versions, key=lambda version: (version.published, version.version)))


def _version(pointer: Pointer, on: date | None, table: Table) -> str:
    if on is None:
        return pointer.history[-1].version
    earlier = [version for version in pointer.history if version.published <= on]
    if not earlier:
        oldest = min(version.published for version in pointer.history)
        raise UserError(f"{_address(table)} has no prices of {on} or before: its oldest list is of {oldest}")
    return max(reversed(earlier), key=lambda version: version.published).version


def _items(price_book: PriceBook, version: str) -> Iterator[Item]:
    digests: dict[str, str] = {}
    sections: dict[str, Mapping[str, Mapping[str, Price]]] = {
        "storage": price_book.regions,
        "charge": price_book.charges,
    }
    for region in sorted({*price_book.regions, *price_book.charges}):
        items = [
            {"pk": f"{version}#{region}", "sk": f"{section}#{name}", **_encode(price)}
            for section, regions in sections.items()
            for name, price in sorted(regions.get(region, {}).items())
        ]
        digests[region] = _digest(_decode_region(region, items))
        yield from items
    head = VersionHead(
        price_book.source, price_book.published, price_book.currency, price_book.note, price_book.sources, digests
    )
    yield {"pk": version, "sk": _HEAD, "digest": _digest(head), **msgspec.to_builtins(head)}


def _encode(price: Price) -> Item:
    fields: Item = msgspec.to_builtins(price, builtin_types=(Decimal,))
    return {**fields, "tiers": [{"upto": upto, "price": value} for upto, value in fields["tiers"]]}


def _digest(content: VersionHead | RegionPrices) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:32]


def _number(value: Any) -> Decimal | None:
    """Return a number of DynamoDB in positional notation without trailing zeros."""
    if value is None:
        return None
    if not isinstance(value, Decimal) or abs(value.adjusted()) > _MAX_EXPONENT:
        raise TypeError(f"a tier must have numbers, got {value!r:.40}")
    return Decimal(format(value.normalize(), "f"))


def _damaged(table: Table, what: str, why: object) -> InvalidFileError:
    reason = f"attribute {why} is missing" if isinstance(why, KeyError) else str(why)
    return InvalidFileError(_address(table), f"damaged: {what}: {reason}", f"{_command(table)} repairs it")


def _command(table: Table) -> str:
    return f"`s3-monitor prices refresh --to {_address(table)}`"


def _address(table: Table) -> str:
    return f"dynamodb:{table.name}"
