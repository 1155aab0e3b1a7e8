"""Who may import whom: the picture of the architecture, held."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "s3_monitor"

# Each place, and the places of ours it may import besides itself. cli knows all of them.
MAY_IMPORT = {
    "model": set(),
    "money": {"model"},
    "merge": {"model", "money"},
    "plan": {"model", "money", "objects"},
    "objects": {"model"},
    "collect": {"model", "money", "objects"},
    "aws": {"model"},
    "trends": {"model", "money", "merge"},
    "report": {"model", "money", "merge", "trends", "objects"},
    "simulator": {"model"},
}
# Libraries that only one place may import.
ONLY_IN = {"boto3": "aws", "botocore": "aws", "jinja2": "report", "pygal": "report", "yaml": "plan"}
# Libraries that only one module may import.
ONLY_IN_MODULE = {"duckdb": "objects/duck.py", "pyarrow": "objects/duck.py"}
# aws is handed in by cli: collect and plan know its shape, not its code.
SOURCES = sorted(PACKAGE.rglob("*.py"))


def place(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every module named in an import, wherever it stands; but those only for type checking are no dependency."""
    found: set[str] = set()
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _nodes(tree: ast.AST) -> list[ast.AST]:
    nodes = [tree]
    for child in ast.iter_child_nodes(tree):
        only_types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not only_types:
            nodes.extend(_nodes(child))
    return nodes


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_place_may(path: Path) -> None:
    here = place(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] in ONLY_IN:
            assert here == ONLY_IN[parts[0]], f"{path.name} imports {name}"
        if parts[0] in ONLY_IN_MODULE:
            assert path.relative_to(PACKAGE).as_posix() == ONLY_IN_MODULE[parts[0]], f"{path.name} imports {name}"
        if parts[0] == "s3_monitor" and here in MAY_IMPORT and len(parts) > 1 and parts[1] != "__version__":
            assert parts[1] == here or parts[1] in MAY_IMPORT[here], f"{path.name} imports {name}"


# Where one thread alone reads: plans and parts, what is printed as a table, and what the simulator is asked.
READ_BY_ONE_THREAD = {
    "model/files.py",
    "cli/table.py",
    *(f"simulator/{path.name}" for path in PACKAGE.glob("simulator/*")),
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_types_are_prepared_before_threads_read_them(path: Path) -> None:
    """msgspec prepares a type where it is first decoded, and crashes where two threads do so at once: 5 of 60 tries."""
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    unprepared = [call for call in calls if call.startswith("msgspec.json.decode(") and "type=" in call]
    assert not unprepared or path.relative_to(PACKAGE).as_posix() in READ_BY_ONE_THREAD


@pytest.mark.parametrize(
    ("start", "never"),
    [
        ("import s3_monitor.cli.main, s3_monitor.cli.plan, s3_monitor.plan.planner", ("jinja2", "pygal", "boto3")),
        ("import s3_monitor.cli.collect, s3_monitor.collect.shard", ("jinja2", "pygal", "yaml", "duckdb")),
        ("import s3_monitor.cli.aggregate, s3_monitor.merge, s3_monitor.report.data", ("boto3", "jinja2", "pygal")),
    ],
)
def test_a_command_loads_only_the_libraries_it_needs(start: str, never: tuple[str, ...]) -> None:
    code = f"{start}\nimport sys\nprint([name for name in {never!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
