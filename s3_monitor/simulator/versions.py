"""Explicit object versions, delete markers and unfinished multipart uploads."""

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
    """An object version or a delete marker. The newest version of a key is the latest."""

    key: str
    size: int | None  # None for a delete marker
    last_modified: datetime
    storage_class: str = "STANDARD"


class Upload(NamedTuple):
    """An unfinished multipart upload."""

    key: str
    parts: tuple[int, ...]  # bytes
    initiated: datetime


class Listed(NamedTuple):
    """A version in ListObjectVersions."""

    version: StoredVersion
    id: str
    latest: bool


@dataclass(frozen=True)
class VersionedObjects(ExplicitObjects):
    """Object versions; as objects, the current ones."""

    versions: tuple[Listed, ...]  # by key, the newest first
    uploads: tuple[Upload, ...] = ()
    storage_classes: tuple[str, ...] = ()

    @classmethod
    def of(cls, versions: Iterable[StoredVersion], uploads: Iterable[Upload] = ()) -> VersionedObjects:
        """Return the object for versions in any order."""
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
        """The current objects by key."""
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
        """The date of the newest current object."""
        return max((one.last_modified for one in self.current), default=None)

    @cached_property
    def _places(self) -> list[tuple[str, int]]:
        return [(one.version.key, -int(one.id[1:])) for one in self.versions]

    def version_after(self, key: str, version: str) -> int:
        """Return the index of the first version after a marker. AWS: a key alone skips all of its versions."""
        number = -int(version[1:]) if version else 1
        return bisect_right(self._places, (key, number))
