"""Standard output that cannot be written is an error, standard error is not; no locale causes a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full and a POSIX shell")
PLAN = two_years_earlier(plan([unit("a")]))
# Commands whose result is their standard output.
PRINTING = ("-h", "--version", "run -h", "prices show -r us-east-1", "prices diff bundled bundled -h")
NO_OUTPUT = {"closed": ">&-", "full": ">/dev/full", "pipe": "| true"}
NO_LOG = {"closed": "2>&-", "full": "2>/dev/full", "pipe": "2> >(true)"}
AGGREGATE = "aggregate --plan plan/plan.json --parts parts --out report"


def shell(line: str, folder: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `s3-monitor LINE` in a shell; return the program's exit status."""
    program = f"{sys.executable} -m s3_monitor {line}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(
        ["bash", "-c", program], cwd=folder, capture_output=True, text=True, errors="replace", check=False,
        # A preloaded library may open a file with the number of a closed stream.
        env={**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": "", **env},
    )  # fmt: skip


@pytest.fixture
def job(tmp_path: Path) -> Path:
    plan_folder.write(PLAN, tmp_path / "plan")
    parts.write(part(PLAN, "s0", [Truth("ümlaut", {"StandardStorage": {LAST: GIB}})]), tmp_path / "parts" / "s0.json")
    return tmp_path


@pytest.mark.parametrize("redirection", NO_OUTPUT.values(), ids=NO_OUTPUT)
@pytest.mark.parametrize("command", PRINTING)
def test_a_result_that_cannot_be_written_is_one_error_line_and_exit_status_2(command: str, redirection: str) -> None:
    done = shell(f"{command} {redirection}")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("s3-monitor: error: Could not write to standard output: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("redirection", NO_LOG.values(), ids=NO_LOG)
def test_a_log_that_cannot_be_written_costs_only_the_log(job: Path, redirection: str) -> None:
    assert shell(f"{AGGREGATE}-with-log -v", job).returncode == 0
    assert shell(f"{AGGREGATE} -v {redirection}", job).returncode == 0
    with_log = {path.name: path.read_bytes() for path in (job / "report-with-log").glob("*.json")}
    assert (job / "report" / "index.html").exists()
    assert (job / "report" / "buckets.json").read_bytes() == with_log["buckets.json"]


@pytest.mark.parametrize("redirection", NO_LOG.values(), ids=NO_LOG)
def test_an_error_keeps_its_exit_status_without_a_log(job: Path, redirection: str) -> None:
    assert shell(f"{AGGREGATE} --previous none.json {redirection}", job).returncode == 2
    assert shell(f"{AGGREGATE} --unknown {redirection} >&-", job).returncode == 2


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "nowhere.XY"}]
)
def test_no_locale_makes_a_command_fail(job: Path, env: dict[str, str]) -> None:
    assert shell(f"{AGGREGATE} -v", job, **env).returncode == 0
    assert shell("prices show", job, **env).returncode == 0
    done = shell("plan --shards übel\u202e.yaml --out plan2", job, **env)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_arguments_cannot_forge_log_lines(job: Path) -> None:
    done = shell(r"""aggregate --plan $'x\ns3-monitor: error: forged\x1b[31m' --parts parts --out report""", job)
    assert done.returncode == 2
    assert r"x\ns3-monitor: error: forged\x1b[31m" in done.stderr
    assert not [line for line in done.stderr.splitlines() if line.startswith("s3-monitor: error: forged")]


@pytest.mark.parametrize("blocked", ["", "plan", "parts", "report"])
def test_a_run_checks_its_folders_before_calling_aws(tmp_path: Path, blocked: str) -> None:
    file = tmp_path / "out" / blocked
    file.parent.mkdir(exist_ok=True)
    file.touch()
    done = shell("run --out out", tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="", HOME="/nope")
    assert done.returncode == 2
    assert "out" in done.stderr and "credentials" not in done.stderr


@pytest.mark.parametrize(
    "line",
    ["-o ''", "run --out ''", "plan --out ''", "plan --shards '' --out x", "aggregate --plan '' --parts p --out r",
     "aggregate --plan p --parts '' --out r", "collect --plan p --shard s --out ''"],
)  # fmt: skip
def test_an_empty_path_is_rejected(tmp_path: Path, line: str) -> None:
    done = shell(line, tmp_path)
    assert done.returncode == 2
    assert "must be a path, got ''" in done.stderr
    assert list(tmp_path.iterdir()) == []
