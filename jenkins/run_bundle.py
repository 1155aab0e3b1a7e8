"""Run the bundle as a child process of this Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping


def run_bundle(command: list[str], environment: Mapping[str, str]) -> int:
    """Run the bundle with its arguments, and return its exit status, as a shell would for a signal."""
    status = subprocess.run([sys.executable, *command], env=environment, check=False).returncode  # noqa: S603 - no shell; a value is an argument
    return status if status >= 0 else 128 - status
