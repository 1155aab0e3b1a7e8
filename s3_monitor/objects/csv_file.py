"""Whether DuckDB has read every line of a gzipped CSV file.

DuckDB drops a last line that is longer than its buffer, and skips empty lines, without an error. So the bytes of the
rows that it has read are compared with the length that gzip records; where these differ, lines are counted.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

from s3_monitor.objects.manifest import BadReport

_TRAILER = 4  # bytes at the end of a gzip file: the length of its content modulo 2^32
_PIECE = 1 << 20


def written(columns: Collection[str]) -> str:
    """The bytes of a row as AWS writes it: values in quotes, at most null without them, a comma or line feed after
    each."""
    values = " + ".join(f'coalesce(strlen("{name}") + 2, 0)' for name in columns)
    return f"{values} + {len(columns)}"


def check_rows(files: Sequence[Path], rows: int, size: int) -> None:
    """BadReport where the files have other lines than the ``rows`` that were read, which take ``size`` bytes."""
    if sum(map(_recorded_length, files)) % (1 << 32) == size % (1 << 32):
        return
    # Not in AWS's form (no quotes, another line end, several gzip members), or incomplete.
    lines = sum(map(_lines, files))
    if lines != rows:
        raise BadReport(f"{rows:,} rows could be read of {lines:,} lines")


def _recorded_length(file: Path) -> int:
    with file.open("rb") as stream:
        stream.seek(-_TRAILER, 2)
        return int.from_bytes(stream.read(), "little")


def _lines(file: Path) -> int:
    lines, last = 0, b"\n"
    try:
        with gzip.open(file) as stream:
            while piece := stream.read(_PIECE):
                lines += piece.count(b"\n")
                last = piece[-1:]
    except (OSError, EOFError, zlib.error) as error:
        raise BadReport(f"a file of it is no gzip file: {error}") from error
    return lines + (last != b"\n")
