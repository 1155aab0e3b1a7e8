"""Where in a document the events of a YAML parser are."""

from __future__ import annotations

import yaml


class EventPath:
    """The path of the current event, written like ``shards[1].regions[0]``; empty at the top."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []

    @property
    def depth(self) -> int:
        return len(self._frames)

    @property
    def current(self) -> str:
        """The path of the node that comes next, or of what it is in where a key comes next."""
        return "".join(frame.step for frame in self._frames).removeprefix(".")

    def enter(self, event: yaml.Event) -> None:
        """Take note of a node that begins."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._frames.append(_Frame(is_mapping=isinstance(event, yaml.MappingStartEvent)))

    def leave(self, event: yaml.Event) -> None:
        """Take note of a node that ends: of a scalar or an alias, or the end of a collection."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._frames.pop()
        if self._frames and isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionEndEvent)):
            self._frames[-1].advance(event)


class _Frame:
    def __init__(self, *, is_mapping: bool) -> None:
        self._is_mapping = is_mapping
        self._count = 0
        self._key = ""

    @property
    def step(self) -> str:
        if not self._is_mapping:
            return f"[{self._count}]"
        return f".{self._key}" if self._count % 2 else ""

    def advance(self, event: yaml.Event) -> None:
        if self._is_mapping and self._count % 2 == 0:
            self._key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
        self._count += 1
