"""Measurement of `plan`."""

from __future__ import annotations

from bench import process
from bench.metric import Figure, Result, Setting
from bench.simulated import SimulatedAccount


def plan(setting: Setting) -> Result:
    """A plan of 200,000 buckets in 17 regions"""
    buckets = 2_000 if setting.quick else 200_000
    with SimulatedAccount(buckets, 17, types=1, history=5) as account:
        used = process.run("-m", "s3_monitor", "plan", "--out", setting.folder / "plan", env=account.env)
        counters = account.take_counters()
    size = f"plan of {buckets:,} buckets"
    return Result(
        [
            Figure(f"wall, {size}", used.wall, "s", most=10),
            Figure(f"memory, {size}", used.peak_mb, "MB", most=300),
            Figure(f"CPU, {size}", used.cpu, "s"),
            Figure(f"calls, {size}", counters.total),
        ]
    )
