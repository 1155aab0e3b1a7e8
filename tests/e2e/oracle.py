"""The expected buckets.json, computed from the definition of the simulated account without the program's code.

Only the data files are shared: the price list and the table of storage types.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from s3_monitor.simulator import Account, Series, truth
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.truth import BucketTruth

GB = 2**30
YOUNG_DAYS = 3
ENDED_DAYS = 3
LISTED = 1000
FORGOTTEN_DAYS = 14  # AWS: ListMetrics shows a metric for two weeks after its last point


def expected(
    accounts: Iterable[Account], today: date, window_days: int, *, listing: bool = True
) -> dict[str, dict[str, Any]]:
    """Return size by type, total, count, day, state and last lines of every expected bucket, by name.

    ``listing``: buckets with at most LISTED objects are listed.
    """
    answer = {}
    for whole in accounts:
        account = _remembered(whole, today)
        listed = {name for name, bucket in account.buckets.items() if bucket.listed and "--x-s3" not in name}
        found = truth(account, today, window_days)
        newest = _newest_by_region(found)
        for name, bucket in found.items():
            directory = name.endswith("--x-s3")
            if name not in listed and not (directory and bucket.day is not None):
                continue
            series = account.buckets[name]
            counted, counted_day = _newest_count(series.count, today, window_days)
            is_listed = listing and not directory and (counted or 0) <= LISTED
            held = bool(series.sizes) or (series.count is not None and counted != 0)
            vacant = is_listed and held and not series.objects
            last = newest.get(bucket.region)
            is_silent = bucket.day is not None and last is not None and (last - bucket.day).days >= ENDED_DAYS
            is_counted = counted_day is not None and (last is None or last.toordinal() - counted_day < ENDED_DAYS)
            current = counted if is_counted else None
            lines, day, count = dict(bucket.lines), bucket.day, bucket.count
            if vacant:
                state = "emptied"
            elif day is not None and not is_silent:
                state = "measured"
            elif (today - bucket.created.date()).days < YOUNG_DAYS:
                state, count = "young", current
            elif current or (is_listed and series.objects):
                state, count = "no-data", current
            elif is_silent:
                state = "emptied"
            else:
                state, count = ("no-data", current) if held else ("empty", 0.0)
            answer[name] = {
                "account": account.id,
                "region": bucket.region,
                "lines": lines if state == "measured" else {},
                "total": {"measured": float(sum(lines.values())), "emptied": 0.0, "empty": 0.0}.get(state),
                "count": 0.0 if state == "emptied" else count,
                "day": day.isoformat() if day is not None and state == "measured" else None,
                "state": state,
                "kind": "directory" if directory else "general-purpose",
                "last": lines if state == "emptied" else {},
            }
    return answer


def _newest_by_region(found: dict[str, BucketTruth]) -> dict[str, date]:
    """Return the newest day with a figure by region, over all buckets of CloudWatch."""
    days: dict[str, date] = {}
    for bucket in found.values():
        if bucket.day is not None:
            days[bucket.region] = max(bucket.day, days.get(bucket.region, bucket.day))
    return days


def _remembered(account: Account, today: date) -> Account:
    """Without the series whose last point is so old that ListMetrics has forgotten them."""
    oldest = today.toordinal() - FORGOTTEN_DAYS
    buckets = [
        replace(
            bucket,
            sizes={type_: series for type_, series in bucket.sizes.items() if series.last >= oldest},
            count=bucket.count if bucket.count and bucket.count.last >= oldest else None,
        )
        for bucket in account.buckets.values()
    ]
    return make_account(account.id, buckets, access_key=account.access_key)


def _newest_count(series: Series | None, today: date, window_days: int) -> tuple[float | None, int | None]:
    """Return the newest count in the window, and its day."""
    days = series.days(today.toordinal() - window_days, today.toordinal() + 1) if series else ()
    return (series.value(days[-1]), days[-1]) if series and days else (None, None)


def costs(buckets: dict[str, dict[str, Any]], prices: Path, types: Path) -> dict[tuple[str, str], Fraction | None]:
    """(bucket, storage type) → USD a month, exact; None where there is no price."""
    price_book = json.loads(prices.read_text())
    table = {row["type"]: row for row in json.loads(types.read_text())["types"]}
    pools: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for bucket in buckets.values():
        for type_, size in bucket["lines"].items():
            if type_ in table:
                pools[bucket["region"], table[type_]["pool"]] += Fraction(size)
    return {
        (name, type_): _line(Fraction(size), bucket["region"], table.get(type_), pools, price_book)
        for name, bucket in buckets.items()
        for type_, size in bucket["lines"].items()
    }


def _line(size: Fraction, region: str, row: Any, pools: Any, price_book: Any) -> Fraction | None:
    if row is None:
        return None
    pool, _, flat = row["pool"].partition(":")
    tiers = _tiers(price_book, region, pool)
    if tiers is None:
        return None
    if flat == "last":
        return size / GB * tiers[-1][1] if tiers[-1][0] is None else None
    whole = pools[region, row["pool"]]
    cost = _pool_cost(whole / GB, tiers)
    if cost is None:
        return None
    return cost * size / whole if whole else Fraction(0)


def _pool_cost(gigabytes: Fraction, tiers: list[tuple[Fraction | None, Fraction]]) -> Fraction | None:
    cost, below = Fraction(0), Fraction(0)
    for upto, price in tiers:
        top = gigabytes if upto is None else min(gigabytes, upto)
        cost += max(Fraction(0), top - below) * price
        below = top
    return cost if below >= gigabytes else None


def _tiers(price_book: Any, region: str, pool: str) -> list[tuple[Fraction | None, Fraction]] | None:
    known = price_book["regions"].get(region, {}).get(pool)
    if known is None:
        return None
    return [(None if upto is None else Fraction(upto), Fraction(price)) for upto, price in known["tiers"]]
