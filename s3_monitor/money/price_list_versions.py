"""Which editions of AWS's price lists a matrix was read from, and whether there are newer ones."""

from __future__ import annotations

from collections.abc import Iterable

from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_list import DEEP_ARCHIVE, STORAGE, PriceListVersion


def services_of(price_book: PriceBook) -> list[str]:
    """The services whose lists matter: those of storage, and those that anything in the matrix was read from."""
    return sorted(
        {STORAGE, DEEP_ARCHIVE, *(source.service for source in price_book.sources.values() if source.service)}
    )


def newer_versions(price_book: PriceBook, issues: Iterable[PriceListVersion]) -> list[PriceListVersion]:
    """Return those that were published after what the matrix has of their service.

    A matrix that was read from several lists of a service is as old as the oldest of them, figures from other sources
    included; one that names none is as old as it says.
    """
    return [issue for issue in issues if _edition(issue) > _known(price_book, issue)]


def _edition(issue: PriceListVersion) -> str:
    return issue.version or f"{issue.published:%Y%m%d}"


def _known(price_book: PriceBook, issue: PriceListVersion) -> str:
    """In the form of the issue's: a version, or a date where versions are not known."""
    versions = [
        source.version or f"{source.day:%Y%m%d}"
        for source in price_book.sources.values()
        if not source.service or issue.service in ("", source.service)
    ]
    oldest = min(versions, default=f"{price_book.published:%Y%m%d}")
    # A day's list is not newer than that day; nor is it where one of them says the day only.
    return oldest if len(oldest) >= len(_edition(issue)) else oldest.ljust(len(_edition(issue)), "9")
