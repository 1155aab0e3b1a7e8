"""Object statistics of a bucket from a listing or an S3 Inventory report: sizes, classes, ages, prefixes."""
