"""`s3-monitor tags`: whether buckets carry the tag by which a bill tells them apart. Changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import click

from s3_monitor.cli.exit_status import ExitStatus, print_problems, print_status
from s3_monitor.cli.options import verbosity_options
from s3_monitor.cli.tag_commands import Finding, activation, is_reserved
from s3_monitor.model.bill import ENDPOINTS, TAG
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.safe_text import one_line

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery
    from s3_monitor.model.identity import AccountBucket, Identity

_AT_ONCE = 16
_SAID = 20


@click.group()
def tags() -> None:
    """The cost allocation tag that `--costs tagged` goes by.

    \b
    Examples:
      s3-monitor tags check
      s3-monitor tags check -p user1-dev -b 'logs-*' --payer-profile billing
    """


@tags.command()
@click.option("-p", "--profile", metavar="PROFILE", help="AWS profile. Default: AWS's own variables and chain.")
@click.option("-r", "--region", "regions", multiple=True, metavar="REGION", help="Only this region. May be repeated.")
@click.option("-b", "--bucket", "patterns", multiple=True, metavar="PATTERN",
              help="Only this bucket, or those that match this glob. May be repeated.")  # fmt: skip
@click.option("--tag", default=TAG, show_default=True, metavar="KEY", help="The tag; its value is the bucket's name.")
@click.option("--payer-profile", metavar="PROFILE",
              help="Who pays, to ask whether bills go by the tag. Default: as --profile.")  # fmt: skip
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
    verbose: bool,
    quiet: bool,
) -> None:
    """Which buckets lack the tag or carry a wrong one, and whether bills go by it.

    Prints the commands that would mend it, for the admin; runs none of them. A bucket's other tags are kept in them.
    Asks S3 once a bucket, and Cost Explorer once (0.01 USD).

    Exit status: 0 all is right, 3 something could not be found out, 4 there is something to mend.

    \b
    Examples:
      s3-monitor tags check
      s3-monitor tags check -p user1-dev -r eu-west-1 --tag bucket > mend.sh
      s3-monitor tags check -p user1-dev --payer-profile billing
    """
    from s3_monitor.cli.discovery import AwsDiscovery

    if not 1 <= len(tag) <= 128 or not tag.isprintable():
        raise UserError(f"--tag {tag!r}: no key of a tag", "1 to 128 printable characters")
    if is_reserved(tag):
        raise UserError(
            f"--tag must not begin with aws:, got {tag!r}", "AWS alone sets such tags; name one of your own"
        )
    inquiry = AwsDiscovery()
    access = Access(profile=profile or None)
    identity = inquiry.identity(access)
    buckets = _chosen(inquiry, access, identity, regions, patterns)
    found, problems = _tags_of(inquiry, access, identity, buckets)
    wrong = [finding for finding in found if finding.wrong(tag)]
    active, unknown = _activity(inquiry, Access(profile=payer_profile or profile or None), tag)
    problems += unknown
    lines = [f"# {len(wrong):,} of {len(buckets):,} buckets to be tagged {json.dumps(tag)}, by their own names"]
    for finding in wrong:
        lines.append(f"# {finding.bucket}: {finding.wrong(tag)}")
        if not finding.is_full(tag):
            lines.append(finding.command(tag, profile))
    if active is not True and not unknown:
        lines += _to_activate(active, tag, identity, payer_profile or profile)
    sys.stdout.write("".join(f"{one_line(line)}\n" for line in lines))
    print_problems(problems, most=None if verbose else _SAID)
    if not quiet:
        state = {True: "bills go by it", False: "it is not active in billing", None: "no bill has seen it yet"}
        said = "whether bills go by it is not known" if unknown else state[active]
        print_status(f"{len(found) - len(wrong):,} buckets carry the tag, {len(wrong):,} do not; {said}")
    mend = bool(wrong) or (active is not True and not unknown)
    ctx.exit(ExitStatus.GAPS if problems else ExitStatus.UNTAGGED if mend else ExitStatus.WHOLE)


def _chosen(
    inquiry: AwsDiscovery, access: Access, identity: Identity, regions: Sequence[str], patterns: Sequence[str]
) -> list[AccountBucket]:
    """The account's buckets that the options name, by name. UserError for regions and names that do not exist."""
    from s3_monitor.model.patterns import is_glob, matcher
    from s3_monitor.plan.names import did_you_mean

    known = inquiry.known_regions(identity.partition)
    for region in regions:
        if region not in known:
            raise UserError(f"-r {region}: no such region", did_you_mean(region, known))
    every = inquiry.buckets(access)
    names = {bucket.name for bucket in every}
    for pattern in patterns:
        if not is_glob(pattern) and pattern not in names:
            raise UserError(f"-b {pattern}: there is no such bucket")
    matches = matcher(patterns)
    chosen = (bucket for bucket in every if matches(bucket.name) and (not regions or bucket.region in regions))
    return sorted(chosen, key=lambda bucket: bucket.name)


def _tags_of(
    inquiry: AwsDiscovery, access: Access, identity: Identity, buckets: Sequence[AccountBucket]
) -> tuple[list[Finding], list[Problem]]:
    """The tags of each bucket, and a gap for each whose tags could not be had."""
    account = inquiry.account(access)

    def ask(bucket: AccountBucket) -> Finding | Problem:
        create = partial(create_problem, account=identity.account, region=bucket.region, bucket=bucket.name)
        if bucket.region is None:
            return create("bucket-region-unknown")
        try:
            found = account.read_tags(bucket.name, bucket.region)
        except (AwsError, UserError) as failure:
            return create("tags-unreadable", error=failure)
        return Finding(bucket.name, bucket.region, found)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(ask, buckets))
    problems = [answer for answer in answers if isinstance(answer, Problem)]
    return [answer for answer in answers if isinstance(answer, Finding)], problems


def _activity(inquiry: AwsDiscovery, payer: Access, tag: str) -> tuple[bool | None, list[Problem]]:
    """Whether bills go by the tag (null: none has seen it), or a gap that says why that is not known."""
    try:
        connection = inquiry.connect(payer)
        if connection.partition not in ENDPOINTS:
            return None, [create_problem("cost-explorer-missing", partition=connection.partition)]
        return inquiry.account(payer).tag_is_active(connection.partition, tag), []
    except (AwsError, UserError) as failure:
        return None, [create_problem("cost-allocation-tag-unreadable", error=failure)]


def _to_activate(active: bool | None, tag: str, identity: Identity, payer: str | None) -> list[str]:
    region = ENDPOINTS.get(identity.partition, ENDPOINTS["aws"])
    why = "is not active in billing" if active is False else "was on no bill yet: once it was, a day after tagging"
    return [f"# {json.dumps(tag)} {why}", activation(tag, region, payer)]
