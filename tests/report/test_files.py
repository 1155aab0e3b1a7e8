"""The data files written by two processes: the same bytes, and whole or not at all, whatever becomes of the second."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from tests.merge.world import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")]))
# The second half of the buckets has the longer text.
NAMES = [f"b{number:03}{'-longer' * (number > 500)}" for number in range(1001)]
BUCKETS = [Truth(name, {"StandardStorage": {LAST: GIB + index}}) for index, name in enumerate(NAMES)]
# In a process of its own: one that has threads is not copied.
WRITE = """
import os, resource, sys
from datetime import datetime, UTC
from pathlib import Path
from s3_monitor.merge import merge, read_parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.money.prices import bundled
from s3_monitor.report.data import reckoned
from s3_monitor.report.files import write_data

folder, out, many, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
plan, digest = plans.read(folder / "plan" / "plan.json", datetime(2026, 11, 22, tzinfo=UTC))
facts = merge(plan, digest, read_parts(folder / "parts"))
found = reckoned(facts, bundled(), datetime(2026, 11, 22, tzinfo=UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
forks = []
os.register_at_fork(after_in_parent=lambda: forks.append(1))
try:
    write_data(out, facts, found, many=many)
except OSError as error:
    print(error)
print(len(forks), "forks")
"""


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "requests"])
def job(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    asked = msgspec.structs.replace(PLAN, requests=request.param)
    plan_folder.write(asked, folder / "plan")
    parts.write(part(asked, "s0", BUCKETS), folder / "parts" / "s0.json")
    return folder


def write(job: Path, out: Path, many: int, most: int = 10**9) -> str:
    """What was said. ``most``: bytes of a file."""
    command = [sys.executable, "-c", WRITE, str(job), str(out), str(many), str(most)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_two_processes_write_the_bytes_of_one(job: Path, tmp_path: Path) -> None:
    assert write(job, tmp_path / "one", len(BUCKETS) + 1) == "0 forks\n"
    assert write(job, tmp_path / "two", len(BUCKETS)) == "1 forks\n"
    assert content(tmp_path / "two") == content(tmp_path / "one")
    assert len(json.loads(content(tmp_path / "two")["buckets.json"])) == len(BUCKETS)


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_a_second_process_without_room_on_the_disk_leaves_no_file(job: Path, tmp_path: Path) -> None:
    write(job, tmp_path, 1)
    text = content(tmp_path)["buckets.json"]
    first_half = text.index(NAMES[500].encode())
    assert first_half < len(text) // 2 - 1000
    assert write(job, tmp_path / "full", 1, first_half + 1000) == "[Errno 27] File too large\n1 forks\n"
    assert content(tmp_path / "full") == {}
