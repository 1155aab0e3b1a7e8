"""Three shards, and what may happen to a build of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Build

Run = Callable[..., Build]
THREE = [["us-east-1", "", "", "30"], ["eu-west-1", "aws-eu", "", "45"], ["archive", "aws-eu", "", ""]]


def arrived(build: Build) -> set[str]:
    """Return the shards whose parts were aggregated, and their content."""
    return set((build.archive / "report" / "index.html").read_text(encoding="utf-8").splitlines())


def exits(command: str, status: int) -> dict[str, Any]:
    return {"on": command, "does": "exit", "status": status}
