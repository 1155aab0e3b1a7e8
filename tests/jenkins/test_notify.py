"""The message to a chat, posted to a server on the loopback interface."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .conftest import REPOSITORY

BUILD = {
    "JOB_NAME": "team/s3-monitor", "BUILD_NUMBER": "7", "RESULT": "UNSTABLE",
    "BUILD_URL": "https://jenkins.example.com/job/s3-monitor/7/",
}  # fmt: skip
REPORT = "# S3 storage on 2026-11-29\n\n**$12 per month**\n- increase: logs +$1\n"


class Chat(ThreadingHTTPServer):
    """A webhook that records what it receives, and responds with the status in its path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Any] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, status: int) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/secret/{status}"


class Handler(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Location", self.server.url(200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    with Chat() as server:
        yield server
        server.shutdown()


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    return importlib.import_module("notify")


def run(notify: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> int:
    (tmp_path / "report.md").write_text(REPORT)
    (tmp_path / "line").write_text("$12 per month, 1 gap\n")
    for name, value in {**BUILD, "WEBHOOK_URL": url}.items():
        monkeypatch.setenv(name, value)
    options = ["--report", str(tmp_path / "report.md"), "--description", str(tmp_path / "line")]
    monkeypatch.setattr(sys, "argv", ["notify.py", *options])
    return int(notify.main())


def test_the_report_is_posted_with_a_title_and_a_link(
    notify: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chat: Chat
) -> None:
    assert run(notify, monkeypatch, tmp_path, chat.url(200)) == 0
    assert chat.received[-1] == {
        "text": "team/s3-monitor #7: UNSTABLE, $12 per month, 1 gap\n\n**$12 per month**\n- increase: logs +$1\n"
        "https://jenkins.example.com/job/s3-monitor/7/artifact/report/index.html"
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "the webhook returned HTTP status 302"),
        (403, "the webhook returned HTTP status 403"),
        (500, "the webhook returned HTTP status 500"),
    ],
)
def test_an_error_of_the_webhook_is_one_line_without_its_address(
    notify: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chat: Chat,
    capsys: pytest.CaptureFixture[str], status: int, reason: str,
) -> None:  # fmt: skip
    before = len(chat.received)
    assert run(notify, monkeypatch, tmp_path, chat.url(status)) == 1
    assert capsys.readouterr().err == f"jenkins/notify.py: Could not post the report: {reason}\n"
    assert len(chat.received) == before + 1, "a redirect is not followed"


@pytest.mark.parametrize("url", ["", "http://chat.example.com/secret", "file:///etc/passwd", "ftp://x/secret"])
def test_only_https_is_accepted(
    notify: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert run(notify, monkeypatch, tmp_path, url) == 1
    error = capsys.readouterr().err
    assert "must begin with https://" in error and "secret" not in error


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret", "https://127.0.0.1:9/secret", "https://[::1/secret"])
def test_an_unreachable_webhook_is_one_line(
    notify: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert run(notify, monkeypatch, tmp_path, url) == 1
    error = capsys.readouterr().err
    assert error.startswith("jenkins/notify.py: Could not post the report: ") and error.count("\n") == 1
    assert "secret" not in error


def test_a_long_report_is_truncated_at_a_line_and_keeps_its_link(notify: ModuleType) -> None:
    text = notify.message("line", "- a bucket\n" * 1000, BUILD)
    assert len(text) <= notify.LONGEST
    assert text.endswith("- a bucket\n…\nhttps://jenkins.example.com/job/s3-monitor/7/artifact/report/index.html")


def test_text_of_others_cannot_mention_users_or_use_markup(notify: ModuleType) -> None:
    text = notify.message("", "- tag <!channel> & @here", {})
    assert text == "S3 monitor: finished\n- tag &lt;!channel&gt; &amp; @\u200bhere"
