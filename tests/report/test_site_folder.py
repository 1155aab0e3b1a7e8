"""Only generated files of a report folder are removed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from s3_monitor.report import site_folder
from s3_monitor.report.site_folder import ASSETS, GENERATOR, MARKDOWN_TITLE, PAGE_FOLDERS

CHART = '<svg data-generator="s3-monitor"></svg>'


def files(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()}


def put(out: Path, name: str, content: str) -> Path:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


PAGES = ("index.html", "method.html", *(f"{folder}/a.html" for folder in PAGE_FOLDERS))


def report(out: Path) -> None:
    """Write a small report."""
    for name in PAGES:
        put(out, name, GENERATOR)
    put(out, "charts/cost.svg", CHART)
    put(out, "report.md", f"{MARKDOWN_TITLE}2026-11-22\n")
    for name in ASSETS:
        put(out, f"assets/{name}", "x")


def test_a_report_is_removed_with_its_folders(tmp_path: Path) -> None:
    report(tmp_path)
    site_folder.remove_pages(tmp_path)
    assert list(tmp_path.iterdir()) == []
    site_folder.remove_pages(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_kept_pages_keep_the_assets_and_report_md(tmp_path: Path) -> None:
    report(tmp_path)
    kept = {"index.html", "regions/a.html", "charts/cost.svg"}
    site_folder.remove_pages(tmp_path, {tmp_path / name for name in kept})
    assert files(tmp_path) == kept | {"report.md", *(f"assets/{name}" for name in ASSETS)}
    assert (tmp_path / "accounts").is_dir()


@pytest.mark.parametrize("name", [*PAGES, "charts/cost.svg", "report.md"])
def test_files_without_a_mark_are_kept(name: str, tmp_path: Path) -> None:
    put(tmp_path, name, "mine")
    site_folder.remove_index(tmp_path)
    site_folder.remove_pages(tmp_path)
    assert files(tmp_path) == {name}


@pytest.mark.parametrize("name", ["notes.txt", "regions/a.txt", "charts/a.html", "other/a.html", "assets/a.html"])
def test_other_files_are_kept_even_with_a_mark(name: str, tmp_path: Path) -> None:
    report(tmp_path)
    put(tmp_path, name, GENERATOR + CHART)
    site_folder.remove_pages(tmp_path)
    assert files(tmp_path) == {name}


def test_the_assets_stay_where_another_page_may_use_them(tmp_path: Path) -> None:
    report(tmp_path)
    put(tmp_path, "index.html", "mine")
    site_folder.remove_pages(tmp_path)
    assert files(tmp_path) == {"index.html", *(f"assets/{name}" for name in ASSETS)}


@pytest.mark.parametrize(
    ("before", "removed"), [(0, True), (2000 - len(GENERATOR), True), (2001 - len(GENERATOR), False)]
)
def test_the_mark_must_be_in_the_first_2000_bytes(before: int, removed: bool, tmp_path: Path) -> None:
    index = put(tmp_path, "index.html", "x" * before + GENERATOR)
    site_folder.remove_index(tmp_path)
    assert index.exists() is not removed


def test_only_the_index_is_removed_before_the_data(tmp_path: Path) -> None:
    report(tmp_path)
    everything = files(tmp_path)
    site_folder.remove_index(tmp_path)
    assert files(tmp_path) == everything - {"index.html"}
    site_folder.remove_index(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_links_are_kept(tmp_path: Path) -> None:
    target = put(tmp_path, "elsewhere/page.html", GENERATOR)
    (tmp_path / "index.html").symlink_to(target)
    site_folder.remove_index(tmp_path)
    site_folder.remove_pages(tmp_path)
    assert files(tmp_path) == {"elsewhere/page.html", "index.html"}


def test_temporary_files_of_killed_processes_are_removed(tmp_path: Path) -> None:
    folders = (".", *PAGE_FOLDERS, "assets", "charts")
    for folder in folders:
        put(tmp_path, f"{folder}/.s3-monitor-0123456789abcdef.tmp", "")
        put(tmp_path, f"{folder}/mine.tmp", "")
    site_folder.prepare(tmp_path)
    assert files(tmp_path) == {Path(folder, "mine.tmp").as_posix() for folder in folders}
