"""Where only some keys were asked about: records whose figures are those of these keys, and not of whole buckets."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from s3_monitor.merge.merged_data import BucketRecord
from s3_monitor.model.series import Window
from s3_monitor.money.storage_classes import allocate_to_types


def key_filtered_buckets(record: BucketRecord, window: Window) -> BucketRecord:
    """The figures are of the day of the listing or inventory, which for an old inventory is none of the window. The
    bucket's own history is left out: it is of all keys."""
    contents = record.contents
    day = -1 if contents is None else window.offset(datetime.fromtimestamp(contents.at, UTC).date())
    lines = (
        {} if contents is None else allocate_to_types({n: a.size for n, a in contents.classes.items()}, record.lines)
    )
    whole = contents is not None and contents.complete
    return msgspec.structs.replace(
        record,
        state="incomplete" if not whole else "measured" if lines else "empty",
        day=day if 0 <= day < window.days else None,
        types=tuple(lines),
        amounts=tuple(lines.values()),
        objects=contents.current.objects if contents is not None and whole else None,
        modified=contents.newest if contents is not None and whole else None,
        sizes={},
        counts=None,
    )
