"""Write screenshots of a report: python tools/screenshots.py demo/report docs/images.

Expects: the folder of a report, and Chromium on the PATH. Produces: index-light.png, index-dark.png,
index-phone.png, bucket.png, changes.png and savings.png.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

try:
    from playwright.sync_api import Browser, sync_playwright
except ModuleNotFoundError as error:
    sys.stderr.write(f"{sys.argv[0]}: error: {sys.executable} has no module {error.name}: use `make screenshots`\n")
    sys.exit(2)

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def main(report: Path, images: Path) -> None:
    """Write the screenshots of a report to a folder."""
    index = report / "index.html"
    if not index.is_file():
        sys.exit(f"{index} does not exist: run make demo")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    images.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _take(browser, index, images / "index-light.png", WIDE, "light")
        _take(browser, index, images / "index-dark.png", WIDE, "dark")
        _take(browser, index, images / "index-phone.png", PHONE, "light")
        _take(browser, _bucket(browser, index), images / "bucket.png", WIDE, "light")
        for name in ("changes", "savings"):
            _take(browser, report / f"{name}.html", images / f"{name}.png", WIDE, "light")
        browser.close()


def _take(browser: Browser, page_: Path, image: Path, viewport: dict[str, int], scheme: str) -> None:
    page = browser.new_page(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(page_.resolve().as_uri())
    page.screenshot(path=image)
    page.close()


def _bucket(browser: Browser, index: Path) -> Path:
    """Return the page of the bucket with the latest one-time change."""
    page = browser.new_page()
    page.goto(index.resolve().as_uri())
    link = page.locator(".events a").last.get_attribute("href")
    page.close()
    return index if link is None else index.parent / link


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
