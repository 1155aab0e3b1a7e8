"""Programs run as users run them, against accounts that are simulated."""

from __future__ import annotations

import itertools
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRST_DAY = datetime.now(UTC).date()  # the tests' accounts have figures up to the day before


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Program = Callable[..., Done]
Command = Callable[[list[str], Mapping[str, str], Path, float], Done]


@pytest.fixture
def monitor(tmp_path: Path, command: Command) -> Program:
    """`python3 -m s3_monitor ARGUMENTS` in a folder of its own, with AWS's variables as given and no others."""

    def run(*arguments: object, env: Mapping[str, str], timeout: float = 120) -> Done:
        return command(["s3_monitor", *_of_the_first_day([*map(str, arguments)])], env, tmp_path, timeout)

    return run


def _of_the_first_day(arguments: list[str]) -> list[str]:
    """Return the arguments of a command, which after midnight goes on with the day on which the tests began."""
    collects = not arguments or arguments[0].startswith("-") or arguments[0] in ("run", "plan")
    if not collects or "--as-of" in arguments or datetime.now(UTC).date() == FIRST_DAY:
        return arguments
    return [*arguments, "--as-of", f"{FIRST_DAY}T23:59:59Z"]


@pytest.fixture
def aggregate(tmp_path: Path, command: Command) -> Program:
    """`python3 aggregate.py ARGUMENTS`, from any folder."""

    def run(*arguments: object, env: Mapping[str, str] | None = None, timeout: float = 120) -> Done:
        return command([str(ROOT / "aggregate.py"), *map(str, arguments)], env or {}, tmp_path, timeout)

    return run


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Run programs in processes of their own: where possible, forks of a process that has loaded the program."""
    if not hasattr(os, "fork"):
        yield _run
        return
    answers = tmp_path_factory.mktemp("commands")
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.warm_process"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert nursery.stdin is not None and nursery.stdout is not None
    stdin, stdout, numbers = nursery.stdin, nursery.stdout, itertools.count()

    def run(arguments: list[str], env: Mapping[str, str], folder: Path, timeout: float) -> Done:
        out, err = (answers / f"{next(numbers)}.txt" for _ in range(2))
        order = {
            "program": arguments[0], "arguments": arguments[1:], "environment": _environment(env),
            "folder": str(folder), "out": str(out), "err": str(err), "seconds": math.ceil(timeout),
        }  # fmt: skip
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        status = int(stdout.readline())
        assert status != -signal.SIGALRM, f"{arguments} did not end within {timeout} s"
        return Done(status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    with nursery:
        yield run
        stdin.close()


def _run(arguments: list[str], env: Mapping[str, str], folder: Path, timeout: float) -> Done:
    program = arguments[:1] if arguments[0].endswith(".py") else ["-m", arguments[0]]
    done = subprocess.run(
        [sys.executable, *program, *arguments[1:]],
        env=_environment(env),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**clean, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env}
