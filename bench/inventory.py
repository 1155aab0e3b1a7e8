"""Measurement of inventories, compared with one plain statement over the same files."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench import process
from bench.metric import Figure, Result, Setting
from bench.process import Usage

_RUNS = 2  # the faster one counts


def inventory(setting: Setting) -> Result:
    """An S3 Inventory of 10,000,000 rows in Parquet, and one of 4,000,000 rows in CSV"""
    rows, text = (1_000_000, 1_000_000) if setting.quick else (10_000_000, 4_000_000)
    csv = setting.folder / "csv"
    process.run("-m", "bench.inventory_reader", "make", csv, "--rows", text, "--csv")
    read = _best("read", csv, text, setting, "--csv")
    speed = Figure(f"rows of CSV per second on two processors, {text:,} rows", 2 * text / read.cpu, "", least=1_000_000)
    return Result([*_of_parquet(rows, setting), speed])


def large(setting: Setting) -> Result:
    """An S3 Inventory of 50,000,000 rows in Parquet"""
    return Result(_of_parquet(2_000_000 if setting.quick else 50_000_000, setting))


def _of_parquet(rows: int, setting: Setting) -> list[Figure]:
    start = process.run("-m", "bench.inventory_reader", "--help").cpu
    classes = _of_classes(rows, setting, start)
    folder = setting.folder / "parquet"
    setting.report(f"writing {rows:,} rows")
    process.run("-m", "bench.inventory_reader", "make", folder, "--rows", rows)
    plain = _best("plain", folder, rows, setting)
    versions = _best("read", folder, rows, setting, "--classes")
    narrow = _best("read", folder, rows, setting, "--depth", "0")
    whole = _best("read", folder, rows, setting)
    base = plain.cpu - start
    size = f"inventory of {rows:,} rows"
    return [
        classes,
        Figure(
            f"CPU over that of one plain statement, classes, all versions, {size}", (versions.cpu - start) / base, "×"
        ),
        Figure(f"CPU over that of one plain statement, without prefixes, {size}", (narrow.cpu - start) / base, "×"),
        Figure(f"CPU over that of one plain statement, all results, {size}", (whole.cpu - start) / base, "×", most=4),
        Figure(f"memory, all results, {size}", whole.peak_mb, "MB", most=1500),
        Figure(f"CPU, one plain statement, {size}", base, "s"),
        Figure(f"CPU, without prefixes, {size}", narrow.cpu - start, "s"),
        Figure(f"CPU, all results, {size}", whole.cpu - start, "s"),
        Figure(f"wall, all results, {size}", whole.wall, "s"),
    ]


def _of_classes(rows: int, setting: Setting, start: float) -> Figure:
    """Measure storage classes of current versions. ``start`` is the CPU of an empty run, in seconds."""
    folder = setting.folder / "current"
    setting.report(f"writing {rows:,} rows of current versions")
    process.run("-m", "bench.inventory_reader", "make", folder, "--rows", rows, "--current")
    base = _best("plain", folder, rows, setting).cpu - start
    read = _best("read", folder, rows, setting, "--current", "--classes").cpu - start
    shutil.rmtree(folder)
    what = f"CPU over that of one plain statement, storage classes only, inventory of {rows:,} rows of current versions"
    return Figure(what, read / base, "×", most=1.5)


def _best(command: str, folder: Path, rows: int, setting: Setting, *options: str) -> Usage:
    setting.report(f"{command} {folder.name}")
    runs = [process.run("-m", "bench.inventory_reader", command, folder, *options) for _ in range(_RUNS)]
    for used in runs:
        if int(used.out) != rows:
            raise RuntimeError(f"{command} counted {used.out.strip()} of {rows} rows")
    return min(runs, key=lambda used: used.cpu)
