"""Reading of input files: regular files only, with errors that name them."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from s3_monitor.model.errors import InvalidFileError

T = TypeVar("T")
# Exceptions of msgspec for content that is not JSON: malformed, not UTF-8, nested too deeply.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


# The end of a file that this program wrote: at this position, "format" can only be a key of the outermost object.
_FORMAT_AT_END = re.compile(rb'[{,]\s*"format"\s*:\s*([0-9]{1,9})\s*}\s*\Z')
_END_BYTES = 100
_MESSAGE_CHARACTERS = 250
LARGEST = 2 << 30  # bytes
_MOST_LINKS = 40
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class _Envelope(msgspec.Struct):
    """The outermost object of a versioned file."""

    format: int = 0


def read_bytes(path: Path, advice: str, *, name: object = None, largest: int = LARGEST) -> bytes:
    """Return the content of a regular file or a descriptor (/dev/fd/N).

    ``name``: the path in errors. Raises InvalidFileError if the file cannot be read, is not a regular file (a pipe
    would block), or has more than ``largest`` bytes.
    """
    shown = path if name is None else name
    try:
        with _open(path, shown, advice) as file:
            content = _read(file, largest)
    except OSError as error:
        raise InvalidFileError(shown, f"cannot be read: {error.strerror or error}", advice) from error
    if content is None:
        raise InvalidFileError(shown, f"is larger than {largest >> 20:,} MiB", advice)
    return content


def _read(file: IO[bytes], largest: int) -> bytes | None:
    """Return the content; None if it has more than ``largest`` bytes."""
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode):
        return file.read() if status.st_size <= largest else None
    content = bytearray()
    while chunk := file.read(1 << 20):
        content += chunk
        if len(content) > largest:
            return None
    return bytes(content)


def _open(path: Path, shown: object, advice: str) -> IO[bytes]:
    descriptor = descriptor_of(path)
    if descriptor is not None:
        return os.fdopen(os.dup(descriptor), "rb")
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise InvalidFileError(
            shown, f"must be a regular file, got {_KINDS.get(stat.S_IFMT(mode), 'something else')}", advice
        )
    # The path may have been replaced by a pipe, which must not block.
    return os.fdopen(os.open(path, os.O_RDONLY | _NO_WAIT), "rb")


def descriptor_of(path: Path) -> int | None:
    """Return N for /dev/fd/N, /proc/self/fd/N and links to them like /dev/stdout; None for other paths."""
    for _ in range(_MOST_LINKS):
        if path.name.isdecimal() and os.path.realpath(path.parent) in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def decode_versioned(
    content: bytes, path: object, type_: type[T], newest: int, noun: str, advice: str, *, oldest: int = 1
) -> T:
    """Decode JSON with a ``format`` number from ``oldest`` to ``newest``. Raises InvalidFileError."""
    if not content:
        raise InvalidFileError(path, "is empty", advice)
    try:
        format_ = _format(content)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a {noun}: {_brief(error)}", advice) from error
    if format_ > newest:
        what = f"format must be at most {newest}, got {format_}: a newer version wrote it"
        raise InvalidFileError(path, what, "use the version of s3-monitor that wrote it, or a newer version")
    if format_ < 1:
        raise InvalidFileError(path, f"is not a {noun}: no format number", advice)
    if format_ < oldest:
        what = f"format must be at least {oldest}, got {format_}: an older version wrote it"
        raise InvalidFileError(path, what, advice)
    try:
        return msgspec.json.decode(content, type=type_)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a {noun}: {_brief(error)}", advice) from error


def shortened(text: str, most: int = 60) -> str:
    """Return text from a file for an error message: quoted, printable, at most ``most`` characters."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")


def _brief(error: Exception) -> str:
    """Return the message of a decoder on one line, shortened in the middle: the field is at the end."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(error))
    return text if len(text) <= _MESSAGE_CHARACTERS else f"{text[:120]} … {text[-120:]}"


def _format(content: bytes) -> int:
    """Return the ``format`` of a JSON object, 0 without one. Raises UNREADABLE."""
    # Parsing the complete content for it would take a third of the time of decoding a large part.
    at_end = _FORMAT_AT_END.search(content, max(0, len(content) - _END_BYTES))
    return int(at_end[1]) if at_end else msgspec.json.decode(content, type=_Envelope).format
