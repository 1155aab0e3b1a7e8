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
from s3_monitor.model.plan import Shard


class ShardProcesses:
    """Runs `collect` for each shard.

    In its ``with`` block, a signal that would end this program is passed on to the processes instead: they write the
    data received so far, and this program continues with aggregating it.
    """

    def __init__(self, plan: Path, parts: Path, options: Sequence[str], log: Callable[[str], None]) -> None:
        """``options``: for `collect`. ``log`` is called with each line that a process writes to standard error."""
        self._plan = plan
        self._parts = parts
        self._options = options
        self._log = log
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._is_interrupted = False
        self._signal_handling = signals.handled(self._interrupt)

    def __enter__(self) -> ShardProcesses:
        self._signal_handling.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._signal_handling.__exit__(None, None, None)

    def run(self, shards: Sequence[Shard], jobs: int, on_done: Callable[[Shard, int], None]) -> None:
        """Collect all shards; call ``on_done`` with each shard whose process was started, and its exit status."""
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            shard_of = {pool.submit(self._collect, shard): shard for shard in shards}
            for future in as_completed(shard_of):
                status = future.result()
                if status is not None:
                    on_done(shard_of[future], status)

    def _collect(self, shard: Shard) -> int | None:
        """Run one process; return its exit status, or None if it was not started."""
        process = self._start(shard)
        if process is None:
            return None
        timeout = threading.Timer(shard.timeout_minutes * 60, process.terminate)
        timeout.daemon = True
        timeout.start()
        with process, process.stderr or contextlib.nullcontext(()) as lines:
            for line in lines:
                self._log(line.rstrip("\n"))
        status = process.wait()
        timeout.cancel()
        with self._lock:
            self._running.discard(process)
        return status

    def _start(self, shard: Shard) -> subprocess.Popen[str] | None:
        command = [
            *(sys.executable, "-m", "s3_monitor", "collect", "--plan", str(self._plan)),
            *("--shard", shard.name, "--out", str(self._parts / f"{shard.name}.json")),
            *self._options,
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
                self._log(f"s3-monitor: error: shard {shard.name}: could not start a process: {error.strerror}")
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
