"""Measurement of billing exports, compared with plain statements over the same files."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench import process
from bench.metric import Figure, Result, Setting
from bench.process import Usage

_RUNS = 2  # the faster one counts


def billing(setting: Setting) -> Result:
    """A billing export (CUR 2.0, 5% S3) of 20,000,000 rows in Parquet, and of 5,000,000 rows in CSV"""
    rows, text = (1_000_000, 500_000) if setting.quick else (20_000_000, 5_000_000)
    start = process.run("-m", "bench.billing_reader", "--help").cpu
    plain, read = _measure("parquet", rows, setting)
    size = f"billing export of {rows:,} rows"
    csv_plain, csv_read = _measure("csv", text, setting, "--csv")
    csv_size = f"billing export of {text:,} rows in CSV"
    sums = "the sum of costs by resource and usage type"
    return Result(
        [
            Figure(f"CPU over {sums}, {size}", (read.cpu - start) / (plain.cpu - start), "×", most=2),
            Figure(f"CPU, {size}", read.cpu - start, "s"),
            Figure(f"wall, {size}", read.wall, "s"),
            Figure(f"memory, {size}", read.peak_mb, "MB", most=1000),
            Figure(
                f"CPU over reading the values, {csv_size}",
                (csv_read.cpu - start) / (csv_plain.cpu - start),
                "×",
                most=1.5,
            ),
            Figure(f"memory, {csv_size}", csv_read.peak_mb, "MB", most=1000),
        ]
    )


def _measure(name: str, rows: int, setting: Setting, *options: str) -> tuple[Usage, Usage]:
    """Return the usage of the plain statement and of the monitor."""
    folder = setting.folder / name
    setting.report(f"writing {rows:,} rows")
    process.run("-m", "bench.billing_reader", "make", folder, "--rows", rows, *options)
    plain, read = (_best(command, folder, setting, *options) for command in ("plain", "read"))
    shutil.rmtree(folder)
    return plain, read


def _best(command: str, folder: Path, setting: Setting, *options: str) -> Usage:
    setting.report(f"{command} {folder.name}")
    runs = [process.run("-m", "bench.billing_reader", command, folder, *options) for _ in range(_RUNS)]
    return min(runs, key=lambda used: used.cpu)
