"""How the buckets of a region are configured: which properties are asked, of which buckets, and what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES, BucketConfig
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.problem import gap

_GONE = "NoSuchBucket"


class _Answer(NamedTuple):
    """A property of a bucket: its value, or why it did not come."""

    name: str
    value: object
    failure: AwsError | None = None


class BucketConfigCollector:
    """The properties of the buckets of one account and region: {bucket: Details}. Used by the folding thread alone,
    its questions apart. A bucket is asked as soon as it is known to be there, one property after the other."""

    def __init__(
        self,
        where: str,
        region: str,
        properties: Sequence[str],
        losses: ProblemLog,
        tally: CallCounter,
        on_details: Callable[[str, BucketConfig], None],
    ) -> None:
        """``properties``: names of model.bucket_config.OPERATIONS; none: no request is sent. ``on_details`` is called
        with the configuration of each bucket."""
        self._on_details = on_details
        self.found: dict[str, BucketConfig] = {}
        self._where, self._region = where, region
        self._properties = properties
        self._losses, self._tally = losses, tally
        self._given_up = False
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """Be ready to ask."""
        self._account, self._lane = account, lane

    def is_there(self, bucket: str) -> None:
        """A list of the account's buckets named it, and a unit wants to know."""
        names = _applying(bucket, self._properties)
        if names and not self._given_up:
            self._lane.ask(
                Task(
                    partial(self._inquire, bucket, names),
                    partial(self._came, bucket),
                    partial(self._ended, bucket),
                    about=self,
                )
            )

    def _inquire(self, bucket: str, names: Sequence[str]) -> Iterator[list[_Answer]]:
        """All answers at once, or none of a bucket that is gone."""
        answers = []
        for name in names:
            try:
                value = self._account.bucket_property(bucket, self._region, name, self._tally.count)
                answers.append(_Answer(name, value))
            except AwsError as failure:
                if failure.code == _GONE or _holds_for_all(failure):
                    raise
                answers.append(_Answer(name, None, failure))
        yield answers

    def _came(self, bucket: str, answers: list[_Answer]) -> None:
        known: dict[str, Any] = {answer.name: answer.value for answer in answers}
        self.found[bucket] = details = BucketConfig(**known)
        self._on_details(bucket, details)
        for answer in answers:
            if answer.failure is not None:
                self._lost(bucket, answer.name, answer.failure)

    def _lost(self, bucket: str, name: str, failure: AwsError) -> None:
        # AWS names the bucket in what it says: without it, one refusal of many buckets is one cause.
        cause = str(failure).replace(f":::{bucket}", ":::…")
        what = name.replace("_", " ")
        advice = failure.advice
        if bucket.endswith(DIRECTORY_SUFFIX):  # AWS: their permissions have another service's name
            advice = advice.replace("allow s3:", "allow s3express:")
        self._losses.lose(
            self._where,
            [bucket],
            alone=f"its {what} unknown: {cause}",
            together=f"buckets, their {what} unknown: {cause}",
            advice=advice,
        )

    def _ended(self, bucket: str, error: Exception | None) -> None:
        if error is None:
            return
        if isinstance(error, AwsError) and error.code == _GONE:
            self._losses.deleted(self._where, bucket)
            return
        cause = cause_of(error)
        if isinstance(error, UserError) or (isinstance(error, AwsError) and _holds_for_all(error)):
            self._given_up = True
            left = 1 + len(self._lane.drop(self, under_way=True))
            what = f"{cause.text}: how {left:,} buckets or more are configured is unknown"
            self._losses.add(gap(self._where, what, cause.advice))
        else:
            self._losses.lose(
                self._where,
                [bucket],
                alone=f"how it is configured is unknown: {cause.text}",
                together=f"buckets, how they are configured is unknown: {cause.text}",
                advice=cause.advice,
            )


def _applying(bucket: str, properties: Sequence[str]) -> list[str]:
    """AWS: directory buckets have few of the properties."""
    directory = bucket.endswith(DIRECTORY_SUFFIX)
    return [name for name in properties if not directory or name in DIRECTORY_BUCKET_PROPERTIES]


def _holds_for_all(failure: AwsError) -> bool:
    """S3 does not answer, or not to these credentials: nor will it for the other buckets."""
    return failure.kind in ("unreachable", "expired", "invalid-credentials")
