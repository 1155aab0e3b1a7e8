"""Recovery of a damaged price table: a refresh keeps what is readable and replaces the rest."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.aws.dynamodb import Table
from s3_monitor.cli.price_table import (
    HEAD,
    NewerFormatError,
    Pointer,
    RegionPrices,
    Version,
    VersionHead,
    combine_versions,
    pointer_item,
    read_head,
    read_pointer,
    read_region,
)
from s3_monitor.model.errors import AwsError, InvalidFileError
from s3_monitor.money.price_book import PriceBook

_MAX_VERSIONS = 10  # the newest versions, in which undamaged regions are searched


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
    pointer = _pointer(table, damage)
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


def _pointer(table: Table, damage: list[str]) -> Pointer:
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


def _history(table: Table, damage: list[str]) -> tuple[Version, ...]:
    """Return the versions in the table, by the date of their price lists. They replace a lost pointer."""
    try:
        names = sorted(set(table.partitions(HEAD)))
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
