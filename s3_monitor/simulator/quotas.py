"""Request quotas of an account and region, as token buckets."""

import time
from collections.abc import Callable, Mapping

# AWS: CloudWatch service quotas, per account and Region. GetMetricData has a second one over the data points
# of a call, estimated from its range and period; it is lower if the range starts within 3 hours.
AWS_QUOTAS: Mapping[str, float] = {
    "ListMetrics": 25,
    "GetMetricData": 50,
    "GetMetricStatistics": 400,
    "GetMetricData:datapoints": 396_000,
    "GetMetricData:recent-datapoints": 180_000,
}


class Quotas:
    """Tokens by account, region and quota, for a burst of one second. Other operations are not limited."""

    def __init__(self, rates: Mapping[str, float] | None, now: Callable[[], float] = time.monotonic) -> None:
        for name, rate in (rates or {}).items():
            if rate <= 0:
                raise ValueError(f"quota {name} must be positive, got {rate}")
        self.rates = dict(rates or {})
        self._now = now
        self._buckets: dict[tuple[str, str, str], tuple[float, float]] = {}

    def take(self, account: str, region: str, quota: str, amount: float = 1.0) -> bool:
        """Take tokens, and return True; take none, and return False, if there are not enough."""
        rate = self.rates.get(quota)
        if rate is None:
            return True
        now = self._now()
        tokens, then = self._buckets.get((account, region, quota), (max(rate, 1.0), now))
        tokens = min(max(rate, 1.0), tokens + (now - then) * rate)
        enough = tokens >= amount
        self._buckets[account, region, quota] = (tokens - amount if enough else tokens, now)
        return enough
