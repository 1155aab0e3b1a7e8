"""The key `inventory` of shards.yaml: where inventories are, and who reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from s3_monitor.model.files import shortened
from s3_monitor.model.plan import Dollars, Engine, InventoryAnswers, InventoryRule
from s3_monitor.plan import bucket_patterns
from s3_monitor.plan.yaml_document import Document

_DEFAULT = InventoryRule()
_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\x00-\x1f\x7f]{0,900})?")
_Url = Annotated[str, Meta(pattern=rf"^{_URL.pattern}\Z")]
# What Athena takes for names without quoting; a table's may hold {bucket}.
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*\Z", max_length=128)]
_Table = Annotated[str, Meta(pattern=r"^([a-z0-9_]|\{bucket\})+\Z", max_length=128)]

ALLOWED = {
    "inventory": "a mapping of places, answers, engine, workgroup, database, table, output, max_usd",
    "answers": "all or classes",
    "places": 'a mapping of buckets or globs to where their inventories are, like {"logs-*": "s3://inventories/daily/"}',
    "engine": "duckdb or athena",
    "workgroup": "the name of an Athena workgroup",
    "database": "the name of an Athena database",
    "table": "a table's name, of small letters, digits and _; {bucket} stands for the bucket's",
    "output": "an s3:// URL",
    "max_usd": "a number of dollars, 0 to 1000000000",
}


class InventoryKey(msgspec.Struct, frozen=True):
    """See model.plan.InventoryRule."""

    answers: InventoryAnswers = _DEFAULT.answers
    places: dict[str, str] = {}
    engine: Engine = _DEFAULT.engine
    workgroup: _Name = _DEFAULT.workgroup
    database: _Name = _DEFAULT.database
    table: _Table = _DEFAULT.table
    output: _Url | None = None
    max_usd: Dollars = _DEFAULT.max_usd

    def rule(self) -> InventoryRule:
        """Exact names go before globs, which keep their order."""
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
    """``value``: of the key `inventory` at ``path``; what else is wrong with it, its types say."""
    places = value.get("places") if isinstance(value, Mapping) else None
    for pattern, url in places.items() if isinstance(places, Mapping) else ():
        where = f"{path}.places.{pattern}"
        if not bucket_patterns.ALLOWED.fullmatch(pattern):
            what = f"{shortened(pattern)} is no bucket's name or glob"
            document.refuse(f"{path}.places", what, f"each {bucket_patterns.ALLOWED_RULE}")
        if not isinstance(url, str) or not _URL.fullmatch(url):
            what = f"{document.shown(where, url)} is no place of inventories"
            document.refuse(where, what, "allowed: an s3:// URL, like s3://inventories/daily/")
