"""The pages of AWS's responses as plain records, shared by ``aws`` and ``collect``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, islice
from operator import le
from typing import Final, NamedTuple

import msgspec

# AWS: the daily storage metrics of S3. Bytes are by storage type, object counts for all storage types together.
BUCKET_SIZE: Final = "BucketSizeBytes"
OBJECT_COUNT: Final = "NumberOfObjects"
ALL_TYPES: Final = "AllStorageTypes"


class SeriesName(NamedTuple):
    """The name of a daily series."""

    metric: str
    """BUCKET_SIZE or OBJECT_COUNT."""
    bucket: str
    storage_type: str


class MetricDataResult(msgspec.Struct, frozen=True, gc=False):
    """The points of a series on a page."""

    place: int
    """Index in the requested series."""
    times: Sequence[float]
    """Seconds since 1970 UTC."""
    values: Sequence[float]
    """Values in the unit of the metric: all integers of at least 0, or all floats."""
    status: str
    """Complete, PartialData (more on a later page), Forbidden or InternalError."""
    message: str


class MetricDataPage(NamedTuple):
    """A page of GetMetricData."""

    answers: list[MetricDataResult]
    messages: list[str]
    """AWS's messages about the request, such as that it could not be completed."""


class ListKeysRequest(NamedTuple):
    """A request for a page of a bucket's keys."""

    prefix: str = ""
    after: str = ""
    """Only keys after this key."""
    token: tuple[str, ...] = ()
    """Token of the previous page."""
    most: int = 1000
    """Largest number of keys, or of versions and delete markers."""
    versions: bool = False
    """Whether all versions and delete markers are requested."""


class KeysPage(NamedTuple):
    """A page of keys or versions, as columns. AWS: keys are ordered by their UTF-8 bytes."""

    keys: Sequence[str]
    sizes: Sequence[int]
    """Bytes."""
    classes: Sequence[str]
    """Storage classes."""
    times: Sequence[str]
    """Last-modified times as S3 writes them, ``2026-11-21T03:04:05.000Z``: text order is time order."""
    latest: Sequence[bool] | None = None
    """Whether each is the current version; None: all are."""
    markers: Sequence[str] = ()
    """Keys of delete markers."""
    token: tuple[str, ...] = ()
    """Token of the next page; empty: this is the last page."""

    @property
    def is_ordered(self) -> bool:
        """Whether the keys are in ascending order, and those of the delete markers."""
        return all(all(map(le, keys, islice(keys, 1, None))) for keys in (self.keys, self.markers))

    def where(self, selected: Sequence[bool]) -> KeysPage:
        """Return the page with the selected keys only."""
        keys, sizes, classes, times = (list(compress(items, selected)) for items in self[:4])
        latest = None if self.latest is None else list(compress(self.latest, selected))
        return self._replace(keys=keys, sizes=sizes, classes=classes, times=times, latest=latest)  # type: ignore[arg-type]

    def between(self, start: int, end: int) -> KeysPage:
        """Return the page with the keys from index ``start`` to before ``end``, and all delete markers."""
        keys, sizes, classes, times = (items[start:end] for items in self[:4])
        latest = None if self.latest is None else self.latest[start:end]
        return self._replace(keys=keys, sizes=sizes, classes=classes, times=times, latest=latest)  # type: ignore[arg-type]


class UploadsPage(NamedTuple):
    """A page of unfinished multipart uploads, as (key, upload id)."""

    uploads: list[tuple[str, str]]
    token: tuple[str, ...] = ()


class UploadPartsPage(NamedTuple):
    """A page of the parts of an upload: the sum of their bytes."""

    size: int
    token: tuple[str, ...] = ()
