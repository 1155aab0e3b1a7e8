"""S3 monitor: what is in S3 buckets and what it costs."""

__version__ = "0.1.0"
