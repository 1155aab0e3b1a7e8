"""Imports and the libraries they load. Which package may import which is in pyproject.toml: see the contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "s3_monitor"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_the_import_contracts_of_pyproject_hold() -> None:
    command = [sys.executable, "-c", "import importlinter.cli; importlinter.cli.lint_imports_command()"]
    done = subprocess.run([*command, "--no-cache", "--no-logo"], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert done.returncode == 0, done.stdout + done.stderr


# Modules whose types only one thread decodes: plan and part files, and requests to the simulator.
DECODED_BY_ONE_THREAD = {
    "model/files.py",
    *(f"simulator/{path.name}" for path in PACKAGE.glob("simulator/*")),
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_types_are_prepared_before_threads_read_them(path: Path) -> None:
    """Types of msgspec are prepared at import: concurrent preparation by two threads crashed in 5 of 60 runs."""
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    unprepared = [call for call in calls if call.startswith("msgspec.json.decode(") and "type=" in call]
    assert not unprepared or path.relative_to(PACKAGE).as_posix() in DECODED_BY_ONE_THREAD


@pytest.mark.parametrize(
    ("start", "never"),
    [
        (
            "import s3_monitor.cli.plan, s3_monitor.plan.planner",
            ("jinja2", "pygal", "botocore", "yaml"),
        ),
        ("import s3_monitor.cli.main", ("jinja2", "pygal", "botocore", "yaml", "rich")),
        ("import s3_monitor.cli.collect, s3_monitor.collect.shard", ("jinja2", "pygal", "yaml", "duckdb")),
        ("import s3_monitor.cli.aggregate, s3_monitor.merge, s3_monitor.report.data", ("botocore", "jinja2", "pygal")),
    ],
)
def test_a_command_loads_only_the_libraries_it_needs(start: str, never: tuple[str, ...]) -> None:
    code = f"{start}\nimport sys\nprint([name for name in {never!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
