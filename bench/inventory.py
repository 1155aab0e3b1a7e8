"""The measurement of inventories: against one plain statement over the same files."""

from __future__ import annotations

import os
from pathlib import Path

from bench import process
from bench.figure import Figure, Result, Setting
from bench.process import Usage

_TIMES = 2  # the better one counts


def inventory(setting: Setting) -> Result:
    """An S3 Inventory of 50,000,000 rows of Parquet, and one of 4,000,000 of CSV.

    BENCH_ROWS in the environment asks for another size.
    """
    rows = int(os.environ.get("BENCH_ROWS", 1_000_000 if setting.quick else 50_000_000))
    text = rows if setting.quick else 4_000_000
    folder, csv = setting.folder / "parquet", setting.folder / "csv"
    setting.tell(f"making {rows:,} rows")
    process.run("-m", "bench.stock", "make", folder, "--rows", rows)
    process.run("-m", "bench.stock", "make", csv, "--rows", text, "--csv")
    start = process.run("-m", "bench.stock", "--help").cpu
    plain, groups, whole = (_best(command, folder, rows, setting) for command in ("plain", "groups", "answers"))
    read = _best("answers", csv, text, setting, "--csv")
    base = plain.cpu - start
    size = f"inventory of {rows:,} rows"
    return Result(
        [
            Figure(f"CPU over that of one plain statement, without prefixes, {size}", (groups.cpu - start) / base, "×"),
            Figure(
                f"CPU over that of one plain statement, all answers, {size}", (whole.cpu - start) / base, "×", most=4
            ),
            Figure(f"memory, all answers, {size}", whole.peak_mb, "MB", most=1500),
            Figure(f"CPU, one plain statement, {size}", base, "s"),
            Figure(f"CPU, all answers, {size}", whole.cpu - start, "s"),
            Figure(f"wall, all answers, {size}", whole.wall, "s"),
            Figure(f"rows of CSV a second of two processors, {text:,} rows", 2 * text / read.cpu, "", least=1_000_000),
        ]
    )


def _best(command: str, folder: Path, rows: int, setting: Setting, *options: str) -> Usage:
    setting.tell(f"{command} {folder.name}")
    runs = [process.run("-m", "bench.stock", command, folder, *options) for _ in range(_TIMES)]
    for used in runs:
        if int(used.out) != rows:
            raise RuntimeError(f"{command} counted {used.out.strip()} of {rows} rows")
    return min(runs, key=lambda used: used.cpu)
