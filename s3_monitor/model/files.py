"""Files that pass between programs: written whole or not at all, read with errors that name them."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from s3_monitor.model.failure import BadFile

T = TypeVar("T")
# What msgspec throws at a text that is not JSON: malformed, not in UTF-8, nested without end.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


# How a file that this program wrote ends. Nothing but a member of the whole can stand there.
_FORMAT_AT_END = re.compile(rb'[{,]\s*"format"\s*:\s*([0-9]{1,9})\s*}\s*\Z')
_END_BYTES = 100
_MESSAGE_CHARACTERS = 250


class _Envelope(msgspec.Struct):
    format: int = 0


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, under a temporary name in the same folder; at the end it is flushed to disk and renamed, if
    nothing was raised. OSError where that fails."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; artifacts are read by others too.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: bytes) -> None:
    """The file whole or not at all. OSError."""
    with replaced(path) as file:
        file.write(content)


def read_bytes(path: Path, advice: str) -> bytes:
    """The file's content. BadFile where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(path, f"cannot be read: {error.strerror or error}", advice) from error


def decode_versioned(
    content: bytes, path: object, type_: type[T], newest: int, noun: str, advice: str, *, oldest: int = 1
) -> T:
    """Decode JSON with a ``format`` number from ``oldest`` to ``newest``. BadFile says what is wrong with it."""
    if not content:
        raise BadFile(path, "is empty", advice)
    try:
        format_ = _format(content)
    except UNREADABLE as error:
        raise BadFile(path, f"is not a {noun}: {_brief(error)}", advice) from error
    if format_ > newest:
        what = f"has format {format_}, this program knows up to {newest}: a newer version wrote it"
        raise BadFile(path, what, "use the version of s3-monitor that wrote it, or a newer one")
    if format_ < 1:
        raise BadFile(path, f"is not a {noun}: no format number", advice)
    if format_ < oldest:
        what = f"has format {format_}, this program knows from {oldest} on: an older version wrote it"
        raise BadFile(path, what, advice)
    try:
        return msgspec.json.decode(content, type=type_)
    except UNREADABLE as error:
        raise BadFile(path, f"is not a {noun}: {_brief(error)}", advice) from error


def shortened(text: str, most: int = 60) -> str:
    """Return text from a file for an error message: quoted, printable, at most ``most`` characters."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def _brief(error: Exception) -> str:
    """Return a decoder's message on one line. It may repeat a value of the file; the field's name is at its end."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(error))
    return text if len(text) <= _MESSAGE_CHARACTERS else f"{text[:120]} … {text[-120:]}"


def _format(content: bytes) -> int:
    """The ``format`` of a JSON object, 0 where there is none. What is thrown at texts that are not JSON."""
    # Elsewhere it takes reading the whole, which of a large part is a third of decoding it.
    at_end = _FORMAT_AT_END.search(content, max(0, len(content) - _END_BYTES))
    return int(at_end[1]) if at_end else msgspec.json.decode(content, type=_Envelope).format
