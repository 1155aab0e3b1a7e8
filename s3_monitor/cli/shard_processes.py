"""One `collect` process per shard on this machine, a few at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import FrameType

from s3_monitor.cli import signals
from s3_monitor.cli.exit_status import ExitStatus, is_quiet, is_verbose, print_status
from s3_monitor.model.plan import Shard
from s3_monitor.model.safe_text import one_line


class ShardProcesses:
    """Runs `collect` for each shard, and writes the log lines of the processes to standard error."""

    def __init__(self, plan: Path, parts: Path) -> None:
        self._plan = plan
        self._parts = parts
        self._flags = [flag for flag, is_set in (("-v", is_verbose()), ("-q", is_quiet())) if is_set]
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._is_interrupted = False

    def run(self, shards: Sequence[Shard], jobs: int, on_done: Callable[[], None]) -> None:
        """Collect all shards; call ``on_done`` after each.

        A signal that would end this program is passed on to the processes instead: they write the data received so
        far, and this program continues.
        """
        with signals.handled(self._interrupt), ThreadPoolExecutor(max_workers=jobs) as pool:
            for future in as_completed([pool.submit(self._collect, shard) for shard in shards]):
                future.result()
                on_done()

    def _collect(self, shard: Shard) -> None:
        """Run one process, unless it cannot be started."""
        process = self._start(shard)
        if process is None:
            return
        timeout = threading.Timer(shard.timeout_minutes * 60, process.terminate)
        timeout.daemon = True
        timeout.start()
        with process, process.stderr or contextlib.nullcontext(()) as lines:
            for line in lines:
                sys.stderr.write(one_line(line.rstrip("\n")) + "\n")
        status = process.wait()
        timeout.cancel()
        with self._lock:
            self._running.discard(process)
        if status not in (ExitStatus.COMPLETE, ExitStatus.GAPS):
            print_status(f"shard {shard.name}: the process ended with status {status}")

    def _start(self, shard: Shard) -> subprocess.Popen[str] | None:
        command = [
            *(sys.executable, "-m", "s3_monitor", "collect", "--plan", str(self._plan)),
            *("--shard", shard.name, "--out", str(self._parts / f"{shard.name}.json")),
            *("--no-problems", *self._flags),
        ]
        with self._lock:
            if self._is_interrupted:
                return None
            try:
                # The command is a list without a shell, and the plan validates shard names.
                process = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                    env=_environment(),
                )
            except OSError as error:  # a limit of processes, memory or files; the report shows the shard as missing
                print_status(f"error: shard {shard.name}: could not start a process: {error.strerror}")
                return None
            self._running.add(process)
        return process

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: end all processes, and start no more."""
        self._is_interrupted = True
        for process in list(self._running):
            process.terminate()


def _environment() -> dict[str, str]:
    """Return this process's environment, in which Python imports this package from any current folder."""
    package = str(Path(__file__).resolve().parents[2])
    search_path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{search_path}" if search_path else package}
