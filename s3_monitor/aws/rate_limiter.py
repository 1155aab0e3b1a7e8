"""Client-side rate limits below the quotas of CloudWatch and S3, adapted to other users of the same quotas."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from s3_monitor.model.plan import Quotas

# A margin below the quota, because evenly sent requests are not received evenly.
_SHARE = 0.96
# Burst after a pause, in seconds of the rate: no second has more requests than the quota (0.96 * 1.04 < 1).
_BURST_SECONDS = 0.04
# Other clients use the same quota: the rate is cut at once when throttled, and recovers slowly.
_CUT = 0.6
_LEAST = 0.02
_RECOVERY_A_SECOND = 0.02
# Before the first throttling, the rate grows faster.
_TRIAL_A_SECOND = 0.1
_ONE_CONGESTION_SECONDS = 1.0


class RateLimiter:
    """The limit for one quota. May be used by several threads."""

    def __init__(
        self,
        a_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._quota = a_second * _SHARE
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._share = 1.0
        self._growth = _TRIAL_A_SECOND
        self._next = self._changed = self._cut = clock() - _ONE_CONGESTION_SECONDS

    @property
    def a_second(self) -> float:
        """The current rate per second."""
        return self._quota * self._share

    def wait(self, amount: float = 1.0) -> None:
        """Wait until the next request, which uses ``amount`` of the quota, may be sent."""
        with self._lock:
            now = self._clock()
            self._share = min(1.0, self._share + self._growth * (now - self._changed))
            self._changed = now
            start = max(self._next, now - _BURST_SECONDS)
            self._next = start + self._seconds(amount, min(1.0, self._share + self._growth * max(0.0, start - now)))
        if start > now:
            self._sleep(start - now)

    def _seconds(self, amount: float, share: float) -> float:
        """Return the seconds that ``amount`` takes if the rate starts at a share of the quota and grows meanwhile."""
        growing = (1 - share) / self._growth  # until the complete quota is used
        amount_growing = self._quota * growing * (1 + share) / 2
        if amount >= amount_growing:
            return growing + (amount - amount_growing) / self._quota
        return (math.sqrt(share * share + 2 * self._growth * amount / self._quota) - share) / self._growth

    def start_with(self, share: float) -> None:
        """Start with a share of the quota; the rate grows until requests are throttled."""
        with self._lock:
            self._share = share
            self._changed = self._clock()

    def slow_down(self) -> None:
        """Reduce the rate after throttling, at most once per second."""
        with self._lock:
            now = self._clock()
            if now - self._cut < _ONE_CONGESTION_SECONDS:
                return
            self._cut = self._changed = now
            self._growth = _RECOVERY_A_SECOND
            self._share = max(_LEAST, self._share * _CUT)


class MetricDataLimiter:
    """The limits of GetMetricData. AWS does not report which of the two quotas was exceeded."""

    def __init__(self, requests: RateLimiter, datapoints: RateLimiter) -> None:
        self._requests, self._datapoints = requests, datapoints

    def wait(self, amount: float = 1.0) -> None:
        """Wait until a request for ``amount`` data points may be sent."""
        self._datapoints.wait(amount)
        self._requests.wait()

    def start_with(self, share: float) -> None:
        """Start with a share of the quotas."""
        self._requests.start_with(share)
        self._datapoints.start_with(share)

    def slow_down(self) -> None:
        """Reduce both rates."""
        self._requests.slow_down()
        self._datapoints.slow_down()


class RegionLimits:
    """The limits of an account and region."""

    def __init__(self, quotas: Quotas, limiter: Callable[[float], RateLimiter] = RateLimiter) -> None:
        self.list_metrics = limiter(quotas.list_metrics)
        self.get_metric_data = MetricDataLimiter(limiter(quotas.get_metric_data), limiter(quotas.datapoints))
        self.configurations = limiter(quotas.configurations)
        """Of requests for the configuration of a bucket."""

    def share(self, ways: int) -> None:
        """Start with an equal share for each of ``ways`` concurrent processes."""
        for limiter in (self.list_metrics, self.get_metric_data, self.configurations):
            limiter.start_with(1 / ways)


class RateLimits:
    """The limits by account and region: AWS's quotas apply to each."""

    def __init__(self, quotas: Quotas | None = None) -> None:
        self._quotas = quotas or Quotas()
        self._lock = threading.Lock()
        self._limits: dict[tuple[str, str], RegionLimits] = {}

    def of(self, account: str, region: str) -> RegionLimits:
        """Return the limits of an account and region."""
        with self._lock:
            return self._limits.setdefault((account, region), RegionLimits(self._quotas))
