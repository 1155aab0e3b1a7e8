"""Signals that ask a program to end: SIGTERM, SIGHUP, Ctrl-C, and Ctrl-Break on Windows."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
_ENDING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Call ``handler`` for each of them while the body runs. Those that are ignored (nohup) stay ignored."""
    before = {number: signal.getsignal(number) for number in _ENDING}
    heard = [number for number, known in before.items() if known is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, whichever signal it is: what was begun is undone."""
    raise KeyboardInterrupt
