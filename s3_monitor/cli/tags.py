"""`s3-monitor tags`: check the tag that allocates the bill to buckets. Changes nothing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from s3_monitor.cli.exit_status import ExitStatus, print_info, print_problems
from s3_monitor.cli.options import profile_option, regions_option, verbosity_options
from s3_monitor.cli.streams import print_lines
from s3_monitor.model.bill import ENDPOINTS, TAG
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.model.identity import AccountBucket, Identity

MOST_TAGS = 50  # AWS: the limit of user-defined tags of a bucket
_RESERVED = "aws:"  # AWS: tags with this prefix do not count towards the limit, and only AWS can set them
Activation = Literal["active", "not active", "not on any bill yet", "unknown"]
_ACTIVATION_NEEDED: dict[Activation, str] = {
    "not active": "is not active for cost allocation",
    "not on any bill yet": "is not on any bill yet; it can be activated about a day after tagging",
}


@click.group()
def tags() -> None:
    """Check the cost allocation tag of buckets.

    `--costs tagged` allocates the bill by this tag.

    \b
    Examples:
      s3-monitor tags check
      s3-monitor tags check -p user1-dev -b 'logs-*' --payer-profile billing
    """


@tags.command()
@profile_option
@regions_option
@click.option("-b", "--bucket", "patterns", multiple=True, metavar="PATTERN",
              help="Select this bucket, or the buckets that match this glob. May be repeated.")  # fmt: skip
@click.option("--tag", default=TAG, show_default=True, metavar="KEY", help="Tag key; the value is the bucket's name.")
@click.option("--payer-profile", metavar="PROFILE",
              help="Profile of the payer account, which activates tags. Default: as --profile.")  # fmt: skip
@verbosity_options
@click.pass_context
def check(
    ctx: click.Context,
    /,
    profile: str | None,
    regions: Sequence[str],
    patterns: Sequence[str],
    tag: str,
    payer_profile: str | None,
) -> None:
    """Check which buckets have the tag with the right value, and whether it is active for cost allocation.

    Prints AWS CLI commands that fix the tags, and runs none of them. The commands keep a bucket's other tags. Sends one
    request per bucket to S3, and one to Cost Explorer (0.01 USD).

    Exit status: 0 all tags are correct, 3 some could not be read, 4 tags must be fixed or activated.

    \b
    Examples:
      s3-monitor tags check
      s3-monitor tags check -p user1-dev -r eu-west-1 --tag bucket > fix-tags.sh
      s3-monitor tags check -p user1-dev --payer-profile billing
    """
    from s3_monitor.cli.discovery import AwsDiscovery

    if not 1 <= len(tag) <= 128 or not tag.isprintable():
        raise UserError(f"--tag must have 1 to 128 printable characters, got {tag!r}")
    if is_reserved(tag):
        raise UserError(f"--tag must not begin with aws:, got {tag!r}", "only AWS can set such tags")
    discovery = AwsDiscovery()
    access = Access(profile=profile)
    identity = discovery.account(access).identity()
    buckets = _select_buckets(discovery, access, identity, regions, patterns)
    tagged, problems = _read_tags(discovery, access, identity, buckets)
    wrong = [bucket for bucket in tagged if bucket.fault(tag)]
    activation, activation_problems = _read_activation(discovery, Access(profile=payer_profile or profile), tag)
    problems += activation_problems
    lines = [
        f"# {len(wrong):,} of {len(buckets):,} buckets need the tag {json.dumps(tag)} with their names as value",
        *_tagging_lines(wrong, tag, profile),
        *_activation_lines(activation, tag, identity, payer_profile or profile),
    ]
    print_lines(lines)
    print_problems(problems, brief=True)
    counts = f"{len(tagged) - len(wrong):,} buckets have the tag, {len(wrong):,} do not"
    print_info(f"{counts}; cost allocation by the tag: {activation}")
    action = ExitStatus.ACTION_NEEDED if wrong or activation in _ACTIVATION_NEEDED else ExitStatus.COMPLETE
    ctx.exit(ExitStatus.GAPS if problems else action)


def _select_buckets(
    discovery: AwsDiscovery, access: Access, identity: Identity, regions: Sequence[str], patterns: Sequence[str]
) -> list[AccountBucket]:
    """Return the selected buckets, by name. Raises UserError if a region or bucket does not exist."""
    from s3_monitor.model.patterns import is_glob, matcher
    from s3_monitor.plan.names import check_exists

    check_exists("-r", regions, discovery.known_regions(identity.partition), "region")
    buckets = discovery.account(access).list_buckets(None)
    exact = [pattern for pattern in patterns if not is_glob(pattern)]
    check_exists("-b", exact, [bucket.name for bucket in buckets], "bucket")
    matches = matcher(patterns)
    selected = (bucket for bucket in buckets if matches(bucket.name) and (not regions or bucket.region in regions))
    return sorted(selected, key=lambda bucket: bucket.name)


def _read_tags(
    discovery: AwsDiscovery, access: Access, identity: Identity, buckets: Sequence[AccountBucket]
) -> tuple[list[TaggedBucket], list[Problem]]:
    """Return the tags of each bucket, and a gap for each whose tags could not be read."""
    from s3_monitor.plan.account_discovery import attempt_concurrently

    account, number = discovery.account(access), identity.account
    tagged: list[TaggedBucket] = []
    problems = [
        create_problem("bucket-region-unknown", account=number, bucket=bucket.name)
        for bucket in buckets
        if bucket.region is None
    ]
    located = {bucket.name: bucket.region for bucket in buckets if bucket.region is not None}
    for name, tags in attempt_concurrently(lambda name: account.read_tags(name, located[name]), located).items():
        if isinstance(tags, dict):
            tagged.append(TaggedBucket(name, located[name], tags))
        else:
            problems.append(
                create_problem("tags-unreadable", account=number, region=located[name], bucket=name, error=tags)
            )
    return tagged, problems


def _read_activation(discovery: AwsDiscovery, payer: Access, tag: str) -> tuple[Activation, list[Problem]]:
    """Return whether the tag is active for cost allocation, and a gap if that is unknown."""
    try:
        connection = discovery.connect(payer)
        if connection.partition not in ENDPOINTS:
            return "unknown", [create_problem("cost-explorer-missing", partition=connection.partition)]
        is_active = discovery.account(payer).tag_is_active(connection.partition, tag)
    except (AwsError, UserError) as failure:
        return "unknown", [create_problem("cost-allocation-tag-unreadable", error=failure)]
    if is_active is None:
        return "not on any bill yet", []
    return "active" if is_active else "not active", []


def _tagging_lines(buckets: Sequence[TaggedBucket], tag: str, profile: str | None) -> Iterator[str]:
    for bucket in buckets:
        yield f"# {bucket.name}: {bucket.fault(tag)}"
        if not bucket.is_full(tag):
            yield bucket.command(tag, profile)


def _activation_lines(activation: Activation, tag: str, identity: Identity, payer: str | None) -> Iterator[str]:
    if activation in _ACTIVATION_NEEDED:
        yield f"# {json.dumps(tag)} {_ACTIVATION_NEEDED[activation]}"
        yield activation_command(tag, ENDPOINTS.get(identity.partition, ENDPOINTS["aws"]), payer)


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
        return _command("aws", "s3api", "put-bucket-tagging", *target, "--tagging", tag_set, *_profile(profile))


def activation_command(key: str, region: str, profile: str | None) -> str:
    """Return the command that activates the tag for cost allocation.

    AWS: only the payer can do this. It takes effect within a day, and not for the time before.
    """
    status = json.dumps([{"TagKey": key, "Status": "Active"}])
    command = ["aws", "ce", "update-cost-allocation-tags-status", "--cost-allocation-tags-status", status]
    return _command(*command, "--region", region, *_profile(profile))


def _profile(profile: str | None) -> list[str]:
    return ["--profile", profile] if profile else []


def _command(*words: str) -> str:
    """Quote the words for a shell: tags are untrusted text."""
    return " ".join(map(shlex.quote, words))
