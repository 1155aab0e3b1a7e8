"""What requests cost, and what sending data out can cost at most. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.model.request_metrics import DOWNLOADED, REQUESTS, RequestCosts, RequestMetrics, RequestTotals
from s3_monitor.money.list_pricing import DECIMALS
from s3_monitor.money.price_book import Charge, PriceBook
from s3_monitor.money.storage_types import storage_types
from s3_monitor.money.usage_types import EGRESS, requests_of

MONTH_DAYS = 30
_GB = 2**30
# AWS: PUT, COPY, POST and LIST cost more than GET and all others; DELETE is free. A COPY counts as a PUT.
_PUTS = ("PutRequests", "PostRequests", "ListRequests")
_GETS = ("GetRequests", "HeadRequests", "SelectRequests")
_STANDARD = "STANDARD"


class PricedRequests(NamedTuple):
    """The requests of a bucket with their exact monthly amounts; None: no price is known."""

    metrics: RequestMetrics
    cost: Fraction | None
    egress: Fraction | None

    @property
    def record(self) -> RequestCosts:
        """As buckets.json holds them."""
        sums = self.metrics.sums
        return RequestCosts(
            days=self.metrics.days,
            counts={name: float(sums.get(name, 0)) for name in REQUESTS},
            bytes_downloaded=float(sums.get(DOWNLOADED, 0)),
            bytes_uploaded=float(sums.get("BytesUploaded", 0)),
            cost=None if self.cost is None else _dollars(self.cost),
            egress_at_most=None if self.egress is None else _dollars(self.egress),
        )


def price_requests(
    metrics: RequestMetrics, region: str, types: Collection[str], price_book: PriceBook
) -> PricedRequests:
    """Price a bucket's requests at the rates of their storage class.

    ``types``: the bucket's storage types. Where they belong to several classes the requests are priced as those of
    Standard, since it is not known which objects were requested.
    """
    prices = requests_of(_class(types))
    puts = _cost(price_book.charge(region, *prices.put), sum(metrics.sums.get(name, 0) for name in _PUTS), metrics.days)
    gets = _cost(price_book.charge(region, *prices.get), sum(metrics.sums.get(name, 0) for name in _GETS), metrics.days)
    egress = _cost(price_book.charge(region, EGRESS), Fraction(metrics.sums.get(DOWNLOADED, 0)) / _GB, metrics.days)
    return PricedRequests(metrics, None if puts is None or gets is None else puts + gets, egress)


def sum_requests(buckets: Iterable[PricedRequests | None]) -> RequestTotals:
    """Sum up the requests of all buckets, None for those whose requests are not known."""
    listed = list(buckets)
    known = [one for one in listed if one is not None]
    costs = [one.cost for one in known if one.cost is not None]
    egress = [one.egress for one in known if one.egress is not None]
    return RequestTotals(
        buckets=len(known),
        unknown_buckets=len(listed) - len(known),
        cost=_dollars(sum(costs, Fraction(0))) if costs else None,
        unpriced_buckets=len(known) - len(costs),
        # A bucket without a price would make the sum less than it can be: no upper bound.
        egress_at_most=_dollars(sum(egress, Fraction(0))) if known and len(egress) == len(known) else None,
        egress_unpriced_buckets=len(known) - len(egress),
    )


def _class(types: Collection[str]) -> str:
    known = storage_types()
    classes = {known[name].storage_class if name in known else _STANDARD for name in types}
    (only,) = classes if len(classes) == 1 else (_STANDARD,)
    return only


def _cost(charge: Charge | None, amount: float | Fraction, days: int) -> Fraction | None:
    """Of a month at this pace, from the first tier on. None where no price is known for all of it."""
    if not amount:
        return Fraction(0)
    if charge is None:
        return None
    left, begin, cost = Fraction(amount) * MONTH_DAYS / days, Decimal(0), Fraction(0)
    for tier in charge.tiers:
        here = left if tier.upto is None else min(left, Fraction(tier.upto - begin))
        cost += here * Fraction(tier.price)
        left -= here
        if not left:
            return cost
        begin = tier.upto or begin
    return None


def _dollars(amount: Fraction) -> float:
    return float(round(amount, DECIMALS))
