"""The regions that `prices` commands are given with -r."""

from __future__ import annotations

from collections.abc import Sequence

from s3_monitor.model.errors import UserError
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.region_names import GLOBAL, regions_by_location
from s3_monitor.plan.names import did_you_mean, nearest


def check_names(regions: Sequence[str], *price_books: PriceBook) -> None:
    """UserError for a region that is neither one of AWS nor in one of the matrices."""
    known = {*regions_by_location().values(), GLOBAL, *_regions(*price_books)}
    for region in regions:
        if region not in known:
            raise UserError(f"-r {region}: there is no such region", did_you_mean(region, known))


def check_regions(regions: Sequence[str], *price_books: PriceBook) -> None:
    """UserError for a region that has no price in any of the matrices, with the regions that have."""
    priced = _regions(*price_books)
    for region in regions:
        if region not in priced:
            near = nearest(region, priced)
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise UserError(
                f"-r {region}: the prices do not have this region", f"{hint}They have {', '.join(sorted(priced))}"
            )


def _regions(*price_books: PriceBook) -> set[str]:
    return {region for price_book in price_books for region in (*price_book.regions, *price_book.charges)}
