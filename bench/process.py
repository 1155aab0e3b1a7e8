"""A program run as users run it, and what it used by the operating system's accounting.

The peak of a process counts what its parent held when it was started: this program therefore stays small, and
leaves whatever needs memory to processes of its own.
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
    """``wall`` and ``cpu`` (user and system) in seconds; ``peak_mb``: resident memory, of 10^6 bytes,
    of the largest process."""

    status: int
    wall: float
    cpu: float
    peak_mb: float
    out: str
    err: str


class Started:
    """A process under way."""

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
        """Without taking its status, which ``ended`` wants."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def family(self) -> list[int]:
        """Its id, and those of the processes it started."""
        pid = self._process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            children = ""
        return [pid, *map(int, children.split())]

    def ended(self, allowed: Sequence[int] = (0,)) -> Usage:
        """Waits for it. RuntimeError where it ended with another status than those ``allowed``."""
        _, status, used = os.wait4(self._process.pid, 0)
        wall = time.perf_counter() - self._began
        self._process.returncode = os.waitstatus_to_exitcode(status)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        cpu = used.ru_utime + used.ru_stime
        usage = Usage(self._process.returncode, wall, cpu, peak, _text(self._out), _text(self._err))
        if usage.status not in allowed:
            raise RuntimeError(f"{' '.join(self._arguments)}: ended with {usage.status}:\n{usage.err[-2000:]}")
        return usage


def run(*arguments: object, env: Mapping[str, str] | None = None, allowed: Sequence[int] = (0,)) -> Usage:
    """`python ARGUMENTS` in the project's folder, to its end."""
    return Started(arguments, env).ended(allowed)


def shared_peak_mb(*arguments: object) -> float:
    """The most memory that `python ARGUMENTS` and the processes it starts hold at once, of 10^6 bytes: what they share
    counts once (Linux's PSS, looked at some times a second). Looking takes time: not for a run that is timed."""
    started, peak = Started(arguments), 0
    while started.runs():
        peak = max(peak, sum(map(_pss, started.family())))
        time.sleep(0.2)
    started.ended()
    return peak / 1e6


def _pss(pid: int) -> int:
    """In bytes; 0 where the process has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's, without anything of AWS, and with Python as installed: compiled once, not at every start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHONDONTWRITE"))}
    return {**kept, **more}


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
