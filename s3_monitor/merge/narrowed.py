"""Where only some keys were asked about: records whose figures are those of these keys, and not of whole buckets."""

from __future__ import annotations

import msgspec

from s3_monitor.merge.facts import BucketRecord
from s3_monitor.money.classes import apportioned


def narrowed(record: BucketRecord, today: int) -> BucketRecord:
    """``today``: offset of the plan's day in its window. The bucket's own history is left out: it is of all keys."""
    contents = record.contents
    lines = {} if contents is None else apportioned({n: a.size for n, a in contents.classes.items()}, record.lines)
    whole = contents is not None and contents.complete
    return msgspec.structs.replace(
        record,
        state="incomplete" if not whole else "measured" if lines else "empty",
        day=today if contents is not None else None,
        types=tuple(lines),
        amounts=tuple(lines.values()),
        objects=contents.current.objects if contents is not None and whole else None,
        modified=contents.newest if contents is not None and whole else None,
        sizes={},
        counts=None,
    )
