"""What requests cost, and what sending data out can cost at most. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from fractions import Fraction

from s3_monitor.model.traffic import DOWNLOADED, REQUESTS, Requests, RequestTotals, Traffic
from s3_monitor.money.charges import EGRESS, requests_of
from s3_monitor.money.prices import Charge, Matrix
from s3_monitor.money.types import storage_types

MONTH_DAYS = 30
_GB = 2**30
# AWS: PUT, COPY, POST and LIST cost more than GET and all others; DELETE is free. A COPY counts as a PUT.
_PUTS = ("PutRequests", "PostRequests", "ListRequests")
_GETS = ("GetRequests", "HeadRequests", "SelectRequests")
_STANDARD = "STANDARD"


def priced(traffic: Traffic, region: str, types: Collection[str], matrix: Matrix) -> Requests:
    """``types``: the bucket's storage types. Requests are priced as of their storage class where they are all of one,
    else as of Standard: which objects are asked for is not known."""
    prices = requests_of(_class(types))
    puts = _cost(matrix.charge(region, *prices.put), sum(traffic.sums.get(name, 0) for name in _PUTS), traffic.days)
    gets = _cost(matrix.charge(region, *prices.get), sum(traffic.sums.get(name, 0) for name in _GETS), traffic.days)
    sent = traffic.sums.get(DOWNLOADED, 0)
    egress = _cost(matrix.charge(region, EGRESS), Fraction(sent) / _GB, traffic.days)
    return Requests(
        days=traffic.days,
        counts={name: float(traffic.sums.get(name, 0)) for name in REQUESTS},
        bytes_downloaded=float(sent),
        bytes_uploaded=float(traffic.sums.get("BytesUploaded", 0)),
        cost=None if puts is None or gets is None else _dollars(puts + gets),
        egress_at_most=None if egress is None else _dollars(egress),
    )


def totals(buckets: Iterable[object]) -> RequestTotals:
    """Of all buckets, each with its requests or nothing."""
    listed = list(buckets)
    known = [one for one in listed if isinstance(one, Requests)]
    return RequestTotals(
        buckets=len(known),
        unknown_buckets=len(listed) - len(known),
        cost=_sum(one.cost for one in known),
        egress_at_most=_sum(one.egress_at_most for one in known),
    )


def _sum(amounts: Iterable[float | None]) -> float | None:
    """Of those that are known, in millionths, so that their order does not matter."""
    micros = [round(amount * 1_000_000) for amount in amounts if amount is not None]
    return sum(micros) / 1_000_000 if micros else None


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
    """Rounded half-even to 6 places."""
    return float(round(amount, 6))
