"""The data files of a report are complete, or none is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder, summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import build_report_data
from s3_monitor.report.data_files import write_data
from s3_monitor.report.site_folder import GENERATOR
from tests.merge.fixtures import AS_OF, GIB, LAST, Truth, digest, part, plan, two_years_earlier, unit

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


def facts_of(*truths: Truth) -> MergedData:
    asked = plan([unit("a")])
    return merge(asked, digest(asked), [part(asked, "s0", truths)])


@pytest.mark.parametrize("number", [0, 1, 3])
def test_all_data_files_are_written_and_the_index_of_an_earlier_report_is_removed(number: int, tmp_path: Path) -> None:
    facts = facts_of(*(Truth(name, {"StandardStorage": {LAST: GIB}}, {LAST: 7}) for name in NAMES[:number]))
    data = build_report_data(facts, bundled_prices(), AS_OF)
    out = tmp_path / "new" / "report"
    out.mkdir(parents=True)
    (out / "index.html").write_text(GENERATOR, encoding="utf-8")
    write_data(out, facts, data)
    written = content(out)
    assert sorted(written) == [
        "buckets.csv", "buckets.json", "findings.json", "findings.sarif", "junit.xml", "metrics.prom",
        "storage.csv", "summary.json",
    ]  # fmt: skip
    assert [one["name"] for one in json.loads(written["buckets.json"])] == NAMES[:number]
    assert written["buckets.json"].endswith(b"]\n")
    for name in ("buckets.csv", "storage.csv"):
        heading, *rows = written[name].decode().splitlines()
        assert heading.startswith(("name,", "account,", "\ufeffname,"))
        assert len(rows) == number
    assert written["summary.json"] == summary.encode(data.summary)
    assert written["metrics.prom"].count(b"s3_bucket_objects{") == number
    assert b'"name":"s3-monitor"' in written["findings.sarif"].replace(b" ", b"")
    assert len(json.loads(written["findings.json"])["findings"]) == len(data.findings)
    assert b"<testsuites" in written["junit.xml"]


def test_data_is_written_to_a_new_folder(tmp_path: Path) -> None:
    facts = facts_of()
    write_data(tmp_path / "new" / "report", facts, build_report_data(facts, bundled_prices(), AS_OF))
    assert (tmp_path / "new" / "report" / "summary.json").is_file()
