"""Explicit objects of a bucket, with the interface of ObjectList."""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from s3_monitor.simulator.objects import LAST_CODE_POINT, StoredObject


class ExplicitObjects(ABC):
    """Base class: subclasses have the keys in memory."""

    @property
    @abstractmethod
    def keys(self) -> Sequence[str]:
        """The keys in UTF-8 order, which is the order of code points."""

    @abstractmethod
    def __getitem__(self, index: int) -> StoredObject: ...

    @property
    def count(self) -> int:
        return len(self.keys)

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """Return a key by its index in UTF-8 order."""
        return self.keys[index]

    def rows(self, start: int, stop: int) -> Iterator[tuple[str, int, int, str, str]]:
        """Yield objects like ObjectList.rows."""
        for index in range(start, stop):
            item = self[index]
            yield item.key, item.size, int(item.last_modified.timestamp()), item.etag, item.storage_class

    def at_or_after(self, key: str) -> int:
        """Return the index of the first object with this key or a greater one."""
        return bisect_left(self.keys, key)

    def after(self, key: str) -> int:
        """Return the index of the first object with a greater key."""
        return bisect_right(self.keys, key)

    def under(self, prefix: str) -> range:
        """Return the indexes of the objects with a prefix."""
        return range(self.at_or_after(prefix), self.at_or_after(prefix + LAST_CODE_POINT))
