"""Objects with a past: versions, delete markers and uploads that nobody finished, as they are given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from s3_monitor.simulator.explicit_objects import ExplicitObjects
from s3_monitor.simulator.objects import StoredObject


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
class VersionedObjects(ExplicitObjects):
    """Of objects it is a list of the current ones."""

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

    @cached_property
    def current(self) -> list[StoredObject]:
        """What a listing without versions shows, by key."""
        latest = [one.version for one in self.versions if one.latest]
        objects = [(one, one.size) for one in latest if one.size is not None]
        return [
            StoredObject(one.key, size, one.last_modified, f"{index:032x}", one.storage_class)
            for index, (one, size) in enumerate(objects)
        ]

    @cached_property
    def keys(self) -> list[str]:
        return [one.key for one in self.current]

    def __getitem__(self, index: int) -> StoredObject:
        return self.current[index]

    @property
    def last_modified(self) -> datetime | None:
        """The newest current object's date."""
        return max((one.last_modified for one in self.current), default=None)

    @cached_property
    def _places(self) -> list[tuple[str, int]]:
        return [(one.version.key, -int(one.id[1:])) for one in self.versions]

    def version_after(self, key: str, version: str) -> int:
        """The index of the first version behind a marker. AWS: a key alone stands for all of its versions."""
        number = -int(version[1:]) if version else 1
        return bisect_right(self._places, (key, number))
