"""The report folder contains one report, complete or marked as incomplete, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from s3_monitor.model.output import exclusive
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")]))
BUCKETS = [Truth(name, {"StandardStorage": {LAST: GIB}}) for name in ("logs", "media")]
LEFTOVER = ".s3-monitor-0123456789abcdef.tmp"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
# Starts the program with a limit on the size of files, which fails like a full disk.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from s3_monitor.startup import start
start()
"""


@pytest.fixture
def job(tmp_path: Path) -> Path:
    plan_folder.write(PLAN, tmp_path / "plan")
    parts.write(part(PLAN, "s0", BUCKETS), tmp_path / "parts" / "s0.json")
    return tmp_path


def aggregate(job: Path, *options: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    program = ["-m", "s3_monitor"] if limit is None else ["-c", LIMITED, str(limit)]
    command = [sys.executable, *program, "aggregate", "--plan", "plan/plan.json", "--out", "report"]
    parts_option = [] if "--parts" in options else ["--parts", "parts"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, *parts_option, *options], cwd=job, capture_output=True, text=True, env=env, timeout=60, check=False
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def problems(job: Path) -> str:
    return json.dumps(json.loads((job / "report" / "summary.json").read_bytes())["problems"])


@posix
def test_a_disk_that_is_full_before_the_data_changes_no_file_and_gives_exit_status_1(job: Path) -> None:
    done = aggregate(job, limit=100)
    assert done.returncode == 1, done.stderr
    assert "Could not write the report: File too large. No file of it was changed" in done.stderr
    assert files(job / "report") == {}
    assert aggregate(job).returncode == 0
    before = files(job / "report")
    assert aggregate(job, limit=100).returncode == 1
    assert files(job / "report") == before


@posix
def test_a_disk_that_is_full_before_the_pages_leaves_no_index_and_gives_exit_status_3(job: Path) -> None:
    assert aggregate(job).returncode == 0
    largest = max(
        len(content) for name, content in files(job / "report").items() if "/" not in name and "html" not in name
    )
    done = aggregate(job, limit=largest + 100)
    assert done.returncode == 3, done.stderr
    assert "Could not write index.html and all pages: File too large. The data files are complete" in done.stderr
    left = files(job / "report")
    assert "index.html" not in left
    assert [name for name, content in left.items() if not content] == []
    assert json.loads(left["summary.json"])["complete"]


@posix
def test_only_temporary_files_of_killed_runs_are_removed(job: Path) -> None:
    kept = ["notes.txt", ".s3-monitor-notes.tmp"]
    for folder in (job / "report", job / "report" / "buckets"):
        folder.mkdir()
        for name in (LEFTOVER, *kept):
            (folder / name).write_text("mine")
    assert aggregate(job).returncode == 0
    left = [name for name in files(job / "report") if Path(name).name in (LEFTOVER, *kept)]
    assert sorted(left) == sorted([*kept, *(f"buckets/{name}" for name in kept)])


def test_data_only_removes_the_pages_of_an_earlier_report(job: Path) -> None:
    assert aggregate(job).returncode == 0
    (job / "report" / "own.html").write_text("not ours")
    done = aggregate(job, "--data-only")
    assert done.returncode == 0
    data = [
        "buckets.csv",
        "buckets.json",
        "findings.json",
        "findings.sarif",
        "junit.xml",
        "metrics.prom",
        "own.html",
        "storage.csv",
        "summary.json",
    ]
    assert sorted(files(job / "report")) == data
    assert "report/summary.json: " in done.stderr.replace(os.sep, "/")
    assert "index.html" not in done.stderr


@posix
def test_a_second_aggregation_waits_until_the_first_is_finished(job: Path) -> None:
    (job / "report").mkdir()
    command = [sys.executable, "-m", "s3_monitor", "aggregate", "--plan", "plan/plan.json", "--parts", "parts"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with exclusive(job / "report", lambda: None):
        second = subprocess.Popen([*command, "--out", "report"], cwd=job, stderr=subprocess.PIPE, text=True, env=env)
        assert second.stderr is not None
        assert "waiting for another aggregation" in second.stderr.readline()
        assert files(job / "report") == {}
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert (job / "report" / "index.html").exists()


@posix
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "unreadable"])
def test_parts_that_are_not_regular_files_are_skipped_and_named(job: Path, kind: str) -> None:
    path = job / "parts" / "x\n\udcff.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to(job / "nowhere")
    done = aggregate(job)
    assert done.returncode == 3, done.stderr
    assert r"parts/x\n\udcff.json" in done.stderr
    assert "udcff" in problems(job)
    assert len(json.loads((job / "report" / "buckets.json").read_bytes())) == 2


@posix
@pytest.mark.parametrize("option", ["--plan", "--previous", "--prices"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "missing"])
def test_an_input_that_is_not_a_regular_file_is_rejected_at_once(job: Path, option: str, kind: str) -> None:
    path = job / "input"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    done = aggregate(job, option, "input")
    assert done.returncode == 2, done.stderr
    assert "input" in done.stderr
    assert not (job / "report").exists()


def test_a_missing_parts_folder_is_wrong_usage(job: Path) -> None:
    done = aggregate(job, "--parts", "none")
    assert (done.returncode, (job / "report").exists()) == (2, False)
    assert "--parts none: there is no such folder" in done.stderr
