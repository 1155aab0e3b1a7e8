"""Budgets: limits of the sums of buckets. A sum with unknown parts violates a limit only if its known parts do."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.policies import Budget, to_bytes
from s3_monitor.model.policy_result import CaseStatus, PolicyCase
from s3_monitor.model.summary import Summary
from s3_monitor.policies.scope import Scope


class Sum:
    """A sum with bounds, which are equal if it is known."""

    __slots__ = ("high", "low")

    def __init__(self, low: float = 0.0, high: float = 0.0) -> None:
        self.low = low
        self.high = high

    def add(self, low: float, high: float) -> None:
        """Add a value by its bounds."""
        self.low += low
        self.high += high

    @property
    def exact(self) -> float | None:
        """Return the sum if it is known."""
        return self.low if self.low == self.high and math.isfinite(self.low) else None


class BudgetSums:
    """The sums of the buckets of a budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.scope = Scope(budget)
        self.has_buckets = False
        """Whether buckets belong to the budget, or may do so."""
        self.unknown = ""
        """Why the sums are not known exactly: a bucket and the reason. Empty: they are."""
        self.cost, self.growth, self.size, self.objects = Sum(), Sum(), Sum(), Sum()

    def add(self, bucket: Bucket) -> None:
        """Add a bucket, if the budget is about it."""
        belongs = self.scope.has(bucket)
        if belongs is False:
            return
        self.has_buckets = True
        size, low, high = self._lines(bucket)
        rest = 0.0 if bucket.total_size is not None else math.inf
        is_sure = belongs is True
        self.size.add(size if is_sure else 0.0, size + rest)
        self.cost.add(low if is_sure else 0.0, high + rest)
        objects, change = bucket.num_objects, bucket.cost_change_30d
        self.objects.add(objects if is_sure and objects is not None else 0.0, math.inf if objects is None else objects)
        if change is None:
            self.growth.add(-math.inf, math.inf)
        else:
            self.growth.add(change if is_sure else min(change, 0.0), change if is_sure else max(change, 0.0))
        if not self.unknown and (rest or low != high or not is_sure):
            self.unknown = f"{bucket.name}: {_reason(bucket, belongs)}"

    def _lines(self, bucket: Bucket) -> tuple[float, float, float]:
        """Return the bytes, and the bounds of their cost: 0 without a price, and 0 below an upper bound."""
        size = low = high = 0.0
        for name, line in bucket.storage.items():
            if self.scope.storage_types and name not in self.scope.storage_types:
                continue
            size += line.size
            high += math.inf if line.cost is None else line.cost
            if line.cost is not None and line.cost_is_upper_bound is not True:
                low += line.cost
        return size, low, high

    def cases(self, summary: Summary) -> list[PolicyCase]:
        """Return a case for each limit."""
        return [self._case(key, summary) for key in LIMITS if getattr(self.budget, key) is not None]

    def _case(self, key: str, summary: Summary) -> PolicyCase:
        limit = to_bytes(getattr(self.budget, key))
        value = LIMITS[key](self)
        gap = self.scope.gap(summary, "cost", "size") or self.scope.unselected(summary)
        if gap:  # there may be more buckets
            value = Sum(-math.inf if "growth" in key else value.low, math.inf)
        if "usd" in key and summary.currency != "USD":
            return self._result(key, limit, None, "unknown", f"prices are in {summary.currency}")
        if not self.has_buckets and not gap:
            return self._result(key, limit, None, "unknown", "selects no bucket")
        text = f"{_text(key, value)}, limit {_number(key, limit)}"
        if value.low > limit:
            return self._result(key, limit, value, self.budget.severity, text)
        if value.high > limit:
            reason = gap or self.unknown or "no value 30 days ago"
            return self._result(key, limit, value, "unknown", f"{text}: {reason}")
        if self.budget.warn_at is not None and value.high >= limit * self.budget.warn_at > 0:
            return self._result(key, limit, value, "near", f"{text} (warn_at {self.budget.warn_at:g})")
        return self._result(key, limit, value, "pass", "")

    def _result(self, key: str, limit: float, value: Sum | None, status: CaseStatus, message: str) -> PolicyCase:
        exact = None if value is None else value.exact
        return PolicyCase(key, self.scope.account, self.scope.region, status, message, exact, limit)

    def percent(self) -> Sum:
        """Return the growth in percent of the cost 30 days ago; unknown if that was 0."""
        growth, cost = self.growth.exact, self.cost.exact
        if growth is None or cost is None or (growth > 0 and cost - growth <= 0):
            return Sum(-math.inf, math.inf)
        value = 100 * growth / (cost - growth) if growth else 0.0
        return Sum(value, value)


LIMITS: Final[dict[str, Callable[[BudgetSums], Sum]]] = {
    "max_usd_month": lambda sums: sums.cost,
    "max_growth_usd_30d": lambda sums: sums.growth,
    "max_growth_percent_30d": BudgetSums.percent,
    "max_size": lambda sums: sums.size,
    "max_objects": lambda sums: sums.objects,
}


def _reason(bucket: Bucket, belongs: bool | None) -> str:
    if belongs is None:
        return "tags or storage types unknown"
    return f"size unknown ({bucket.state})" if bucket.total_size is None else "storage without a known price"


def _text(key: str, value: Sum) -> str:
    if value.exact is not None:
        return _number(key, value.exact)
    if not math.isfinite(value.low):
        return "unknown"
    low = _number(key, value.low)
    return f"{low.split()[0]} to {_number(key, value.high)}" if math.isfinite(value.high) else f"{low} or more"


def _number(key: str, value: float) -> str:
    if "percent" in key:
        return f"{value:,.1f}%"
    if "usd" in key:
        return f"{value:,.2f} USD per month"
    return f"{value:,.0f} {'bytes' if key == 'max_size' else 'objects'}"
