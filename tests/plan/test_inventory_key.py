"""The key `inventory` of shards.yaml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.plan.shards_file import FileSettings, Inventory, ShardsFile
from s3_monitor.plan.yaml_document import Document


def read(text: str) -> FileSettings:
    return ShardsFile(Document("shards.yaml", f"shards: [{{name: a}}]\n{text}\n".encode())).settings


def test_exact_names_of_places_have_precedence_over_globs() -> None:
    rule = read('inventory:\n  places: {"logs-*": "s3://inv/a/", logs-x: "s3://inv/b", "l*": "s3://inv"}').inventory
    assert rule.places == (("logs-x", "s3://inv/b"), ("logs-*", "s3://inv/a/"), ("l*", "s3://inv"))
    assert (rule.engine, rule.max_usd, rule.answers) == ("duckdb", 1.0, "all")
    assert read("inventory: {answers: classes}").inventory.answers == "classes"


def test_the_engine_can_be_selected() -> None:
    rule = read(
        "defaults:\n  inventory: {engine: athena, workgroup: wg, database: db, table: 't_{bucket}', "
        "output: 's3://results/x/', max_usd: 2.5}\nobjects: inventory"
    )
    expected = Inventory((), "athena", "wg", "db", "t_{bucket}", "s3://results/x/", 2.5)
    assert (rule.objects, rule.inventory) == ("inventory", expected)


def test_the_default_is_the_inventories_of_the_buckets_read_by_duckdb() -> None:
    assert read("objects: auto").inventory == Inventory()


def test_the_examples_of_the_documentation_are_right() -> None:
    text = (Path(__file__).parents[2] / "docs" / "inventory.md").read_text(encoding="utf-8")
    examples = [ShardsFile(Document("x", one.encode())) for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert [file.settings.inventory.engine for file in examples] == ["duckdb", "duckdb", "duckdb", "athena"]


@pytest.mark.parametrize(
    ("text", "message", "allowed"),
    [
        ("inventory: s3://x/", "2: inventory: the text 's3://x/' is not allowed here", "a mapping of places"),
        ("inventory: {place: {}}", "2: inventory.place: unknown key", "places"),
        ("inventory: {places: [a]}", "2: inventory.places: a list is not allowed here", "a mapping of buckets"),
        (
            "inventory:\n  places: {a: dest}",
            "3: inventory.places.a: the text 'dest' is not an inventory location",
            "an s3:// URL",
        ),
        (
            "inventory:\n  places: {a: 3}",
            "3: inventory.places.a: the number 3 is not an inventory location",
            "an s3:// URL",
        ),
        ("inventory: {places: {'a/b': 's3://xyz/'}}", "2: inventory.places: 'a/b' is not a bucket name", "a bucket"),
        ("inventory: {answers: sizes}", "2: inventory.answers: the text 'sizes'", "all or classes"),
        ("inventory: {engine: spark}", "2: inventory.engine: the text 'spark'", "duckdb or athena"),
        ("inventory: {table: 'x; drop'}", "2: inventory.table: the text 'x; drop'", "lower-case letters"),
        ("inventory: {database: 'a b'}", "2: inventory.database: the text 'a b'", "an Athena database"),
        ("inventory: {output: results}", "2: inventory.output: the text 'results'", "an s3:// URL"),
        ("inventory: {max_usd: -1}", "2: inventory.max_usd: the number -1", "0 to 1000000000"),
        ("inventory: {max_usd: .inf}", "2: inventory.max_usd: .inf (in YAML", "a number of dollars"),
        ("inventory: {max_usd: 1000000001}", "2: inventory.max_usd: the number 1000000001", "0 to 1000000000"),
        ("objects: inventories", "2: objects: the text 'inventories'", "off, auto, storage-lens, inventory or listing"),
    ],
)
def test_an_error_is_rejected(text: str, message: str, allowed: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    assert message in str(caught.value)
    assert allowed in caught.value.advice
