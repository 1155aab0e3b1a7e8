"""Budgets: limits of the sums of buckets. A sum with unknown parts violates a limit only if its known parts do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.policies import Budget, to_bytes
from s3_monitor.model.policy_result import CaseStatus, PolicyCase
from s3_monitor.policies.scope import ReportFacts, Scope


class Range(NamedTuple):
    """The bounds of a value, which are equal if it is known."""

    low: float = 0.0
    high: float = 0.0

    def plus(self, other: Range) -> Range:
        """Return the sum with another value."""
        return Range(self.low + other.low, self.high + other.high)

    @property
    def exact(self) -> float | None:
        """Return the value if it is known."""
        return self.low if self.low == self.high and math.isfinite(self.low) else None


_AT_LEAST_ZERO: Final = Range(0.0, math.inf)
_UNKNOWN: Final = Range(-math.inf, math.inf)


class BudgetSums:
    """The sums of the buckets of a budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.scope = Scope(budget)
        self.buckets = 0
        """The number of buckets that belong to the budget, or may do so."""
        self.unknown = ""
        """Why the sums are not known exactly: a bucket and the reason. Empty: they are."""
        self._cost = self._growth = self._size = self._objects = Range()

    def add(self, bucket: Bucket) -> None:
        """Add a bucket, if the budget is about it."""
        belongs = self.scope.has(bucket)
        if belongs is False:
            return
        self.buckets += 1
        types = self.scope.storage_types
        lines = [line for name, line in bucket.storage.items() if not types or name in types]
        size, cost = _size(lines), _cost(lines)
        if bucket.total_size is None:
            size, cost = size.plus(_AT_LEAST_ZERO), cost.plus(_AT_LEAST_ZERO)
        objects = _AT_LEAST_ZERO if bucket.num_objects is None else Range(bucket.num_objects, bucket.num_objects)
        change = bucket.cost_change_30d
        growth = _UNKNOWN if change is None else Range(change, change)
        if belongs is None:
            size, cost, objects, growth = (_or_nothing(value) for value in (size, cost, objects, growth))
        self._size, self._cost = self._size.plus(size), self._cost.plus(cost)
        self._objects, self._growth = self._objects.plus(objects), self._growth.plus(growth)
        if not self.unknown:
            self.unknown = _reason(bucket, belongs, cost)

    def cases(self, facts: ReportFacts) -> list[PolicyCase]:
        """Return a case for each limit."""
        return [self._case(key, facts) for key in LIMITS if getattr(self.budget, key) is not None]

    def _case(self, key: str, facts: ReportFacts) -> PolicyCase:
        limit = getattr(self.budget, key)
        limit = to_bytes(limit) if isinstance(limit, str) else float(limit)
        value = LIMITS[key](self)
        gap = self.scope.gap(facts)
        if gap:  # there may be more buckets
            value = value.plus(_UNKNOWN if "growth" in key else _AT_LEAST_ZERO)
        if "usd" in key and facts.currency != "USD":
            return self._result(key, limit, None, "unknown", f"prices are in {facts.currency}")
        if not self.buckets and not gap:
            return self._result(key, limit, None, "unknown", "selects no bucket")
        text = f"{_text(key, value)}, limit {_number(key, limit)}"
        if value.low > limit:
            return self._result(key, limit, value, self.budget.severity, text)
        if value.high > limit:
            reason = gap or self.unknown or "no value 30 days ago"
            return self._result(key, limit, value, "unknown", f"{text}: {reason}")
        if self.budget.warn_at is not None and value.high >= limit * self.budget.warn_at > 0:
            return self._result(key, limit, value, "near", text)
        return self._result(key, limit, value, "pass", "")

    def _result(self, key: str, limit: float, value: Range | None, status: CaseStatus, message: str) -> PolicyCase:
        exact = None if value is None else value.exact
        return PolicyCase(key, self.scope.account, self.scope.region, status, message, exact, limit)

    def percent(self) -> Range:
        """Return the growth in percent of the cost 30 days ago; unknown if that was 0."""
        growth, cost = self._growth.exact, self._cost.exact
        if growth is None or cost is None or (growth > 0 and cost - growth <= 0):
            return _UNKNOWN
        value = 100 * growth / (cost - growth) if growth else 0.0
        return Range(value, value)


LIMITS: Final[dict[str, Callable[[BudgetSums], Range]]] = {
    "max_usd_month": lambda sums: sums._cost,
    "max_growth_usd_30d": lambda sums: sums._growth,
    "max_growth_percent_30d": BudgetSums.percent,
    "max_size": lambda sums: sums._size,
    "max_objects": lambda sums: sums._objects,
}


def _size(lines: Sequence[StorageLine]) -> Range:
    total = sum(line.size for line in lines)
    return Range(total, total)


def _cost(lines: Sequence[StorageLine]) -> Range:
    """Return the cost. A line without a price costs at least 0, one with an upper bound at most that."""
    total = Range()
    for line in lines:
        high = math.inf if line.cost is None else line.cost
        is_exact = line.cost is not None and line.cost_is_upper_bound is not True
        total = total.plus(Range(high if is_exact else 0.0, high))
    return total


def _or_nothing(value: Range) -> Range:
    """Return the value of a bucket that may not belong to the budget."""
    return Range(min(value.low, 0.0), max(value.high, 0.0))


def _reason(bucket: Bucket, belongs: bool | None, cost: Range) -> str:
    if belongs is None:
        return f"{bucket.name}: tags or storage types unknown"
    if bucket.total_size is None:
        return f"{bucket.name}: size unknown ({bucket.state})"
    return "" if cost.exact is not None else f"{bucket.name}: storage without a known price"


def _text(key: str, value: Range) -> str:
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
