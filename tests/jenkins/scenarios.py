"""Three shards, and what may happen to a build of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from s3_monitor.simulator import Account, Simulator

from .conftest import Build

Run = Callable[..., Build]
THREE = [["us-east-1", "", "", "30"], ["eu-west-1", "aws-eu", "", "45"], ["archive", "aws-eu", "", ""]]


def arrived(build: Build) -> set[str]:
    """Return the shards whose parts were aggregated, and their content."""
    return set((build.archive / "report" / "index.html").read_text(encoding="utf-8").splitlines())


def exits(command: str, status: int) -> dict[str, Any]:
    return {"on": command, "does": "exit", "status": status}


def json_of(build: Build, path: str) -> Any:
    return json.loads((build.archive / path).read_bytes())


def shards_of(build: Build) -> dict[str, str]:
    return {shard["name"]: shard["status"] for shard in json_of(build, "report/summary.json")["shards"]}


SECRET = "hush/hush+secret+of+nobody"  # the simulated account looks at access keys only


def everything_left_behind(build: Build) -> str:
    """Return logs, stashes, artifacts and workspaces. The secrets of the agents are in `shells`, which is excluded."""
    kept = [path for path in build.archive.parent.rglob("*") if path.is_file()]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in kept]
    return "\n".join([*texts, *build.log, build.description or "", json.dumps(build.steps)])


def without_keys(simulator: Simulator) -> dict[str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    return dict.fromkeys(names, "")


SAME_FOR_ALL = "defaults: {credentials: reader}\nshards:\n  - {name: all, split_by: none}\n"


def as_key_pair(account: Account) -> dict[str, str]:
    return {"kind": "usernamePassword", "username": account.access_key, "password": SECRET}


def as_file(account: Account, section: str) -> dict[str, str]:
    lines = [f"[{section}]", f"aws_access_key_id = {account.access_key}", f"aws_secret_access_key = {SECRET}", ""]
    return {"kind": "file", "text": "\n".join(lines)}
