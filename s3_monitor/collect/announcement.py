"""The log line with the expected calls and dollars of a shard, before its objects are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_monitor.collect.expected_calls import Place, expected_calls, list_requests
from s3_monitor.collect.region_contents import RegionContents
from s3_monitor.model.call_counter import CallCounter
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.plan import Plan, Shard


class Announcement:
    """Logs the expected calls once ListBuckets and CloudWatch have responded for every account and region.

    The number of calls is not known before: the requests of a listing depend on the object count.
    """

    def __init__(self, plan: Plan, shard: Shard, calls: CallCounter, log: Callable[[str], None]) -> None:
        self._plan, self._shard = plan, shard
        self._calls, self._log = calls, log
        self._is_logged = False

    def update(self, contents: Sequence[dict[Place, RegionContents] | None]) -> None:
        """Log the expected calls if every account has responded; ``None``: one that has not."""
        if self._is_logged or None in contents:
            return
        self._is_logged = True
        merged = {place: region for of_account in contents if of_account for place, region in of_account.items()}
        if merged:
            self._calls.expected = calls = self._total(merged)
            self._log(f"{self._shard.name}: {describe_calls(calls)}")

    def _total(self, contents: dict[Place, RegionContents]) -> CallCounts:
        """Return the expected calls; those already sent if they are more, as after retries."""
        units = [unit for unit in self._shard.units if (unit.access, unit.region) in contents]
        expected = expected_calls(self._plan, units, contents)
        for operation, requests in self._calls.calls().requests.items():
            expected.requests[operation] = max(requests, expected.requests.get(operation, 0))
        return expected


def describe_calls(calls: CallCounts) -> str:
    """Return e.g. ``about 12 calls, about 0.0002 USD, 3 of them list objects``."""
    listed = list_requests(calls)
    listings = f", {listed:,} of the calls list objects" if listed else ""
    return f"about {calls.total:,} calls, about {calls.usd:.4f} USD{listings}"
