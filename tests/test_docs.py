"""The manuals in docs/ and the guides for contributors match the program and each other."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = (*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md")
MANUALS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
VERBS = (
    (), ("plan",), ("collect",), ("aggregate",), ("run",), ("doctor",), ("tags", "check"),
    ("prices", "refresh"), ("prices", "show"),
    ("prices", "read"), ("prices", "diff"), ("prices", "check"),
)  # fmt: skip


@cache
def options() -> set[str]:
    """Return the options of all commands, long and short."""
    help_texts = ""
    for verb in VERBS:
        command = [sys.executable, "-m", "s3_monitor", *verb, "--help"]
        help_texts += subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", help_texts))


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", MANUALS)
def test_every_link_leads_to_a_file_and_a_heading_of_it(name: str) -> None:
    dead = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", MANUALS[name]):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("name", MANUALS)
def test_every_option_that_a_manual_names_exists(name: str) -> None:
    named = set(re.findall(r"`(--?[a-z][a-z-]*)(?=[`\s=|])", MANUALS[name]))
    commands = re.findall(r"^\s*s3-monitor (.*?)(?<!\\)$", MANUALS[name], re.MULTILINE | re.DOTALL)
    named |= {word for command in commands for word in re.findall(r"(?<=\s)--?[a-z][a-z-]*(?=[\s=]|$)", command)}
    assert named - options() == set()


@pytest.mark.parametrize("policy", sorted((ROOT / "docs" / "iam").glob("*.json")), ids=lambda path: path.stem)
def test_every_iam_policy_is_linked_from_a_manual(policy: Path) -> None:
    assert any(f"](iam/{policy.name})" in text for text in MANUALS.values())


@pytest.mark.parametrize("name", MANUALS)
def test_every_make_target_that_a_manual_names_exists(name: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", MANUALS[name], re.MULTILINE)) <= set(targets)


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE) == phony.split()


def test_the_changelog_lists_each_kind_of_change_once_per_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for version in changelog.split("\n## ")[1:]:
        kinds = re.findall(r"^### (.*)$", version, re.MULTILINE)
        assert kinds == [kind for kind in ("Added", "Changed", "Removed", "Fixed") if kind in kinds], version[:20]
        assert "\n- " not in version.partition("\n### ")[0], f"{version[:20]}: entries must be below a heading"
