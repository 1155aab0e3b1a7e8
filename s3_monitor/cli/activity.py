"""Progress of a command that takes longer than a few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Self

from s3_monitor.cli.exit_status import is_quiet, print_status
from s3_monitor.cli.streams import terminal
from s3_monitor.model.safe_text import one_line

if TYPE_CHECKING:
    from s3_monitor.aws.retries import Retry

_DELAY_SECONDS = 1.5  # shorter commands show nothing and do not load rich
_UPDATE_SECONDS = 0.5
_RETRY_SECONDS = 10.0  # how long a retry is shown, and the minimum time between two log lines about one host


def activity(text: str | Callable[[], str], *, total: int | None = None) -> Activity:
    """Show the text on a terminal until the block ends, with a bar if ``total`` is given; nothing with -q."""
    screen = terminal() if sys.stderr.isatty() and not is_quiet() else None
    return Activity(text, screen, total=total, quiet=is_quiet())


class Activity:
    """A line with a spinner and the elapsed time, drawn in a block. Its methods may be called by any thread."""

    def __init__(
        self,
        text: str | Callable[[], str],
        screen: IO[str] | None,
        *,
        total: int | None = None,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Draw on ``screen``; without it, only log retries of unreachable hosts, unless ``quiet``.

        ``total``: number of steps that the bar shows; None: no bar.
        """
        self._screen, self._total, self._quiet, self._clock = screen, total, quiet, clock
        self._done = 0
        self._retry = ""
        self._retry_until = float("-inf")
        self._logged: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._skip_delay = threading.Event()  # set by a retry, which is shown at once, and at the end
        self._thread = threading.Thread(target=self._draw, name="activity", daemon=True)
        self.step(text)

    def __enter__(self) -> Self:
        if self._screen is not None:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._skip_delay.set()
        if self._screen is not None:
            self._thread.join()

    def step(self, text: str | Callable[[], str]) -> None:
        """Show this text, or the result of this function, from now on."""
        self._text = text if callable(text) else lambda: text

    def advance(self) -> None:
        """Count a finished step."""
        with self._lock:
            self._done += 1

    def on_retry(self, retry: Retry) -> None:
        """Show a retry for 10 seconds, or log it: at most one line per host in that time."""
        line = f"{retry.reason} {retry.host}, retry {retry.number} of {retry.most}"
        now = self._clock()
        with self._lock:
            self._retry, self._retry_until = line, now + _RETRY_SECONDS
            self._skip_delay.set()
            if self._screen is not None or self._quiet or not retry.unreachable:
                return
            if now < self._logged.get(retry.host, float("-inf")) + _RETRY_SECONDS:
                return
            self._logged[retry.host] = now
        print_status(line)

    def line(self) -> str:
        """Return the current text."""
        count = "" if self._total is None else f" {self._done}/{self._total}"
        retry = self._retry if self._clock() < self._retry_until else ""
        return one_line("; ".join(part for part in (f"{self._text()}{count}", retry) if part))

    def _draw(self) -> None:
        start = self._clock()
        self._skip_delay.wait(_DELAY_SECONDS)
        if self._ended.is_set() and not self._retry:
            return
        from rich.console import Console
        from rich.live import Live
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        def text() -> Text:
            seconds = int(self._clock() - start)
            return Text(f"{self.line()} ({seconds // 60}:{seconds % 60:02})")

        spinner, bar, line = (
            Spinner("line", text()),
            ProgressBar(total=self._total, width=40),
            Table.grid(padding=(0, 1)),
        )
        line.add_row(spinner, *([] if self._total is None else [bar]))
        # Results on standard output stay where they are; log lines are printed above the spinner.
        with Live(line, console=Console(file=self._screen), transient=True, redirect_stdout=False):
            while True:
                spinner.update(text=text())
                bar.update(self._done)
                if self._ended.wait(_UPDATE_SECONDS):
                    return
