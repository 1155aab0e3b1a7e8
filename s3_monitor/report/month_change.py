"""The change of a bucket over 30 days, from its history. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.plan import Plan
from s3_monitor.model.series import Series, Window
from s3_monitor.money.list_pricing import Exact, Rate, Rates, line_cost, to_dollars

# The day 30 days before, or the nearest day with figures, as in trends.change.day_before.
_DAYS = (30, 29, 31, 28, 32, 27, 33, 26, 34)

Sizes = Mapping[str, float]  # storage type → bytes


class MonthChanges:
    """Computes the changes of buckets over 30 days: bytes, and monthly cost at today's rates."""

    def __init__(self, plan: Plan, rates: Rates) -> None:
        self._rates = rates
        self._window = plan.window
        self._yesterday = plan.window.days - 2

    def __call__(self, record: ResolvedBucket) -> tuple[float | None, float | None]:
        """Return the changes of size and cost. None: the history is shorter, or has no price."""
        # An emptied bucket has no figures: its newest day is the newest that CloudWatch can have.
        newest = self._yesterday if record.state == "emptied" else record.day
        before = month_before(record, newest, self._window)
        if before is None:
            return None, None
        now = record.lines
        changed = cost_change(now, before, self._rates[record.account, record.region])
        return float(sum(now.values()) - sum(before.values())), None if changed is None else to_dollars(changed)


def month_before(record: ResolvedBucket, newest: int | None, window: Window) -> Sizes | None:
    """Return the bytes of a bucket about 30 days before ``newest``: 0 if it was created since, None if unknown.

    ``newest``: offset of the day of its figures in the window.
    """
    if newest is None:
        return None
    if newest >= min(_DAYS):
        for days in _DAYS:
            if newest < days:
                continue
            if (before := _sizes_on(record.sizes, newest - days)) is not None:
                return before
        if record.state == "emptied" and all(series.day < newest - max(_DAYS) for series in record.sizes.values()):
            return {}
    is_new = record.created is not None and window.offset_of_time(record.created) > newest - _DAYS[0]
    return {} if is_new else None


def _sizes_on(sizes: Mapping[str, Series], day: int) -> Sizes | None:
    """Return the bytes of a day; None if it has no point, or if a series lacks a point within its span."""
    sizes_on_day: dict[str, float] = {}
    for name, series in sizes.items():
        value = series.value_before(series.day - day)
        if value is not None:
            sizes_on_day[name] = value
        elif 0 <= series.day - day < series.length:
            return None
    return sizes_on_day or None


def cost_change(now: Sizes, before: Sizes, rates: Mapping[str, Rate]) -> Exact | None:
    """Return the cost of ``now`` minus that of ``before`` at today's rates; None if a changed type has no rate."""
    changed: Exact = 0
    for name in now if now.keys() == before.keys() else {*now, *before}:
        amount = line_cost(rates.get(name), now.get(name, 0) - before.get(name, 0))
        if amount is None:
            return None
        changed += amount
    return changed
