"""The report in Chromium under Jenkins' header: complete, accessible, and no wider than its window.

Each page is opened once for all checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from s3_monitor.model.change import Anomaly
from s3_monitor.model.plan import Selection
from s3_monitor.model.policy_result import ExceptionResult, PolicyCase, PolicyResult
from s3_monitor.model.safe_text import on_page
from s3_monitor.model.summary import ShardLine
from s3_monitor.report.comparison import compare
from tests.report import builder
from tests.report.conftest import put, served
from tests.report.test_comparison import then

PHONE, WIDE, PAPER = {"width": 390, "height": 844}, {"width": 1440, "height": 900}, {"width": 718, "height": 1000}
STATUSES = ("complete", "partial", "failed", "missing", "invalid")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with long tables, hostile names and all states of buckets and shards."""
    found = builder.buckets(230, accounts=20, hostile=True)
    shards = [ShardLine(f"dev-{index:02}", STATUSES[index % 5], index, index % 3) for index in range(30)]
    summary = builder.summary(found, builder.problems(450, found), shards=shards)
    return put(tmp_path_factory.mktemp("browser") / "report", found, summary, builder.history(found))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small report with every kind of page and section, and three earlier reports."""
    found = [replace(one, billed_cost=one.total_cost) for one in builder.buckets(24, accounts=3, hostile=True)]
    shards = [ShardLine(f"dev-{status}", status, index, index % 3) for index, status in enumerate(STATUSES)]
    summary = builder.summary(found, builder.problems(12, found), shards=shards, bill=builder.bill())
    regions, types = (
        {name: (group.size or 0.0, (group.cost or 0.0) / 2) for name, group in groups.items()}
        for groups in (summary.by_region, summary.by_storage_type)
    )
    same: dict[str, object] = {"by_account": summary.by_account, "selection": summary.selection}
    earlier = [
        then(regions, types, **same),
        then(regions, types, **same | {"selection": Selection(regions=("us-east-1",))}),
        then(regions, types, **same | {"currency": "CNY"}),
    ]
    comparisons = [compare(builder.summary(found), one) for one in earlier]
    out = tmp_path_factory.mktemp("small") / "report"
    findings = builder.findings(found)
    cases = [PolicyCase(name, None, None, "fail", name) for name in builder.HOSTILE]
    exception = ExceptionResult("*", builder.HOSTILE[0], date(2026, 12, 1), "ending")
    policy = PolicyResult(builder.HOSTILE[1], "rule", "rrs", "fail", "fail", "m", 1, 2, 3, 4, cases, [exception])
    anomaly = Anomaly(
        found[0].name, "1" * 12, "us-east-1", date(2026, 11, 21), "grew", 5e12, 99.5, "bytes", 1e9, 2e8, 30
    )
    summary = replace(summary, findings=builder.finding_sums(findings), policies=[policy], anomalies=[anomaly])
    return put(out, found, summary, builder.history(found), comparisons, findings)


def kinds(report: Path) -> list[str]:
    """Return a page of each kind, and a second page of each long table."""
    pages = [
        "index.html",
        "changes.html",
        "method.html",
        "shards.html",
        "data.html",
        "problems/gaps.html",
        "problems/notes.html",
    ]
    for folder in ("buckets", "regions", "accounts", "storage-types"):
        pages.append(next(f"{folder}/{path.name}" for path in _own(report / folder)))
    long = ["buckets/cost-2.html", "buckets/name.html", "accounts/all.html", "problems/notes-2.html"]
    pages += ["savings.html"] if (report / "savings.html").exists() else []
    pages += ["bill.html"] if (report / "bill.html").exists() else []
    return [*pages, *(path for path in long if (report / path).exists())]


def _own(folder: Path) -> list[Path]:
    """Return the pages of single buckets, regions, accounts or storage types."""
    return [path for path in sorted(folder.iterdir()) if len(path.stem) > 16]


class Seen(NamedTuple):
    """The header, console messages and width of each page."""

    headers: dict[str, str]
    complaints: list[str]
    widths: dict[tuple[str, int], int]


@pytest.fixture(scope="module")
def address(report: Path) -> Iterator[str]:
    with served(report) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=WIDE)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def seen(chromium: Browser, report: Path, address: str) -> Seen:
    seen = Seen({}, [], {})
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    page.on("console", lambda message: seen.complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: seen.complaints.append(f"{request.url} {request.failure}"))
    page.on("response", lambda answer: answer.status < 400 or seen.complaints.append(f"{answer.url} {answer.status}"))
    for path in kinds(report):
        answer = page.goto(address + path)
        seen.headers[path] = answer.headers["content-security-policy"] if answer else ""
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        for viewport in (WIDE, PHONE, PAPER):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            page.emulate_media(media="print" if viewport is PAPER else "screen")
            page.evaluate("Promise.all([...document.images].map(image => image.decode()))")  # loads other charts
            seen.widths[path, viewport["width"]] = page.evaluate("document.documentElement.scrollWidth")
        page.emulate_media(media="screen")
    context.close()
    return seen


def test_under_jenkins_header_nothing_is_blocked_or_logged_to_the_console(seen: Seen) -> None:
    assert {path for path, header in seen.headers.items() if not header.startswith("sandbox")} == set()
    # The next page interrupts requests that the browser sends on its own, for the icon.
    complaints = [one for one in seen.complaints if not one.endswith("/icon.svg net::ERR_ABORTED")]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("viewport", [PHONE, WIDE, PAPER], ids=["phone", "wide", "paper"])
def test_no_page_is_wider_than_its_window_or_paper(seen: Seen, viewport: dict[str, int]) -> None:
    widths = {path: width for (path, asked), width in seen.widths.items() if asked == viewport["width"]}
    assert len(widths) >= 14
    assert {path: width for path, width in widths.items() if width > viewport["width"]} == {}


def test_the_style_sheet_and_every_picture_are_shown(page: Page, address: str) -> None:
    page.goto(address + "index.html")
    assert page.evaluate("getComputedStyle(document.querySelector('.cards')).display") == "grid"
    pictures = page.evaluate("[...document.images].map(image => [image.src, image.naturalWidth])")
    assert len(pictures) == 2
    assert all(width > 0 for _, width in pictures), pictures


def test_a_phone_gets_narrow_charts(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address + "index.html")
    assert page.evaluate("document.querySelector('figure img').currentSrc").endswith("/charts/cost-narrow.svg")


def test_hostile_names_are_shown_literally_and_run_no_script(page: Page, address: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as a script: {dialog.message}"))
    of_cells = "[...document.querySelectorAll('tbody th')].map(cell => cell.firstChild.textContent)"
    page.goto(address + "buckets/cost.html")
    names = page.evaluate(of_cells)
    page.goto(address + "buckets/cost-2.html")
    names += page.evaluate(of_cells)
    assert len(names) == 230
    assert [on_page(name) for name in builder.HOSTILE if on_page(name) not in names] == []
    assert "]]>␀␛[31m␡" in names
    assert r"\u202egnp.exe\u202e" in names
    assert page.evaluate("document.querySelectorAll('td img, th img, main script').length") == 0


@pytest.fixture(scope="module")
def violations(chromium: Browser, small: Path, report: Path, address: str) -> dict[str, list[str]]:
    """Run axe on a page of each kind, by color scheme, and on a page of a long table, which has a pager.

    A dark page differs from a light page only in its colors.
    """
    # axe is a script: it needs a page that may run one.
    context = chromium.new_context(viewport=WIDE, bypass_csp=True)
    page = context.new_page()
    axe = Axe().axe_script
    asked = {"light": "{resultTypes: ['violations']}", "dark": "{runOnly: ['color-contrast', 'link-in-text-block']}"}
    found: dict[str, list[str]] = {scheme: [] for scheme in asked}
    with served(small) as small_address:
        for url in [*(small_address + path for path in kinds(small)), address + "buckets/cost-2.html"]:
            page.goto(url)
            page.evaluate(axe)
            for scheme, complaints in found.items():
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                for violation in page.evaluate(f"axe.run({asked[scheme]})")["violations"]:
                    nodes = [node["html"][:120] for node in violation["nodes"][:2]]
                    complaints.append(f"{url}: {violation['id']}: {violation['help']}: {nodes}")
    context.close()
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations(violations: dict[str, list[str]], scheme: str) -> None:
    assert not violations[scheme], "\n".join(violations[scheme])


def test_the_comparisons_with_earlier_reports_are_shown(page: Page, small: Path) -> None:
    with served(small) as address:
        page.goto(address + "changes.html")
        reports = page.locator("section[aria-labelledby=earlier] .status").all_inner_texts()
    assert len(reports) == 3
    assert "Causes: number of bytes" in reports[0]
    assert "selected in only one of the reports" in reports[1]
    assert "not compared: the earlier report is in CNY" in reports[2]


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


def test_the_keyboard_alone_leads_from_the_index_to_a_bucket_and_back(page: Page, address: str) -> None:
    page.goto(address + "index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the navigation
    assert page.url.endswith("#main")
    link = page.locator("section[aria-labelledby=money] tbody a").first
    link.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/buckets/*.html")
    page.locator("nav[aria-label=Breadcrumbs] a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")


def test_daily_data_opens_with_the_keyboard(page: Page, address: str) -> None:
    page.goto(address + "index.html")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
