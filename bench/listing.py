"""Measurements of listings: one large bucket by ranges of keys, against going from end to end, as this program does
where only dates are asked for, and as a plain script does."""

from __future__ import annotations

import json

from bench import process
from bench.metric import Figure, Result, Setting, Table, number
from bench.simulated import LATENCY_MS, SimulatedAccount

_REQUESTS = 1.2  # of those that its keys need
_SHARE = 1 / 8  # of the time from end to end
_MEMORY = 200.0
_RANGES, _ENDS, _SCRIPT = "by ranges", "this program from end to end", "a plain script"
_WAYS = {
    _RANGES: ("s3_monitor", "-q", "--objects", "listing"),
    _ENDS: ("s3_monitor", "-q", "--last-modified", "all"),
    _SCRIPT: ("bench.paginated",),
}


def listing(setting: Setting) -> Result:
    """One bucket of 1,000,000 objects listed by ranges, and from end to end."""
    keys = 50_000 if setting.quick else 1_000_000
    pages = -(-keys // 1000)
    rows: list[list[str]] = []
    walls: dict[str, float] = {}
    figures: list[Figure] = []
    with SimulatedAccount(1, objects=str(keys)) as account:
        for name, command in _WAYS.items():
            setting.tell(f"{keys:,} objects {name}")
            account.asked()
            used = process.run("-m", *command, env=account.env)
            asked = account.asked().of("ListObjectsV2")
            walls[name] = used.wall
            rows.append([name, *map(number, (asked, used.wall, used.cpu, used.peak_mb))])
            if name == _RANGES:
                (bucket,) = json.loads(used.out)
                counted = bucket["objects"]["current"]["objects"]
                figures = [
                    Figure("objects found of those there are", counted / keys, "×", most=1, least=1),
                    Figure("requests over those that its keys need", asked / pages, "×", most=_REQUESTS),
                    Figure("CPU for 1,000 objects", 1000 * used.cpu / pages, "ms"),
                    Figure("memory", used.peak_mb, "MB", most=_MEMORY),
                ]
    limit = None if setting.quick else _SHARE  # a small bucket is not worth many ranges
    figures.append(Figure(f"wall over that of {_SCRIPT}", walls[_RANGES] / walls[_SCRIPT], "×", most=limit))
    figures.append(Figure(f"wall over that of {_ENDS}", walls[_RANGES] / walls[_ENDS], "×"))
    note = f"A request takes {LATENCY_MS} ms more than its making; {_ENDS} only the dates are looked at."
    return Result(figures, [Table(["listed", "requests", "wall s", "CPU s", "MB"], rows, note)])
