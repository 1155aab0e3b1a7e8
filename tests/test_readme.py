"""The README and the help texts match the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from s3_monitor.cli.exit_status import ExitStatus

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERBS = ("plan", "collect", "aggregate", "run", "demo", "prices", "tags")
COMMANDS = re.findall(r"^(python3 (?:-m s3_monitor|aggregate\.py)[^#\n]*)", README, re.MULTILINE)


@cache
def help_of(*arguments: str) -> str:
    command = [sys.executable, *arguments, "--help"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, env={"PATH": "", "LANG": "C.UTF-8"}
    )
    return done.stdout


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_in_a_command_of_the_readme_exists(command: str) -> None:
    words = shlex.split(command)
    program = ["-m", "s3_monitor"] if words[1] == "-m" else [words[1]]
    rest = words[1 + len(program) :]
    verb = rest[: 2 if rest[0] in ("prices", "tags") else 1] if rest and rest[0] in VERBS else []
    options = {word.partition("=")[0] for word in rest if word.startswith("-")}
    help_text = help_of(*program, *verb)
    assert not {option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", help_text)}


@pytest.mark.parametrize("target", re.findall(r"\bmake (\w+)", README))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)", README))
def test_every_link_of_the_readme_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_every_help_has_an_example(verb: str) -> None:
    help_text = help_of("-m", "s3_monitor", *filter(None, [verb]))
    assert re.search(rf"Examples?:\n\s+s3-monitor {verb}", help_text)


def test_the_readme_has_at_most_200_lines() -> None:
    assert len(README.splitlines()) <= 200


def test_the_version_is_the_newest_of_the_changelog() -> None:
    from s3_monitor import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\d\S*) - ", changelog, re.MULTILINE)[0] == __version__


def test_the_readme_explains_every_exit_status() -> None:
    rows = re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)
    assert sorted(map(int, rows)) == sorted({int(status) for status in ExitStatus})
