"""Conversion of untrusted text for terminals, logs and HTML pages, and removal of secrets from URLs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

# Characters that have no visible form, change the direction of text, or are no characters at all: Unicode's control,
# format, surrogate and line-separator characters, its default-ignorable code points, and its noncharacters.
_HIDDEN = (
    r"\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(0x11))
)
_HIDDEN_CHARACTER = re.compile(rf"[\x00-\x1f{_HIDDEN}]")
_HIDDEN_IN_JSON = re.compile(rf"[{_HIDDEN}]")
# Runs of characters that may be hidden. Testing for them first is several times faster for plain text.
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]+")
_NOT_PLAIN_IN_LINES = re.compile(r"[^\x20-\x7e\n]+")
_NOT_PLAIN_ON_PAGES = re.compile(r"[^\x20-\x7e\n\t]+")
_SHORT_ESCAPES = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Also with one slash: a URL given as a path has lost the other.
_URL = re.compile(r"(?i)\b(?!s3a?:)(?:[a-z][a-z0-9+.-]*://|(?:https?|ftps?|socks\w*):/)[^\s\"'<>]+")
# Query parameters that grant access or identify the signer, also without a preceding URL.
_SIGNATURE = re.compile(
    r"(?i)(?<![a-z0-9])(x-amz-(?:signature|credential|security-token)|awsaccesskeyid|credential|signature)(=|%3d)"
    r"[^\s&,;\"'<>]+"
)
_AFTER_A_URL = ".,:;!?)]}…"
_BARE_CREDENTIALS = re.compile(r"[^\s/@:'\"(]+:[^\s/'\"]*@(?=[\w\[])")


def one_line(text: str) -> str:
    """Return the text as one line for terminals and logs: hidden characters and line breaks are shown as escapes."""
    return _NOT_PLAIN.sub(lambda run: _HIDDEN_CHARACTER.sub(_escaped, run[0]), text)


def lines(text: str) -> str:
    """Return text of several lines for terminals and logs: as ``one_line``, but line feeds are kept."""
    return _NOT_PLAIN_IN_LINES.sub(lambda run: _HIDDEN_CHARACTER.sub(_escaped, run[0]), text)


def align_columns(rows: Sequence[Sequence[str]], indent: str = "") -> Iterator[str]:
    """Yield each row of a table as a line with aligned columns."""
    shown = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"{indent}{'  '.join(cells)}".rstrip()


def on_page(text: str) -> str:
    """Return the text for HTML, before or after escaping, with a visible form of hidden characters.

    Tabs and line feeds are kept. Control characters are shown as their pictures (U+2400 …).
    """
    return _NOT_PLAIN_ON_PAGES.sub(lambda run: _HIDDEN_CHARACTER.sub(_pictured, run[0]), text)


def in_json(content: bytes) -> bytes:
    """Return equal JSON with hidden characters as escapes, because terminals show JSON unchanged."""
    if content.isascii() and b"\x7f" not in content:
        return content
    return _HIDDEN_IN_JSON.sub(_json_escaped, content.decode()).encode()


def _json_escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1].replace("\x7f", r"\u007f")


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _pictured(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    is_character = not (0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0)
    return _escaped(match) if is_character and code & 0xFFFE != 0xFFFE else _REPLACEMENT


def public_url(url: str) -> str:
    """Return the URL without user, password, query and fragment."""
    scheme, separator, rest = re.split(r"(:/+)", url, maxsplit=1) if ":/" in url else (url, "", "")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    before, at, after = rest.rpartition("@")
    # A password may contain any character, even unescaped. After a host with a port, an @ belongs to the query.
    if at and ("@" in authority or _may_hold_a_password(authority, before)):
        rest = after
    elif re.fullmatch(r"[^\[\]:]+:.*[^0-9].*", authority):  # user:password without a host
        rest = "…"
    return f"{scheme}{separator}{re.split('[?#]', rest, maxsplit=1)[0]}"


def _may_hold_a_password(authority: str, before: str) -> bool:
    """Return whether the text before the last @ of a URL may be a user and a password with / ? or #."""
    _, colon, port = authority.partition(":")
    return bool(colon) and not (port.isdecimal() and "?" in before)


def hide_url_secrets(text: str) -> str:
    """Return the text without the secrets of its URLs.

    ``user:password@`` and the values of signatures are removed even without a scheme before them.
    """
    if ":/" not in text and "@" not in text and "=" not in text and "%" not in text:
        return text
    return _SIGNATURE.sub(r"\1\2…", _BARE_CREDENTIALS.sub("…@", _URL.sub(_public, text)))


def _public(match: re.Match[str]) -> str:
    url = match[0].rstrip(_AFTER_A_URL)
    return public_url(url) + match[0][len(url) :]
