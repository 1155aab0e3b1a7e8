"""Verification that DuckDB has read every line of an intact gzipped CSV file.

DuckDB drops a last line that is longer than its buffer, and skips empty lines, without an error. Therefore the bytes of
the rows that it read are compared with the length of the content; if these differ, the lines are counted. DuckDB also
ignores the checksum of gzip (CRC-32). Decompressing again verifies it, for a tenth of the CPU of reading rows. Where
that is too much, ``decompress`` verifies it, and DuckDB reads the content.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from s3_monitor.objects.manifest import InvalidReportError

_CHUNK = 1 << 20
_THREADS = 2


def row_bytes(columns: Collection[str]) -> str:
    """Return SQL for the bytes of a row as AWS writes it: quoted values (null may be empty), with separators."""
    values = " + ".join(f'coalesce(strlen("{name}") + 2, 0)' for name in columns)
    return f"{values} + {len(columns)}"


def decompress(files: Sequence[Path], most: int) -> None:
    """Replace gzip files by their content. Raises InvalidReportError if one is damaged.

    A file whose content is larger than an equal share of ``most`` bytes is only verified.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        for written in pool.map(lambda file: _decompress(file, most // len(files)), files):
            del written


def _decompress(file: Path, most: int) -> None:
    target, length = file.with_name(f"{file.name}.csv"), 0
    try:
        with target.open("wb") as output:
            for chunk in _chunks(file):
                length += len(chunk)
                if length <= most:
                    output.write(chunk)
        if length <= most:
            target.replace(file)
    finally:
        target.unlink(missing_ok=True)


class _Content(NamedTuple):
    length: int  # bytes
    lines: int


def check_rows(files: Sequence[Path], rows: int, size: int) -> None:
    """Raise InvalidReportError if a file is damaged or has other lines than those that were read.

    ``rows``: the number of rows read. ``size``: their bytes (see ``row_bytes``).
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        contents = list(pool.map(_content, files))
    if sum(content.length for content in contents) == size:
        return
    # The file is not in AWS's form (no quotes, other line ends), or was not read completely.
    lines = sum(content.lines for content in contents)
    if lines != rows:
        raise InvalidReportError(f"only {rows:,} of {lines:,} lines could be read")


def _content(file: Path) -> _Content:
    length, lines, last = 0, 0, b"\n"
    for chunk in _chunks(file):
        length += len(chunk)
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    return _Content(length, lines + (last != b"\n"))


def _chunks(file: Path) -> Iterator[bytes]:
    """Yield the content of a file; gzip verifies the checksum and the length of each member."""
    try:
        with gzip.open(file) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidReportError(f"a file is not a valid gzip file: {error}") from error
