"""What buckets.json must say, worked out from the simulated account's own truth, without any of the program's code.

Only the data files are shared with it: the price list and the table of storage types.
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

GB = 2**30
YOUNG_DAYS = 3
FORGOTTEN_DAYS = 14  # AWS: ListMetrics shows a metric for two weeks after its last point


def expected(accounts: Iterable[Account], today: date, window_days: int) -> dict[str, dict[str, Any]]:
    """name → size by type, total, count, day, state: of every bucket the list must hold."""
    answer = {}
    for whole in accounts:
        account = _remembered(whole, today)
        listed = {name for name, bucket in account.buckets.items() if bucket.listed and "--x-s3" not in name}
        for name, bucket in truth(account, today, window_days).items():
            directory = name.endswith("--x-s3")
            if name not in listed and not (directory and bucket.day is not None):
                continue
            counted = _newest_count(account.buckets[name].count, today, window_days)
            if bucket.day is not None:
                state, total = "measured", float(sum(bucket.lines.values()))
            elif counted:
                state, total = "no-data", None
            elif (today - bucket.created.date()).days < YOUNG_DAYS:
                state, total = "young", None
            else:
                state, total = "empty", 0.0
            answer[name] = {
                "account": account.id,
                "region": bucket.region,
                "lines": dict(bucket.lines),
                "total": total,
                "count": bucket.count if bucket.day is not None else (0.0 if state == "empty" else counted),
                "day": bucket.day.isoformat() if bucket.day else None,
                "state": state,
                "kind": "directory" if directory else "general-purpose",
            }
    return answer


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


def _newest_count(series: Series | None, today: date, window_days: int) -> float | None:
    days = series.days(today.toordinal() - window_days, today.toordinal() + 1) if series else ()
    return series.value(days[-1]) if series and days else None


def costs(buckets: dict[str, dict[str, Any]], prices: Path, types: Path) -> dict[tuple[str, str], Fraction | None]:
    """(bucket, storage type) → USD a month, exact; None where there is no price."""
    matrix = json.loads(prices.read_text())
    table = {row["type"]: row for row in json.loads(types.read_text())["types"]}
    pools: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for bucket in buckets.values():
        for type_, size in bucket["lines"].items():
            if type_ in table:
                pools[bucket["region"], table[type_]["pool"]] += Fraction(size)
    return {
        (name, type_): _line(Fraction(size), bucket["region"], table.get(type_), pools, matrix)
        for name, bucket in buckets.items()
        for type_, size in bucket["lines"].items()
    }


def _line(size: Fraction, region: str, row: Any, pools: Any, matrix: Any) -> Fraction | None:
    if row is None:
        return None
    pool, _, flat = row["pool"].partition(":")
    tiers = _tiers(matrix, region, pool)
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


def _tiers(matrix: Any, region: str, pool: str) -> list[tuple[Fraction | None, Fraction]] | None:
    known = matrix["regions"].get(region, {}).get(pool)
    if known is None:
        return None
    return [(None if upto is None else Fraction(upto), Fraction(price)) for upto, price in known["tiers"]]
