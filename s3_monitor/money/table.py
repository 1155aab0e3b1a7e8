"""The price matrix in a table: whole versions of it, and one item that says which is current.

A version's items are written first and never changed; then the pointer is flipped, on the condition that nobody else
has flipped it since it was read. Whoever reads sees one whole version, whatever happens to who writes: what a writer
that was killed leaves behind is not pointed at.

    pk                      sk                   what
    CURRENT                 CURRENT              serial, version, writer, history [{version, published, stored}]
    VERSION                 HEAD                 source, published, currency, sources; counts: region → its items
    VERSION#REGION          storage#POOL         source, tiers [{upto, price}]
    VERSION#REGION          charge#USAGE_TYPE    kind, unit, source, tiers
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import msgspec

from s3_monitor.model.failure import BadFile, UserError
from s3_monitor.money.prices import FORMAT, Charge, Matrix, PoolPrice, Tier, check, encode

Item = dict[str, Any]
_POINTER = "CURRENT"
_HEAD = "HEAD"
_REMEMBERED = 2000  # versions: an item holds 400 KB
_ADVICE = "fill it with `s3-monitor prices refresh --to dynamodb:TABLE`"


class Items(Protocol):
    """A table, as aws/dynamodb.py has it."""

    name: str

    def get(self, pk: str, sk: str) -> Item | None: ...
    def query(self, pk: str) -> Iterator[Item]: ...
    def put_all(self, items: Iterable[Item]) -> None: ...
    def put_if(self, item: Item, attribute: str, expected: Decimal | None) -> bool: ...


class Version(NamedTuple):
    """``published``: the date of its price list; ``stored``: when it became current, UTC."""

    version: str
    published: date
    stored: str


class Pointer(NamedTuple):
    """What the table's one pointer says. ``serial`` grows with each flip."""

    serial: Decimal
    history: tuple[Version, ...]

    @property
    def current(self) -> str:
        return self.history[-1].version


def read_pointer(table: Items) -> Pointer | None:
    """None where the table holds no prices yet. BadFile where the item is not ours."""
    found = table.get(_POINTER, _POINTER)
    if found is None:
        return None
    try:
        if int(found["format"]) > FORMAT:
            what = f"has prices of format {found['format']}, this program knows up to {FORMAT}"
            raise BadFile(_place(table), what, "use a newer version of s3-monitor")
        history = [
            Version(str(one["version"]), date.fromisoformat(one["published"]), str(one["stored"]))
            for one in found["history"]
        ]
        if not history or history[-1].version != found["version"]:
            raise ValueError("its history ends with another version")
        return Pointer(found["serial"], tuple(history))
    except (LookupError, TypeError, ValueError) as error:
        raise BadFile(_place(table), f"the pointer to the current prices is damaged: {error}", _ADVICE) from error


def load(table: Items, regions: Collection[str] | None = None, on: date | None = None) -> Matrix:
    """The current matrix, or the one whose price list was the newest on a day; of some regions, or of all of them.
    One query a region. UserError where there is none; BadFile where what is there is damaged."""
    pointer = read_pointer(table)
    if pointer is None:
        raise UserError(f"{_place(table)} holds no prices yet", _ADVICE)
    return load_version(table, _version(pointer, on, table), regions)


def load_version(table: Items, version: str, regions: Collection[str] | None = None) -> Matrix:
    """As ``load``."""
    head = table.get(version, _HEAD)
    if head is None:
        raise BadFile(_place(table), f"version {version} has no head item: somebody deleted it", _ADVICE)
    try:
        counts: Mapping[str, Decimal] = head["counts"]
        storage: dict[str, dict[str, PoolPrice]] = {}
        charges: dict[str, dict[str, Charge]] = {}
        for region in sorted(counts if regions is None else {*regions, "global"} & counts.keys()):
            items = list(table.query(f"{version}#{region}"))
            if len(items) != counts[region]:
                raise ValueError(f"{len(items)} prices of {region}, not {counts[region]}: somebody deleted some")
            for item in items:
                kind, _, name = item["sk"].partition("#")
                if kind == "storage":
                    storage.setdefault(region, {})[name] = PoolPrice(item["source"], _tiers(item))
                else:
                    charge = Charge(item["kind"], item["unit"], item["source"], _tiers(item))
                    charges.setdefault(region, {})[name] = charge
        fields = {name: head[name] for name in ("source", "published", "sources", "currency", "note")}
        matrix = msgspec.convert({**fields, "regions": {}, "format": FORMAT}, Matrix)
        matrix = msgspec.structs.replace(matrix, regions=storage, charges=charges)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadFile(_place(table), f"version {version} is damaged: {error}", _ADVICE) from error
    check(matrix, _place(table))
    return matrix


def store(table: Items, matrix: Matrix, seen: Pointer | None, writer: str, now: datetime) -> bool:
    """Write a matrix and make it the current one, if the pointer is still as it was ``seen``; False where it is not:
    another's matrix is current then. ``writer`` must be nobody else's name."""
    version = version_of(matrix)
    table.put_all(_items(matrix, version))
    entry = Version(version, matrix.published, now.isoformat(timespec="seconds"))
    history = [*(seen.history if seen else ()), entry][-_REMEMBERED:]
    pointer: Item = {
        "pk": _POINTER,
        "sk": _POINTER,
        "format": FORMAT,
        "serial": (seen.serial if seen else Decimal(0)) + 1,
        "version": version,
        "writer": writer,
        "history": [{**one._asdict(), "published": str(one.published)} for one in history],
    }
    if table.put_if(pointer, "serial", seen.serial if seen else None):
        return True
    # A flip whose answer was lost on the way is asked for again, and then refused because it was done. And another
    # writer may have flipped to the same prices.
    found = table.get(_POINTER, _POINTER)
    return found is not None and (found.get("writer") == writer or found.get("version") == version)


def version_of(matrix: Matrix) -> str:
    """A name by content: the same matrix is the same version, whoever writes it."""
    return f"{matrix.published:%Y%m%d}-{hashlib.sha256(encode(matrix)).hexdigest()[:16]}"


def _version(pointer: Pointer, on: date | None, table: Items) -> str:
    if on is None:
        return pointer.current
    known = [one for one in pointer.history if one.published <= on]
    if not known:
        oldest = min(one.published for one in pointer.history)
        raise UserError(f"{_place(table)} holds no prices of {on} or before: its oldest list is of {oldest}")
    return max(reversed(known), key=lambda one: one.published).version


def _items(matrix: Matrix, version: str) -> Iterator[Item]:
    counts: dict[str, int] = {}
    for region in sorted({*matrix.regions, *matrix.charges}):
        prices = [_storage_item(name, price) for name, price in sorted(matrix.regions.get(region, {}).items())]
        prices += [_charge_item(name, charge) for name, charge in sorted(matrix.charges.get(region, {}).items())]
        counts[region] = len(prices)
        for price in prices:
            yield {"pk": f"{version}#{region}", **price}
    yield {
        "pk": version,
        "sk": _HEAD,
        "source": matrix.source,
        "published": str(matrix.published),
        "currency": matrix.currency,
        "note": matrix.note,
        "sources": msgspec.to_builtins(matrix.sources),
        "counts": counts,
    }


def _storage_item(name: str, price: PoolPrice) -> Item:
    return {"sk": f"storage#{name}", "source": price.source, "tiers": _tier_items(price.tiers)}


def _charge_item(name: str, charge: Charge) -> Item:
    about = {"kind": charge.kind, "unit": charge.unit, "source": charge.source}
    return {"sk": f"charge#{name}", **about, "tiers": _tier_items(charge.tiers)}


def _tier_items(tiers: Iterable[Tier]) -> list[Item]:
    return [{"upto": tier.upto, "price": tier.price} for tier in tiers]


def _tiers(item: Item) -> tuple[Tier, ...]:
    """As they were written: DynamoDB's numbers have no exponents of their own."""
    return tuple(Tier(_number(tier["upto"]), _given(tier["price"])) for tier in item["tiers"])


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else _given(value)


def _given(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))


def _place(table: Items) -> str:
    return f"dynamodb:{table.name}"
