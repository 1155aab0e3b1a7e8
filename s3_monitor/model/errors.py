"""What can go wrong, as exceptions of our own: callers never see botocore's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.identity import AccountBucket

ErrorKind = Literal[
    "denied",  # the credentials are good, the permission is missing
    "throttled",  # retried with backoff until the attempts were used up
    "expired",  # the credentials' time is over
    "invalid-credentials",  # the service does not know these credentials (or the region is not enabled)
    "unreachable",  # no connection, or no answer in time
    "missing",  # the bucket or other thing asked about does not exist (any more)
    "refused",  # the service understood and said no for another reason (a validation error, 4xx)
    "broken",  # the service failed (5xx) or answered what cannot be understood
]


DAMAGED = "damaged"  # the code of the AwsFailure of an object that was received complete, and is not the expected one


class UserError(Exception):
    """Wrong usage, a bad input file, no credentials: the program ends with exit status 2 and this message.

    The message says what is wrong and where; ``advice`` what to do about it.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class MissingCredentialsError(UserError):
    """There are no usable credentials for a profile, role or the default chain."""


class AwsError(Exception):
    """A call to AWS that was given up: which, how, and what the user can do."""

    def __init__(self, kind: ErrorKind, operation: str, message: str, *, code: str = "", advice: str = "") -> None:
        message = utf8_text(message)  # it is part of a plan or part later
        super().__init__(f"{operation}: {message}")
        self.kind: ErrorKind = kind
        self.operation = operation
        self.code = code
        self.message = message
        self.advice = advice


class IncompleteList(AwsError):
    """A list of buckets with entries that could not be read.

    Raised after its last page; ``buckets`` holds the others where nothing received them yet.
    """

    def __init__(self, operation: str, unreadable: int, buckets: Sequence[AccountBucket] = ()) -> None:
        entries = "1 entry" if unreadable == 1 else f"{unreadable:,} entries"
        super().__init__("broken", operation, f"could not read {entries} of the response", advice="try again later")
        self.unreadable = unreadable
        self.buckets = list(buckets)


class InvalidFileError(Exception):
    """A file of ours that cannot be used: unreadable, truncated, not ours, or of a newer format."""

    def __init__(self, path: object, what: str, advice: str = "") -> None:
        super().__init__(f"{path}: {what}")
        self.path = str(path)
        self.what = what
        self.advice = advice


class RequestBudgetExhausted(Exception):
    """A request was not sent, since no more may be."""
