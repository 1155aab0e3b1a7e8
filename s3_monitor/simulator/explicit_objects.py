"""Objects that are given one by one, for those who list them as they list an ObjectList."""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from s3_monitor.simulator.objects import LAST_CODE_POINT, StoredObject


class ExplicitObjects(ABC):
    """Whoever inherits has the keys in memory and makes an object when it is asked for."""

    @property
    @abstractmethod
    def keys(self) -> Sequence[str]:
        """In UTF-8 order, which is that of code points."""

    @abstractmethod
    def __getitem__(self, index: int) -> StoredObject: ...

    @property
    def count(self) -> int:
        return len(self.keys)

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """The index-th key in UTF-8 order."""
        return self.keys[index]

    def rows(self, start: int, stop: int) -> Iterator[tuple[str, int, int, str, str]]:
        """As of ObjectList."""
        for index in range(start, stop):
            one = self[index]
            yield one.key, one.size, int(one.last_modified.timestamp()), one.etag, one.storage_class

    def at_or_after(self, key: str) -> int:
        """The index of the first object whose key is not smaller."""
        return bisect_left(self.keys, key)

    def after(self, key: str) -> int:
        """The index of the first object whose key is greater."""
        return bisect_right(self.keys, key)

    def under(self, prefix: str) -> range:
        """The indexes of the objects whose key starts with the prefix."""
        return range(self.at_or_after(prefix), self.at_or_after(prefix + LAST_CODE_POINT))
