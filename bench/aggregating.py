"""Measurements of `aggregate`: a million buckets compared with decoding and encoding alone, and a usual report."""

from __future__ import annotations

import json
from pathlib import Path

from bench import process
from bench.metric import Figure, Result, Setting, Table, number
from bench.process import Usage


def million(setting: Setting) -> Result:
    """1,000,000 buckets in 50 parts, data files only, with 0 and 30 days of history"""
    buckets = 20_000 if setting.quick else 1_000_000
    figures: list[Figure] = []
    rows: list[list[str]] = []
    for days, most_mb in ((0, 3_000), (30, 5_000)):
        setting.report(f"{buckets:,} buckets, {days} days")
        folder = setting.folder / f"aggregate-{days}"
        part_bytes = _make(folder, buckets, 50, days)
        used = _aggregate(folder, "--data-only")
        size = f"aggregate of {buckets:,} buckets, {days} days"
        memory = process.shared_peak_mb("aggregate.py", *_files(folder), "--data-only")  # of all processes
        floor = json.loads(process.run("-m", "bench.codec_baseline", folder).out)
        least = sum(floor.values())
        json_alone = least - floor["rows"]
        # The lower bound has no start-up, so that small runs are not comparable.
        limit = None if setting.quick else 4.0 if days == 0 else None
        figures += [
            Figure(f"wall over decoding and encoding all outputs, {size}", used.wall / least, "×", most=limit),
            Figure(f"wall over decoding and encoding buckets.json alone, {size}", used.wall / json_alone, "×"),
            Figure(f"CPU over that of decoding and encoding all outputs, {size}", used.cpu / least, "×"),
            Figure(f"CPU over that of decoding and encoding buckets.json alone, {size}", used.cpu / json_alone, "×"),
            Figure(f"memory, {size}", memory, "MB", most=most_mb),
            Figure(f"CPU, {size}", used.cpu, "s"),
            Figure(f"wall, {size}", used.wall, "s"),
        ]
        seconds = [used.wall, used.cpu, *(floor[name] for name in ("decode", "encode", "indent", "rows")), memory]
        rows.append([f"{buckets:,}", str(days), *map(number, seconds), number(part_bytes / 1e6)])
        _remove(folder)
    heading = [
        "buckets",
        "days",
        "wall s",
        "CPU s",
        "lower bound: decode s",
        "lower bound: encode s",
        "lower bound: indent s",
        "lower bound: rows s",
        "MB",
        "parts MB",
    ]
    return Result(figures, [Table(heading, rows)])


def usual(setting: Setting) -> Result:
    """10,000 buckets in 17 parts with 30 days of history, data only and with pages"""
    buckets = 1_000 if setting.quick else 10_000
    folder = setting.folder / "aggregate-usual"
    _make(folder, buckets, 17, 30)
    data, pages = (_fastest(folder, *options) for options in (("--data-only",), ()))
    size = f"aggregate of {buckets:,} buckets"
    varied = setting.folder / "aggregate-varied"
    _make(varied, buckets, 17, 30, "--varied")
    used, report = _aggregate(varied), varied / "report"
    total = sum(path.stat().st_size for path in report.rglob("*") if path.is_file())
    many = f"{buckets:,} buckets with varied histories, long names and tags"
    return Result(
        [
            Figure(f"wall, {size}, data", data.wall, "s", most=2.0),
            Figure(f"wall, {size}, data and pages", pages.wall, "s", most=5),
            Figure(f"CPU, {size}, data", data.cpu, "s"),
            Figure(f"CPU, {size}, data and pages", pages.cpu, "s"),
            Figure(f"memory, {size}, data and pages", pages.peak_mb, "MB"),
            Figure(f"report, {many}", total / 1e6, "MB", most=60),
            Figure(f"index.html, {many}", (report / "index.html").stat().st_size / 1e3, "kB", most=120),
            Figure(f"CPU, {many}, data and pages", used.cpu, "s"),
        ]
    )


def _make(folder: Path, buckets: int, parts: int, days: int, *options: str) -> int:
    """Write a plan and its parts, and return the bytes of the parts."""
    size = ("--buckets", buckets, "--parts", parts, "--history-days", days)
    process.run("-m", "bench.parts", folder, *size, *options)
    return sum(path.stat().st_size for path in (folder / "parts").glob("*.json"))


def _aggregate(folder: Path, *options: str) -> Usage:
    return process.run("aggregate.py", *_files(folder), *options)


def _files(folder: Path) -> tuple[object, ...]:
    return "--plan", folder / "plan" / "plan.json", "--parts", folder / "parts", "--out", folder / "report"


def _fastest(folder: Path, *options: str) -> Usage:
    """Return the fastest of three runs, to exclude other load of the machine."""
    return min((_aggregate(folder, *options) for _ in range(3)), key=lambda usage: usage.wall)


def _remove(folder: Path) -> None:
    """Remove gigabytes before the next measurement."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
