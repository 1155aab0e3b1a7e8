"""How fast CloudWatch and S3 are asked: below their quotas, and slower when somebody else uses them too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from s3_monitor.model.plan import Quotas
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT

# A margin below the quota: requests sent evenly arrive less so.
_SHARE = 0.96
# What may go out at once after a silence, in seconds of the rate: with it no second holds more than the quota
# (0.96 * 1.04 < 1), however a quota is counted.
_BURST_SECONDS = 0.04
# Somebody else uses the quota too: what is left is found by giving way at once and coming back slowly.
_CUT = 0.6
_LEAST = 0.02
_RECOVERY_A_SECOND = 0.02
# A part of the quota that others may not use at all is tried out faster, until the first throttle.
_TRIAL_A_SECOND = 0.1
_ONE_CONGESTION_SECONDS = 1.0
# Of ListMetrics' quota while bytes are being listed too. Their list is the longer one, and each page of it needs the
# token of the page before: it takes as long as its round trips, and so goes first.
_SHARE_OF_COUNTS = 1 / 3


class RateLimiter:
    """One quota: ``wait`` returns when the next call may go out. Any number of threads may wait."""

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
        """The rate at present."""
        return self._quota * self._share

    def wait(self, amount: float = 1.0) -> None:
        with self._lock:
            now = self._clock()
            self._share = min(1.0, self._share + self._growth * (now - self._changed))
            self._changed = now
            start = max(self._next, now - _BURST_SECONDS)
            self._next = start + amount / self.a_second
        if start > now:
            self._sleep(start - now)

    def begin_with(self, share: float) -> None:
        """So much of the quota for now; more as it proves to be free."""
        with self._lock:
            self._share = share
            self._changed = self._clock()

    def slow_down(self) -> None:
        """A call was throttled. The throttles of one second are one congestion."""
        with self._lock:
            now = self._clock()
            if now - self._cut < _ONE_CONGESTION_SECONDS:
                return
            self._cut = self._changed = now
            self._growth = _RECOVERY_A_SECOND
            self._share = max(_LEAST, self._share * _CUT)


class RegionLimits:
    """The quotas of one account and region."""

    def __init__(self, quotas: Quotas, pace: Callable[[float], RateLimiter] = RateLimiter) -> None:
        self._list_metrics = pace(quotas.list_metrics)
        self._list_counts = pace(quotas.list_metrics * _SHARE_OF_COUNTS)
        self._lock = threading.Lock()
        self._sizes_listed = 0  # how many lists of bytes are under way
        self._get_metric_data = pace(quotas.get_metric_data)
        self._datapoints = pace(quotas.datapoints)
        self._configurations = pace(quotas.configurations)

    def share(self, ways: int) -> None:
        """So many workers may ask at once: begin with an equal part."""
        paces = (self._list_metrics, self._list_counts, self._get_metric_data, self._datapoints, self._configurations)
        for pace in paces:
            pace.begin_with(1 / ways)

    @contextmanager
    def listing(self, metric: str) -> Iterator[None]:
        """While bytes are listed, counts are listed slowly."""
        of_sizes = metric == BUCKET_SIZE
        with self._lock:
            self._sizes_listed += of_sizes
        try:
            yield
        finally:
            with self._lock:
                self._sizes_listed -= of_sizes

    def list_metrics(self, metric: str) -> None:
        """Wait until ListMetrics may be asked about a metric."""
        if metric == OBJECT_COUNT and self._sizes_listed:
            self._list_counts.wait()
        self._list_metrics.wait()

    def get_metric_data(self, datapoints: int) -> None:
        """Wait until GetMetricData may be asked for so many data points."""
        self._datapoints.wait(datapoints)
        self._get_metric_data.wait()

    def configuration(self) -> None:
        """Wait until the configuration of a bucket may be asked for."""
        self._configurations.wait()

    def configuration_throttled(self, operation: str) -> None:
        self._configurations.slow_down()

    def throttled(self, operation: str) -> None:
        if operation == "ListMetrics":
            self._list_metrics.slow_down()
        elif operation == "GetMetricData":  # which of its two quotas is not said
            self._get_metric_data.slow_down()
            self._datapoints.slow_down()


class RateLimits:
    """Every account and region has quotas of its own, whoever asks."""

    def __init__(self, quotas: Quotas | None = None) -> None:
        self._quotas = quotas or Quotas()
        self._lock = threading.Lock()
        self._paces: dict[tuple[str, str], RegionLimits] = {}

    def of(self, account: str, region: str) -> RegionLimits:
        with self._lock:
            return self._paces.setdefault((account, region), RegionLimits(self._quotas))
