"""Measurement of Storage Lens exports."""

from __future__ import annotations

from bench import process
from bench.lens_reader import ROWS_PER_BUCKET
from bench.metric import Figure, Result, Setting


def lens(setting: Setting) -> Result:
    """A Storage Lens export of 100,000 buckets: 5,000,000 rows of CSV"""
    buckets = 10_000 if setting.quick else 100_000
    folder = setting.folder / "lens"
    process.run("-m", "bench.lens_reader", "make", folder, "--buckets", buckets)
    used = process.run("-m", "bench.lens_reader", "read", folder)
    if int(used.out) != buckets:
        raise RuntimeError(f"read {used.out.strip()} of {buckets} buckets")
    size = f"{buckets:,} buckets, {ROWS_PER_BUCKET * buckets:,} rows of CSV"
    return Result(
        [
            Figure(f"wall, {size}", used.wall, "s", most=15),
            Figure(f"CPU, {size}", used.cpu, "s"),
            Figure(f"memory, {size}", used.peak_mb, "MB", most=500),
        ]
    )
