"""YAML documents as plain values with the line and the text of each. Uses PyYAML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml

from s3_monitor.model.errors import InvalidFileError, UserError
from s3_monitor.model.files import read_bytes, shortened

# Enough for ten thousand accounts; a larger file is an error or an attack.
MAX_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 10
# The parser of libyaml, if PyYAML includes it: ten times faster, same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_QUOTE = "put it in quotes if it is text"
_KINDS = {"*": "alias", "&": "anchor", "!": "tag"}
_KEY_BEFORE = re.compile(r"([A-Za-z_][\w-]*)\s*:\s+\Z")
_TOKEN = re.compile(r"[^\s,\]}]*")


class Form(NamedTuple):
    """The advice about a kind of file."""

    name: str
    start: str
    """How to begin the file."""
    sharing: str
    """Where values go that several entries have, instead of aliases."""
    docs: str


SHARDS = Form(
    "shards.yaml",
    "start it with `shards:` and a list of shards",
    "; values common to all shards belong in `defaults`",
    "docs/shards.md",
)


@dataclass(frozen=True)
class Unclear:
    """A scalar that YAML 1.1 reads unexpectedly: 010 is 8, 1:30 is 90, 1_0 is 10; .inf, dates, ``<<``.

    No key accepts it: it must be written as a decimal number or in quotes.
    """

    text: str
    reading: str


class Document:
    """A YAML file: ``value`` consists of dict, list, str, int, float, bool, None and Unclear.

    Paths are written like ``shards[1].regions[0]``; the path of the document is empty.
    """

    def __init__(self, name: str, content: bytes, form: Form = SHARDS) -> None:
        """Parse the content. ``name``: the file in errors. Raises UserError for invalid or unsupported YAML."""
        self._form = form
        self.name = name
        self._lines: dict[str, int] = {}
        self._texts: dict[str, str] = {}  # scalars without quotes, as they are in the file
        self.moved: Mapping[str, str] = {}  # keys of the top level that are written elsewhere → the path there
        text = self._decode(content)
        self._source = text.split("\n")
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._at = ""  # path of the value that is being parsed
        self.value = self._parse(text)

    def refuse(self, path: str, what: str, allowed: str) -> NoReturn:
        """Raise UserError with the line, the path and the allowed values."""
        path = self._written(path)
        raise UserError(f"{self.name}:{self.line(path)}: {_printable(path) or 'the file'}: {what}", allowed)

    def line(self, path: str) -> int:
        """Return the line of a path, counted from 1; without its own line, that of the enclosing value."""
        while path and path not in self._lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get(path, 1)

    def shown(self, path: str, value: Any) -> str:
        """Name a value for an error message, as it is written in the file."""
        if isinstance(value, Unclear):
            return f"{_plain(value.text)} (in YAML {value.reading})"
        if isinstance(value, (dict, list)):
            kind = "mapping" if isinstance(value, dict) else "list"
            return f"a {kind}" if value else f"an empty {kind}"
        if isinstance(value, str):
            return f"the text {shortened(value)}"
        if value is None:
            return "nothing"
        text = _plain(self._texts.get(self._written(path), str(value)))
        return text if isinstance(value, bool) else f"the number {text}"

    def _written(self, path: str) -> str:
        """Return the path in the file."""
        first = re.split(r"[.[]", path, maxsplit=1)[0]
        return self.moved.get(first, first) + path[len(first) :]

    def _decode(self, content: bytes) -> str:
        if len(content) > MAX_BYTES:
            raise UserError(f"{self.name}: is larger than {MAX_BYTES // 1024} KiB", "split it into several files")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UserError(f"{self.name}:{line}: is not UTF-8", "save the file as UTF-8") from None

    def _parse(self, text: str) -> Any:
        values: list[Any] = []
        try:
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if values:
                        what = f"{self.name}:{_line(event)}: a second document starts here"
                        raise UserError(what, "one document per file: remove the ---")
                    values.append(self._value(self._next(""), "", 1))
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise UserError(f"{self.name}:{line}: is not YAML: {error.reason}", "remove that character") from None
        except yaml.MarkedYAMLError as error:
            self._refuse_syntax(error)
        if not values:
            raise UserError(f"{self.name}: is empty", self._form.start)
        return values[0]

    def _next(self, path: str) -> Any:
        """Return the next event, which begins a value or a key at a path, or ends the collection around it."""
        self._at = path
        event = next(self._events)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            self._refuse_sign(event.start_mark, path)
        return event

    def _value(self, event: Any, path: str, depth: int) -> Any:
        """Return the value that begins with an event. ``depth``: of the value, if it is a collection."""
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if depth > _MAX_DEPTH:
            raise UserError(f"{self.name}:{_line(event)}: is nested too deeply", f"at most {_MAX_DEPTH} levels")
        return self._list(path, depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path, depth)

    def _list(self, path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(of_item := f"{path}[{len(items)}]"), yaml.SequenceEndEvent):
            items.append(self._value(event, of_item, depth + 1))
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(key := self._next(path), yaml.MappingEndEvent):
            line = _line(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise UserError(f"{self.name}:{line}: {path or 'the file'}: a key must be text")
            of_key = f"{path}.{key.value}" if path else key.value
            if key.value in mapping:
                what = f"is set twice, first in line {self._lines[of_key]}"
                raise UserError(f"{self.name}:{line}: {_printable(of_key)}: {what}", "remove one")
            self._lines[of_key] = line
            mapping[key.value] = self._value(self._next(of_key), of_key, depth + 1)
        return mapping

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Any:
        text = event.value
        node = yaml.ScalarNode(_PLAIN.resolve(yaml.ScalarNode, text, event.implicit), text)
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind == "str":
            return text
        self._texts[path] = text
        if kind == "null":
            return None
        if kind == "bool":
            return _PLAIN.construct_object(node)
        if kind == "int" and _DECIMAL.fullmatch(text):
            return int(text)
        if kind == "float" and _FRACTION.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        return Unclear(text, _reading(node, kind))

    def _refuse_sign(self, mark: Any, path: str) -> NoReturn:
        """Raise UserError for an alias, an anchor or a tag. It is usually meant as text: a glob, a label."""
        written = self._token(mark)
        kind = _KINDS.get(written[:1], "tag")
        where = f"{self.name}:{mark.line + 1}: {_printable(path) or 'the file'}"
        advice = f'{_QUOTE}, like "{_plain(written)}"{self._form.sharing}'
        raise UserError(f"{where}: {_plain(written)} is read as a YAML {kind}, which is not allowed here", advice)

    def _refuse_syntax(self, error: yaml.MarkedYAMLError) -> NoReturn:
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        path = self._with_key(begun or mark)
        if begun is not None and self._token(begun)[:1] in _KINDS:
            self._refuse_sign(begun, path)
        line = mark.line + 1 if mark else 1
        where = f"{self.name}:{line}: is not YAML: {error.problem}"
        if path:
            where += f", at {_printable(path)}: {_plain(self._token(mark))}".rstrip(": ")
        raise UserError(where, _syntax_advice(error, "".join(self._source[line - 1 : line]), self._form.docs))

    def _with_key(self, mark: Any) -> str:
        """Return the path with the key before a mark: in a flow mapping the parser fails before it reports the key."""
        found = _KEY_BEFORE.search(self._text_of(mark), 0, mark.column) if mark else None
        if found is None or self._at.rpartition(".")[2] == found[1]:
            return self._at
        return f"{self._at}.{found[1]}".removeprefix(".")

    def _token(self, mark: Any) -> str:
        """Return the text at a mark, up to the next separator."""
        found = _TOKEN.match(self._text_of(mark), mark.column) if mark else None
        return found[0] if found else ""

    def _text_of(self, mark: Any) -> str:
        """Return the line of a mark."""
        return "".join(self._source[mark.line : mark.line + 1])


def read_document(path: Path, option: str, form: Form = SHARDS) -> Document:
    """Read a file that an option names. Raises UserError."""
    try:
        content = read_bytes(path, f"{option} names a {form.name}")
    except InvalidFileError as bad:
        raise UserError(str(bad), bad.advice) from bad
    return Document(str(path), content, form)


def _line(event: Any) -> int:
    """Return the line of an event, counted from 1."""
    return event.start_mark.line + 1 if event.start_mark else 1


def _reading(node: yaml.Node, kind: str) -> str:
    """Return how YAML 1.1 reads a scalar."""
    if kind in ("int", "float"):
        try:
            return f"the number {_plain(str(_PLAIN.construct_object(node)))}"
        except (ValueError, OverflowError):
            return "a number with too many digits"
    return "a date or time" if kind == "timestamp" else "a special sign"


def _syntax_advice(error: yaml.MarkedYAMLError, line: str, docs: str) -> str:
    problem = str(error.problem)
    if "\t" in line:
        return "indent with spaces, not tabs"
    if "cannot start any token" in problem:
        return "put text that starts with a special character in quotes"
    if "mapping values are not allowed" in problem:
        return "indent the keys of a mapping equally; put text that contains a colon in quotes"
    return f"see the examples in {docs}"


def _plain(text: str) -> str:
    text = text if len(text) <= 60 else text[:59] + "…"
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _printable(path: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in path[:200])


_PLAIN: Any = yaml.SafeLoader("")
