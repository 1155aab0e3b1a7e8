"""Measurement of the findings of many buckets."""

from __future__ import annotations

import json

from bench import process
from bench.metric import Figure, Result, Setting


def findings(setting: Setting) -> Result:
    """Findings of 100,000 buckets with all facts"""
    buckets = 10_000 if setting.quick else 100_000
    found = json.loads(process.run("-m", "bench.finding_facts", buckets).out)
    size = f"findings of {buckets:,} buckets"
    limit = None if setting.quick else 3.0
    return Result(
        [
            Figure(f"CPU, {size}", found["seconds"], "s", most=limit),
            Figure(f"additional memory, {size}", found["mb"], "MB", most=200),
            Figure(f"number, {size}", found["findings"], ""),
        ]
    )
