"""`python -m bench.codec_baseline FOLDER`: the CPU of decoding the parts and encoding the outputs, with msgspec alone.

This is a lower bound: both are loops in C, from and into existing records, without start-up and garbage collection.
Outputs are buckets.json, indented, and the rows of buckets.csv and storage.csv as JSON lists; the others are small.
"""

from __future__ import annotations

import csv
import gc
import json
import sys
import time
from itertools import islice
from pathlib import Path

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.part import Part


def main() -> None:
    folder = Path(sys.argv[1])
    gc.disable()
    buckets = msgspec.json.decode((folder / "report" / "buckets.json").read_bytes(), type=list[Bucket])
    files = sorted((folder / "parts").glob("*.json"))
    times = [time.process_time()]
    parts = [msgspec.json.decode(path.read_bytes(), type=Part) for path in files]
    times.append(time.process_time())
    del parts
    times.append(time.process_time())
    content = msgspec.json.encode(buckets)
    times.append(time.process_time())
    msgspec.json.format(content, indent=2)  # as in buckets.json
    times.append(time.process_time())
    del content, buckets
    spent = {"decode": times[1] - times[0], "encode": times[3] - times[2], "indent": times[4] - times[3]}
    print(
        json.dumps(
            {**spent, "rows": sum(_rows_seconds(folder / "report" / name) for name in ("buckets.csv", "storage.csv"))}
        )
    )


_Cell = str | float | None


def _rows_seconds(path: Path) -> float:
    """Return the CPU seconds of encoding the rows of a CSV file, numbers as numbers, in batches."""
    seconds = 0.0
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        while batch := [[_value(cell) for cell in row] for row in islice(rows, 10_000)]:
            began = time.process_time()
            msgspec.json.encode(batch)
            seconds += time.process_time() - began
    return seconds


def _value(cell: str) -> _Cell:
    try:
        return float(cell) if cell and "-" not in cell else cell or None
    except ValueError:
        return cell


if __name__ == "__main__":
    main()
