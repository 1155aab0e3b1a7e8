"""A bucket of a few objects that hold something: what a listing shows, GetObject gives."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from s3_monitor.simulator.objects import LAST_CODE_POINT, StoredObject


@dataclass(frozen=True)
class FileList:
    """Objects by key, all written at the same time. As an ObjectList to whoever lists it."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    newest: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @cached_property
    def keys(self) -> list[str]:
        """In UTF-8 order, which is that of code points."""
        return sorted(self.contents)

    @property
    def count(self) -> int:
        return len(self.contents)

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """The index-th key in UTF-8 order."""
        return self.keys[index]

    def __getitem__(self, index: int) -> StoredObject:
        content = self.contents[self.keys[index]]
        return StoredObject(self.keys[index], len(content), self.newest, etag(content), "STANDARD")

    def rows(self, start: int, stop: int) -> Iterator[tuple[str, int, int, str, str]]:
        """As of ObjectList."""
        for index in range(start, stop):
            one = self[index]
            yield one.key, one.size, int(one.last_modified.timestamp()), one.etag, one.storage_class

    @property
    def last_modified(self) -> datetime | None:
        """The newest object's date; None in an empty bucket."""
        return self.newest if self.contents else None

    def at_or_after(self, key: str) -> int:
        """The index of the first object whose key is not smaller."""
        return bisect_left(self.keys, key)

    def after(self, key: str) -> int:
        """The index of the first object whose key is greater."""
        return bisect_right(self.keys, key)

    def under(self, prefix: str) -> range:
        """The indexes of the objects whose key starts with the prefix."""
        return range(self.at_or_after(prefix), self.at_or_after(prefix + LAST_CODE_POINT))


def etag(content: bytes) -> str:
    """AWS: the MD5 of what was put in one piece."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
