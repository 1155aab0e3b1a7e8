"""The folder of a report: recognizes generated pages and removes those of an earlier report."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from s3_monitor.model.output import remove_leftovers

# Marks of generated pages and charts. Only files with a mark are removed when a report replaces an older one.
GENERATOR_NAME = "s3-monitor"
GENERATOR = f'<meta name="generator" content="{GENERATOR_NAME}">'
_CHART = f'data-generator="{GENERATOR_NAME}"'
MARKDOWN_TITLE = "# S3 storage on "  # report.md begins with this
PAGE_FOLDERS = ("accounts", "buckets", "labels", "problems", "regions", "storage-types")
ASSETS = ("report.css", "icon.svg")
_HEAD_BYTES = 2000


def prepare(out: Path) -> None:
    """Remove the temporary files of killed processes."""
    for folder in (out, *(out / name for name in (*PAGE_FOLDERS, "assets", "charts"))):
        remove_leftovers(folder)


def remove_index(out: Path) -> None:
    """Remove index.html if it was generated. Raises OSError."""
    if _is_generated(out / "index.html", GENERATOR):
        (out / "index.html").unlink()


def remove_pages(out: Path, keep: Collection[Path] = ()) -> None:
    """Remove the generated pages and charts except ``keep``; if it is empty, also report.md and the assets.

    Raises OSError.
    """
    for path in _pages_and_charts(out):
        if path not in keep:
            path.unlink()
    if not keep:
        _remove_assets(out)


def _pages_and_charts(out: Path) -> list[Path]:
    pages = [path for folder in (out, *(out / name for name in PAGE_FOLDERS)) for path in folder.glob("*.html")]
    charts = [path for path in (out / "charts").glob("*.svg") if _is_generated(path, _CHART)]
    return [path for path in pages if _is_generated(path, GENERATOR)] + charts


def _remove_assets(out: Path) -> None:
    if _is_generated(out / "report.md", MARKDOWN_TITLE):
        (out / "report.md").unlink()
    if not (out / "index.html").exists():  # another page may use them
        for name in ASSETS:
            (out / "assets" / name).unlink(missing_ok=True)
    for name in (*PAGE_FOLDERS, "assets", "charts"):
        _remove_if_empty(out / name)


def _is_generated(path: Path, mark: str) -> bool:
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        return mark.encode() in file.read(_HEAD_BYTES)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
