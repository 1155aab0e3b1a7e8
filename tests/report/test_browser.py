"""The report in a real Chromium under Jenkins' header: whole, quiet, accessible, and as wide as its window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from s3_monitor.model.summary import ShardLine
from tests.report import builder
from tests.report.conftest import put, served

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with every kind of page, hostile names and all states of buckets and shards."""
    found = builder.buckets(230, accounts=20, hostile=True)
    statuses = ("complete", "partial", "failed", "missing", "invalid")
    shards = [ShardLine(f"dev-{index:02}", statuses[index % 5], index, index % 3) for index in range(30)]
    summary = builder.summary(found, builder.problems(450, found), shards=shards)
    return put(tmp_path_factory.mktemp("browser") / "report", found, summary, builder.history(found))


def kinds(report: Path) -> list[str]:
    """A page of each kind, and of the long tables the first, the second and the last."""
    pages = ["index.html", "trends.html", "method.html", "shards.html"]
    for folder, some in (("buckets", 3), ("regions", 2), ("accounts", 2), ("storage-types", 2)):
        own = sorted(path for path in (report / folder).glob("*.html") if len(path.stem) > 16)
        pages += [f"{folder}/{path.name}" for path in own[:some]]
    pages += [
        f"buckets/{name}.html"
        for name in ("cost", "cost-2", "size", "objects", "name", "created", "modified", "growth")
    ]
    return [*pages, "accounts/all.html", "problems/gaps.html", "problems/notes.html", "problems/notes-2.html"]


@pytest.fixture(scope="module")
def address(report: Path) -> Iterator[str]:
    with served(report) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=WIDE)
    yield context.new_page()
    context.close()


def test_under_jenkins_header_nothing_is_blocked_nothing_fails_and_the_console_is_silent(
    page: Page, address: str, report: Path
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url} {request.failure}"))
    page.on("response", lambda answer: answer.status < 400 or complaints.append(f"{answer.url} {answer.status}"))
    for path in kinds(report):
        answer = page.goto(address + path)
        assert answer is not None and answer.headers["content-security-policy"].startswith("sandbox"), path
    # Going on to the next page breaks off what the browser still asks for on its own: the icon in its cache.
    complaints = [one for one in complaints if not one.endswith("/icon.svg net::ERR_ABORTED")]
    assert not complaints, "\n".join(complaints)


def test_the_style_sheet_and_every_picture_are_shown(page: Page, address: str) -> None:
    page.goto(address + "index.html")
    assert page.evaluate("getComputedStyle(document.querySelector('.headline')).display") == "grid"
    pictures = page.evaluate("[...document.images].map(image => [image.src, image.naturalWidth])")
    assert len(pictures) >= 4
    assert all(width > 0 for _, width in pictures), pictures


def test_a_phone_gets_narrow_charts(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address + "index.html")
    assert page.evaluate("document.querySelector('figure img').currentSrc").endswith("/charts/trend-cost-narrow.svg")


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_no_page_scrolls_sideways(page: Page, address: str, report: Path, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)
    wide = []
    for path in kinds(report):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            wide.append((path, width))
    assert wide == []


def test_hostile_names_are_shown_as_they_are_and_run_nothing(page: Page, address: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as a script: {dialog.message}"))
    page.goto(address + "buckets/cost.html")
    names = page.evaluate("[...document.querySelectorAll('tbody th bdi')].map(name => name.textContent)")
    page.goto(address + "buckets/cost-2.html")
    names += page.evaluate("[...document.querySelectorAll('tbody th bdi')].map(name => name.textContent)")
    assert len(names) == 230
    shown = [name for name in builder.HOSTILE if "\x00" not in name]
    assert [name for name in shown if name not in names] == []
    assert "]]>␀␛[31m␡" in names
    assert page.evaluate("document.querySelectorAll('td img, th img, main script').length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(chromium: Browser, address: str, report: Path, scheme: str) -> None:
    # axe is a script: it needs a page that may run one. Only colours differ in the dark.
    options = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if scheme == "dark" else {})
    context = chromium.new_context(viewport=WIDE, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    complaints = []
    for path in [
        "index.html",
        "trends.html",
        "method.html",
        "shards.html",
        "buckets/cost-2.html",
        "problems/gaps.html",
        *_own(report),
    ]:
        page.goto(address + path)
        for violation in Axe().run(page, options=options).response["violations"]:
            nodes = [node["html"][:120] for node in violation["nodes"][:2]]
            complaints.append(f"{path}: {violation['id']}: {violation['help']}: {nodes}")
    context.close()
    assert not complaints, "\n".join(complaints)


def _own(report: Path) -> list[str]:
    """A page of a bucket, a region, an account, a storage type."""
    own = []
    for folder in ("buckets", "regions", "accounts", "storage-types"):
        own.append(next(f"{folder}/{path.name}" for path in sorted((report / folder).iterdir()) if len(path.stem) > 16))
    return own


def test_the_keyboard_reaches_links_and_tables_that_scroll(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address + "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName"))
    assert {"A", "SUMMARY", "DIV"} <= reached
