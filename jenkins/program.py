"""Starts the bundle, as this Python's child: the one place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """The exit status of ``command``, the bundle and its arguments; a signal as a shell would say it."""
    status = subprocess.run([sys.executable, *command], env=environment, check=False).returncode  # noqa: S603 - no shell; a value is an argument
    return status if status >= 0 else 128 - status
