"""What a command is doing, on a terminal, while nothing else is printed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from s3_monitor.cli.exit_status import print_status
from s3_monitor.cli.streams import terminal
from s3_monitor.model.safe_text import one_line

if TYPE_CHECKING:
    from s3_monitor.aws.retry_events import Retry

_DELAY_SECONDS = 1.5  # a command that ends before shows nothing, and need not load rich
_UPDATE_SECONDS = 0.5
_SHOWN_SECONDS = 10.0  # how long a retry is shown, and the least time between two log lines about one host


@contextmanager
def activity(text: str | Callable[[], str], *, quiet: bool) -> Iterator[Activity]:
    """Show what is being done until the block ends: a line on a terminal, nothing elsewhere or if ``quiet``."""
    shown = Activity(text, terminal() if sys.stderr.isatty() and not quiet else None, quiet=quiet)
    with shown.running():
        yield shown


class Activity:
    """A line with a spinner and the elapsed time on ``screen``. Any thread may call a method.

    Without a screen, only retries of requests without a response are logged, unless ``quiet``.
    """

    def __init__(
        self,
        text: str | Callable[[], str],
        screen: IO[str] | None,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen, self._quiet, self._clock = screen, quiet, clock
        self._retry = ""
        self._retry_until = float("-inf")
        self._logged: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._wanted = threading.Event()  # the line is drawn now: a request is sent again, or nothing is left to draw
        self.step(text)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Draw the line until the block ends."""
        if self._screen is None:
            yield
            return
        painter = threading.Thread(target=self._paint, name="activity", daemon=True)
        painter.start()
        try:
            yield
        finally:
            self._ended.set()
            self._wanted.set()
            painter.join()

    def step(self, text: str | Callable[[], str]) -> None:
        """Show another text, or what a function returns, from now on."""
        self._text = text if callable(text) else lambda: text

    def on_retry(self, retry: Retry) -> None:
        """Show a retry for some seconds, or log it: at most one line per host in that time."""
        line = f"{retry.reason} {retry.host}, retry {retry.number} of {retry.most}"
        now = self._clock()
        with self._lock:
            self._retry, self._retry_until = line, now + _SHOWN_SECONDS
            self._wanted.set()
            if self._screen is not None or self._quiet or not retry.unreachable:
                return
            if now < self._logged.get(retry.host, float("-inf")) + _SHOWN_SECONDS:
                return
            self._logged[retry.host] = now
        print_status(line)

    def line(self) -> str:
        """Return the text that is shown now."""
        retry = self._retry if self._clock() < self._retry_until else ""
        return one_line("; ".join(part for part in (self._text(), retry) if part))

    def _paint(self) -> None:
        begun = self._clock()
        self._wanted.wait(_DELAY_SECONDS)
        if self._ended.is_set() and not self._retry:
            return
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        spinner = Spinner("line")
        # Results on standard output stay where they are; log lines are printed above the spinner.
        with Live(spinner, console=Console(file=self._screen), transient=True, redirect_stdout=False):
            while True:
                seconds = int(self._clock() - begun)
                spinner.update(text=Text(f"{self.line()} ({seconds // 60}:{seconds % 60:02})"))
                if self._ended.wait(_UPDATE_SECONDS):
                    return
