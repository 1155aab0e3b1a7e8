"""How a bucket is configured: its properties as AWS answers them, in short."""

from __future__ import annotations

import msgspec


class Inventory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A configuration of S3 Inventory: what is reported of this bucket, how often, and where to.

    ``bucket``: the destination's name; ``prefix`` and ``account``: of the destination, empty where not set.
    ``format``: CSV, ORC or Parquet. ``versions``: Current or All. ``frequency``: Daily or Weekly. ``fields``: the
    optional fields, as AWS names them. ``filter``: only keys that begin so; empty: all keys.
    """

    id: str
    enabled: bool
    format: str
    bucket: str
    versions: str
    frequency: str
    prefix: str = ""
    account: str = ""
    fields: tuple[str, ...] = ()
    filter: str = ""
