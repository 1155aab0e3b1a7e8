"""What AWS is asked for a bucket's figures, and its answers a page: shared by those who ask and those who fold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, islice
from operator import le
from typing import Final, NamedTuple

import msgspec

# AWS: the daily storage metrics of S3. Bytes come by storage type, counts for all storage types together.
BUCKET_SIZE: Final = "BucketSizeBytes"
OBJECT_COUNT: Final = "NumberOfObjects"
ALL_TYPES: Final = "AllStorageTypes"


class SeriesName(NamedTuple):
    """One series: ``metric`` is SIZES or COUNTS."""

    metric: str
    bucket: str
    storage_type: str


class MetricDataResult(msgspec.Struct, frozen=True, gc=False):
    """What a page says of one series: ``place`` in the series asked for; ``times`` in seconds since 1970 UTC,
    ``values`` in the metric's unit, all integers (none negative) or all floats. ``status``: Complete, PartialData
    (the rest is on a later page), Forbidden or InternalError."""

    place: int
    times: Sequence[float]
    values: Sequence[float]
    status: str
    message: str


class MetricDataPage(NamedTuple):
    """``messages``: what AWS says of the whole question, e.g. that not all of it could be answered."""

    answers: list[MetricDataResult]
    messages: list[str]


class ObjectsPage(NamedTuple):
    """Up to 1,000 keys: ``newest`` last-modified in seconds since 1970 UTC, null without keys; ``more``: not the
    last page."""

    newest: int | None
    objects: int
    more: bool


class ListKeysRequest(NamedTuple):
    """A page of a bucket's keys: those that begin with ``prefix`` and come ``after``, at most ``most`` of them, with
    ``versions`` each of their versions and delete markers. ``token``: of the page before, as it was given."""

    prefix: str = ""
    after: str = ""
    token: tuple[str, ...] = ()
    most: int = 1000
    versions: bool = False


class KeysPage(NamedTuple):
    """Keys in their order (AWS: of their UTF-8 bytes), with bytes, storage classes and last-modified as S3 writes it:
    ``2026-11-21T03:04:05.000Z``, so that later is larger. ``latest``: whether it is the current version; null: all are.
    ``markers``: the keys of delete markers. ``token``: for the next page; empty: this is the last."""

    keys: Sequence[str]
    sizes: Sequence[int]
    classes: Sequence[str]
    times: Sequence[str]
    latest: Sequence[bool] | None = None
    markers: Sequence[str] = ()
    token: tuple[str, ...] = ()

    @property
    def is_ordered(self) -> bool:
        """Whether the keys ascend, and those of the delete markers."""
        return all(all(map(le, keys, islice(keys, 1, None))) for keys in (self.keys, self.markers))

    def where(self, chosen: Sequence[bool]) -> KeysPage:
        """Only some of the keys."""
        keys, sizes, classes, times = (list(compress(items, chosen)) for items in self[:4])
        latest = None if self.latest is None else list(compress(self.latest, chosen))
        return self._replace(keys=keys, sizes=sizes, classes=classes, times=times, latest=latest)  # type: ignore[arg-type]

    def between(self, start: int, end: int) -> KeysPage:
        """The keys from a place to before another; the markers stay."""
        keys, sizes, classes, times = (items[start:end] for items in self[:4])
        latest = None if self.latest is None else self.latest[start:end]
        return self._replace(keys=keys, sizes=sizes, classes=classes, times=times, latest=latest)  # type: ignore[arg-type]


class UploadsPage(NamedTuple):
    """A page of unfinished multipart uploads: (key, upload id). ``token``: as of KeysPage."""

    uploads: list[tuple[str, str]]
    token: tuple[str, ...] = ()


class UploadPartsPage(NamedTuple):
    """A page of an upload's parts: their bytes together. ``token``: as of KeysPage."""

    size: int
    token: tuple[str, ...] = ()
