"""The files of the pages: valid, safe, small, complete and deterministic."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag

import html5lib
import pytest

from s3_monitor.model.summary import ShardLine
from s3_monitor.report.pages import INDEX_GROUPS
from tests.problems import gap, note
from tests.report import builder
from tests.report.builder import bucket, summary, write_pages
from tests.report.conftest import Write, put
from tests.report.reader import Reader


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with hostile names, every state and several pages of every table."""
    found = builder.buckets(430, accounts=20, hostile=True)
    shards = [ShardLine(f"dev-{index:02}", "complete", 3, 0) for index in range(40)]
    said = summary(found, builder.problems(630, found), shards=shards)
    return put(tmp_path_factory.mktemp("pages"), found, said, builder.history(found))


@pytest.fixture(scope="module")
def pages(report: Path) -> dict[str, Reader]:
    return {str(path.relative_to(report)): Reader(path) for path in sorted(report.rglob("*.html"))}


def ids(page: Reader) -> list[str]:
    return [attributes["id"] for _, attributes in page.tags if "id" in attributes]


def test_no_page_needs_anything_that_jenkins_blocks(pages: dict[str, Reader]) -> None:
    found = []
    for path, page in pages.items():
        for tag, attributes in page.tags:
            blocked = [name for name in attributes if name in ("style", "target", "download") or name.startswith("on")]
            address = any(attributes.get(name, "").startswith(("data:", "javascript:")) for name in ("href", "src"))
            if blocked or address or tag in ("script", "style", "iframe", "object", "embed", "form", "font", "base"):
                found.append((path, tag, attributes))
    assert found == []


def test_the_style_sheet_loads_nothing(report: Path) -> None:
    css = (report / "assets" / "report.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face|expression", css)


def test_every_link_leads_to_a_file_of_the_report(report: Path, pages: dict[str, Reader]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            name, fragment = urldefrag(link)
            target = (report / path).parent / unquote(name) if name else report / path
            inside = target.resolve().is_relative_to(report.resolve())
            anchors = ids(pages[path if not name else str(target.resolve().relative_to(report))]) if fragment else []
            if ":" in name or not inside or not target.is_file() or (fragment and fragment not in anchors):
                dead.append((path, link))
    assert dead == []


def test_no_link_leads_to_a_file_that_jenkins_downloads(pages: dict[str, Reader]) -> None:
    endings = {Path(urldefrag(link)[0]).suffix for page in pages.values() for link in page.links}
    assert endings <= {"", ".html", ".json", ".svg", ".css"}


def test_every_page_can_be_reached_from_the_index(report: Path, pages: dict[str, Reader]) -> None:
    reached, ahead = {"index.html"}, ["index.html"]
    while ahead:
        path = ahead.pop()
        for link in pages[path].links:
            target = str(((report / path).parent / urldefrag(link)[0]).resolve().relative_to(report.resolve()))
            if target in pages and target not in reached:
                reached.add(target)
                ahead.append(target)
    assert set(pages) - reached == set()


def test_pages_are_valid_html(report: Path, pages: dict[str, Reader]) -> None:
    parser = html5lib.HTMLParser(strict=True)
    for path in [
        *(path for path in pages if not path.startswith("buckets/")),
        "buckets/cost.html",
        "buckets/name-3.html",
        "buckets/growth.html",
    ]:
        parser.parse((report / path).read_bytes(), transport_encoding="utf-8")


def test_every_page_has_one_main_heading_a_title_a_language_and_headings_in_order(
    report: Path, pages: dict[str, Reader]
) -> None:
    for path, page in pages.items():
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert ("html", {"lang": "en"}) in page.tags, path
        assert len(ids(page)) == len(set(ids(page))), path


def test_ten_thousand_buckets_with_ten_thousand_problems_leave_the_index_small(tmp_path: Path) -> None:
    found = builder.buckets(10_000, accounts=60, hostile=True)
    write_pages(tmp_path, found, summary(found, builder.problems(10_000, found)), builder.history(found))
    assert (tmp_path / "index.html").stat().st_size < 120_000
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 60_000_000


def test_the_worst_names_and_messages_leave_the_index_small(tmp_path: Path) -> None:
    worst = '"' * 59
    found = [
        bucket(f"{worst}{index:04}", account=f"{index % 300:012}", region=f"us-east-{index % 50}")
        for index in range(600)
    ]
    problems = [
        gap(one.name * 9, f"{'&<>' * 900}{chr(97 + index % 26)}", "'" * 3000) for index, one in enumerate(found)
    ]
    problems += [note(problem.place, problem.message, problem.advice or "") for problem in problems]
    shards = [ShardLine('"' * 100, "partial", 1, 1)] * 500
    write_pages(tmp_path, found, summary(found, problems, shards=shards), builder.history(found))
    assert (tmp_path / "index.html").stat().st_size < 120_000


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    found = builder.buckets(40, accounts=2)
    said = summary(found, builder.problems(9, found))
    contents = []
    for folder, given in (("one", found), ("other", list(reversed(found)))):
        write_pages(tmp_path / folder, given, said, builder.history(found))
        files = (path for path in sorted((tmp_path / folder).rglob("*")) if path.is_file())
        contents.append({str(path.relative_to(tmp_path / folder)): path.read_bytes() for path in files})
    assert contents[0] == contents[1]


def test_sorted_pages_hold_every_bucket_once_in_order(pages: dict[str, Reader], report: Path) -> None:
    for order in ("cost", "size", "objects", "name", "created", "modified"):
        rows = []
        for number in ("", "-2", "-3"):
            html = (report / "buckets" / f"{order}{number}.html").read_text(encoding="utf-8")
            rows += re.findall(r"^<tr><th scope=row>.*$", html, re.MULTILINE)
        assert len(rows) == 430
        assert len(set(rows)) == 430
    first = pages["buckets/size.html"].text
    assert "1 to 200 of 430" in first
    sorts = [attributes["aria-sort"] for _, attributes in pages["buckets/name.html"].tags if "aria-sort" in attributes]
    assert sorts == ["ascending"]


def test_many_accounts_are_truncated_on_the_index_and_complete_on_their_page(pages: dict[str, Reader]) -> None:
    links = [link for link in pages["index.html"].links if link.startswith("accounts/")]
    assert len(links) == INDEX_GROUPS + 1
    assert len([link for link in pages["accounts/all.html"].links if link.startswith("../accounts/1")]) == 20


def test_writing_over_an_older_report_removes_only_its_pages(write: Write) -> None:
    out = write([bucket("old")], summary([bucket("old")]))
    (old,) = (out / "buckets").glob("old-*.html")
    foreign = out / "buckets" / "notes.html"
    foreign.write_text("<p>mine", encoding="utf-8")
    write([bucket("new")], summary([bucket("new")]))
    assert not old.exists()
    assert foreign.exists()
    assert list((out / "buckets").glob("new-*.html"))


def test_the_index_is_written_last(tmp_path: Path) -> None:
    (tmp_path / "buckets").write_text("a file where a folder must be", encoding="utf-8")
    with pytest.raises(OSError):
        write_pages(tmp_path, [bucket()], summary([bucket()]))
    assert not (tmp_path / "index.html").exists()


def test_the_plan_sets_how_many_buckets_have_a_page(tmp_path: Path) -> None:
    found = builder.buckets(30)
    write_pages(tmp_path, found, summary(found), top=7)
    assert len([path for path in (tmp_path / "buckets").glob("*.html") if len(path.stem) > 16]) == 7
