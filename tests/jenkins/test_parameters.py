"""What a build's parameters may say, and what becomes of what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

# A program that writes its arguments down: what plan.py would have started.
RECORDER = "import sys, pathlib; pathlib.Path('arguments.txt').write_text(chr(10).join(sys.argv[1:]))"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "teams").mkdir(parents=True)
    (folder / "program.py").write_text(RECORDER)
    (folder / "teams" / "a.yaml").write_text("shards: []\n")
    (tmp_path / "outside.yaml").write_text("shards: []\n")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return folder


def plan(workspace: Path, **parameters: str) -> tuple[int, list[str], str]:
    """Exit status, the arguments of the program, standard error."""
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "jenkins" / "plan.py"), "--program", "program.py", "--out", "plan",
         "--description", "description.txt"],
        cwd=workspace,
        env={**os.environ, **{f"PARAM_{name}": value for name, value in parameters.items()}},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    written = workspace / "arguments.txt"
    return done.returncode, written.read_text().split("\n") if written.exists() else [], done.stderr


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({}, []),
        ({"REGION": "", "BUCKET": "  ", "SPLIT_BY": ""}, []),
        ({"PROFILE": "user1-dev"}, ["--profile=user1-dev"]),
        ({"PROFILE": "the dev profile"}, ["--profile=the dev profile"]),
        ({"REGION": "us-east-1"}, ["--region=us-east-1"]),
        ({"REGION": "us-east-1,eu-west-1"}, ["--region=us-east-1", "--region=eu-west-1"]),
        ({"REGION": " us-east-1 ,, eu-west-1\tus-east-1 "}, ["--region=us-east-1", "--region=eu-west-1"]),
        ({"BUCKET": "logs-* [a-c]?.x !"}, ["--bucket=logs-*", "--bucket=[a-c]?.x", "--bucket=!"]),
        ({"BUCKET": "-o"}, ["--bucket=-o"]),
        ({"STORAGE_TYPE": "glacierstorage"}, ["--storage-type=glacierstorage"]),
        ({"SPLIT_BY": "storage-type", "MAX_SHARDS": "40"}, ["--split-by=storage-type", "--max-shards=40"]),
        ({"LAST_MODIFIED": "off"}, ["--last-modified=off"]),
        ({"SHARDS_FILE": "teams/a.yaml"}, ["--shards=teams/a.yaml"]),
        ({"SHARDS_FILE": "teams/../teams/./a.yaml"}, ["--shards=teams/a.yaml"]),
    ],
)
def test_values_become_arguments(workspace: Path, parameters: dict[str, str], arguments: list[str]) -> None:
    status, given, _ = plan(workspace, **parameters)
    assert status == 0
    assert given == ["plan", *arguments, "--out=plan"]


def test_the_repositorys_own_shards_file_is_the_default(workspace: Path) -> None:
    (workspace / "shards.yaml").write_text("shards: []\n")
    assert plan(workspace)[1] == ["plan", "--shards=shards.yaml", "--out=plan"]


HOSTILE = [
    '"; touch pwned; #', "$(touch pwned)", "`touch pwned`", "| touch pwned", "a\nb", "a\rb", "a\x01b",
    "it's", "<script>", "../../x", "${HOME}", "\u2028", "x" * 10_000,
]  # fmt: skip


NAMES = ["PROFILE", "REGION", "BUCKET", "STORAGE_TYPE", "SPLIT_BY", "MAX_SHARDS", "SHARDS_FILE", "LAST_MODIFIED"]
# A profile may be called so; it is looked up, never opened.
NO_NONSENSE = [("PROFILE", "../../x")]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in NAMES for value in HOSTILE if (name, value) not in NO_NONSENSE]
)
def test_nonsense_is_refused_and_nothing_is_started(workspace: Path, name: str, value: str) -> None:
    before = sorted(workspace.parent.rglob("*"))
    status, given, error = plan(workspace, **{name: value})
    assert status == 2
    assert given == []
    assert error.startswith(f"jenkins/plan.py: error: {name}: ")
    assert len(error) < 400 and error.count("\n") == 1 and error.isascii(), "one readable line, whatever the value"
    assert sorted(workspace.parent.rglob("*")) == sorted([*before, workspace / "description.txt"])
    assert (workspace / "description.txt").read_text() == f"refused: {name}\n"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("../outside.yaml", "outside the workspace"),
        ("/etc/passwd", "outside the workspace"),
        ("link.yaml", "outside the workspace"),
        ("teams/../../outside.yaml", "outside the workspace"),
        ("loop.yaml", ""),
        ("teams", "there is no file"),
        ("nowhere.yaml", "there is no file"),
        ("x" * 255, ""),
    ],
)
def test_the_shards_file_is_one_of_the_workspace(workspace: Path, value: str, says: str) -> None:
    status, given, error = plan(workspace, SHARDS_FILE=value)
    assert status == 2 and given == []
    assert error.startswith("jenkins/plan.py: error: SHARDS_FILE: ") and says in error


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("REGION", "eu_west_1", "'eu_west_1' is not a region like eu-west-1"),
        ("MAX_SHARDS", "0", "'0' is not a number from 1 to 9999"),
        ("MAX_SHARDS", "-1", "'-1' is not a number"),
        ("SPLIT_BY", "bucket", "'bucket' is not region, storage-type, account or none"),
        ("BUCKET", "b" * 5000, "5,000 characters; 4,000 are the most"),
    ],
)
def test_a_refusal_says_what_would_do(workspace: Path, name: str, value: str, says: str) -> None:
    assert says in plan(workspace, **{name: value})[2]


@pytest.mark.parametrize(("code", "status"), [("exit(3)", 3), ("exit(1)", 1), ("os.kill(os.getpid(), 9)", 137)])
def test_the_status_is_the_programs(workspace: Path, code: str, status: int) -> None:
    (workspace / "program.py").write_text(f"import os; {code}")
    assert plan(workspace)[0] == status


def test_the_description_says_what_was_chosen(workspace: Path) -> None:
    (workspace / "program.py").write_text(
        "import pathlib; out = pathlib.Path('plan'); out.mkdir(); (out / 'shards.tsv').write_text('a\\nb\\n')"
    )
    plan(workspace, REGION="us-east-1 eu-west-1", SPLIT_BY="storage-type", PROFILE="dev")
    assert (workspace / "description.txt").read_text() == (
        "profile dev; regions us-east-1, eu-west-1; split by storage-type; 2 shards\n"
    )
