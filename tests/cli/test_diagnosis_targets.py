"""What `doctor` checks: the options in use, and by access the scopes, regions, buckets and locations."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.cli.diagnosis_targets import options_in_use, placeholders, targets
from s3_monitor.doctor.checks import DiagnosisTarget
from s3_monitor.model.plan import Access
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.shards_file import FileSettings, ShardsFile
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import REGIONS, Memory

PARTITION_OF = {region: partition for partition, regions in REGIONS.items() for region in regions}
EXPORT = "billing: {kind: cur2, bucket: bills, prefix: /p/, region: eu-west-1, profile: reader}"
LENS = "storage_lens: [{bucket: lenses, config: daily}]"
OF_BUCKETS = {"account", "region", "bucket", "directory-bucket", "inventory"}


def file_of(text: str) -> ShardsFile:
    if "shards:" not in text and "organization:" not in text:
        text += "\nshards: [{name: a}]"
    return ShardsFile(Document("shards.yaml", text.encode()))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", ["storage"]),
        ("details: true", ["storage", "details"]),
        ("requests: true", ["storage", "requests"]),
        ("versions: true", ["storage", "versions"]),
        ("objects: off", ["storage"]),
        ("objects: listing", ["storage", "objects"]),
        ("objects: inventory", ["storage", "objects", "inventory"]),
        ("objects: auto", ["storage", "objects", "inventory"]),
        ("objects: inventory\ninventory: {engine: athena}", ["storage", "objects", "inventory", "athena"]),
        ("inventory: {engine: athena}", ["storage"]),
        ("costs: list", ["storage"]),
        ("costs: billed", ["storage", "costs"]),
        ("costs: tagged", ["storage", "costs"]),
        (f"costs: exported\nexports: {{{EXPORT}}}", ["storage", "exports"]),
        (f"exports: {{{EXPORT}, engine: athena}}", ["storage", "athena", "exports"]),
        ("exports: {engine: athena}", ["storage"]),
        ("objects: storage-lens", ["storage", "objects", "storage-lens"]),
        ("objects: storage-lens\nexports: {engine: athena}", ["storage", "objects", "athena", "storage-lens"]),
        (f"objects: storage-lens\nexports: {{{LENS}}}", ["storage", "objects", "exports", "storage-lens"]),
        ("organization: {}", ["storage", "organization"]),
    ],
)
def test_the_options_in_use_are_those_of_the_file(text: str, options: list[str]) -> None:
    assert list(options_in_use(PlanOptions(), file_of(text))) == options


ALL_WITHOUT_SETTINGS = ["storage", "details", "requests", "objects", "versions", "inventory", "costs"]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, ALL_WITHOUT_SETTINGS),
        ({"regions": ("us-east-1",)}, ALL_WITHOUT_SETTINGS),
        ({"details": True}, ["storage", "details"]),
        ({"details": False}, ["storage"]),
        ({"requests": False}, ["storage"]),
        ({"versions": False}, ["storage"]),
        ({"objects": "off"}, ["storage"]),
        ({"costs": "list"}, ["storage"]),
        ({"objects": "listing", "versions": True, "costs": "billed"}, ["storage", "objects", "versions", "costs"]),
    ],
)
def test_without_options_and_file_all_that_need_no_settings_are_in_use(
    given: dict[str, Any], options: list[str]
) -> None:
    assert list(options_in_use(PlanOptions(**given), None)) == options


def test_the_command_line_replaces_the_file() -> None:
    assert list(options_in_use(PlanOptions(details=False), file_of("details: true"))) == ["storage"]


def targets_of(text: str | None, in_use: tuple[Any, ...] = (), **given: Any) -> dict[Access, DiagnosisTarget]:
    file = None if text is None else file_of(text)
    return targets(PlanOptions(**given), file, Memory({}), PARTITION_OF, in_use)


def test_without_a_file_the_selected_account_is_checked() -> None:
    ((access, target),) = targets_of(None, profile="p", regions=("us-east-1", "eu-west-1"), buckets=("a*",)).items()
    assert access == Access(profile="p")
    assert target.scopes == OF_BUCKETS
    assert target.regions == ("eu-west-1", "us-east-1")
    assert (target.is_selected("ab"), target.is_selected("ba")) == (True, False)
    assert (target.places, target.exports) == ((), ())


def test_the_entries_of_an_access_are_checked_together() -> None:
    text = """shards:
  - {name: a, regions: [us-east-1], buckets: ["a*"]}
  - {name: b, regions: [eu-west-1, us-east-1], buckets: ["*b"]}
  - {name: c, profile: other, regions: [eu-west-2]}
  - {name: d, profile: other}
"""
    found = targets_of(text, buckets=("?b", "c"))
    assert found[Access()].regions == ("eu-west-1", "us-east-1")
    assert [name for name in ("ab", "aa", "bb", "c") if found[Access()].is_selected(name)] == ["ab", "bb"]
    assert found[Access(profile="other")].regions == ()
    assert [name for name in ("ab", "aa", "bb", "c") if found[Access(profile="other")].is_selected(name)] == [
        "ab",
        "bb",
        "c",
    ]


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("inventory: {engine: athena}", {"athena"}),
        ("objects: storage-lens", {"lens"}),
        ("objects: storage-lens\nexports: {engine: athena}", {"lens", "athena"}),
        (f"objects: storage-lens\nexports: {{{LENS}}}", {"export", "lens-scope"}),
        ("objects: listing", set()),
    ],
)
def test_athena_and_storage_lens_are_checked_where_they_are_read(text: str, scopes: set[str]) -> None:
    assert targets_of(text)[Access()].scopes == OF_BUCKETS | scopes


def test_the_destinations_of_inventories_are_folders() -> None:
    text = "inventory: {places: {a: 's3://dest', b: 's3://dest/p', 'c*': 's3://dest/p/q/'}}"
    assert targets_of(text)[Access()].places == (("dest", ""), ("dest", "p/"), ("dest", "p/q/"))


def test_the_bill_is_checked_with_the_access_of_the_payer_if_it_is_in_use() -> None:
    text = "defaults: {profile: main}\npayer: {profile: billing}"
    assert targets_of(text).keys() == {Access(profile="main")}
    found = targets_of(text, ("costs",))
    assert found[Access(profile="billing")].scopes == {"payer"}
    assert targets_of("defaults: {profile: main}", ("costs",))[Access(profile="main")].scopes == OF_BUCKETS | {"payer"}
    assert targets_of("", ("costs",), profile="p")[Access(profile="p")].scopes == OF_BUCKETS | {"payer"}


def test_each_export_is_checked_with_its_own_access() -> None:
    found = targets_of(f"exports: {{{EXPORT}, {LENS}}}")
    assert found[Access(profile="reader")].scopes == {"export"}
    assert found[Access(profile="reader")].exports == (("bills", "p/", "eu-west-1"),)
    assert found[Access()].scopes == OF_BUCKETS | {"export", "lens-scope"}
    assert found[Access()].exports == (("lenses", "", ""),)
    by_athena = targets_of(f"exports: {{{EXPORT}, engine: athena}}")
    assert by_athena[Access(profile="reader")].scopes == {"export", "athena"}
    twice = "storage_lens: [{bucket: one, config: a}, {bucket: two, config: b, prefix: x}]"
    assert targets_of(f"exports: {{{twice}}}")[Access()].exports == (("one", "", ""), ("two", "x/", ""))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("inventory: {workgroup: w, database: d}", {"WORKGROUP": "w", "DATABASE": "d"}),
        ("inventory: {places: {a: 's3://dest/x', b: 's3://dest/y'}}", {"INVENTORY-DESTINATION": "dest"}),
        ("inventory: {places: {a: 's3://one/x', b: 's3://two/y'}}", {}),
        ("inventory: {output: 's3://results/x/'}", {"ATHENA-RESULTS": "results"}),
        (f"exports: {{{EXPORT}}}", {"EXPORT-BUCKET": "bills"}),
        (f"exports: {{{EXPORT}, {LENS}}}", {}),
    ],
)
def test_policies_name_what_the_file_sets_if_it_is_unique(text: str, values: dict[str, str]) -> None:
    defaults = {"WORKGROUP": "primary", "DATABASE": "default"}
    assert placeholders(FileSettings()) == defaults
    assert placeholders(file_of(text).settings) == {**defaults, **values}
