"""A bucket of a few objects with content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from s3_monitor.simulator.explicit_objects import ExplicitObjects
from s3_monitor.simulator.objects import StoredObject


@dataclass(frozen=True)
class FileList(ExplicitObjects):
    """Objects by key, all written at the same time."""

    contents: Mapping[str, bytes] = field(default_factory=dict)
    newest: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @cached_property
    def keys(self) -> list[str]:
        return sorted(self.contents)

    def __getitem__(self, index: int) -> StoredObject:
        content = self.contents[self.keys[index]]
        return StoredObject(self.keys[index], len(content), self.newest, etag(content), "STANDARD")

    @property
    def last_modified(self) -> datetime | None:
        """The date of the newest object; None for an empty bucket."""
        return self.newest if self.contents else None


def etag(content: bytes) -> str:
    """Return the ETag. AWS: the MD5 of an object that was uploaded in one part."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
