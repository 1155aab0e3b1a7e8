"""Run the program as users do, and measure it with the operating system's accounting.

The peak memory of a process includes that of its parent at the fork: this process stays small, and starts others for
work that needs memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Usage(NamedTuple):
    """Resources that a process used."""

    status: int
    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak_mb: float  # resident memory of the largest process, 10^6 bytes
    out: str
    err: str


class Started:
    """A running process."""

    def __init__(self, arguments: Sequence[object], env: Mapping[str, str] | None = None) -> None:
        self._arguments = [str(argument) for argument in arguments]
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  until it has ended
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *self._arguments],
            env=environment(env or {}),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
        )

    def runs(self) -> bool:
        """Return whether it runs, without reaping it."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def family(self) -> list[int]:
        """Return its process id and those of its children."""
        pid = self._process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            children = ""
        return [pid, *map(int, children.split())]

    def ended(self, allowed: Sequence[int] = (0,)) -> Usage:
        """Wait for its end. Raises RuntimeError for a status that is not ``allowed``."""
        _, status, used = os.wait4(self._process.pid, 0)
        wall = time.perf_counter() - self._began
        self._process.returncode = os.waitstatus_to_exitcode(status)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        cpu = used.ru_utime + used.ru_stime
        usage = Usage(self._process.returncode, wall, cpu, peak, _text(self._out), _text(self._err))
        if usage.status not in allowed:
            raise RuntimeError(f"{' '.join(self._arguments)}: exit status {usage.status}:\n{usage.err[-2000:]}")
        return usage


def run(*arguments: object, env: Mapping[str, str] | None = None, allowed: Sequence[int] = (0,)) -> Usage:
    """Run `python ARGUMENTS` in the project's folder."""
    return Started(arguments, env).ended(allowed)


def shared_peak_mb(*arguments: object) -> float:
    """Return the peak memory of `python ARGUMENTS` and its children in 10^6 bytes, shared memory counted once.

    Samples Linux's PSS, which takes time: do not use it for a run that is timed.
    """
    started, peak = Started(arguments), 0
    while started.runs():
        peak = max(peak, sum(map(_pss, started.family())))
        time.sleep(0.2)
    started.ended()
    return peak / 1e6


def _pss(pid: int) -> int:
    """Return bytes; 0 if the process has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of this process without AWS variables, and with Python's cache of compiled modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHONDONTWRITE"))}
    return {**kept, **more}


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
