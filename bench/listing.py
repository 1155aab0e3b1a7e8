"""Measurement of listings: one large bucket by key ranges, compared with page after page.

The monitor lists page after page for last-modified dates, and so does a plain script.
"""

from __future__ import annotations

import json

from bench import process
from bench.metric import Figure, Result, Setting, Table, number
from bench.simulated import LATENCY_MS, SimulatedAccount

_REQUESTS = 1.2  # factor of the minimum for its keys
_SHARE = 1 / 8  # of the time page after page
_MEMORY = 200.0
_RANGES, _ENDS, _SCRIPT = "by key ranges", "the monitor page after page", "a plain script"
_WAYS = {
    _RANGES: ("s3_monitor", "-q", "--objects", "listing"),
    _ENDS: ("s3_monitor", "-q", "--last-modified", "all"),
    _SCRIPT: ("bench.baseline_paginated",),
}


def listing(setting: Setting) -> Result:
    """One bucket of 1,000,000 objects, listed by key ranges and page after page"""
    keys = 50_000 if setting.quick else 1_000_000
    pages = -(-keys // 1000)
    rows: list[list[str]] = []
    walls: dict[str, float] = {}
    figures: list[Figure] = []
    with SimulatedAccount(1, objects=str(keys)) as account:
        for name, command in _WAYS.items():
            setting.report(f"{keys:,} objects {name}")
            account.take_counters()
            used = process.run("-m", *command, env=account.env)
            requests = account.take_counters().of("ListObjectsV2")
            walls[name] = used.wall
            rows.append([name, *map(number, (requests, used.wall, used.cpu, used.peak_mb))])
            if name == _RANGES:
                (bucket,) = json.loads(used.out)
                counted = bucket["objects"]["current"]["objects"]
                figures = [
                    Figure("share of the objects that was counted", counted / keys, "×", most=1, least=1),
                    Figure("requests over the minimum for its keys", requests / pages, "×", most=_REQUESTS),
                    Figure("CPU per 1,000 objects", 1000 * used.cpu / pages, "ms"),
                    Figure("memory", used.peak_mb, "MB", most=_MEMORY),
                ]
    limit = None if setting.quick else _SHARE  # a small bucket has few ranges
    figures.append(Figure(f"wall over that of {_SCRIPT}", walls[_RANGES] / walls[_SCRIPT], "×", most=limit))
    figures.append(Figure(f"wall over that of {_ENDS}", walls[_RANGES] / walls[_ENDS], "×"))
    note = f"{LATENCY_MS} ms before each response; {_ENDS} reads only the dates."
    return Result(figures, [Table(["listed", "requests", "wall s", "CPU s", "MB"], rows, note)])
