"""Texts of errors are short and plain: no HTML, no secrets, one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.aws.error_text import one_line

PROXY_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in &amp; continue</title>
<style>body {color: red}</style><script>steal()</script></head>
<body><h1>Hotel</h1><a href="https://evil.example/?q=1">go</a></body></html>"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (PROXY_PAGE, "HTML page titled “Sign in & continue”"),
        (f"invalid XML received. Further retries may succeed:\nb'{PROXY_PAGE}'",
         "invalid XML received. Further retries may succeed: HTML page titled “Sign in & continue”"),
        ("<html><body><h1>502 Bad Gateway</h1>nginx</body></html>", "HTML page titled “502 Bad Gateway”"),
        ("<HTML><BODY>no title", "HTML page"),
        ("<head><title>truncated", "HTML page titled “truncated”"),
        ("<p>Access <b>denied</b></p><script>alert(1)</script>", "Access denied"),
        ("<img src=x onerror=alert(1)", "str"),
        ("size < 5 and <Error>x</Error>", "size < 5 and <Error>x</Error>"),
    ],
)  # fmt: skip
def test_html_is_reduced_to_its_title_or_its_words(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text(), st.text(max_size=30))
def test_no_page_leaves_a_tag(before: str, title: str) -> None:
    shown = one_line(f"{before}<html><title>{title}</title><script>alert(1)</script></html>")
    assert "<html" not in shown
    assert "<script" not in shown.replace(before, "")


@pytest.mark.parametrize(
    "text",
    [
        "{proxy} cannot be reached",
        "nonnumeric port: 'canary-p@ss@proxy:3128'",
        "Failed to parse: canary-p@ss",
        "canary-p%40ss",
        "the key canary-secret-key was used",
        'Could not connect to the endpoint URL: "https://u:canary-x@host/?canary=1"',
    ],
)
def test_no_secret_of_the_environment_or_of_a_url_is_left(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    proxy = "http://user:canary-p%40ss@proxy:3128"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret-key")
    assert "canary" not in one_line(text.format(proxy=proxy))


def test_a_long_text_is_shortened() -> None:
    assert one_line("word " * 1000) == ("word " * 60)[:299] + "…"
