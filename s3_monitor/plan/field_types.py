"""The types of text values in shards.yaml."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from s3_monitor.plan import bucket_patterns, names

# Printable, so that a line of shards.tsv keeps its four fields.
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z", max_length=255)]
Name = Annotated[str, Meta(pattern=rf"^{names.NAME}\Z")]
Role = Annotated[str, Meta(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}\Z")]
ExternalId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+=,.@:/-]{2,1224}\Z")]
Pattern = Annotated[str, Meta(pattern=rf"^{bucket_patterns.ALLOWED.pattern}\Z")]
