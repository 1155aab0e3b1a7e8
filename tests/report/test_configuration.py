"""The configuration of buckets: on their pages, and summed by tag and encryption.

``python -m tests.report.test_configuration`` writes the golden files; review their diff.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import (
    BucketConfig,
    Encryption,
    InventoryConfig,
    Lifecycle,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.report.bucket_config_text import bucket_config_lines
from tests.report import builder
from tests.report.builder import HOSTILE, bucket, summary
from tests.report.conftest import Write, put, served
from tests.report.reader import Reader

GOLDEN = Path(__file__).parent / "golden" / "configuration"
FULL = BucketConfig(
    versioning="enabled",
    encryption=Encryption("aws:kms", "arn:aws:kms:us-east-1:111122223333:key/1", bucket_key=True),
    lifecycle=Lifecycle(2, ("expire after 30 days", "to GLACIER after 90 days"), disabled=1),
    replication=Replication(1, ("copy-of-logs",)),
    public_access_block=PublicAccessBlock(True, True, False, True),
    policy="public",
    tags={"owner": "ada", "team": "data"},
    inventories=(InventoryConfig("nightly", True, "Parquet", "reports", "All", "Daily", "inventory", filter="logs/"),),
    metrics=(MetricsConfig("EntireBucket", True), MetricsConfig("logs", False)),
)
NOTHING = BucketConfig(
    "none", Encryption("AES256", default=True), "none", "none", PublicAccessBlock(*[True] * 4), "none", {}, (), ()
)


def company() -> list[Bucket]:
    return [
        bucket("full", details=FULL),
        bucket("nothing", details=NOTHING, total_cost=0.5),
        bucket("more", details=BucketConfig(encryption=Encryption("AES256"), tags={"team": "data"}), total_cost=0.25),
        bucket("closed", details=BucketConfig(None, None, None, None, None, None, None, None, None), total_cost=0.2),
        bucket("silent", details=None, total_cost=0.1),
    ]


def test_a_bucket_page_shows_configured_missing_and_unknown_properties() -> None:
    said = {
        name: dict(bucket_config_lines(bucket(details=details)) or [])
        for name, details in (("f", FULL), ("n", NOTHING))
    }
    assert said["f"]["Lifecycle"] == ["2 rules, 1 more disabled", "expire after 30 days", "to GLACIER after 90 days"]
    assert said["f"]["Public access block"][2] == "new public policies: not blocked"  # type: ignore[index]
    assert said["f"]["Inventories"] == ["nightly: daily, all versions, Parquet, to reports/inventory, prefix logs/"]
    assert said["n"]["Encryption"] == ["AES256 (S3's default)"]
    assert said["n"]["Tags"] == said["n"]["Metrics" if "Metrics" in said["n"] else "Request metrics"] == ["none"]
    assert bucket_config_lines(bucket(details=BucketConfig(tags=None))) == [("Tags", None)]
    assert bucket_config_lines(bucket(details=None)) == []
    assert bucket_config_lines(bucket()) is None


def test_without_configurations_there_are_no_sections_about_them(write: Write) -> None:
    out = write([bucket("a")], summary([bucket("a")]))
    assert not (out / "tags.html").exists()
    assert not (out / "labels").exists()
    for path in out.rglob("*.html"):
        assert "onfiguration" not in path.read_text(encoding="utf-8")


def pages(out: Path) -> Iterator[Path]:
    yield from out.rglob("*.html")


def test_every_link_leads_to_a_page_and_every_label_has_one(write: Write) -> None:
    found = company()
    out = write(found, summary(found))
    assert len(list((out / "labels").glob("*.html"))) == 3 + 3  # AES256, KMS, unknown; data, no tag, unknown
    for path in pages(out):
        for link in Reader(path).links:
            target = (path.parent / re.sub("#.*", "", link)).resolve() if not link.startswith("#") else path
            assert target.exists(), (path.name, link)


def test_many_values_are_listed_on_separate_pages(write: Write) -> None:
    found = [bucket(f"b{n:03d}", details=BucketConfig(tags={"id": f"v{n // 2}"})) for n in range(460)]
    out = write(found, summary(found))
    listed = sorted(path.name for path in (out / "labels").glob("tag-id-*.html"))
    assert len(listed) == 2  # 230 values, 200 on a page
    assert "All 230 values" in (out / "tags.html").read_text(encoding="utf-8")


def test_hostile_tags_are_literal_everywhere(write: Write) -> None:
    found = [
        bucket(f"b{n}", details=BucketConfig(tags={text: text, "team": text}))
        for n, text in enumerate((*HOSTILE, *HOSTILE))
    ]
    out = write(found, summary(found))
    for path in pages(out):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<img src=x" not in text
        assert "49" not in re.findall(r"<h1>.*?</h1>", text, re.DOTALL)[0] or "{{ 7*7 }}" not in text


def make(out: Path) -> None:
    found = company()
    put(out, found, summary(found))


def golden_files(out: Path) -> dict[str, str]:
    """Return the files by name, without the suffix that makes names unique."""
    wanted = [out / "tags.html", *(out / "labels").glob("data-*.html"), *(out / "buckets").glob("full-*.html")]
    return {re.sub(r"-[0-9a-f]{16}(?=\.html)", "", path.name): path.read_text(encoding="utf-8") for path in wanted}


def test_the_configuration_pages_equal_the_golden_files(tmp_path: Path) -> None:
    make(tmp_path / "report")
    made = golden_files(tmp_path / "report")
    assert made == {path.name: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.html")}
    assert len(made) == 3


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
def test_in_a_browser_nothing_overflows_and_axe_finds_no_violations(
    chromium: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    texts = ("data", *HOSTILE)
    found = [
        *company(),
        *(bucket(f"h{n}", details=BucketConfig(tags={"team": texts[n % len(texts)]})) for n in range(2 * len(texts))),
    ]
    out = put(tmp_path / "report", found, summary(found, builder.problems(3, found)))
    some = ["tags.html", *(f"{p.parent.name}/{p.name}" for p in sorted((out / "labels").glob("*.html"))[:3])]
    some += [f"buckets/{path.name}" for path in (out / "buckets").glob("full-*.html")]
    with served(out) as address:
        # axe is a script: it needs a page that may run one.
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in some:
            page.goto(address + path)
            if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                complaints.append(f"{path} is wider than its window")
            found_ = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            complaints += [f"{path}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found_]
        context.close()
    assert not complaints, "\n".join(complaints)


def _write() -> None:
    import tempfile

    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "report")
        for name, text in golden_files(Path(folder) / "report").items():
            (GOLDEN / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
