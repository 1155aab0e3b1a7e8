"""Progress of commands on a terminal, and log lines about retries."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from s3_monitor.aws.retries import Retry
from s3_monitor.cli.activity import Activity
from s3_monitor.simulator import Simulator
from s3_monitor.simulator.random_account import random_account

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = {
    "AWS_ACCESS_KEY_ID": "AKIASIMULATED00000001",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "4",
}


def retry(number: int, host: str = "sts.us-east-1.amazonaws.com", *, unreachable: bool = True) -> Retry:
    return Retry(host, number, 7, "cannot reach" if unreachable else "HTTP 503 from", unreachable)


def test_a_retry_is_shown_next_to_the_step_for_some_seconds() -> None:
    now = [100.0]
    progress = Activity("reading the list of buckets", None, quiet=True, clock=lambda: now[0])
    progress.on_retry(retry(2))
    assert progress.line() == "reading the list of buckets; cannot reach sts.us-east-1.amazonaws.com, retry 2 of 7"
    now[0] += 11
    assert progress.line() == "reading the list of buckets"


def test_retries_of_a_host_are_logged_at_most_once_in_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = [100.0]
    progress = Activity("", None, clock=lambda: now[0])
    for seconds, host in [(0, "a"), (1, "a"), (2, "b"), (11, "a")]:
        now[0] = 100.0 + seconds
        progress.on_retry(retry(1 + seconds, host))
    assert capsys.readouterr().err.splitlines() == [
        "s3-monitor: cannot reach a, retry 1 of 7",
        "s3-monitor: cannot reach b, retry 3 of 7",
        "s3-monitor: cannot reach a, retry 12 of 7",
    ]


@pytest.mark.parametrize(("seconds", "is_shown"), [(0.0, True), (9.9, True), (10.0, False)])
def test_a_retry_is_shown_for_ten_seconds(seconds: float, is_shown: bool) -> None:
    now = [100.0]
    progress = Activity("reading", None, quiet=True, clock=lambda: now[0])
    progress.on_retry(retry(2, "host"))
    now[0] += seconds
    assert progress.line() == ("reading; cannot reach host, retry 2 of 7" if is_shown else "reading")


@pytest.mark.parametrize(("seconds", "lines"), [(9.9, 1), (10.0, 2)])
def test_a_host_is_logged_again_after_ten_seconds(
    capsys: pytest.CaptureFixture[str], seconds: float, lines: int
) -> None:
    now = [100.0]
    progress = Activity("", None, clock=lambda: now[0])
    progress.on_retry(retry(1, "a"))
    now[0] += seconds
    progress.on_retry(retry(2, "a"))
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_the_line_has_the_current_text_and_the_finished_steps() -> None:
    progress = Activity("first", None, total=3)
    progress.advance()
    assert progress.line() == "first 1/3"
    progress.advance()
    progress.step(lambda: "second\nline")
    assert progress.line() == "second\\nline 2/3"
    assert Activity("first", None).line() == "first"


@pytest.mark.parametrize("retries", [0, 1])
def test_the_block_ends_without_a_pause_and_a_short_step_draws_nothing(retries: int) -> None:
    screen = io.StringIO()
    with Activity("reading", screen) as progress:
        for number in range(retries):
            progress.on_retry(retry(number))
    assert screen.getvalue() == ""
    assert not [thread for thread in threading.enumerate() if thread.name == "activity"]


@pytest.mark.parametrize(("quiet", "unreachable"), [(True, True), (False, False)])
def test_throttling_is_not_logged_and_quiet_logs_no_retry(
    capsys: pytest.CaptureFixture[str], quiet: bool, unreachable: bool
) -> None:
    Activity("", None, quiet=quiet).on_retry(retry(1, unreachable=unreachable))
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_the_calls_sent_and_expected() -> None:
    with Simulator(random_account(3, buckets=30), latency=0.8) as simulator:
        status, screen = on_a_terminal([], simulator.env())
    assert status == 0
    assert "reading the list of buckets" in screen
    assert " calls (0:0" in screen and " of about " in screen


def test_a_terminal_shows_that_an_endpoint_cannot_be_reached() -> None:
    status, screen = on_a_terminal([], UNREACHABLE)
    assert status == 1
    assert "cannot reach 127.0.0.1:9, retry" in screen
    assert "of 3 (0:0" in screen


def test_quiet_shows_nothing_on_a_terminal() -> None:
    status, screen = on_a_terminal(["-q"], UNREACHABLE)
    assert status == 1
    assert "retry" not in screen


def on_a_terminal(arguments: list[str], env: Mapping[str, str], seconds: float = 120) -> tuple[int, str]:
    """Run the one-shot monitor on a pseudo-terminal; return its status and output."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals need a POSIX system")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process, descriptor = pty.fork()
    if process == 0:
        environment = {**clean, **env, "TERM": "xterm", "PYTHONPATH": str(ROOT)}
        os.execve(sys.executable, [sys.executable, "-m", "s3_monitor", *arguments], environment)
    written, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            more = os.read(descriptor, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not more:
            break
        written += more
    os.close(descriptor)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), written.decode("utf-8", "replace")
