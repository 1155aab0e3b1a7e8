"""docs/benchmarks.json, what was measured last, and docs/benchmarks.md, the same to read."""

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

Written by `make bench`, which measures all of it again; `make bench BENCH="--list"` names the measurements and
`make bench BENCH="worker"` takes one. What a larger company's night costs is in [scaling.md](scaling.md).

- The account is simulated, in a process of its own on the same machine: {latency} ms before each answer, and AWS's
  quotas for each account and region (25 ListMetrics, 50 GetMetricData, 396,000 data points a second, one second's
  worth of each saved up at most). Its own CPU competes with what is measured.
- Every bucket has two storage types and an object count: three series. Dates of newest objects are not asked for
  unless it is said.
- Wall time is from the start of the process to its exit. CPU (user and system) and memory (peak resident, MB = 10^6
  bytes) are the operating system's figures for the process. Calls, throttles and metrics are the account's counters.
- *Before*: the figure of the commit before, as this file had it there.
"""


class Entry(msgspec.Struct, frozen=True):
    """One measurement: of which commit, when, how busy the machine was at its start, and how long it took."""

    commit: str
    date: datetime
    load: float
    seconds: float
    result: Result


class Book(msgspec.Struct):
    """All measurements by name, and the machine they are of."""

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
    """The short hash, with a + where the program was changed since."""
    changed = _git("status", "--porcelain", "--", "s3_monitor", "bench")
    return _git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def read() -> Book:
    return msgspec.json.decode(JSON.read_bytes(), type=Book) if JSON.exists() else Book()


def before() -> Book:
    """As the last commit has it."""
    content = _git("show", f"HEAD:{JSON.relative_to(ROOT)}")
    return msgspec.json.decode(content, type=Book) if content else Book()


def write(book: Book, order: Mapping[str, str], latency_ms: int) -> None:
    """Both files. ``order``: the measurements' titles by name, as they are to follow each other."""
    book.entries = {name: book.entries[name] for name in order if name in book.entries}
    JSON.write_bytes(msgspec.json.format(msgspec.json.encode(book), indent=1) + b"\n")
    MARKDOWN.write_text(markdown(book, before(), order, latency_ms), encoding="utf-8")


def markdown(book: Book, earlier: Book, titles: Mapping[str, str], latency_ms: int) -> str:
    machine = "".join(f"- {name}: {value}\n" for name, value in book.machine.items())
    missed = [
        f"{name}: {figure.name}"
        for name, entry in book.entries.items()
        for figure in entry.result.figures
        if figure.holds is False
    ]
    held = sum(figure.holds is True for entry in book.entries.values() for figure in entry.result.figures)
    verdict = f"{held} of {held + len(missed)} limits hold." + "".join(f"\n- Not: {what}" for what in missed)
    parts = [_HEAD.format(latency=latency_ms), "## Machine\n\n" + machine, "## In short\n\n" + verdict + "\n"]
    for name, found in book.entries.items():
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
        verdict = {None: "", True: "holds", False: "**does not hold**"}[figure.holds]
        earlier = number(known[figure.name].value) if figure.name in known else ""
        rows.append([figure.name, f"{number(figure.value)} {figure.unit}".strip(), figure.limit, verdict, earlier])
    return Table(["", "measured", "limit", "", "before"], rows)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
