"""YAML read into plain values that still know their lines. The only place that knows PyYAML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from s3_monitor.model.failure import UserError

# Room for some ten thousand accounts; more is a mistake, or made to hurt.
MAX_BYTES = 2 * 1024 * 1024
_MAX_DEPTH = 10
# libyaml's parser where PyYAML was built with it: ten times as fast, the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TYPES = ("int", "float", "bool", "null")


class Document:
    """A YAML file: ``value``, made of dict, list, str, int, float, bool and None; and the line of every part of it.

    A path is written as in ``shards[1].regions[0]``; the whole document's is the empty text.
    """

    def __init__(self, name: str, content: bytes) -> None:
        """``name`` says in errors which file it is. UserError where it is not YAML, or not of the plain kind."""
        self.name = name
        self._lines: dict[str, int] = {}
        try:
            root = self._compose(content)
        except yaml.reader.ReaderError as error:
            line = content[: error.position].count(b"\n") + 1
            raise UserError(f"{name}:{line}: is not YAML: {error.reason}", "remove that character") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            tab = b"\t" in b"".join(content.split(b"\n")[line - 1 : line])
            advice = "indent with spaces, not tabs" if tab else "see the examples in docs/shards.md"
            raise UserError(f"{name}:{line}: is not YAML: {error.problem}", advice) from None
        if root is None:
            raise UserError(f"{name}: is empty", "it begins with `shards:` and a list of shards")
        self.value = self._value(root, "")

    def refuse(self, path: str, what: str, allowed: str) -> NoReturn:
        """UserError with the line, the path, and what is allowed there."""
        raise UserError(f"{self.name}:{self.line(path)}: {_printable(path) or 'the file'}: {what}", allowed)

    def line(self, path: str) -> int:
        """The line of a path, counted from 1; of the nearest thing around it where it has none of its own."""
        while path and path not in self._lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get(path, 1)

    def __contains__(self, path: str) -> bool:
        return path in self._lines

    def _compose(self, content: bytes) -> yaml.Node | None:
        if len(content) > MAX_BYTES:
            raise UserError(f"{self.name}: is larger than {MAX_BYTES // 1024} KiB", "split it into several files")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UserError(f"{self.name}:{line}: is not UTF-8", "save the file as UTF-8") from None
        self._check_shape(text)
        node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
        return node

    def _check_shape(self, text: str) -> None:
        """Before anything is built: no depth that would exhaust the stack, no aliases that would multiply."""
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise UserError(f"{self.name}:{line}: aliases (*{event.anchor}) are not allowed", "use `defaults`")
            if tag := getattr(event, "tag", None):
                raise UserError(f"{self.name}:{line}: tags ({tag}) are not allowed", "remove the tag")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    raise UserError(f"{self.name}:{line}: is nested too deep", f"at most {_MAX_DEPTH} levels")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

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
                raise UserError(f"{self.name}:{line}: {path or 'the file'}: a key that is not a word")
            of_key = f"{path}.{key.value}" if path else key.value
            if key.value in seen:
                first = seen[key.value]
                raise UserError(
                    f"{self.name}:{line}: {_printable(of_key)}: is there twice, first in line {first}", "remove one"
                )
            seen[key.value] = self._lines[of_key] = line
            yield key.value, value, of_key

    def _scalar(self, node: yaml.Node, path: str) -> Any:
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TYPES:
            return node.value  # such as dates: text, here
        try:
            return _PLAIN.construct_object(node)
        except ValueError:  # a number of thousands of digits
            self.refuse(path, f"{node.value[:40]!r} is not a value", "put it in quotes if it is text")


def _printable(path: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in path[:200])


_PLAIN = yaml.SafeLoader("")
