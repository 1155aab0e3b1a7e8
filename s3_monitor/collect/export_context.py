"""What the readers of exports share with their shard."""

from __future__ import annotations

import threading
from datetime import date
from typing import NamedTuple

from s3_monitor.collect.shard_context import RunningStatements
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.model.exports import ExportReading


class ExportContext(NamedTuple):
    """What reading exports shares with the shard."""

    today: date
    """UTC day of the plan."""
    reading: ExportReading
    temp_dir: BoundedTempDir
    statements: RunningStatements
    stop: threading.Event
