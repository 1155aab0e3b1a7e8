"""What AWS is asked for a bucket's figures, and its answers a page: shared by those who ask and those who fold."""

from __future__ import annotations

from typing import Final, NamedTuple

# AWS: the daily storage metrics of S3. Bytes come by storage type, counts for all storage types together.
SIZES: Final = "BucketSizeBytes"
COUNTS: Final = "NumberOfObjects"
ALL_TYPES: Final = "AllStorageTypes"


class SeriesName(NamedTuple):
    """One series: ``metric`` is SIZES or COUNTS."""

    metric: str
    bucket: str
    storage_type: str


class SeriesAnswer(NamedTuple):
    """What a page says of one series: ``place`` in the series asked for; ``times`` in seconds since 1970 UTC,
    ``values`` in the metric's unit. ``status``: Complete, PartialData (the rest is on a later page), Forbidden or
    InternalError."""

    place: int
    times: list[float]
    values: list[float]
    status: str
    message: str


class PointsPage(NamedTuple):
    """``messages``: what AWS says of the whole question, e.g. that not all of it could be answered."""

    answers: list[SeriesAnswer]
    messages: list[str]


class ObjectsPage(NamedTuple):
    """Up to 1,000 keys: ``newest`` last-modified in seconds since 1970 UTC, null without keys; ``more``: not the
    last page."""

    newest: int | None
    objects: int
    more: bool
