"""Programs run as users run them, against accounts that are simulated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Program = Callable[..., Done]


@pytest.fixture
def monitor(tmp_path: Path) -> Program:
    """`python3 -m s3_monitor ARGUMENTS` in a folder of its own, with AWS's variables as given and no others."""

    def run(*arguments: object, env: Mapping[str, str], timeout: float = 120) -> Done:
        command = [sys.executable, "-m", "s3_monitor", *map(str, arguments)]
        return _run(command, env, tmp_path, timeout)

    return run


@pytest.fixture
def aggregate(tmp_path: Path) -> Program:
    """`python3 aggregate.py ARGUMENTS`, from any folder."""

    def run(*arguments: object, env: Mapping[str, str] | None = None, timeout: float = 120) -> Done:
        return _run([sys.executable, str(ROOT / "aggregate.py"), *map(str, arguments)], env or {}, tmp_path, timeout)

    return run


def _run(command: list[str], env: Mapping[str, str], folder: Path, timeout: float) -> Done:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        command,
        env={**clean, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)
