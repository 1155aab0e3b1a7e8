"""Whether DuckDB has read every line of a gzipped CSV file, and the file is intact.

DuckDB drops a last line that is longer than its buffer, and skips empty lines, without an error. So the bytes of the
rows that it has read are compared with the length of the content; where these differ, lines are counted. DuckDB does
not compare gzip's checksum (CRC-32) either: decompressing again does, for a tenth of the CPU of reading the rows.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from s3_monitor.objects.manifest import InvalidReportError

_PIECE = 1 << 20
_THREADS = 2


def row_bytes(columns: Collection[str]) -> str:
    """The bytes of a row as AWS writes it: values in quotes, at most null without them, a comma or line feed after
    each."""
    values = " + ".join(f'coalesce(strlen("{name}") + 2, 0)' for name in columns)
    return f"{values} + {len(columns)}"


class _Content(NamedTuple):
    length: int  # bytes
    lines: int


def check_rows(files: Sequence[Path], rows: int, size: int) -> None:
    """BadReport where a file is damaged, or has other lines than the ``rows`` that were read, which take ``size``
    bytes."""
    with ThreadPoolExecutor(_THREADS) as pool:
        contents = list(pool.map(_content, files))
    if sum(content.length for content in contents) == size:
        return
    # Not in AWS's form (no quotes, another line end), or incomplete.
    lines = sum(content.lines for content in contents)
    if lines != rows:
        raise InvalidReportError(f"{rows:,} rows could be read of {lines:,} lines")


def _content(file: Path) -> _Content:
    """Decompress a file; gzip compares the checksum and the length of each of its members."""
    length, lines, last = 0, 0, b"\n"
    try:
        with gzip.open(file) as stream:
            while piece := stream.read(_PIECE):
                length += len(piece)
                lines += piece.count(b"\n")
                last = piece[-1:]
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidReportError(f"a file of it is no gzip file: {error}") from error
    return _Content(length, lines + (last != b"\n"))
