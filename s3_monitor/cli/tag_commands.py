"""AWS CLI commands that tag buckets for the bill, quoted for a shell: tags are untrusted text."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import msgspec

MOST_TAGS = 50  # AWS: the limit of user-defined tags of a bucket
_RESERVED = "aws:"  # AWS: tags with this prefix do not count towards the limit, and only AWS can set them


def is_reserved(key: str) -> bool:
    """Return whether only AWS can set the tag."""
    return key.casefold().startswith(_RESERVED)


class TaggedBucket(msgspec.Struct, frozen=True):
    """A bucket and its tags."""

    name: str
    region: str
    tags: Mapping[str, str]

    def fault(self, key: str) -> str:
        """Return what is wrong with the tag, in one line; empty if the tag is correct."""
        if key not in self.tags:
            return "has no such tag" + (f", and already {MOST_TAGS} others, the maximum" if self.is_full(key) else "")
        return "" if self.tags[key] == self.name else f"has the value {json.dumps(self.tags[key])}"

    def is_full(self, key: str) -> bool:
        """Return whether the bucket has the maximum number of tags but lacks the tag."""
        user_defined = sum(not is_reserved(name) for name in self.tags)
        return key not in self.tags and user_defined >= MOST_TAGS

    def command(self, key: str, profile: str | None) -> str:
        """Return the command that adds the tag.

        AWS: PutBucketTagging replaces all tags, and is rejected if those set by AWS are missing.
        """
        tags = {**self.tags, key: self.name}
        # JSON escapes all characters of tags that are not printable ASCII, for shells and terminals.
        tag_set = json.dumps({"TagSet": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]})
        target = ["--bucket", self.name, "--region", self.region]
        return _line("aws", "s3api", "put-bucket-tagging", *target, "--tagging", tag_set, *_profile(profile))


def activation_command(key: str, region: str, profile: str | None) -> str:
    """Return the command that activates the tag for cost allocation.

    AWS: only the payer can do this. It takes effect within a day, and not for the time before.
    """
    status = json.dumps([{"TagKey": key, "Status": "Active"}])
    command = ["aws", "ce", "update-cost-allocation-tags-status", "--cost-allocation-tags-status", status]
    return _line(*command, "--region", region, *_profile(profile))


def _profile(profile: str | None) -> list[str]:
    return ["--profile", profile] if profile else []


def _line(*words: str) -> str:
    return " ".join(map(shlex.quote, words))
