"""Error codes of AWS that several modules need."""

# AWS: the codes that botocore's standard mode takes for throttling, and others.
_THROTTLED = (
    "Throttling ThrottlingException ThrottledException RequestThrottledException TooManyRequestsException "
    "ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded "
    "BandwidthLimitExceeded LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete "
    "EC2ThrottledException TooManyRequests LimitExceeded LimitExceededFault"
)
THROTTLED = frozenset(_THROTTLED.split())
