"""What an admin would run to tag buckets for the bill: commands as text, safe to paste whatever a tag holds."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import msgspec

MOST_TAGS = 50  # AWS: a bucket has no more of its own
_RESERVED = "aws:"  # AWS: its own tags do not count towards that limit, and nobody else can set them


def is_reserved(key: str) -> bool:
    """Return whether only AWS can set a tag."""
    return key.casefold().startswith(_RESERVED)


class Finding(msgspec.Struct, frozen=True):
    """A bucket and the tags it has."""

    bucket: str
    region: str
    tags: Mapping[str, str]

    def wrong(self, key: str) -> str:
        """What is wrong with its tag, in words on one line; empty: nothing."""
        if key not in self.tags:
            return "lacks the tag" + (f", and has {MOST_TAGS} others: no room" if self.is_full(key) else "")
        return "" if self.tags[key] == self.bucket else f"carries {json.dumps(self.tags[key])}"

    def is_full(self, key: str) -> bool:
        """Return whether there is no room for the tag."""
        own = sum(not is_reserved(name) for name in self.tags)
        return key not in self.tags and own >= MOST_TAGS

    def command(self, key: str, profile: str | None) -> str:
        """Return the command that sets its tags and this one. AWS: PutBucketTagging replaces the complete set, and
        refuses one without the bucket's tags of AWS."""
        tags = {**self.tags, key: self.bucket}
        # JSON escapes what is no plain ASCII: no sign of a tag reaches a shell or a terminal as itself.
        tag_set = json.dumps({"TagSet": [{"Key": name, "Value": value} for name, value in sorted(tags.items())]})
        where = ["--bucket", self.bucket, "--region", self.region]
        return _line("aws", "s3api", "put-bucket-tagging", *where, "--tagging", tag_set, *_profile(profile))


def activation(key: str, region: str, profile: str | None) -> str:
    """AWS: the payer alone can do it; it takes a day to show, and nothing before it is ever told apart."""
    status = json.dumps([{"TagKey": key, "Status": "Active"}])
    command = ["aws", "ce", "update-cost-allocation-tags-status", "--cost-allocation-tags-status", status]
    return _line(*command, "--region", region, *_profile(profile))


def _profile(profile: str | None) -> list[str]:
    return ["--profile", profile] if profile else []


def _line(*words: str) -> str:
    return " ".join(map(shlex.quote, words))
