"""Standard output for results, standard error for the log.

A result that cannot be written is an error. A log that cannot be written is lost without other effects. Text is
escaped for terminals on both; JSON and CSV results are written as bytes.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from s3_monitor.model import safe_text
from s3_monitor.model.errors import UserError
from s3_monitor.model.output import write_atomically
from s3_monitor.model.safe_text import one_line

_SECONDS_TO_WAIT = 1.0  # for a full pipe, before the next attempt


class StandardOutputError(UserError):
    """Standard output is closed, full, or a pipe without a reader."""


def install() -> None:
    """Replace sys.stdout and sys.stderr. Call this once, before anything is written."""
    _open_standard_descriptors()
    sys.stderr = _SafeText(_Raw(sys.stderr, is_log=True), write_through=True)
    results = _Raw(sys.stdout, is_log=False)
    sys.stdout = _SafeText(io.BufferedWriter(results), line_buffering=results.isatty())


def terminal() -> io.TextIOWrapper:
    """Return standard error without escaping, for progress bars. Writing to it never fails."""
    log: Any = _Raw(sys.__stderr__, is_log=True)
    return io.TextIOWrapper(log, encoding=log.encoding, errors="backslashreplace", write_through=True)


def print_lines(lines: Iterable[str]) -> None:
    """Write each text as one line of standard output."""
    sys.stdout.write("".join(f"{one_line(line)}\n" for line in lines))


@contextlib.contextmanager
def user_errors(what: str, advice: str = "") -> Iterator[None]:
    """Raise an OSError of the block as a UserError: ``what`` failed, and the reason of the system."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{what}: {error.strerror or error}", advice) from error


def write_result(content: bytes, output: Path | None) -> None:
    """Write a result to a file, or to standard output if ``output`` is None. Raises UserError."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with user_errors(f"-o {output}: could not write the file", "name another file with -o"):
        write_atomically(output, content)


class _Raw(io.RawIOBase):
    """The unbuffered bytes of a stream; ``stream`` is None if its descriptor was closed.

    A log ignores write errors. Results raise StandardOutputError at the first one, and drop all further bytes.
    """

    def __init__(self, stream: Any, *, is_log: bool) -> None:
        self._stream = stream
        self._is_log = is_log
        self._failed = False
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream is not None and bool(self._stream.isatty())

    def fileno(self) -> int:
        if self._stream is None:
            raise OSError(9, "Bad file descriptor")
        return int(self._stream.fileno())

    def write(self, data: Any) -> int:
        if not self._failed:
            try:
                self._write_all(data)
            except (OSError, ValueError) as error:
                if not self._is_log:
                    self._failed = True
                    reason = getattr(error, "strerror", None) or error
                    raise StandardOutputError(f"Could not write to standard output: {reason}") from error
        return len(data)

    def _write_all(self, data: Any) -> None:
        """Write all bytes. Raises OSError or ValueError, possibly after some of them."""
        if self._stream is None:
            raise OSError(9, "the stream is closed")
        raw = getattr(self._stream.buffer, "raw", self._stream.buffer)
        remaining = memoryview(data)
        while remaining:
            written = raw.write(remaining)
            if written is None:  # a non-blocking pipe is full
                select.select([], [raw], [], _SECONDS_TO_WAIT)
            else:
                remaining = remaining[written:]


class _SafeText(io.TextIOWrapper):
    """Text with hidden characters escaped, as are characters that the encoding does not have."""

    def __init__(self, buffer: Any, **options: Any) -> None:
        raw = getattr(buffer, "raw", buffer)
        super().__init__(buffer, encoding=raw.encoding, errors="backslashreplace", newline=None, **options)

    def write(self, text: str, /) -> int:
        super().write(safe_text.lines(text))
        return len(text)


def _open_standard_descriptors() -> None:
    """Open os.devnull for each closed descriptor from 0 to 2, so that no other file gets the number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if descriptor == 1 else os.O_RDWR)
