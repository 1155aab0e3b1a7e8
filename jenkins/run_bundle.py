"""Run the bundle as a child process of this Python, or load its program into this process."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import launcher


def run_bundle(command: list[str], environment: Mapping[str, str]) -> int:
    """Run the bundle with its arguments, and return its exit status, as a shell would for a signal."""
    status = subprocess.run([sys.executable, *command], env=environment, check=False).returncode  # noqa: S603 - no shell; a value is an argument
    return status if status >= 0 else 128 - status


def load_program(program: Path) -> None:
    """Unpack the bundle if needed, so that this process can import s3_monitor."""
    with zipfile.ZipFile(program) as bundle:
        folder, _ = launcher.unpack(bundle, launcher.file_digest(program), launcher.this_target())
    sys.path.insert(0, str(folder))
