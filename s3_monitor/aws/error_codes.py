"""The kinds of errors by AWS's error codes."""

from __future__ import annotations

from s3_monitor.model.errors import ErrorKind

UNREADABLE = "UnreadableResponse"  # a response that cannot be parsed
HTML = "HtmlResponse"  # a web page
CLOCK = frozenset(("RequestTimeTooSkewed", "RequestInTheFuture"))
_CODES: dict[ErrorKind, str] = {
    "broken": f"{UNREADABLE} {HTML}",
    "denied": (
        "AccessDenied AccessDeniedException UnauthorizedOperation UnauthorizedAccess AuthorizationError "
        "AllAccessDisabled AccountProblem Forbidden ForbiddenException"
    ),
    # AWS: the codes of throttling in botocore's standard mode, and further ones.
    "throttled": (
        "Throttling ThrottlingException ThrottledException RequestThrottledException TooManyRequestsException "
        "ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded "
        "BandwidthLimitExceeded LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete "
        "EC2ThrottledException TooManyRequests LimitExceeded LimitExceededFault"
    ),
    # AWS: the session has expired or was revoked, which may happen before its expiration time on this machine.
    "expired": "ExpiredToken ExpiredTokenException TokenRefreshRequired RequestExpired",
    # AWS: requests to a region that is not enabled also fail with one of these codes, depending on the service.
    "invalid-credentials": (
        "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId SignatureDoesNotMatch AuthFailure "
        "OptInRequired InvalidToken InvalidSecurity InvalidSignatureException IncompleteSignature NotSignedUp "
        "MissingAuthenticationToken MissingAuthenticationTokenException InvalidIdentityToken RegionDisabledException "
        "SubscriptionRequiredException RequestTimeTooSkewed RequestInTheFuture"
    ),
}
KINDS: dict[str, ErrorKind] = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
