"""The log line that states a shard's calls and dollars before its objects are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_monitor.collect.expected_calls import Place, expected_calls, list_requests
from s3_monitor.collect.region_contents import RegionContents
from s3_monitor.model.call_counter import CallCounter
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.plan import Plan, Shard


class Announcement:
    """Logs the expected calls once, as soon as ListBuckets and CloudWatch have responded for every account and region.

    Only then the number of calls is known: what a listing takes depends on the object counts.
    """

    def __init__(self, plan: Plan, shard: Shard, calls: CallCounter, log: Callable[[str], None]) -> None:
        self._plan, self._shard = plan, shard
        self._calls, self._log = calls, log
        self._announced = False

    def update(self, contents: Sequence[dict[Place, RegionContents] | None]) -> None:
        """Check the accounts of the shard; ``None``: one that has not responded yet."""
        if self._announced:
            return
        known: dict[Place, RegionContents] = {}
        for of_account in contents:
            if of_account is None:
                return
            known |= of_account
        self._announced = True
        if known:
            calls = self._total(known)
            self._calls.expected = calls
            self._log(f"{self._shard.name}: {describe_calls(calls)}")

    def _total(self, known: dict[Place, RegionContents]) -> CallCounts:
        """Calls made so far count where they exceed the expectation, e.g. after retries."""
        units = [unit for unit in self._shard.units if (unit.access, unit.region) in known]
        expected, made = expected_calls(self._plan, units, known), self._calls.calls()
        for operation, requests in made.requests.items():
            expected.requests[operation] = max(requests, expected.requests.get(operation, 0))
        return expected


def describe_calls(calls: CallCounts) -> str:
    """Return e.g. ``about 12 calls, about 0.0002 USD, 3 of them list objects``."""
    listed = list_requests(calls)
    listings = f", {listed:,} of the calls list objects" if listed else ""
    return f"about {calls.total:,} calls, about {calls.usd:.4f} USD{listings}"
