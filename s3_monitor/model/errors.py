"""The exceptions of this package. Those of botocore do not leave ``aws``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from s3_monitor.model.bounds import utf8_text
from s3_monitor.model.identity import AccountBucket

ErrorKind = Literal[
    "denied",  # the credentials are valid, the permission is missing
    "throttled",  # after the last retry
    "expired",  # the credentials have expired
    "invalid-credentials",  # the service rejects the credentials, or the region is not enabled
    "unreachable",  # no connection, or no response in time
    "missing",  # the bucket or other resource does not exist
    "refused",  # another client error (4xx)
    "broken",  # a server error (5xx), or a response that cannot be parsed
]


DeniedBy = Literal[
    "",  # AWS gives no reason
    "identity-policy",  # no policy of the user or role allows the action
    "explicit-deny",  # a statement of an unnamed policy, or of a policy of the user or role
    "organization",  # a service or resource control policy
    "resource-policy",  # the policy of the bucket, key or role
    "boundary",  # the permissions boundary
    "session-policy",
    "endpoint-policy",  # of a VPC endpoint
    "not-enabled",  # the account or region does not use the service
]


DAMAGED = "damaged"  # code of the AwsError of an object whose content is not the expected one


class UserError(Exception):
    """An error of the user: wrong usage, an invalid input file, no credentials. Exit status 2.

    ``advice``: what to do about it.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class MissingCredentialsError(UserError):
    """A profile, a role or the default chain has no usable credentials.

    ``denied_by``: the policy that denies the role or login; None: it was not denied.
    """

    def __init__(self, message: str, advice: str = "", denied_by: DeniedBy | None = None) -> None:
        super().__init__(message, advice)
        self.denied_by = denied_by


class AwsError(Exception):
    """A failed request to AWS, after all retries."""

    def __init__(
        self,
        kind: ErrorKind,
        operation: str,
        message: str,
        *,
        code: str = "",
        advice: str = "",
        denied_by: DeniedBy = "",
    ) -> None:
        """``denied_by``: the policy that denies the request, if the kind is ``denied``."""
        message = utf8_text(message)  # it is stored in plans and parts
        super().__init__(f"{operation}: {message}")
        self.kind: ErrorKind = kind
        self.operation = operation
        self.code = code
        self.message = message
        self.advice = advice
        self.denied_by: DeniedBy = denied_by


class IncompleteList(AwsError):
    """A list of buckets with entries that could not be read.

    Raised after the last page. ``buckets``: the readable ones that were not returned before.
    """

    def __init__(self, operation: str, unreadable: int, buckets: Sequence[AccountBucket] = ()) -> None:
        entries = "1 entry" if unreadable == 1 else f"{unreadable:,} entries"
        super().__init__("broken", operation, f"could not read {entries} of the response", advice="try again later")
        self.unreadable = unreadable
        self.buckets = list(buckets)


class InvalidFileError(Exception):
    """A file of this program that is unreadable, truncated, malformed, or of a newer format."""

    def __init__(self, path: object, what: str, advice: str = "") -> None:
        super().__init__(f"{path}: {what}")
        self.path = str(path)
        self.what = what
        self.advice = advice


class RequestBudgetExhausted(Exception):
    """A request was not sent because the limit of requests is reached."""
