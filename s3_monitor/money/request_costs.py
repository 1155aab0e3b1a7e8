"""The monthly cost of requests, and the most that data transfer out can cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.model.request_metrics import DOWNLOADED, REQUESTS, RequestCosts, RequestMetrics, RequestTotals
from s3_monitor.money.list_pricing import DECIMALS
from s3_monitor.money.price_book import Charge, PriceBook, tiered_cost
from s3_monitor.money.storage_types import storage_types
from s3_monitor.money.usage_types import EGRESS, requests_of

MONTH_DAYS = 30
_GB = 2**30
# AWS: PUT, COPY, POST and LIST cost more than GET and all others. DELETE is free. CloudWatch counts COPY as PUT.
_PUTS = ("PutRequests", "PostRequests", "ListRequests")
_GETS = ("GetRequests", "HeadRequests", "SelectRequests")
_STANDARD = "STANDARD"


class PricedRequests(NamedTuple):
    """The requests of a bucket with their exact monthly costs in USD. None: no known price."""

    metrics: RequestMetrics
    cost: Fraction | None
    egress: Fraction | None

    @property
    def record(self) -> RequestCosts:
        """The record for buckets.json."""
        sums = self.metrics.sums
        return RequestCosts(
            days=self.metrics.days,
            counts={name: float(sums.get(name, 0)) for name in REQUESTS},
            bytes_downloaded=float(sums.get(DOWNLOADED, 0)),
            bytes_uploaded=float(sums.get("BytesUploaded", 0)),
            source=self.metrics.source,
            cost=None if self.cost is None else _dollars(self.cost),
            egress_at_most=None if self.egress is None else _dollars(self.egress),
        )


def price_requests(
    metrics: RequestMetrics, region: str, types: Collection[str], price_book: PriceBook
) -> PricedRequests:
    """Price a bucket's requests at the rates of their storage class.

    ``types``: the bucket's storage types. If they belong to several classes, the rates of Standard apply, since the
    metrics do not show which objects were requested.
    """
    prices = requests_of(_class(types))
    puts = _cost(price_book.charge(region, *prices.put), sum(metrics.sums.get(name, 0) for name in _PUTS), metrics.days)
    gets = _cost(price_book.charge(region, *prices.get), sum(metrics.sums.get(name, 0) for name in _GETS), metrics.days)
    egress = _cost(price_book.charge(region, EGRESS), Fraction(metrics.sums.get(DOWNLOADED, 0)) / _GB, metrics.days)
    return PricedRequests(metrics, None if puts is None or gets is None else puts + gets, egress)


def sum_requests(buckets: Iterable[PricedRequests | None]) -> RequestTotals:
    """Sum the requests of all buckets. None: a bucket with unknown requests."""
    all_buckets = list(buckets)
    known = [bucket for bucket in all_buckets if bucket is not None]
    costs = [bucket.cost for bucket in known if bucket.cost is not None]
    egress = [bucket.egress for bucket in known if bucket.egress is not None]
    return RequestTotals(
        buckets=len(known),
        unknown_buckets=len(all_buckets) - len(known),
        cost=_dollars(sum(costs, Fraction(0))) if costs else None,
        unpriced_buckets=len(known) - len(costs),
        # A sum that lacks a bucket is not an upper bound.
        egress_at_most=_dollars(sum(egress, Fraction(0))) if known and len(egress) == len(known) else None,
        egress_unpriced_buckets=len(known) - len(egress),
    )


def _class(types: Collection[str]) -> str:
    known = storage_types()
    classes = {known[name].storage_class if name in known else _STANDARD for name in types}
    return classes.pop() if len(classes) == 1 else _STANDARD


def _cost(charge: Charge | None, amount: float | Fraction, days: int) -> Fraction | None:
    """Return the USD per month at this rate from the first tier on, or None if a part has no known price."""
    if not amount:
        return Fraction(0)
    if charge is None:
        return None
    return tiered_cost(charge.tiers, Fraction(amount) * MONTH_DAYS / days)


def _dollars(amount: Fraction) -> float:
    return float(round(amount, DECIMALS))
