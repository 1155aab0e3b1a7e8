"""Which files a report has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.comparison import ReportComparison
from s3_monitor.report import glossary, pages
from s3_monitor.report.groups import LABEL_TOP
from tests.problems import gap
from tests.report import builder
from tests.report.builder import bucket, summary
from tests.report.reader import Reader, text_of


def names(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


ALWAYS = {
    "index.html", "method.html", "shards.html", "data.html", "assets/report.css", "assets/icon.svg",
    "problems/gaps.html", "problems/notes.html",
    *(f"buckets/{name}.html" for name in ("cost", "size", "objects", "name", "created")),
}  # fmt: skip


def test_a_report_without_optional_data_has_no_optional_pages(tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    builder.write_pages(out, [], summary([]))
    assert names(out) == ALWAYS


def test_each_optional_page_exists_with_its_data(tmp_path: Path) -> None:
    found = [bucket("a", details=BucketConfig(tags={}), billed_cost=1.0)]
    said = summary(found, bill=builder.bill(), findings=builder.finding_sums([]))
    builder.write_pages(tmp_path, found, said, comparisons=[ReportComparison(builder.NOW, cost=1.0)])
    optional = {"bill.html", "changes.html", "savings.html", "tags.html", "buckets/modified.html"}
    assert optional <= names(tmp_path)
    builder.write_pages(tmp_path, [], summary([]))
    assert names(tmp_path) == ALWAYS, "pages of the earlier report are removed"
    history = builder.history(found)
    builder.write_pages(tmp_path, found, summary(found), history)
    written = names(tmp_path)
    assert {"changes.html", "charts/cost.svg", "charts/size-narrow.svg", "buckets/growth.html"} <= written
    assert not {"bill.html", "savings.html"} & written
    assert [page for page in written if page.startswith("buckets/a-")]


def test_the_second_page_of_a_list_starts_after_the_rows_of_the_first(tmp_path: Path) -> None:
    found = [bucket(f"b{number:03}", last_modified=None) for number in range(201)]
    pages.write_pages(tmp_path, found, summary(found), builder.totals(found), top=0)
    assert "1 to 200 of 201" in text_of(tmp_path, "buckets/cost.html")
    assert "201 to 201 of 201" in text_of(tmp_path, "buckets/cost-2.html")
    assert "buckets/cost-3.html" not in names(tmp_path)
    assert "buckets/modified.html" not in names(tmp_path)


def test_the_style_sheet_has_the_colors_of_the_classes_in_both_themes(tmp_path: Path) -> None:
    builder.write_pages(tmp_path, [], summary([]))
    css, icon = ((tmp_path / "assets" / name).read_text(encoding="utf-8") for name in ("report.css", "icon.svg"))
    light, dark = (
        "".join(f" --c{index}: {colors[theme]};" for index, colors in enumerate(glossary.PALETTE)) for theme in (0, 1)
    )
    assert f":root {{{light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{{dark} }} }}\n" in css
    for index in range(len(glossary.PALETTE)):
        assert f".c{index} {{ background: var(--c{index}); fill: var(--c{index}); }}\n" in css
    assert "--c0" not in icon and icon.lstrip().startswith("<svg")


@pytest.mark.parametrize(("accounts", "listed"), [(8, False), (9, True)])
def test_more_than_8_groups_have_a_list_of_all(accounts: int, listed: bool, tmp_path: Path) -> None:
    found = [bucket(f"b{number}", account=f"{number:012}") for number in range(accounts)]
    pages.write_pages(tmp_path, found, summary(found), builder.totals(found), top=0)
    assert ("accounts/all.html" in names(tmp_path)) is listed
    assert len([name for name in names(tmp_path) if name.startswith("accounts/")]) == accounts + listed


def test_a_place_links_to_its_bucket_else_region_else_account(tmp_path: Path) -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    places = ["eu-west-1/b", "us-east-1/gone", "sa-east-1"]
    gaps = [gap(f"111122223333/{place}", f"problem {place}") for place in places]
    gaps += [gap("444455556666/us-east-1", "other account"), gap("", "no place"), gap("shard dev", "shard")]
    builder.write_pages(tmp_path, found, summary(found, gaps))
    links = Reader(tmp_path / "problems" / "gaps.html").links
    linked = {link.removeprefix("../") for link in links if re.search(r"-[0-9a-f]{16}\.html|shards", link)}
    assert {re.sub(r"-[0-9a-f]{16}", "", link) for link in linked} == {
        "buckets/b.html", "regions/us-east-1.html", "accounts/111122223333.html", "shards.html",
    }  # fmt: skip


def test_labels_are_tags_then_encryption_with_their_most_expensive_buckets() -> None:
    found = [
        bucket(f"b{number:02}", total_cost=100.0 - number, details=BucketConfig(tags={"team": "x" if number else "y"}))
        for number in range(LABEL_TOP + 3)
    ]
    team, encryption = builder.show(found, summary(found)).labels
    assert (team.dimension, encryption.dimension) == ("tag:team", "encryption")
    assert {row.key for row in team.rows} == {"x", "y"}
    rows = {page.row.key: [row.bucket.name for row in page.rows] for page in team.pages}
    assert rows == {"x": [f"b{number:02}" for number in range(1, LABEL_TOP + 1)], "y": ["b00"]}
    assert LABEL_TOP == 50 and team.stem != encryption.stem
