"""What was asked of the simulation: calls, refusals, metrics, by account, region and operation."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class CallKey(NamedTuple):
    """What a count belongs to."""

    account: str
    region: str
    service: str
    operation: str


@dataclass
class CallStats:
    """The counts of one operation of one account and region."""

    calls: int = 0
    throttled: int = 0
    failed: int = 0  # answered with an error, throttles included, or not answered
    metrics: int = 0  # metrics requested from GetMetricData: what AWS bills
    datapoints: int = 0
    seconds: float = 0.0  # of the server's CPU
    errors: Counter[str] = field(default_factory=Counter)


class Counters:
    """All tallies since the start or the last reset."""

    def __init__(self) -> None:
        self._tallies: dict[CallKey, CallStats] = {}

    def at(self, where: CallKey) -> CallStats:
        """The tally of a place, made when first asked for."""
        return self._tallies.setdefault(where, CallStats())

    def reset(self) -> None:
        """Forgets everything counted."""
        self._tallies = {}

    def total(
        self,
        operation: str | None = None,
        *,
        account: str | None = None,
        region: str | None = None,
        service: str | None = None,
    ) -> CallStats:
        """The sum over everything that matches; None matches all."""
        sum_ = CallStats()
        wanted = CallKey(account or "", region or "", service or "", operation or "")
        for where, tally in self._tallies.copy().items():
            if all(not want or want == have for want, have in zip(wanted, where, strict=True)):
                sum_.calls += tally.calls
                sum_.throttled += tally.throttled
                sum_.failed += tally.failed
                sum_.metrics += tally.metrics
                sum_.datapoints += tally.datapoints
                sum_.seconds += tally.seconds
                sum_.errors += tally.errors
        return sum_

    def by_operation(self) -> dict[str, int]:
        """Calls by service:Operation, sorted."""
        calls: Counter[str] = Counter()
        for where, tally in self._tallies.copy().items():
            calls[f"{where.service}:{where.operation}"] += tally.calls
        return dict(sorted(calls.items()))

    def rows(self) -> list[dict[str, object]]:
        """Every tally with its place, sorted, as JSON can carry it."""
        return [
            {**where._asdict(), **vars(tally), "errors": dict(sorted(tally.errors.items()))}
            for where, tally in sorted(self._tallies.copy().items())
        ]
