"""The key `inventory` of shards.yaml: the locations of inventories and the engine that reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from s3_monitor.model.files import shortened
from s3_monitor.model.plan import Dollars, Engine, InventoryAnswers, InventoryRule
from s3_monitor.plan import bucket_patterns

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document

_DEFAULT = InventoryRule()
_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\x00-\x1f\x7f]{0,900})?")
_Url = Annotated[str, Meta(pattern=rf"^{_URL.pattern}\Z")]
# AWS: names that Athena accepts without quotes. The name of a table may contain {bucket}.
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*\Z", max_length=128)]
_Table = Annotated[str, Meta(pattern=r"^([a-z0-9_]|\{bucket\})+\Z", max_length=128)]

ALLOWED = {
    "inventory": "a mapping of places, answers, engine, workgroup, database, table, output, max_usd",
    "answers": "all or classes",
    "places": 'a mapping of buckets or globs to inventory locations, like {"logs-*": "s3://inventories/daily/"}',
    "engine": "duckdb or athena",
    "workgroup": "the name of an Athena workgroup",
    "database": "the name of an Athena database",
    "table": "the name of a table: lower-case letters, digits and _; {bucket} is replaced by the bucket name",
    "output": "an s3:// URL",
    "max_usd": "a number of dollars, 0 to 1000000000",
}


class InventoryKey(msgspec.Struct, frozen=True):
    """The values of the key; see model.plan.InventoryRule."""

    answers: InventoryAnswers = _DEFAULT.answers
    places: dict[str, str] = {}
    engine: Engine = _DEFAULT.engine
    workgroup: _Name = _DEFAULT.workgroup
    database: _Name = _DEFAULT.database
    table: _Table = _DEFAULT.table
    output: _Url | None = None
    max_usd: Dollars = _DEFAULT.max_usd

    def rule(self) -> InventoryRule:
        """Return the rule, with exact names before globs, which keep their order."""
        places = sorted(self.places.items(), key=lambda item: any(sign in item[0] for sign in "*?["))
        return InventoryRule(
            places=tuple(places),
            engine=self.engine,
            workgroup=self.workgroup,
            database=self.database,
            table=self.table,
            output=self.output or "",
            max_usd=self.max_usd,
            answers=self.answers,
        )


def check_places(path: str, value: Any, document: Document) -> None:
    """Raise UserError for an invalid item of `places`.

    ``value``: the value of the key `inventory` at ``path``. Its type is checked elsewhere.
    """
    places = value.get("places") if isinstance(value, Mapping) else None
    for pattern, url in places.items() if isinstance(places, Mapping) else ():
        where = f"{path}.places.{pattern}"
        if not bucket_patterns.ALLOWED.fullmatch(pattern):
            what = f"{shortened(pattern)} is not a bucket name or glob"
            document.refuse(f"{path}.places", what, f"each {bucket_patterns.ALLOWED_RULE}")
        if not isinstance(url, str) or not _URL.fullmatch(url):
            what = f"{document.shown(where, url)} is not an inventory location"
            document.refuse(where, what, "allowed: an s3:// URL, like s3://inventories/daily/")
