"""Untrusted text cannot control terminals, forge lines, hide on pages, or carry the secrets of URLs."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.safe_text import hide_url_secrets, in_json, lines, on_page, one_line, public_url

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
HIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\ufe0f\U000e0041\U000e0100"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with spaces and ümläute: 日本", "plain, with spaces and ümläute: 日本"),
        ("a\x00b\x1b[31mred\x7f", r"a\x00b\x1b[31mred\x7f"),
        ("x\ns3-monitor: error: forged\r\n", r"x\ns3-monitor: error: forged\r\n"),
        ("\x85\x9b2J\u2028\u2029", r"\x85\x9b2J\u2028\u2029"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff\ud800", r"\udcff\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_hidden_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(ANY_TEXT)
def test_one_line_is_one_printable_line_that_can_be_encoded(text: str) -> None:
    shown = one_line(text)
    assert not {unicodedata.category(character) for character in shown} & HIDDEN_CATEGORIES
    assert not set(shown) & {*BIDI_CONTROLS, *ZERO_WIDTH}
    assert len(shown.splitlines()) <= 1
    assert one_line(shown) == shown
    shown.encode()


@given(ANY_TEXT)
def test_lines_keeps_line_feeds_only(text: str) -> None:
    assert lines(text) == "\n".join(map(one_line, text.split("\n")))


@given(st.lists(st.text(max_size=60)))
def test_json_keeps_its_values_and_hides_no_character(texts: list[str]) -> None:
    content = json.dumps(texts, ensure_ascii=False, indent=1).encode()
    assert json.loads(in_json(content)) == texts
    assert one_line(in_json(content).decode().replace("\n", " ")) == in_json(content).decode().replace("\n", " ")


def test_hidden_characters_in_json_are_escapes() -> None:
    assert in_json(b'["plain\x7f"]') == b'["plain\\u007f"]'
    assert in_json(b'["plain"]') == b'["plain"]'
    assert in_json('["ü\u202e\x7f\x9b\U000e0041"]'.encode()) == '["ü\\u202e\\u007f\\u009b\\udb40\\udc41"]'.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m\x7f\r", "a␀b␛[31m␡␍"),
        ("\x85\ud800\ufffe\U0010ffff", "����"),
        ("line\n\ttab", "line\n\ttab"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
    ],
)
def test_pages_show_hidden_characters_in_a_visible_form(text: str, shown: str) -> None:
    assert on_page(text) == shown


@pytest.mark.parametrize(
    ("code", "escaped", "pictured"),
    [
        (0x1F, r"\x1f", "\u241f"),
        (0x7E, "~", "~"),
        (0x80, r"\x80", "\ufffd"),
        (0x9F, r"\x9f", "\ufffd"),
        (0xA0, "\xa0", "\xa0"),
        (0xAD, r"\xad", r"\xad"),
        (0x34F, r"\u034f", r"\u034f"),
        (0xD7FF, "\ud7ff", "\ud7ff"),
        (0xD800, r"\ud800", "\ufffd"),
        (0xDFFF, r"\udfff", "\ufffd"),
        (0xE000, "\ue000", "\ue000"),
        (0xFDCF, "\ufdcf", "\ufdcf"),
        (0xFDD0, r"\ufdd0", "\ufffd"),
        (0xFDEF, r"\ufdef", "\ufffd"),
        (0xFDF0, "\ufdf0", "\ufdf0"),
        (0xFFF0, r"\ufff0", r"\ufff0"),
        (0xFFFE, r"\ufffe", "\ufffd"),
        (0xFFFF, r"\uffff", "\ufffd"),
        (0x10000, "\U00010000", "\U00010000"),
        (0x1BCA0, r"\U0001bca0", r"\U0001bca0"),
        (0x10FFFE, r"\U0010fffe", "\ufffd"),
    ],
)
def test_every_hidden_character_has_an_escape_of_its_length(code: int, escaped: str, pictured: str) -> None:
    assert (one_line(chr(code)), on_page(chr(code))) == (escaped, pictured)


@given(ANY_TEXT)
def test_a_page_has_no_forbidden_or_invisible_characters(text: str) -> None:
    shown = on_page(text)
    assert not {unicodedata.category(character) for character in shown if character not in "\t\n"} & HIDDEN_CATEGORIES
    assert not set(shown) & {*BIDI_CONTROLS, *ZERO_WIDTH}
    shown.encode()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host/path", "https://host/path"),
        ("https://user:secret@host:8443/path?X-Amz-Signature=secret#secret", "https://host:8443/path"),
        ("https://user:sec@ret@host/path", "https://host/path"),
        ("https://user:sec/ret@host/path", "https://host/path"),
        ("https://user:sec?ret@host/path", "https://host/path"),
        ("https://user:sec#ret@host/path", "https://host/path"),
        ("https://secret@host", "https://host"),
        ("https://user:sec:/ret@host/path", "https://host/path"),
        ("https://host/a:/b", "https://host/a:/b"),
        ("https://host#a?b", "https://host"),
        ("https://host:8000/path?mail=a@b", "https://host:8000/path"),
        ("https://host/@scope/file", "https://host/@scope/file"),
        ("http://[::1]:8000/path?secret", "http://[::1]:8000/path"),
        ("https://user:secret", "https://…"),
        ("socks5://user:secret@proxy:1080", "socks5://proxy:1080"),
        ("https:/user:sec/r@et@host/path?X-Amz-Signature=secret", "https:/host/path"),
        ("https:/host/path?X-Amz-Signature=secret", "https:/host/path"),
    ],
)
def test_a_url_is_shown_without_user_password_query_and_fragment(url: str, shown: str) -> None:
    assert public_url(url) == shown
    assert hide_url_secrets(f'Could not connect to "{url}": refused') == f'Could not connect to "{shown}": refused'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://host/x?sig=secret: HTTP 403", "https://host/x: HTTP 403"),
        ("(see https://host/x?sig=secret).", "(see https://host/x)."),
        ("user:sec@ret@proxy:3128 cannot be reached", "…@proxy:3128 cannot be reached"),
        ("arn:aws:sts::1:assumed-role/r/me@a.com is denied", "arn:aws:sts::1:assumed-role/r/me@a.com is denied"),
        ("-b s3://bucket/log?2*", "-b s3://bucket/log?2*"),
        ("no address: a@b", "no address: a@b"),
        ("GET /key?X-Amz-Signature=secret&x=1 failed", "GET /key?X-Amz-Signature=…&x=1 failed"),
        ("key?AWSAccessKeyId=secret&Signature=sec%3D", "key?AWSAccessKeyId=…&Signature=…"),
        ("X-Amz-Credential%3Dsecret", "X-Amz-Credential%3D…"),
        ("AWS4-HMAC-SHA256 Credential=a/b, Signature=ab", "AWS4-HMAC-SHA256 Credential=…, Signature=…"),
        ("my-signature-bucket, credentials: a, C:/b?c", "my-signature-bucket, credentials: a, C:/b?c"),
    ],
)  # fmt: skip
def test_text_keeps_all_but_the_secrets_of_its_urls(text: str, shown: str) -> None:
    assert hide_url_secrets(text) == shown


@given(
    st.text(st.characters(exclude_characters=" \t\n\r\x0b\x0c\"'<>", codec="ascii", categories=("L", "N", "P", "S")))
)
def test_no_password_is_shown_with_any_characters(password: str) -> None:
    shown = hide_url_secrets(f"GET https://user:canary{password}x@example.org/list failed")
    assert "canary" not in shown
    assert "example.org/list failed" in shown
