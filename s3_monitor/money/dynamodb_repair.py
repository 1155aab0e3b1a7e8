"""What can still be read of a damaged price table, so that a refresh replaces the rest and nothing else."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.model.errors import AwsError, InvalidFileError
from s3_monitor.money.dynamodb_store import (
    HEAD,
    NewerFormatError,
    Pointer,
    PriceTable,
    RegionPrices,
    Version,
    VersionHead,
    combine_versions,
    pointer_item,
    read_head,
    read_pointer,
    read_region,
)
from s3_monitor.money.price_book import PriceBook

_SEARCHED = 10  # versions, from the newest on


class RecoveredPrices(NamedTuple):
    """``pointer``: what the next one must replace. ``matrix``: the readable prices, each region of the newest version
    that has it undamaged; None where there are none. ``damage``: what is damaged, in sentences. ``lost``: the regions
    that no version has undamaged."""

    pointer: Pointer
    price_book: PriceBook | None
    damage: list[str]
    lost: list[str]


def recover_prices(table: PriceTable) -> RecoveredPrices:
    """Read a table, damaged or not. BadFile for one of a newer format, AwsFailure."""
    damage: list[str] = []
    pointer = _pointer(table, damage)
    heads: list[VersionHead] = []
    regions: dict[str, RegionPrices] = {}
    missed: set[str] = set()
    for version in reversed(pointer.history[-_SEARCHED:]):
        try:
            head = read_head(table, version.version)
        except InvalidFileError as error:
            damage.append(error.what)
            continue
        heads.append(head)
        for region in sorted((missed if len(heads) > 1 else head.digests.keys()) & head.digests.keys()):
            try:
                regions[region] = read_region(table, version.version, region, head)
                missed.discard(region)
            except InvalidFileError as error:
                damage.append(error.what)
                missed.add(region)
        if not missed:
            break
    price_book = combine_versions(heads, regions.values()) if regions else None
    return RecoveredPrices(pointer, price_book, damage, sorted(missed - {"global"}))


def _pointer(table: PriceTable, damage: list[str]) -> Pointer:
    try:
        pointer = read_pointer(table)
        if pointer is not None:
            return pointer
        missing, serial = True, None
    except NewerFormatError:
        raise
    except InvalidFileError as error:
        damage.append(error.what)
        missing, serial = False, (pointer_item(table) or {}).get("serial")
    history = _history(table, damage)
    if history and missing:
        damage.append("the pointer to the current version is missing")
    return Pointer(serial, history)


def _history(table: PriceTable, damage: list[str]) -> tuple[Version, ...]:
    """The versions that the table holds, by the date of their lists: what a lost pointer can no longer tell."""
    try:
        names = sorted(set(table.partitions(HEAD)))
    except AwsError as failure:
        damage.append(f"its versions could not be listed: {failure}")
        return ()
    found = []
    for name in names:
        try:
            found.append(Version(name, read_head(table, name).published, "unknown"))
        except InvalidFileError as error:
            damage.append(error.what)
    return tuple(sorted(found, key=lambda version: (version.published, version.version)))
