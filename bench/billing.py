"""Measurement of billing exports, compared with plain statements over the same files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench import process
from bench.metric import Figure, Result, Setting
from bench.process import Usage

_RUNS = 2  # the faster one counts


def billing(setting: Setting) -> Result:
    """A billing export (CUR 2.0, 5% S3) of 20,000,000 rows in Parquet, and of 5,000,000 rows in CSV"""
    rows, text = (1_000_000, 500_000) if setting.quick else (20_000_000, 5_000_000)
    start = process.run("-m", "bench.billing_reader", "--help").cpu
    plain, of_s3, read = _measure("parquet", rows, setting, (), ["plain"], ["plain", "--of-s3"], ["read"])
    size = f"billing export of {rows:,} rows"
    csv = ["plain"], ["read"], ["read", "--unverified"]
    csv_plain, csv_read, csv_unverified = _measure("csv", text, setting, ("--csv",), *csv)
    csv_size = f"billing export of {text:,} rows in CSV"
    sums = "the sum of costs by resource and usage type"

    def ratio(used: Usage, plain: Usage) -> float:
        return (used.cpu - start) / (plain.cpu - start)

    return Result(
        [
            Figure(f"CPU over {sums}, {size}", ratio(read, plain), "×", most=2),
            Figure(f"CPU over {sums} of only S3, {size}", ratio(read, of_s3), "×"),
            Figure(f"CPU, {size}", read.cpu - start, "s"),
            Figure(f"wall, {size}", read.wall, "s"),
            Figure(f"memory, {size}", read.peak_mb, "MB", most=1000),
            Figure(f"CPU over reading the values, {csv_size}", ratio(csv_read, csv_plain), "×", most=1.5),
            Figure(f"the same, {csv_size} without MD5", ratio(csv_unverified, csv_plain), "×", most=1.5),
            Figure(f"memory, {csv_size}", max(csv_read.peak_mb, csv_unverified.peak_mb), "MB", most=1000),
        ]
    )


def _measure(name: str, rows: int, setting: Setting, options: Sequence[str], *commands: Sequence[str]) -> list[Usage]:
    """Return the usage of each command. ``options``: of all commands."""
    folder = setting.folder / name
    setting.report(f"writing {rows:,} rows")
    process.run("-m", "bench.billing_reader", "make", folder, "--rows", rows, *options)
    usages = [_best(command, folder, setting, *options) for command in commands]
    shutil.rmtree(folder)
    return usages


def _best(command: Sequence[str], folder: Path, setting: Setting, *options: str) -> Usage:
    setting.report(f"{' '.join(command)} {folder.name}")
    runs = [process.run("-m", "bench.billing_reader", *command, folder, *options) for _ in range(_RUNS)]
    return min(runs, key=lambda used: used.cpu)
