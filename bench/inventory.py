"""The measurement of inventories: against one plain statement over the same files."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench import process
from bench.metric import Figure, Result, Setting
from bench.process import Usage

_TIMES = 2  # the better one counts


def inventory(setting: Setting) -> Result:
    """An S3 Inventory of 10,000,000 rows of Parquet, and one of 4,000,000 of CSV."""
    rows, text = (1_000_000, 1_000_000) if setting.quick else (10_000_000, 4_000_000)
    csv = setting.folder / "csv"
    process.run("-m", "bench.inventory_reader", "make", csv, "--rows", text, "--csv")
    read = _best("answers", csv, text, setting, "--csv")
    speed = Figure(f"rows of CSV a second of two processors, {text:,} rows", 2 * text / read.cpu, "", least=1_000_000)
    return Result([*_of_parquet(rows, setting), speed])


def large(setting: Setting) -> Result:
    """An S3 Inventory of 50,000,000 rows of Parquet."""
    return Result(_of_parquet(2_000_000 if setting.quick else 50_000_000, setting))


def _of_parquet(rows: int, setting: Setting) -> list[Figure]:
    start = process.run("-m", "bench.inventory_reader", "--help").cpu
    classes = _of_classes(rows, setting, start)
    folder = setting.folder / "parquet"
    setting.tell(f"making {rows:,} rows")
    process.run("-m", "bench.inventory_reader", "make", folder, "--rows", rows)
    plain = _best("plain", folder, rows, setting)
    least = _best("columns", folder, rows, setting)
    versions = _best("answers", folder, rows, setting, "--classes")
    narrow = _best("answers", folder, rows, setting, "--depth", "0")
    whole = _best("answers", folder, rows, setting)
    base = plain.cpu - start
    size = f"inventory of {rows:,} rows"
    return [
        classes,
        Figure(
            f"CPU over that of one plain statement, classes, all versions, {size}", (versions.cpu - start) / base, "×"
        ),
        Figure(f"CPU over that of one plain statement, without prefixes, {size}", (narrow.cpu - start) / base, "×"),
        Figure(
            f"CPU over that of one plain statement, merely reading what all answers need, {size}",
            (least.cpu - start) / base,
            "×",
        ),
        Figure(f"CPU over that of one plain statement, all answers, {size}", (whole.cpu - start) / base, "×", most=4),
        Figure(f"memory, all answers, {size}", whole.peak_mb, "MB", most=1500),
        Figure(f"CPU, one plain statement, {size}", base, "s"),
        Figure(f"CPU, without prefixes, {size}", narrow.cpu - start, "s"),
        Figure(f"CPU, all answers, {size}", whole.cpu - start, "s"),
        Figure(f"wall, all answers, {size}", whole.wall, "s"),
    ]


def _of_classes(rows: int, setting: Setting, start: float) -> Figure:
    """Of current versions alone. ``start``: seconds of CPU before anything is read."""
    folder = setting.folder / "current"
    setting.tell(f"making {rows:,} rows of current versions")
    process.run("-m", "bench.inventory_reader", "make", folder, "--rows", rows, "--current")
    base = _best("plain", folder, rows, setting).cpu - start
    read = _best("answers", folder, rows, setting, "--current", "--classes").cpu - start
    shutil.rmtree(folder)
    what = f"CPU over that of one plain statement, its answers, inventory of {rows:,} rows of current versions"
    return Figure(what, read / base, "×", most=1.5)


def _best(command: str, folder: Path, rows: int, setting: Setting, *options: str) -> Usage:
    setting.tell(f"{command} {folder.name}")
    runs = [process.run("-m", "bench.inventory_reader", command, folder, *options) for _ in range(_TIMES)]
    for used in runs:
        if int(used.out) != rows:
            raise RuntimeError(f"{command} counted {used.out.strip()} of {rows} rows")
    return min(runs, key=lambda used: used.cpu)
