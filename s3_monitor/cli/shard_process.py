"""Collection of one shard in this process; a signal ends it early."""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType

from s3_monitor.cli.activity import Activity
from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.cli.exit_status import is_quiet, print_status
from s3_monitor.cli.options import utc_now
from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard

stop = threading.Event()
"""Ends collecting soon, with the data received so far."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """Handle a signal: end collecting."""
    stop.set()


def exit_if_interrupted(status: int) -> None:
    """End the process at once after a signal: threads may still wait for responses that are no longer needed."""
    if stop.is_set():
        sys.stdout.flush()
        os._exit(status)


def collect_in_process(plan: Plan, digest: str, shard: Shard, discovery: AwsDiscovery, progress: Activity) -> Part:
    """Return the part of one shard. Never raises because of AWS."""
    log = (lambda line: None) if is_quiet() else print_status
    calls = CallCounter()
    if shard.bill is not None:
        progress.step("reading the bill")
    elif shard.lens is not None:
        progress.step("reading the Storage Lens export")
    else:
        progress.step(lambda: f"collecting {shard.name}: {_describe(calls)}")
    return collect_shard(plan, digest, shard, discovery.account, now=utc_now, stop=stop, log=log, calls=calls)


def _describe(calls: CallCounter) -> str:
    sent, expected = calls.calls().total, calls.expected
    return f"{sent:,} calls" if expected is None else f"{sent:,} of about {expected.total:,} calls"
