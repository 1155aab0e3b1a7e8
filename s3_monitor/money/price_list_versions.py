"""The versions of AWS's price lists that a price book was imported from, compared with newer ones."""

from __future__ import annotations

from collections.abc import Iterable

from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_list import DEEP_ARCHIVE, STORAGE, PriceListVersion


def services_of(price_book: PriceBook) -> list[str]:
    """Return the services whose lists matter: those of storage, and the sources of the price book."""
    return sorted(
        {STORAGE, DEEP_ARCHIVE, *(source.service for source in price_book.sources.values() if source.service)}
    )


def newer_versions(price_book: PriceBook, versions: Iterable[PriceListVersion]) -> list[PriceListVersion]:
    """Return the price lists that were published after those of the price book.

    A price book from several lists of a service is as old as the oldest of them, including prices from other sources.
    Without a list of the service, its own date counts.
    """
    return [version for version in versions if _version(version) > _imported_version(price_book, version)]


def _version(version: PriceListVersion) -> str:
    return version.version or f"{version.published:%Y%m%d}"


def _imported_version(price_book: PriceBook, version: PriceListVersion) -> str:
    """Return the version of the price book's oldest list of the service, or a date if the version is unknown."""
    versions = [
        source.version or f"{source.day:%Y%m%d}"
        for source in price_book.sources.values()
        if not source.service or version.service in ("", source.service)
    ]
    oldest = min(versions, default=f"{price_book.published:%Y%m%d}")
    # A date is padded to the end of its day: a list of the same day is not newer.
    return oldest.ljust(len(_version(version)), "9")
