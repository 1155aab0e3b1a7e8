"""A Python that cannot run the program gets one line with the reason and advice."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENTRY_FILES = ("aggregate.py", "s3_monitor/__init__.py", "s3_monitor/__main__.py", "s3_monitor/startup.py")
COMMANDS = (["-m", "s3_monitor", "-h"], ["aggregate.py", "-h"])
# Programs for developers, which Python 2.7 need not read.
DEVELOPER_COMMANDS = (["-m", "bench", "-h"], ["tools/screenshots.py", "demo/report", "docs/images"])


def run(python: list[str], command: list[str], folder: Path = ROOT) -> tuple[int, str, str]:
    done = subprocess.run([*python, *command], capture_output=True, text=True, cwd=folder, env={"PATH": os.defpath})
    return done.returncode, done.stdout, done.stderr


def checkout(folder: Path) -> Path:
    """Copy the files of a checkout, without .venv."""
    shutil.copytree(ROOT / "s3_monitor", folder / "s3_monitor", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("aggregate.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[-2])
def test_without_the_libraries_one_line_names_the_python_that_has_them(command: list[str], tmp_path: Path) -> None:
    status, out, err = run([sys.executable, "-S"], command, checkout(tmp_path))
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(f"s3-monitor: error: {sys.executable} has no module ")
    assert "make demo" in err
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert str(python) in run([sys.executable, "-S"], command, tmp_path)[2]


@pytest.mark.parametrize("command", DEVELOPER_COMMANDS, ids=["bench", "screenshots"])
def test_a_developers_program_without_the_libraries_ends_with_one_line_of_advice(command: list[str]) -> None:
    status, out, err = run([sys.executable, "-S"], command)
    assert (status, out, len(err.splitlines())) == (2, "", 1), err
    assert f"{sys.executable} has no module " in err


def test_a_library_that_a_command_misses_is_named_too(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['yaml'] = None; from s3_monitor.startup import start; start()"
    (tmp_path / "shards.yaml").write_text("shards: [{name: a}]\n")
    command = ["-c", hidden, "plan", "--shards", str(tmp_path / "shards.yaml"), "--out", str(tmp_path / "plan")]
    status, _, err = run([sys.executable], command)
    assert status == 2, err
    assert "has no module yaml" in err
    assert len(err.splitlines()) == 1


def documented_programs() -> list[str]:
    """Return what python3 runs in the commands of the README and the docs."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    return sorted({name for text in texts for name in re.findall(r"python3 (-m s3_monitor[\w.]*|\w+\.py)", text)})


@pytest.mark.parametrize("program", documented_programs())
def test_every_documented_command_reports_a_missing_library_in_one_line(program: str, tmp_path: Path) -> None:
    status, out, err = run([sys.executable, "-S"], [*program.split(), "-h"], checkout(tmp_path))
    assert (status, out, len(err.splitlines())) == (2, "", 1), err


@pytest.mark.parametrize("name", ENTRY_FILES)
def test_entry_files_have_no_syntax_that_an_old_python_cannot_read(name: str) -> None:
    text = (ROOT / name).read_text(encoding="ascii")
    tree = ast.parse(text)
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Match)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [one for one in functions if one.returns or any(a.annotation for a in one.args.args)]
    assert "__future__" not in text


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[-2])
def test_an_older_python_is_rejected(version: str, command: list[str]) -> None:
    found = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")]
    python = str(found[0]) if found else shutil.which(f"python{version}") or ""
    if not python or run([python], ["-c", "pass"])[0]:
        pytest.skip(f"no Python {version} here")
    status, out, err = run([python, "-B"], command)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "s3-monitor needs Python 3.11 or newer" in err
