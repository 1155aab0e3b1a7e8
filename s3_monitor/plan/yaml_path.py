"""The path of a YAML parser's current event."""

from __future__ import annotations

import yaml


class EventPath:
    """The path of the current event, written like ``shards[1].regions[0]``; empty at the top."""

    def __init__(self) -> None:
        self._frames: list[_Frame] = []

    @property
    def depth(self) -> int:
        """The number of enclosing collections."""
        return len(self._frames)

    @property
    def current(self) -> str:
        """The path of the next node; if a key is next, that of the mapping."""
        return "".join(frame.step for frame in self._frames).removeprefix(".")

    def enter(self, event: yaml.Event) -> None:
        """Update the path at the start of a node."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._frames.append(_Frame(is_mapping=isinstance(event, yaml.MappingStartEvent)))

    def leave(self, event: yaml.Event) -> None:
        """Update the path at the end of a node: a scalar, an alias or a collection."""
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
