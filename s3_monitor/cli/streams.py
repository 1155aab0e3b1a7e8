"""Standard output and standard error of a program whose results count, and whose log does not.

A log that cannot be written is lost and changes nothing else. Results that cannot be written are an error. Text on
either of them is safe for terminals; results in a format of their own are written as bytes.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from typing import Any

from s3_monitor.model.errors import UserError
from s3_monitor.model.safe_text import lines

_SECONDS_TO_WAIT = 1.0  # then it is tried again


class StandardOutputError(UserError):
    """Standard output is closed, full, or nobody reads it any more."""


def install() -> None:
    """Replace sys.stdout and sys.stderr. Called once, before anything is written."""
    _open_standard_descriptors()
    sys.stderr = _SafeText(_Log(sys.stderr), write_through=True)
    results = _Results(sys.stdout)
    sys.stdout = _SafeText(io.BufferedWriter(results), line_buffering=results.isatty())


def terminal() -> io.TextIOWrapper:
    """Standard error for progress bars, whose escape sequences are meant. It never fails."""
    log: Any = _Log(sys.__stderr__)
    return io.TextIOWrapper(log, encoding=log.encoding, errors="backslashreplace", write_through=True)


class _Raw(io.RawIOBase):
    """The unbuffered bytes of a stream; ``stream`` is None if its descriptor was closed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream is not None and bool(self._stream.isatty())

    def fileno(self) -> int:
        if self._stream is None:
            raise OSError(9, "Bad file descriptor")
        return int(self._stream.fileno())

    def _write_all(self, data: Any) -> None:
        """OSError, ValueError if that fails, also halfway."""
        if self._stream is None:
            raise OSError(9, "it is closed")
        raw = getattr(self._stream.buffer, "raw", self._stream.buffer)
        rest = memoryview(data)
        while rest:
            written = raw.write(rest)
            if written is None:  # a pipe that does not block, and is full
                select.select([], [raw], [], _SECONDS_TO_WAIT)
            else:
                rest = rest[written:]


class _Log(_Raw):
    """Bytes that may get lost."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._write_all(data)
        return len(data)


class _Results(_Raw):
    """Bytes that must not get lost: StandardOutputError, once. What follows is dropped."""

    _failed = False

    def write(self, data: Any) -> int:
        if not self._failed:
            try:
                self._write_all(data)
            except (OSError, ValueError) as error:
                self._failed = True
                reason = getattr(error, "strerror", None) or error
                raise StandardOutputError(f"Could not write to standard output: {reason}") from error
        return len(data)


class _SafeText(io.TextIOWrapper):
    """Text of whole lines. No character is without a visible form, and none is missing in the encoding."""

    def __init__(self, buffer: Any, **options: Any) -> None:
        raw = getattr(buffer, "raw", buffer)
        super().__init__(buffer, encoding=raw.encoding, errors="backslashreplace", newline=None, **options)

    def write(self, text: str, /) -> int:
        super().write(lines(text))
        return len(text)


def _open_standard_descriptors() -> None:
    """Occupy the descriptors 0 to 2 that are closed, or the next files opened would get what is written to them."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if descriptor == 1 else os.O_RDWR)
