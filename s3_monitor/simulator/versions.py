"""Objects with a past: versions, delete markers and uploads that nobody finished, as they are given."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from s3_monitor.simulator.objects import LAST_CODE_POINT, StoredObject


class StoredVersion(NamedTuple):
    """``size`` null: a delete marker. The newest version of a key is its latest."""

    key: str
    size: int | None
    last_modified: datetime
    storage_class: str = "STANDARD"


class Upload(NamedTuple):
    """An unfinished multipart upload: the bytes of each of its parts."""

    key: str
    parts: tuple[int, ...]
    initiated: datetime


class Listed(NamedTuple):
    """A version as ListObjectVersions shows it."""

    version: StoredVersion
    id: str
    latest: bool


@dataclass(frozen=True)
class VersionedObjects:
    """Stands where an ObjectList does: its current objects are listed likewise."""

    versions: tuple[Listed, ...]  # by key, the newest first
    uploads: tuple[Upload, ...] = ()
    storage_classes: tuple[str, ...] = ()

    @classmethod
    def of(cls, versions: Iterable[StoredVersion], uploads: Iterable[Upload] = ()) -> VersionedObjects:
        """From versions in any order."""
        by_key: dict[str, list[StoredVersion]] = {}
        for version in versions:
            by_key.setdefault(version.key, []).append(version)
        listed = []
        for key in sorted(by_key):
            newest_first = sorted(by_key[key], key=lambda version: version.last_modified, reverse=True)
            listed += [
                Listed(version, f"v{len(newest_first) - number:06d}", number == 0)
                for number, version in enumerate(newest_first)
            ]
        return cls(tuple(listed), tuple(sorted(uploads)))

    def __post_init__(self) -> None:
        current = [one.version for one in self.versions if one.latest and one.version.size is not None]
        object.__setattr__(self, "_current", current)
        object.__setattr__(self, "_keys", [version.key for version in current])
        object.__setattr__(self, "_places", [(one.version.key, -int(one.id[1:])) for one in self.versions])

    @property
    def count(self) -> int:
        return len(self._keys)  # type: ignore[attr-defined]  # set above

    def __len__(self) -> int:
        return self.count

    def key(self, index: int) -> str:
        """The index-th current key in UTF-8 order."""
        return self._keys[index]  # type: ignore[attr-defined,no-any-return]

    def __getitem__(self, index: int) -> StoredObject:
        version = self._current[index]  # type: ignore[attr-defined]
        return StoredObject(version.key, version.size, version.last_modified, f"{index:032x}", version.storage_class)

    def rows(self, start: int, stop: int) -> Iterator[tuple[str, int, int, str, str]]:
        """As of ObjectList."""
        for index in range(start, stop):
            one = self[index]
            yield one.key, one.size, int(one.last_modified.timestamp()), one.etag, one.storage_class

    @property
    def last_modified(self) -> datetime | None:
        """The newest current object's date."""
        return max((version.last_modified for version in self._current), default=None)  # type: ignore[attr-defined]

    def at_or_after(self, key: str) -> int:
        return bisect_left(self._keys, key)  # type: ignore[attr-defined]

    def after(self, key: str) -> int:
        return bisect_right(self._keys, key)  # type: ignore[attr-defined]

    def under(self, prefix: str) -> range:
        return range(self.at_or_after(prefix), self.at_or_after(prefix + LAST_CODE_POINT))

    def version_after(self, key: str, version: str) -> int:
        """The index of the first version behind a marker. AWS: a key alone stands for all of its versions."""
        number = -int(version[1:]) if version else 1
        return bisect_right(self._places, (key, number))  # type: ignore[attr-defined]
