"""The options that plan, run and the one-shot monitor share, and their validation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from s3_monitor.model.bill import Costs
from s3_monitor.model.bounds import as_of_error, is_utf8
from s3_monitor.model.errors import UserError
from s3_monitor.model.files import shortened
from s3_monitor.model.plan import HistoryDays, KeyPattern, LastModified, ObjectsMode, Selection, SplitBy
from s3_monitor.money.storage_types import storage_types
from s3_monitor.objects.key_filter import parse_key_pattern, regex_matcher
from s3_monitor.plan import bucket_patterns, names

_LONGEST_TEXT = 1500  # a bucket and a key: 63 and 1,024 bytes


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What to collect, from the command line or shards.yaml. None: not given."""

    history_days: HistoryDays | None = None
    last_modified: LastModified | None = None
    objects: ObjectsMode | None = None
    versions: bool | None = None
    details: bool | None = None
    requests: bool | None = None
    costs: Costs | None = None


class PlanOptions(Settings, frozen=True, kw_only=True):
    """The options of the command line. None or empty: not given."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    storage_types: tuple[str, ...] = ()
    split_by: SplitBy | None = None
    max_shards: int | None = None
    regex: str = ""
    as_of: datetime | None = None
    """End of the history; None: now."""
    shards: str | None = None
    """Path of shards.yaml as written by the user."""

    def over(self, settings: Settings) -> PlanOptions:
        """Return the options; those that are not given have the values of the file."""
        names = [name for name in Settings.__struct_fields__ if getattr(self, name) is None]
        return msgspec.structs.replace(self, **{name: getattr(settings, name) for name in names})

    def selection(self) -> Selection:
        """Return the options that the report shows, and the defaults of those that are not given."""
        values = {name: getattr(self, name) for name in Selection.__struct_fields__}
        return Selection(**{name: value for name, value in values.items() if value is not None})


def checked(options: PlanOptions, regions: Collection[str], now: datetime) -> PlanOptions:
    """Return the options sorted, storage types spelled as in CloudWatch. Raises UserError if one is invalid."""
    _check_texts(options)
    spelled = {name.lower(): name for name in storage_types()}
    types = {spelled.get(name.lower(), name) for name in options.storage_types}
    names.check_exists("-r", options.regions, regions, "region")
    names.check_exists("-s", types, storage_types(), "storage type")
    for pattern in options.buckets:
        address = parse_key_pattern(pattern)
        if not bucket_patterns.ALLOWED.fullmatch(pattern if address is None else address.bucket):
            raise UserError(f"-b {pattern!r}: not a bucket", f"give {bucket_patterns.ALLOWED_RULE}, or s3://BUCKET/KEY")
    selects_keys = bool(options.regex or keys_of(options))
    if options.regex:
        regex_matcher(options.regex)
        if not options.buckets and options.objects is None:
            raise UserError(
                "--regex lists every object of every bucket",
                "name buckets with -b, or choose the source of the keys with --objects",
            )
    if selects_keys and options.objects == "off":
        raise UserError("--objects off cannot be combined with a selection of keys", "remove --objects off")
    as_of = options.as_of
    if as_of is not None:
        as_of = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
        if error := as_of_error(as_of, now):
            raise UserError(f"--as-of {error}, got {as_of.isoformat()}", "omit it for the current figures")
    return msgspec.structs.replace(
        options,
        regions=tuple(sorted(set(options.regions))),
        buckets=tuple(sorted(set(options.buckets))),
        storage_types=tuple(sorted(types)),
        as_of=as_of,
        # A search for keys does not depend on the setting of the file.
        objects=options.objects or ("listing" if selects_keys else None),
    )


def _check_texts(options: PlanOptions) -> None:
    """Raise UserError for text that a plan cannot store: JSON is UTF-8, an argument may be any bytes."""
    texts = {
        "-p": [options.profile or ""],
        "-r": options.regions,
        "-b": options.buckets,
        "-s": options.storage_types,
        "--regex": [options.regex],
    }
    for option, values in texts.items():
        for text in values:
            if len(text) > _LONGEST_TEXT:
                what = f"must have at most {_LONGEST_TEXT:,} characters, got {len(text):,}"
                raise UserError(f"{option} {what}")
            if not is_utf8(text):
                raise UserError(f"{option} must be UTF-8 text, got {shortened(text)}")


def keys_of(options: PlanOptions) -> tuple[KeyPattern, ...]:
    """Return the patterns of keys if any is given. The key is empty for buckets without a restriction."""
    patterns = [parse_key_pattern(pattern) or KeyPattern(pattern, "") for pattern in options.buckets]
    return tuple(patterns) if any(pattern.key.strip("*") for pattern in patterns) else ()


def buckets_of(options: PlanOptions) -> tuple[str, ...]:
    """Return the patterns of buckets."""
    patterns = {key.bucket if (key := parse_key_pattern(pattern)) else pattern for pattern in options.buckets}
    return tuple(sorted(patterns))
