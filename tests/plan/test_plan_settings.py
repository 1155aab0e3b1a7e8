"""Each setting of shards.yaml and of the command line is in the plan."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.model.exports import ExportReading
from s3_monitor.model.plan import InventoryRule, KeyPattern, ListingRule, ObjectsRule, Plan, ReportRule
from tests.plan.company import plan

END = "\nshards: [{name: a}]"


def test_without_settings_the_plan_has_the_defaults() -> None:
    for made in (plan(), plan("shards: [{name: a}]")):
        assert made.objects == ObjectsRule(mode="off")
        assert made.listing == ListingRule()
        assert made.report == ReportRule()
        assert made.exports == ExportReading()
        assert (made.details, made.requests, made.families, made.organizational_units) == (False, False, {}, {})


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("details: true", "details", True),
        ("requests: true", "requests", True),
        ("report: {top: 0, group_by_tags: [team]}", "report", ReportRule(top=0, group_by_tags=("team",))),
        ("listing: {max_objects: 0}", "listing", ListingRule(max_objects=0)),
        ("listing: {max_requests: 0}", "listing", ListingRule(max_requests=0)),
        ("exports: {engine: athena, max_usd: 0.5}", "exports", ExportReading(engine="athena", max_usd=0.5)),
        ("objects: listing\nversions: true", "objects", ObjectsRule("listing", versions=True)),
        ("objects: listing\nlisting: {max_objects: 0}", "objects", ObjectsRule("listing", max_objects=0)),
        (
            "objects: inventory\ninventory: {engine: athena, max_usd: 2, answers: classes, places: {a: 's3://abc/'}}",
            "objects",
            ObjectsRule(
                "inventory",
                inventory=InventoryRule(engine="athena", max_usd=2.0, answers="classes", places=(("a", "s3://abc/"),)),
            ),
        ),
    ],
)
def test_a_setting_of_the_file_is_in_the_plan(text: str, field: str, value: object) -> None:
    assert getattr(plan(text + END), field) == value


@pytest.mark.parametrize(
    ("choices", "field", "value"),
    [
        ({"details": True}, "details", True),
        ({"requests": True}, "requests", True),
        ({"objects": "auto", "versions": True}, "objects", ObjectsRule("auto", versions=True)),
        (
            {"buckets": ("s3://logs-a/2026/*",)},
            "objects",
            ObjectsRule("listing", keys=(KeyPattern("logs-a", "2026/*"),)),
        ),
        (
            {"buckets": ("logs-a",), "regex": "a+"},
            "objects",
            ObjectsRule("listing", regex="a+"),
        ),
    ],
)
def test_an_option_is_in_the_plan(choices: dict[str, Any], field: str, value: object) -> None:
    def made(text: str | None) -> Plan:
        return plan(text, **choices)

    assert getattr(made(None), field) == value
    assert getattr(made(f"details: false\nrequests: false\nobjects: off\nversions: false{END}"), field) == value
