"""S3 Monitor: the size and cost of S3 buckets."""

__version__ = "0.2.0"
