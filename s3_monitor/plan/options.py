"""What the command line chooses, whatever the command."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from s3_monitor.model.bill import Costs
from s3_monitor.model.bounds import RETENTION_DAYS, as_of_error, is_utf8
from s3_monitor.model.errors import UserError
from s3_monitor.model.files import shortened
from s3_monitor.model.plan import KeyPattern, LastModified, ObjectsMode, SplitBy
from s3_monitor.objects.key_filter import parse_key_pattern, regex_matcher
from s3_monitor.plan import bucket_patterns, names

MOST_HISTORY_DAYS = RETENTION_DAYS
MAX_SHARDS = 1_000_000
_LONGEST_TEXT = 1500  # a bucket and a key: 63 and 1,024 bytes


class PlanOptions(msgspec.Struct, frozen=True):
    """Null or empty: not chosen, so that shards.yaml decides, or the default. ``as_of``: the time to look back
    from, null for now. ``shards``: the path of shards.yaml as the user gave it."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    storage_types: tuple[str, ...] = ()
    split_by: SplitBy | None = None
    max_shards: int | None = None
    last_modified: LastModified | None = None
    history_days: int | None = None
    objects: ObjectsMode | None = None
    versions: bool | None = None
    details: bool | None = None
    requests: bool | None = None
    regex: str = ""
    as_of: datetime | None = None
    shards: str | None = None
    costs: Costs | None = None


def checked(
    choices: PlanOptions, regions: Collection[str], storage_types: Collection[str], now: datetime
) -> PlanOptions:
    """The same choices, sorted, storage types spelled as CloudWatch does. UserError where one cannot be followed."""
    _check_texts(choices)
    spelled = {name.lower(): name for name in storage_types}
    for region in choices.regions:
        if region not in regions:
            raise UserError(f"-r {region}: no such region", names.did_you_mean(region, regions))
    for given in choices.storage_types:
        if given.lower() not in spelled:
            raise UserError(f"-s {given}: no such storage type", names.did_you_mean(given, storage_types))
    for pattern in choices.buckets:
        address = parse_key_pattern(pattern)
        if not bucket_patterns.ALLOWED.fullmatch(pattern if address is None else address.bucket):
            raise UserError(f"-b {pattern!r}: not a bucket", f"give {bucket_patterns.ALLOWED_RULE}, or s3://BUCKET/KEY")
    if choices.regex:
        regex_matcher(choices.regex)
        if not choices.buckets and choices.objects is None:
            raise UserError(
                "--regex lists every object of every bucket",
                "name buckets with -b, or choose the source of the keys with --objects",
            )
    if (choices.regex or keys_of(choices)) and choices.objects == "off":
        raise UserError("--objects off: nothing else finds some of the keys", "leave it out")
    if choices.max_shards is not None and not 1 <= choices.max_shards <= MAX_SHARDS:
        raise UserError(f"--max-shards must be 1 to {MAX_SHARDS}, got {choices.max_shards}")
    if choices.history_days is not None and not 0 <= choices.history_days <= MOST_HISTORY_DAYS:
        raise UserError(f"--history-days {choices.history_days}: 0 to {MOST_HISTORY_DAYS} are possible")
    as_of = choices.as_of
    if as_of is not None:
        as_of = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
        if error := as_of_error(as_of, now):
            raise UserError(f"--as-of {error}, got {as_of.isoformat()}", "leave it out for the current figures")
    return msgspec.structs.replace(
        choices,
        regions=tuple(sorted(set(choices.regions))),
        buckets=tuple(sorted(set(choices.buckets))),
        storage_types=tuple(sorted({spelled[given.lower()] for given in choices.storage_types})),
        as_of=as_of,
    )


def _check_texts(choices: PlanOptions) -> None:
    """UserError for text that a plan cannot hold: JSON is UTF-8, and an argument may be any bytes."""
    texts = {
        "-p": [choices.profile or ""],
        "-r": choices.regions,
        "-b": choices.buckets,
        "-s": choices.storage_types,
        "--regex": [choices.regex],
    }
    for option, given in texts.items():
        for text in given:
            if len(text) > _LONGEST_TEXT:
                what = f"must have at most {_LONGEST_TEXT:,} characters, got {len(text):,}"
                raise UserError(f"{option} {what}")
            if not is_utf8(text):
                raise UserError(f"{option} must be UTF-8 text, got {shortened(text)}")


def keys_of(choices: PlanOptions) -> tuple[KeyPattern, ...]:
    """The patterns of keys, where one is chosen; with a key that is empty for buckets of which all keys are."""
    found = [parse_key_pattern(pattern) or KeyPattern(pattern, "") for pattern in choices.buckets]
    return tuple(found) if any(one.key.strip("*") for one in found) else ()


def buckets_of(choices: PlanOptions) -> tuple[str, ...]:
    """The patterns of buckets."""
    found = {
        pattern if (address := parse_key_pattern(pattern)) is None else address.bucket for pattern in choices.buckets
    }
    return tuple(sorted(found))
