"""The reviewed report of a small account.

``python -m tests.report.test_golden`` writes the golden files after an intended change; review their diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.problem import create_problem
from s3_monitor.model.summary import ShardLine
from s3_monitor.report.comparison import compare
from s3_monitor.report.markdown import write_markdown
from tests.report import builder
from tests.report.builder import bucket, summary, unknown, write_pages
from tests.report.test_comparison import then

GOLDEN = Path(__file__).parent / "golden"
FILES = ("index.html", "changes.html", "report.md", "buckets/cost.html", "charts/cost.svg")


def make(out: Path) -> None:
    """Four buckets in two regions with a month of history, a gap, a note and an earlier report."""
    found = [
        bucket("audit-logs"),
        bucket(
            "media",
            region="eu-west-1",
            storage={"StandardStorage": StorageLine(40.0 * 2**30, 3.0)},
            total_cost=3.0,
            creation_date="2026-11-10 09:00:00+00:00",
        ),
        bucket("nothing", state="empty", storage={}, total_size=0.0, total_cost=0.0, num_objects=0.0, as_of=None),
        unknown("young", "young", creation_date="2026-11-21 18:00:00+00:00"),
    ]
    problems = [
        create_problem(
            "last-modified-unreadable",
            account="111122223333",
            region="eu-west-1",
            bucket="media",
            detail="ListObjectsV2: Access Denied",
            advice="allow s3:ListBucket to the role or user",
        ),
        create_problem("bucket-too-new", account="111122223333", region="us-east-1", bucket="young"),
    ]
    shards = [ShardLine("s3-eu-west-1", "partial", 1, 1), ShardLine("s3-us-east-1", "complete", 3, 1)]
    said = summary(found, problems, shards=shards)
    trends = builder.history(found, holes=0.05)
    earlier = [compare(said, then({"us-east-1": (9.0 * 2**30, 0.2)}, {"StandardStorage": (9.0 * 2**30, 0.2)}))]
    write_pages(out, found, said, trends, comparisons=earlier)
    write_markdown(out, said, trends, earlier)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("golden")
    make(out)
    return out


@pytest.mark.parametrize("name", FILES)
def test_the_report_of_a_small_account_equals_the_golden_files(made: Path, name: str) -> None:
    assert (made / name).read_text(encoding="utf-8") == (GOLDEN / name).read_text(encoding="utf-8")


def _write() -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        for name in FILES:
            target = GOLDEN / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((Path(folder) / name).read_bytes())


if __name__ == "__main__":
    _write()
