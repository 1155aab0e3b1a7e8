"""Conversion of error messages to one short line without HTML and secrets."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from urllib.parse import unquote

from s3_monitor.model.safe_text import hide_url_secrets

_LONGEST = 300
_LONGEST_TITLE = 80
_SHORTEST_SECRET = 6
_PAGE = re.compile(r"(?i)<!doctype html|<(?:html|head|body|title)\b")
_TITLE = re.compile(r"(?i)<(title|h1)\b[^<>]*>(.*?)(?:</\1|$)")
_UNSEEN = re.compile(r"(?i)<(script|style)\b.*?(?:</\1[^<>]*>|$)")
_TAG = re.compile(
    r"(?i)</?(?:a|address|b|big|blockquote|br|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]|header|hr|i|iframe|img"
    r"|input|li|link|main|meta|nav|ol|p|pre|script|section|small|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr"
    r"|tt|u|ul)\b[^<>]*(?:>|$)|<!--.*?(?:-->|$)"
)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
_URL_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_ENDPOINT_URL")


def one_line(error: object) -> str:
    """Return the message of an error as one short line, without HTML, tokens, keys and passwords in URLs."""
    text = _plain(" ".join(str(error).split())) or type(error).__name__
    text = hide_url_secrets(text)
    text = re.sub(r"(?i)(x-amz-security-token|secret|token|password|signature)([^\s:=]*\s?[:=]\s?)\S+", r"\1\2…", text)
    text = re.sub(r"(?<![A-Za-z0-9/+=:_-])[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=_-])|[A-Za-z0-9/+=]{100,}", "…", text)
    for secret in _secrets():
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _plain(text: str) -> str:
    """Replace an HTML page by its title, and remove single tags."""
    page = _PAGE.search(text)
    if page is None:
        return " ".join(_TAG.sub(" ", _UNSEEN.sub(" ", text)).split()) if "<" in text else text
    before = re.sub(r"\s*\bb?['\"]?$", "", text[: page.start()]).strip()
    title = _TITLE.search(_UNSEEN.sub(" ", text[page.start() :]))
    words = html.unescape(re.sub(r"<[^<>]*>|\\[nrt]", " ", title[2])).split() if title else []
    named = " ".join(words)[:_LONGEST_TITLE]
    what = f"HTML page titled “{named}”" if named else "HTML page"
    return f"{before} {what}".strip()


def _secrets() -> Iterator[str]:
    """Return the secrets in the environment that may occur in a message."""
    for name, value in os.environ.items():
        if name.upper() in _SECRET_VARIABLES:
            yield value
        elif name.upper().startswith(_URL_VARIABLES):
            user, at, _ = value.partition("://")[2].rpartition("@")
            password = user.partition(":")[2] if at else ""
            yield from (password, unquote(password))
