"""Counters of requests by account, region and operation."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class CallKey(NamedTuple):
    """The key of a counter."""

    account: str
    region: str
    service: str
    operation: str


@dataclass
class CallStats:
    """Counters of one operation in one account and region."""

    calls: int = 0
    throttled: int = 0
    failed: int = 0  # error responses, throttles included, or no response
    metrics: int = 0  # requested from GetMetricData, which AWS bills by metric
    datapoints: int = 0
    seconds: float = 0.0  # CPU of the server
    errors: Counter[str] = field(default_factory=Counter)


class Counters:
    """All counters since the start or the last reset."""

    def __init__(self) -> None:
        self._stats: dict[CallKey, CallStats] = {}

    def at(self, where: CallKey) -> CallStats:
        """Return the counters of a key, created on first use."""
        return self._stats.setdefault(where, CallStats())

    def reset(self) -> None:
        """Reset all counters."""
        self._stats = {}

    def total(
        self,
        operation: str | None = None,
        *,
        account: str | None = None,
        region: str | None = None,
        service: str | None = None,
    ) -> CallStats:
        """Return the sum of the matching counters; None matches all."""
        sum_ = CallStats()
        wanted = CallKey(account or "", region or "", service or "", operation or "")
        for where, stats in self._stats.copy().items():
            if all(not want or want == have for want, have in zip(wanted, where, strict=True)):
                sum_.calls += stats.calls
                sum_.throttled += stats.throttled
                sum_.failed += stats.failed
                sum_.metrics += stats.metrics
                sum_.datapoints += stats.datapoints
                sum_.seconds += stats.seconds
                sum_.errors += stats.errors
        return sum_

    def by_operation(self) -> dict[str, int]:
        """Return the calls by service:Operation, sorted."""
        calls: Counter[str] = Counter()
        for where, stats in self._stats.copy().items():
            calls[f"{where.service}:{where.operation}"] += stats.calls
        return dict(sorted(calls.items()))

    def rows(self) -> list[dict[str, object]]:
        """Return all counters with their keys for JSON, sorted."""
        return [
            {**where._asdict(), **vars(stats), "errors": dict(sorted(stats.errors.items()))}
            for where, stats in sorted(self._stats.copy().items())
        ]
