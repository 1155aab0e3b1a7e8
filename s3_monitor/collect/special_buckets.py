"""The directory, table and vector buckets of a region, which ListBuckets leaves out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.problem_log import Cause
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.identity import AccountBucket, SpecialBucket, SpecialKind

_KINDS: Final[tuple[SpecialKind, ...]] = ("directory", "table", "vector")


class SpecialBucketCollector(Collector[SpecialKind]):
    """The special buckets of one account and region. Each kind has an endpoint of its own: its errors are its own."""

    _ends_region: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        region: AccountRegion,
        context: ShardContext,
        matches: Callable[[str], bool],
        on_directory: Callable[[AccountBucket], None],
    ) -> None:
        """Construct the collector.

        ``matches`` returns whether a unit requests a bucket; ``on_directory`` is called for each directory bucket.
        """
        super().__init__(region, context.metric_lists)
        self.buckets: set[SpecialBucket] = set()
        """The table and vector buckets."""
        self._matches, self._on_directory = matches, on_directory

    def start(self) -> None:
        """List the buckets of each kind."""
        for kind in _KINDS:
            pages = partial(self._account.special_bucket_pages, kind, self._region)
            self._request(kind, pages, partial(self._on_page, kind))

    def _on_page(self, kind: SpecialKind, page: list[AccountBucket]) -> None:
        for bucket in page:
            if not self._matches(bucket.name):
                continue
            if bucket.bad_date:
                self._problems.add_for_bucket("creation-date-invalid", self.place, bucket.name)
            if kind == "directory":
                self._on_directory(bucket)
            else:
                self.buckets.add(SpecialBucket(kind, bucket.name, bucket.created))

    def _on_missing(self, subject: SpecialKind, cause: Cause) -> None:
        self._on_failure(subject, cause)  # no bucket was named

    def _on_failure(self, subject: SpecialKind, cause: Cause) -> None:
        self._report(f"{subject}-buckets-unlisted", cause=cause)
