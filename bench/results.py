"""docs/benchmarks.json with the latest measurements, and docs/benchmarks.md with their tables."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.metric import Figure, Result, Table, number, table
from bench.process import ROOT

JSON = ROOT / "docs" / "benchmarks.json"
MARKDOWN = ROOT / "docs" / "benchmarks.md"
_LIBRARIES = ("boto3", "botocore", "msgspec")

_HEAD = """# Benchmarks

`make bench` measures and writes this file; `make bench BENCH="--list"` lists the measurements, and
`make bench BENCH="worker"` runs one. [scaling.md](scaling.md) has the cost and duration for larger accounts.

- The account is simulated by another process on the same machine: {latency} ms before each response, and AWS's quotas
  per account and region (25 ListMetrics, 50 GetMetricData and 396,000 data points per second, with a burst of one
  second). The simulator uses CPU of the same machine.
- Every bucket has two storage types and an object count: three series. Last-modified dates are not read unless stated.
- Wall time is from the start of the process to its exit. CPU (user and system) and memory (peak resident, MB = 10^6
  bytes) are the operating system's figures for the process. Calls, throttles and metrics are counted by the simulator.
- *Before* is the figure of this file at the previous commit.
"""


class Entry(msgspec.Struct, frozen=True):
    """One measurement."""

    commit: str
    date: datetime
    load: float  # of the machine, at the start
    seconds: float
    result: Result


class Measurements(msgspec.Struct):
    """All measurements by name, and the machine."""

    machine: dict[str, str] = {}
    entries: dict[str, Entry] = {}


def machine() -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def entry(result: Result, began: datetime, load: float) -> Entry:
    seconds = (datetime.now(UTC) - began).total_seconds()
    return Entry(commit(), began.replace(microsecond=0), round(load, 1), round(seconds, 1), result)


def commit() -> str:
    """Return the short hash of the commit, with a + if the program has changed since."""
    changed = _git("status", "--porcelain", "--", "s3_monitor", "bench")
    return _git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def read() -> Measurements:
    return msgspec.json.decode(JSON.read_bytes(), type=Measurements) if JSON.exists() else Measurements()


def before() -> Measurements:
    """Return the measurements of the previous commit."""
    content = _git("show", f"HEAD:{JSON.relative_to(ROOT)}")
    return msgspec.json.decode(content, type=Measurements) if content else Measurements()


def write(measurements: Measurements, order: Mapping[str, str], latency_ms: int) -> None:
    """Write both files. ``order`` has the titles of the measurements by name, in their order."""
    measurements.entries = {name: measurements.entries[name] for name in order if name in measurements.entries}
    JSON.write_bytes(msgspec.json.format(msgspec.json.encode(measurements), indent=1) + b"\n")
    MARKDOWN.write_text(markdown(measurements, before(), order, latency_ms), encoding="utf-8")


def markdown(measurements: Measurements, earlier: Measurements, titles: Mapping[str, str], latency_ms: int) -> str:
    machine = "".join(f"- {name}: {value}\n" for name, value in measurements.machine.items())
    missed = [
        f"{name}: {figure.name}"
        for name, entry in measurements.entries.items()
        for figure in entry.result.figures
        if figure.holds is False
    ]
    held = sum(figure.holds is True for entry in measurements.entries.values() for figure in entry.result.figures)
    verdict = f"{held} of {held + len(missed)} limits are met." + "".join(f"\n- Missed: {what}" for what in missed)
    parts = [_HEAD.format(latency=latency_ms), "## Machine\n\n" + machine, "## Summary\n\n" + verdict + "\n"]
    for name, found in measurements.entries.items():
        known = earlier.entries.get(name)
        parts.append(_section(titles[name], found, {f.name: f for f in known.result.figures} if known else {}))
    return "\n".join(parts)


def _section(title: str, found: Entry, known: Mapping[str, Figure]) -> str:
    when = (
        f"{found.date:%Y-%m-%d %H:%M} UTC, commit {found.commit}, load at the start {found.load}, {found.seconds:.0f} s"
    )
    return "\n".join(
        [f"## {title}\n", f"{when}\n", table(figures_table(found.result, known)), *map(table, found.result.tables)]
    )


def figures_table(result: Result, known: Mapping[str, Figure]) -> Table:
    rows = []
    for figure in result.figures:
        verdict = {None: "", True: "met", False: "**missed**"}[figure.holds]
        earlier = number(known[figure.name].value) if figure.name in known else ""
        rows.append([figure.name, f"{number(figure.value)} {figure.unit}".strip(), figure.limit, verdict, earlier])
    return Table(["", "measured", "limit", "", "before"], rows)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
