"""YAML documents as plain values with the line and the text of each. Uses PyYAML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from s3_monitor.model.errors import UserError
from s3_monitor.model.files import shortened
from s3_monitor.plan.yaml_path import EventPath

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

    def __init__(self, name: str, content: bytes) -> None:
        """Parse the content. ``name``: the file in errors. Raises UserError for invalid or unsupported YAML."""
        self.name = name
        self._lines: dict[str, int] = {}
        self._texts: dict[str, str] = {}  # scalars without quotes, as they are in the file
        self.moved: Mapping[str, str] = {}  # keys of the top level that are written elsewhere → the path there
        text = self._decode(content)
        self._check_shape(text)
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
        if root is None:
            raise UserError(f"{name}: is empty", "start it with `shards:` and a list of shards")
        self.value = self._value(root, "")

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

    def _check_shape(self, text: str) -> None:
        """Reject deep nesting and aliases before values are built: they would exhaust the stack or the memory."""
        path, lines, documents = EventPath(), text.split("\n"), 0
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                documents += isinstance(event, yaml.DocumentStartEvent)
                line = event.start_mark.line + 1 if event.start_mark else 1
                if documents > 1:
                    what = f"{self.name}:{line}: a second document starts here"
                    raise UserError(what, "one document per file: remove the ---")
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                    self._refuse_sign(event.start_mark, path.current, lines)
                path.enter(event)
                if path.depth > _MAX_DEPTH:
                    raise UserError(f"{self.name}:{line}: is nested too deeply", f"at most {_MAX_DEPTH} levels")
                path.leave(event)
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise UserError(f"{self.name}:{line}: is not YAML: {error.reason}", "remove that character") from None
        except yaml.MarkedYAMLError as error:
            self._refuse_syntax(error, path.current, lines)

    def _refuse_sign(self, mark: Any, path: str, lines: list[str]) -> NoReturn:
        """Raise UserError for an alias, an anchor or a tag. It is usually meant as text: a glob, a label."""
        written = _token(mark, lines)
        kind = _KINDS.get(written[:1], "tag")
        where = f"{self.name}:{mark.line + 1}: {_printable(path) or 'the file'}"
        advice = f'{_QUOTE}, like "{_plain(written)}"; values common to all shards belong in `defaults`'
        raise UserError(f"{where}: {_plain(written)} is read as a YAML {kind}, which is not allowed here", advice)

    def _refuse_syntax(self, error: yaml.MarkedYAMLError, path: str, lines: list[str]) -> NoReturn:
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        path = _with_key(path, begun or mark, lines)
        if begun is not None and _token(begun, lines)[:1] in _KINDS:
            self._refuse_sign(begun, path, lines)
        line = mark.line + 1 if mark else 1
        where = f"{self.name}:{line}: is not YAML: {error.problem}"
        if path:
            where += f", at {_printable(path)}: {_plain(_token(mark, lines))}".rstrip(": ")
        raise UserError(where, _syntax_advice(error, "".join(lines[line - 1 : line])))

    def _value(self, node: yaml.Node, path: str) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return {key: self._value(value, path_of) for key, value, path_of in self._items(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, f"{path}[{index}]") for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _items(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, yaml.Node, str]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UserError(f"{self.name}:{line}: {path or 'the file'}: a key must be text")
            of_key = f"{path}.{key.value}" if path else key.value
            if key.value in seen:
                first = seen[key.value]
                raise UserError(
                    f"{self.name}:{line}: {_printable(of_key)}: is set twice, first in line {first}", "remove one"
                )
            seen[key.value] = self._lines[of_key] = line
            yield key.value, value, of_key

    def _scalar(self, node: yaml.Node, path: str) -> Any:
        text, kind = node.value, node.tag.removeprefix("tag:yaml.org,2002:")
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


def _reading(node: yaml.Node, kind: str) -> str:
    """Return how YAML 1.1 reads a scalar."""
    if kind in ("int", "float"):
        try:
            return f"the number {_plain(str(_PLAIN.construct_object(node)))}"
        except (ValueError, OverflowError):
            return "a number with too many digits"
    return "a date or time" if kind == "timestamp" else "a special sign"


def _token(mark: Any, lines: list[str]) -> str:
    """Return the text at a mark, up to the next separator."""
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    found = _TOKEN.match(line, mark.column) if mark else None
    return found[0] if found else ""


def _with_key(path: str, mark: Any, lines: list[str]) -> str:
    """Return the path with the key before a mark: in a flow mapping the parser fails before it reports the key."""
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    found = _KEY_BEFORE.search(line, 0, mark.column) if mark else None
    if found is None or path.rpartition(".")[2] == found[1]:
        return path
    return f"{path}.{found[1]}".removeprefix(".")


def _syntax_advice(error: yaml.MarkedYAMLError, line: str) -> str:
    problem = str(error.problem)
    if "\t" in line:
        return "indent with spaces, not tabs"
    if "cannot start any token" in problem:
        return "put text that starts with a special character in quotes"
    if "mapping values are not allowed" in problem:
        return "indent the keys of a mapping equally; put text that contains a colon in quotes"
    return "see the examples in docs/shards.md"


def _plain(text: str) -> str:
    text = text if len(text) <= 60 else text[:59] + "…"
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _printable(path: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in path[:200])


_PLAIN = yaml.SafeLoader("")
