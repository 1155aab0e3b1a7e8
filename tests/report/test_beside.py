"""Work in a second process: done, failed, killed, or not possible."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
START = """
import errno, os, resource, signal, sys, threading, time
from s3_monitor.report.beside import beside, can_be
"""
TRY = """
try:
    with beside(work):
        body()
    print("done")
except BaseException as error:
    print(f"{type(error).__name__}: {error}")
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none left")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which has no threads."""
    command = [sys.executable, "-c", START + code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


KILLED = "ChildProcessError: a second process for it was killed by SIGKILL: perhaps there was not memory enough"


@pytest.mark.parametrize(
    ("work", "body", "said"),
    [
        ("None", "None", "done"),
        ("os.stat('/dev/null/x')", "None", "NotADirectoryError: [Errno 20] Not a directory"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "None", KILLED),
        ("1 / 0", "None", "ChildProcessError: a second process for it ended with status 1"),
        ("sys.exit(0)", "None", "ChildProcessError: a second process for it ended with status 1"),
        ("time.sleep(60)", "1 / 0", "ZeroDivisionError: division by zero"),
        ("time.sleep(60)", "signal.raise_signal(signal.SIGINT)", "KeyboardInterrupt: "),
    ],
)
def test_how_it_ends_is_how_the_block_ends(work: str, body: str, said: str) -> None:
    done = run(f"work = lambda: {work}\nbody = lambda: {body}\n{TRY}")
    assert done.stdout.splitlines() == [said, "none left"]
    assert ("ZeroDivisionError" in done.stderr) == (work == "1 / 0")


def test_it_runs_beside_the_body() -> None:
    """Each waits for the other's byte."""
    code = """
here, there = os.pipe(), os.pipe()
def work(): os.write(there[1], os.read(here[0], 1))
def body(): os.write(here[1], b"x"); print(os.read(there[0], 1))
"""
    assert run(code + TRY).stdout.splitlines() == ["b'x'", "done", "none left"]


def test_without_room_for_a_process_this_one_does_the_work_after_the_body() -> None:
    code = """
if os.getuid() == 0:
    os.setuid(65534)  # a limit does not hold root
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
def work(): print("work", os.getpid() == original)
def body(): print("body")
original = os.getpid()
"""
    assert run(code + TRY).stdout.splitlines() == ["body", "work True", "done", "none left"]


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})", False),
        ("threading.Thread(target=threading.Event().wait, daemon=True).start()", False),
    ],
)
def test_no_copy_with_one_processor_or_with_threads(state: str, possible: bool) -> None:
    assert run(f"{state}\nprint(can_be())").stdout.split() == [str(possible)]
