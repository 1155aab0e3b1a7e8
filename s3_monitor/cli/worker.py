"""A shard collected in this process, with its signals: SIGTERM and Ctrl-C keep what has arrived."""

from __future__ import annotations

import os
import signal
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


def leave_if_interrupted(status: int) -> None:
    """End the process at once: threads may still wait for answers that nobody needs any more."""
    if _stop.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def collect_in_process(plan: Plan, digest: str, shard: Shard, inquiry: AwsInquiry, *, quiet: bool) -> Part:
    """The part of one shard. Never raises for what AWS does."""
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _on_signal)
    log = (lambda line: None) if quiet else say
    if shard.bill is not None:
        return collect_bill(plan, digest, shard, shard.bill, inquiry.account, now=utc_now, stop=_stop, log=log)
    return collect(plan, digest, shard, inquiry.account, now=utc_now, stop=_stop, log=log)


def _on_signal(number: int, frame: FrameType | None) -> None:
    _stop.set()
