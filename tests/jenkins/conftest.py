"""Runs the Jenkinsfile under Debian's Groovy, one process for all scenarios, a JSON object a line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.simulator import Account, Role, Simulator, random_account

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
TARGETS = (
    "cp312-linux-aarch64-gnu",
    "cp313-linux-x86_64-musl",
)  # of the bundle, in addition to the system that builds it
TODAY = datetime.now(UTC).date()
REGIONS = ("us-east-1", "eu-west-1")


@dataclass(frozen=True)
class Build:
    """What a build did and left behind."""

    result: str
    description: str | None
    steps: list[dict[str, Any]]  # step, branch, agent, arguments
    shells: list[dict[str, Any]]  # label, script, branch, agent, environment, status, shard
    log: list[str]
    marks: dict[str, str]  # a branch's stage result, where it is not SUCCESS
    declared: dict[str, Any]
    stashes: dict[str, list[str]]
    stashed_bytes: int
    unstashed_bytes: int
    variables: dict[str, str]  # that the build left for later builds
    archive: Path
    archived: list[str]
    text: str = field(repr=False)  # all of it, for searching

    def shell(self, label: str, shard: str | None = None) -> list[dict[str, Any]]:
        return [
            shell for shell in self.shells if shell["label"] == label and (shard is None or shell["shard"] == shard)
        ]

    def named(self, step: str, branch: str | None = None) -> list[dict[str, Any]]:
        return [one for one in self.steps if one["step"] == step and branch in (None, one["branch"])]


class Broken(Exception):
    """The Jenkinsfile does not compile or uses a feature that Jenkins does not have."""


def needed(command: str, how: str, *places: Path) -> str:
    """Return the path of a command, also from these places. Without it, skip the test, or fail in CI."""
    found = shutil.which(command, path=os.pathsep.join([*map(str, places), os.environ["PATH"]]))
    if found is None:
        message = f"{command} is not installed: {how}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


def java() -> dict[str, str]:
    """Return the environment of Java programs.

    Debian's groovy requires JAVA_HOME if /usr/lib/jvm/default-java does not exist. The fast compiler suits short runs.
    """
    home = Path(needed("java", "apt-get install default-jre-headless")).resolve().parent.parent
    return {
        **os.environ,
        "JAVA_HOME": str(home),
        "JAVA_TOOL_OPTIONS": "-Dfile.encoding=UTF-8 -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    }


@pytest.fixture(scope="session")
def run_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Build]]:
    """Return a function that runs the Jenkinsfile in a scenario."""
    scratch = tmp_path_factory.mktemp("builds")
    groovy = needed("groovy", "apt-get install groovy")
    with (scratch / "groovy.err").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [groovy, "-cp", str(HERE), str(HERE / "run.groovy"), str(REPOSITORY / "Jenkinsfile"), str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=java(),
            text=True,
            encoding="utf-8",
        )
        assert process.stdin is not None and process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def run(**scenario: Any) -> Build:
            stdin.write(json.dumps(scenario) + "\n")
            stdin.flush()
            line = stdout.readline()
            if not line:
                errors.seek(0)
                raise Broken(errors.read())
            response = json.loads(line)
            if "broken" in response:
                raise Broken(f"{response['broken']}\n{response['trace']}")
            response["archive"] = Path(response["archive"])
            return Build(**response, text=line)

        yield run
        stdin.close()
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def bundle_cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where jenkins/bundle.py keeps what it installed, from one test run to the next if pytest has a cache."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("s3-monitor-bundle") if cache else tmp_path_factory.mktemp("s3-monitor-bundle")
    folder.chmod(0o700)
    os.environ["S3_MONITOR_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, bundle_cache: Path) -> Path:
    """s3-monitor.pyz, built by this Python's pip, for agents like this machine and the TARGETS."""
    out = tmp_path_factory.mktemp("bundle") / "s3-monitor.pyz"
    command = [sys._base_executable, str(REPOSITORY / "jenkins" / "bundle.py"), "--out", str(out)]  # type: ignore[attr-defined]
    environment = {**os.environ, "S3_MONITOR_TARGETS": " ".join(TARGETS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"the bundle needs pip and a package index: {done.stderr}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return out


@pytest.fixture(scope="session")
def account() -> Account:
    return replace(random_account(11, 16, REGIONS, today=TODAY), access_key="AKIAHUSHHUSHHUSH0001")


@pytest.fixture(scope="session")
def other_account() -> Account:
    reader = Role("s3-monitor-reader")
    made = random_account(12, 10, ("eu-west-1",), today=TODAY, account_id="999988887777", roles=(reader,))
    return replace(made, access_key="AKIAHUSHHUSHHUSH0002")


@pytest.fixture(scope="session")
def simulator(account: Account, other_account: Account) -> Iterator[Simulator]:
    with Simulator((account, other_account), today=TODAY) as running:
        yield running


@pytest.fixture(scope="session")
def run_commands(
    run_pipeline: Callable[..., Build], bundle: Path, bundle_cache: Path, simulator: Simulator
) -> Callable[..., Build]:
    """Return a function that runs the pipeline with all its commands. It builds the bundle if there is none."""

    def run(environment: dict[str, str] | None = None, **scenario: Any) -> Build:
        base = {
            "PATH": "/usr/bin:/bin",
            "PYTHON": sys._base_executable,  # type: ignore[attr-defined]
            "HOME": "/nowhere",
            "S3_MONITOR_CACHE": str(bundle_cache),
            "S3_MONITOR_TARGETS": " ".join(TARGETS),
            **_clock(),
            **simulator.env(),
        }
        given = {"real": True, "repository": str(REPOSITORY), "bundle": str(bundle), **scenario}
        return run_pipeline(environment={**base, **(environment or {})}, **given)

    return run


def _clock() -> dict[str, str]:
    """Return the variables of a faked clock: the programs must have the date of the simulator."""
    return {name: value for name, value in os.environ.items() if name == "LD_PRELOAD" or name.startswith("FAKETIME")}


@pytest.fixture(scope="session")
def first_build(run_commands: Callable[..., Build], simulator: Simulator) -> Build:
    """Run a build without parameters and failures, with every command of the Jenkinsfile."""
    simulator.faults.clear()
    return run_commands(bundle=None)
