"""The configuration of buckets: encryption, lifecycle, tags and the other properties that the plan requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.problem_log import ENDS_REGION
from s3_monitor.collect.worker_pool import ConcurrencyLimit
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES, BucketConfig
from s3_monitor.model.errors import AwsError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX

_NO_BUCKET = "NoSuchBucket"


class _Property(NamedTuple):
    """A property of a bucket: its value, or the error that made it unknown."""

    name: str
    value: object
    error: AwsError | None = None


class BucketConfigCollector(Collector[str]):
    """The configurations of the buckets of one account and region. The properties of a bucket are read in sequence."""

    _code: ClassVar = "configuration-unreadable"

    def __init__(
        self,
        region: AccountRegion,
        limit: ConcurrencyLimit,
        properties: Sequence[str],
        on_config: Callable[[str, BucketConfig], None],
    ) -> None:
        """``properties``: names in ``model.bucket_config.OPERATIONS``. ``on_config`` is called for each bucket."""
        super().__init__(region, limit)
        self.configs: dict[str, BucketConfig] = {}
        """By bucket."""
        self._properties = properties
        self._on_config = on_config

    def on_bucket(self, bucket: str) -> None:
        """Handle a bucket whose configuration is requested."""
        if names := _applicable(bucket, self._properties):
            self._request(bucket, partial(self._read_properties, bucket, names), partial(self._on_properties, bucket))

    def _read_properties(self, bucket: str, names: Sequence[str]) -> Iterator[list[_Property]]:
        """Yield all properties at once. Raises the errors that concern all of them."""
        properties = []
        for name in names:
            try:
                properties.append(_Property(name, self._account.read_property(bucket, self._region, name)))
            except AwsError as error:
                if error.code == _NO_BUCKET or error.kind in ENDS_REGION:
                    raise
                properties.append(_Property(name, None, error))
        yield properties

    def _on_properties(self, bucket: str, properties: list[_Property]) -> None:
        values: dict[str, Any] = {one.name: one.value for one in properties}
        self.configs[bucket] = config = BucketConfig(**values)
        self._on_config(bucket, config)
        for one in properties:
            if one.error is not None:
                self._report_property(bucket, one.name, one.error)

    def _report_property(self, bucket: str, name: str, error: AwsError) -> None:
        # AWS's message contains the name of the bucket: without it, the same error of many buckets is one problem.
        detail = str(error).replace(f":::{bucket}", ":::…")
        advice = error.advice
        if bucket.endswith(DIRECTORY_SUFFIX):  # AWS: their actions have another prefix
            advice = advice.replace("allow s3:", "allow s3express:")
        code = f"{name.replace('_', '-')}-unreadable"
        self._problems.add_for_bucket(code, self.place, bucket, detail=detail, advice=advice)


def _applicable(bucket: str, properties: Sequence[str]) -> list[str]:
    """Return the properties that a bucket has. AWS: directory buckets have few of them."""
    is_directory = bucket.endswith(DIRECTORY_SUFFIX)
    return [name for name in properties if not is_directory or name in DIRECTORY_BUCKET_PROPERTIES]
