"""The configuration of buckets: encryption, lifecycle, tags and the other properties that the plan requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.problem_log import ENDS_REGION
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES, BucketConfig
from s3_monitor.model.errors import AwsError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX

_NO_BUCKET = "NoSuchBucket"


class BucketConfigCollector(Collector[str]):
    """The configurations of the buckets of one account and region. The properties of a bucket are read in sequence."""

    _code: ClassVar = "configuration-unreadable"

    def __init__(
        self, region: AccountRegion, context: ShardContext, on_config: Callable[[str, BucketConfig], None] | None
    ) -> None:
        """``on_config`` is called for each bucket."""
        super().__init__(region, context.bucket_configs)
        self.configs: dict[str, BucketConfig] = {}
        """By bucket."""
        self._properties = context.plan.properties
        self._on_config = on_config

    def on_bucket(self, bucket: str) -> None:
        """Handle a bucket whose configuration is requested."""
        names: Sequence[str] = self._properties
        if bucket.endswith(DIRECTORY_SUFFIX):  # AWS: they have few of them
            names = [name for name in names if name in DIRECTORY_BUCKET_PROPERTIES]
        if names:
            self._request(bucket, partial(self._read_properties, bucket, names), partial(self._on_properties, bucket))

    def _read_properties(self, bucket: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the properties at once, an AwsError for each that failed. Raises errors that concern all of them."""
        properties: dict[str, Any] = {}
        for name in names:
            try:
                properties[name] = self._account.read_property(bucket, self._region, name)
            except AwsError as error:
                if error.code == _NO_BUCKET or error.kind in ENDS_REGION:
                    raise
                properties[name] = error
        yield properties

    def _on_properties(self, bucket: str, properties: dict[str, Any]) -> None:
        values = {name: None if isinstance(value, AwsError) else value for name, value in properties.items()}
        self.configs[bucket] = config = BucketConfig(**values)
        if self._on_config is not None:
            self._on_config(bucket, config)
        for name, error in properties.items():
            if isinstance(error, AwsError):
                # AWS's message contains the bucket's name: without it, the same error of many buckets is one problem.
                detail = str(error).replace(f":::{bucket}", ":::…")
                code = f"{name.replace('_', '-')}-unreadable"
                self._problems.add_for_bucket(code, self.place, bucket, detail=detail, advice=error.advice)
