"""Objects of a bucket, generated on access: millions of them need no memory."""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

LAST_CODE_POINT = "\U0010ffff"
# What looks random of an object is its index times a number, modulo a prime of 32 bits.
_STRIDE, _SCATTER = 2654435761, 4294967291
_ZEROS = "0" * 24  # before 8 digits in an ETag


class StoredObject(NamedTuple):
    """A current object version in a listing."""

    key: str
    size: int  # bytes
    last_modified: datetime
    etag: str
    storage_class: str


@dataclass(frozen=True, slots=True)
class ObjectList:
    """``count`` objects in key order; exactly one has the date ``newest``, all others are older.

    `folders` are key prefixes in the order of their keys; the objects are spread over them evenly.
    """

    count: int = 0
    newest: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    span: timedelta = timedelta(days=365)  # the oldest is at most this much older than the newest
    mean_size: int = 1 << 20  # bytes
    folders: tuple[str, ...] = ("data/",)
    extension: str = "bin"
    storage_classes: tuple[str, ...] = ("STANDARD",)
    seed: int = 0

    def __post_init__(self) -> None:
        # what follows a folder starts with a digit, so that all of its keys lie between "0" and ":"
        for one, next_ in itertools.pairwise(self.folders):
            if one + ":" > next_ + "0":
                raise ValueError(f"the keys of {next_!r} do not come after those of {one!r}")

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """Return a key by its index in UTF-8 order."""
        return self._key(index, self._hash(index))

    def __getitem__(self, index: int) -> StoredObject:
        if not 0 <= index < self.count:
            raise IndexError(index)
        scatter = self._hash(index)
        age = 0 if index == self.newest_index else 1 + scatter % max(1, int(self.span.total_seconds()))
        return StoredObject(
            self._key(index, scatter),
            scatter % (2 * self.mean_size + 1),
            self.newest - timedelta(seconds=age),
            f"{scatter:032x}",
            self.storage_classes[scatter % len(self.storage_classes)],
        )

    def rows(self, start: int, stop: int) -> Iterator[tuple[str, int, int, str, str]]:
        """Yield (key, bytes, epoch seconds, etag, storage class) of a range of objects, a million in two seconds."""
        newest_index, newest = self.newest_index, int(self.newest.timestamp())
        span, sizes = max(1, int(self.span.total_seconds())), 2 * self.mean_size + 1
        classes, many = self.storage_classes, len(self.storage_classes)
        folders, several, count, end = self.folders, len(self.folders), self.count, "." + self.extension
        shift = self._shift
        for index in range(start, stop):
            scatter = (index * _STRIDE + shift) % _SCATTER
            sign = f"{scatter:08x}"
            age = 0 if index == newest_index else 1 + scatter % span
            key = f"{folders[index * several // count]}{index:09d}-{sign}{end}"
            yield key, scatter % sizes, newest - age, _ZEROS + sign, classes[scatter % many]

    @property
    def newest_index(self) -> int:
        """Return the index of the newest object: after the first page, if there are several."""
        return (self.count * 3 // 4) if self.count > 1000 else self.seed % max(1, self.count)

    @property
    def last_modified(self) -> datetime | None:
        """The date of the newest object; None for an empty bucket."""
        return self.newest if self.count else None

    def at_or_after(self, key: str) -> int:
        """Return the index of the first object with this key or a greater one."""
        return bisect_left(_Keys(self), key)

    def after(self, key: str) -> int:
        """Return the index of the first object with a greater key."""
        index = self.at_or_after(key)
        return index + 1 if index < self.count and self.key(index) == key else index

    def under(self, prefix: str) -> range:
        """Return the indexes of the objects with a prefix."""
        return range(self.at_or_after(prefix), self.at_or_after(prefix + LAST_CODE_POINT))

    def _key(self, index: int, scatter: int) -> str:
        folder = self.folders[index * len(self.folders) // self.count]
        return f"{folder}{index:09d}-{scatter:08x}.{self.extension}"

    def _hash(self, index: int) -> int:
        return (index * _STRIDE + self._shift) % _SCATTER

    @property
    def _shift(self) -> int:
        return self.seed * 40503 + 12345


class _Keys(Sequence[str]):
    """The keys of a list as a sequence, for bisection."""

    def __init__(self, objects: ObjectList) -> None:
        self._objects = objects

    def __len__(self) -> int:
        return self._objects.count

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # only ever an int here
        return self._objects.key(index)
