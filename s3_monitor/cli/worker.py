"""A shard collected in this process, which signals can stop early."""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType

from s3_monitor.cli.exits import say
from s3_monitor.cli.inquiry import AwsInquiry
from s3_monitor.cli.options import utc_now
from s3_monitor.collect.bill import collect_bill
from s3_monitor.collect.shard import collect
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard

_stop = threading.Event()


def stop(number: int, frame: FrameType | None) -> None:
    """Handle a signal: collecting ends soon, with what has been received."""
    _stop.set()


def is_stopped() -> bool:
    """Return whether a signal has stopped collecting."""
    return _stop.is_set()


def leave_if_stopped(status: int) -> None:
    """End the process at once: threads may still wait for responses that are no longer needed."""
    if _stop.is_set():
        sys.stdout.flush()
        os._exit(status)


def collect_in_process(plan: Plan, digest: str, shard: Shard, inquiry: AwsInquiry, *, quiet: bool) -> Part:
    """The part of one shard. Never raises for what AWS does."""
    log = (lambda line: None) if quiet else say
    if shard.bill is not None:
        return collect_bill(plan, digest, shard, shard.bill, inquiry.account, now=utc_now, stop=_stop, log=log)
    return collect(plan, digest, shard, inquiry.account, now=utc_now, stop=_stop, log=log)
