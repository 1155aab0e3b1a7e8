"""Buckets with the figures of the selected keys only."""

from __future__ import annotations

import msgspec

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.series import Window
from s3_monitor.money.storage_classes import allocate_to_types


def key_filtered_bucket(record: ResolvedBucket, window: Window) -> ResolvedBucket:
    """Return the bucket with the figures of the selected keys, by the listing or inventory.

    Their day is that of the listing or inventory; None if it is not in the window. The history is left out, because
    it is that of all keys.
    """
    contents = record.object_stats
    day = -1 if contents is None else window.offset_of_time(contents.at)
    classes = {} if contents is None else {name: amount.size for name, amount in contents.classes.items()}
    lines = allocate_to_types(classes, record.lines)
    is_complete = contents is not None and contents.complete
    return msgspec.structs.replace(
        record,
        state="incomplete" if not is_complete else "measured" if lines else "empty",
        day=day if 0 <= day < window.days else None,
        types=tuple(lines),
        amounts=tuple(lines.values()),
        objects=contents.current.objects if contents is not None and is_complete else None,
        modified=contents.newest if contents is not None and is_complete else None,
        sizes={},
        counts=None,
    )
