"""The text, tags and links of pages."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class Reader(HTMLParser):
    """Parses tags with their attributes, and the text with normalized white space."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("a", "abbr", "bdi", "span", "time", "wbr"):
            self._texts.append(" ")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._texts).split())

    @property
    def links(self) -> list[str]:
        return [attrs[name] for _, attrs in self.tags for name in ("href", "src", "srcset") if name in attrs]


def text_of(out: Path, page: str = "index.html") -> str:
    return Reader(out / page).text


def page_of(out: Path, name: str) -> str:
    return text_of(out, next(f"buckets/{path.name}" for path in (out / "buckets").glob(f"{name}-*.html")))
