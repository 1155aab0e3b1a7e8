"""Exports that AWS delivers to S3: manifests, columns, SQL and results. Pure."""
