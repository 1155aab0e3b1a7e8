"""Chromium, and reports served like archived HTML in Jenkins."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.comparison import ReportComparison
from s3_monitor.model.summary import Summary
from s3_monitor.trends import Trends
from tests.report.builder import write_pages

JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"

Write = Callable[..., Path]


def put(
    out: Path,
    buckets: list[Bucket],
    summary: Summary,
    trends: Trends | None = None,
    comparisons: Sequence[ReportComparison] = (),
    findings: Sequence[Finding] = (),
) -> Path:
    """Create a report folder with the data files, which aggregate writes before the pages."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (
        "buckets.json",
        "buckets.csv",
        "storage.csv",
        "summary.json",
        "findings.json",
        "findings.sarif",
        "junit.xml",
        "metrics.prom",
    ):
        (out / name).write_text("{}", encoding="utf-8")
    write_pages(out, buckets, summary, trends, comparisons=comparisons, findings=findings)
    return out


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return lambda buckets, summary, trends=None: put(tmp_path / "report", buckets, summary, trends)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback with Jenkins' header and yield its address."""

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", JENKINS)
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the output of the tests empty."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Chromium; skip the tests without it, except under continuous integration."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here: apt-get install chromium")
    assert path is not None, "no Chromium here: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
