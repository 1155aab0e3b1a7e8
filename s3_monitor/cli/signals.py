"""Signals that end a program: SIGTERM, SIGHUP, Ctrl-C, and Ctrl-Break on Windows."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
_NUMBERS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
INTERRUPTED = 130  # exit status
Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Call ``handler`` for each of these signals while the body runs. Ignored signals (nohup) stay ignored."""
    before = {number: signal.getsignal(number) for number in _NUMBERS}
    replaced = [number for number, previous in before.items() if previous is not signal.SIG_IGN]
    for number in replaced:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, before[number])


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt for any of the signals, so that temporary files are removed."""
    raise KeyboardInterrupt


def leave(number: int = 0, frame: FrameType | None = None) -> NoReturn:
    """End the process at once with status 130: threads may still wait for responses that are no longer needed."""
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
    with contextlib.suppress(OSError):
        os.write(2, f"{show_cursor}s3-monitor: interrupted\n".encode())
    os._exit(INTERRUPTED)


def keep_status(status: int) -> None:
    """Make signals end the process at once with ``status``, now that its results are written."""
    for number in _NUMBERS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, frame: os._exit(status))
    if hasattr(signal, "pthread_sigmask"):  # the interpreter restores the default actions during shutdown
        atexit.register(signal.pthread_sigmask, signal.SIG_BLOCK, _NUMBERS)
