"""docs/architecture.md names packages, files, functions and tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`([\w./-]+(?:\.\w+|/))(?:::[\w.]+)?`", TEXT)))
NAMES = sorted(set(re.findall(r"`([\w./]+\.py)::([\w.]+)`", TEXT)))
FILES_OF_A_RUN = {"buckets.json", "index.html", "plan.json", "report.md", "shards.tsv", "summary.json", "junit.xml"}


def find(path: str) -> Path:
    """Return the path below the package, or below the repository."""
    inside = ROOT / "s3_monitor" / path
    return inside if inside.exists() else ROOT / path


@cache
def definitions(path: Path) -> set[str]:
    """Return the names of a module's functions, classes, methods and assignments."""
    names: set[str] = set()

    def add(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(prefix + node.name)
                if isinstance(node, ast.ClassDef):
                    add(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update(prefix + target.id for target in targets if isinstance(target, ast.Name))

    add(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return names


@pytest.mark.parametrize("path", [path for path in PATHS if path not in FILES_OF_A_RUN])
def test_every_path_exists(path: str) -> None:
    assert find(path).exists()


@pytest.mark.parametrize(("path", "name"), NAMES)
def test_every_function_and_class_is_defined_in_its_file(path: str, name: str) -> None:
    assert name in definitions(find(path))


def test_every_package_is_described() -> None:
    packages = {path.parent.name for path in (ROOT / "s3_monitor").glob("*/__init__.py")}
    table = TEXT.partition("| package |")[2].partition("\n\n")[0]
    assert packages == set(re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE))
