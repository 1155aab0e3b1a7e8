"""Progress of the shards of `run`."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from s3_monitor.cli.exit_status import ExitStatus
from s3_monitor.cli.streams import terminal
from s3_monitor.model.plan import Shard
from s3_monitor.model.safe_text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress:
    """The number of finished shards, as a progress bar on a terminal. Log lines are printed above it."""

    def __init__(self, shards: int, *, quiet: bool) -> None:
        self._shards = shards
        self._bar: Bar | None = None
        self._lock = threading.Lock()
        self._is_shown = not quiet and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if self._is_shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (TextColumn("collecting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bar = Bar(*columns, console=Console(file=terminal()), transient=True)
            self._bar.add_task("shards", total=self._shards)
            self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def log(self, line: str) -> None:
        """Print a log line of a shard's process."""
        with self._lock:
            if self._bar is not None:
                self._bar.console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
            else:
                sys.stderr.write(f"{one_line(line)}\n")

    def on_done(self, shard: Shard, status: int) -> None:
        """Count a shard whose process has ended."""
        if status not in (ExitStatus.COMPLETE, ExitStatus.GAPS):
            self.log(f"s3-monitor: shard {shard.name}: the process ended with status {status}")
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
