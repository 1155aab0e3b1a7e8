"""The data files of a report are complete, or none is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")]))
NAMES = [f"b{number:04}" for number in range(1001)]
BUCKETS = [Truth(name, {"StandardStorage": {LAST: GIB + index}}) for index, name in enumerate(NAMES)]
# In its own process, because a limit of file sizes applies to all of a process.
WRITE = """
import resource, sys
from datetime import datetime, UTC
from pathlib import Path
from s3_monitor.merge.merger import merge
from s3_monitor.merge.parts import read_parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import build_report_data
from s3_monitor.report.data_files import write_data

folder, out, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
plan, digest = plans.read(folder / "plan" / "plan.json", datetime(2026, 11, 22, tzinfo=UTC))
facts = merge(plan, digest, read_parts(folder / "parts"))
found = build_report_data(facts, bundled_prices(), datetime(2026, 11, 22, tzinfo=UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    write_data(out, facts, found)
except OSError as error:
    print(error)
"""


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "requests"])
def job(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    asked = msgspec.structs.replace(PLAN, requests=request.param)
    plan_folder.write(asked, folder / "plan")
    parts.write(part(asked, "s0", BUCKETS), folder / "parts" / "s0.json")
    return folder


def write(job: Path, out: Path, most: int = 10**9) -> str:
    """Write the data files; return the printed error. ``most``: limit of a file's size in bytes."""
    command = [sys.executable, "-c", WRITE, str(job), str(out), str(most)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_a_full_disk_leaves_no_data_file(job: Path, tmp_path: Path) -> None:
    assert write(job, tmp_path / "complete") == ""
    written = content(tmp_path / "complete")
    assert len(json.loads(written["buckets.json"])) == len(BUCKETS)
    assert write(job, tmp_path / "full", len(written["buckets.json"]) - 1000) == "[Errno 27] File too large\n"
    assert content(tmp_path / "full") == {}
