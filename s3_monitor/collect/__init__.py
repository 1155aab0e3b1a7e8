"""Collecting: one shard of the plan → one part."""
