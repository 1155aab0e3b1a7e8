"""The lock files agree with each other and with pyproject.toml: what users install is what the tests run."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(_PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("requirements.lock", "requirements-extras.lock"), ("requirements-extras.lock", "requirements-dev.lock")],
)
def test_a_larger_lock_has_the_versions_of_the_smaller_one(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_every_extra_is_locked_with_hashes() -> None:
    extras = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name != "dev"}
    locked = pins("requirements-extras.lock")
    for needs in extras.values():
        assert {Requirement(need).name for need in needs} <= locked.keys()
    text = (ROOT / "requirements-extras.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


@pytest.mark.parametrize("need", [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())])
def test_every_locked_version_is_one_that_pyproject_allows(need: str) -> None:
    requirement = Requirement(need)
    pinned = pins("requirements-dev.lock")
    assert requirement.name == "s3-monitor" or requirement.specifier.contains(pinned[requirement.name])
