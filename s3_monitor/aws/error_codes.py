"""Error codes of AWS used by several modules."""

# AWS: the codes of throttling in botocore's standard mode, and further ones.
_THROTTLED = (
    "Throttling ThrottlingException ThrottledException RequestThrottledException TooManyRequestsException "
    "ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded "
    "BandwidthLimitExceeded LimitExceededException RequestThrottled SlowDown PriorRequestNotComplete "
    "EC2ThrottledException TooManyRequests LimitExceeded LimitExceededFault"
)
THROTTLED = frozenset(_THROTTLED.split())
