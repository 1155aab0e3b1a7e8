"""Shards collected by processes of their own on this machine, a few at a time."""

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
    """Runs `collect` for each shard. While it is open, a signal that would end this program is passed on to the
    workers instead: they write what they have, and this program goes on to aggregate it."""

    def __init__(self, plan: Path, parts: Path, options: Sequence[str], hear: Callable[[str], None]) -> None:
        self._plan = plan
        self._parts = parts
        self._options = options
        self._hear = hear
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._handling = signals.handled(self._stop)

    def __enter__(self) -> ShardProcesses:
        self._handling.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._handling.__exit__(None, None, None)

    def run(self, shards: Sequence[Shard], jobs: int, done: Callable[[Shard, int], None]) -> None:
        """Collect all; ``done`` hears each shard and its exit status. A shard that never started has none."""
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            waiting = {pool.submit(self._collect, shard): shard for shard in shards}
            for future in as_completed(waiting):
                status = future.result()
                if status is not None:
                    done(waiting[future], status)

    def _collect(self, shard: Shard) -> int | None:
        command = [
            *(sys.executable, "-m", "s3_monitor", "collect", "--plan", str(self._plan)),
            *("--shard", shard.name, "--out", str(self._parts / f"{shard.name}.json")),
            *self._options,
        ]
        with self._lock:
            if self._stopped:
                return None
            try:
                # No shell: the command is a list, and shard names are checked by the plan.
                worker = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                    env=_environment(),
                )
            except OSError as error:  # no more processes, memory or files; the shard is missing in the report
                self._hear(f"s3-monitor: error: shard {shard.name}: could not start a process: {error.strerror}")
                return None
            self._running.add(worker)
        overdue = threading.Timer(shard.timeout_minutes * 60, worker.terminate)
        overdue.daemon = True
        overdue.start()
        with worker, worker.stderr or contextlib.nullcontext(()) as lines:
            for line in lines:
                self._hear(line.rstrip("\n"))
        status = worker.wait()
        overdue.cancel()
        with self._lock:
            self._running.discard(worker)
        return status

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped = True
        for worker in list(self._running):
            worker.terminate()


def _environment() -> dict[str, str]:
    """This process's environment, and this very package for the workers, from wherever it was started."""
    package = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": package if not known else f"{package}{os.pathsep}{known}"}
