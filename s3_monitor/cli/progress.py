"""Progress on a terminal; plain lines where there is none."""

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
    """How many of the shards are done. On a terminal a bar, with the workers' lines above it."""

    def __init__(self, shards: int, *, quiet: bool) -> None:
        self._shards = shards
        self._bar: Bar | None = None
        self._lock = threading.Lock()
        self._wanted = not quiet and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        if self._wanted:
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

    def hear(self, line: str) -> None:
        """A line that a worker wrote to its standard error."""
        with self._lock:
            if self._bar is not None:
                self._bar.console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
            else:
                sys.stderr.write(f"{one_line(line)}\n")

    def done(self, shard: Shard, status: int) -> None:
        if status not in (ExitStatus.WHOLE, ExitStatus.GAPS):
            self.hear(f"s3-monitor: shard {shard.name}: its worker ended with status {status}")
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
