"""The JSON Schemas match the types, describe every field, and are valid for every file that is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from s3_monitor.doctor.permissions import PERMISSIONS, policy_document
from s3_monitor.doctor.report import AccountReport, Check, DoctorReport, EnvironmentCheck, missing_actions
from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from tests.cli.test_aggregate import aggregate
from tests.merge.fixtures import Truth, part, plan, two_years_earlier, unit
from tools.schemas import schemas

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
UNITS = re.compile(
    r"bytes|number of|currency|\bUSD\b|\bdays?\b|seconds|minutes|per second|version of this file format|index into"
    r"|offset|slashes|\bMB\b|\bGB\b|`unit`",
    re.IGNORECASE,
)


def fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the properties of all records, and the items of records that are written as arrays."""
    for name, record in schema.get("$defs", {}).items():
        for key, value in record.get("properties", {}).items():
            yield f"{name}.{key}", value
        for index, value in enumerate(record.get("prefixItems", [])):
            yield f"{name}[{index}]", value


def is_number(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(is_number, node))
    return isinstance(node, dict) and (
        node.get("type") in ("number", "integer") or is_number(node.get("anyOf", [])) or node.get("format") == "decimal"
    )


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_committed_schema_matches_the_types(name: str) -> None:
    committed = (FOLDER / name).read_bytes()
    assert committed == schemas()[name], "run python3 -m tools.schemas docs/schemas"
    Draft202012Validator.check_schema(json.loads(committed))


def test_there_is_no_other_schema() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(schemas())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_property_has_a_description_and_every_number_a_unit(name: str) -> None:
    described = list(fields(json.loads(schemas()[name])))
    assert described
    assert [field for field, schema in described if not schema.get("description")] == []
    numbers = {field: schema["description"] for field, schema in described if is_number(schema)}
    assert {field: text for field, text in numbers.items() if not UNITS.search(text)} == {}


@pytest.fixture
def written(tmp_path: Path) -> dict[str, list[bytes]]:
    """Files written by a run, by the name of their schema."""
    small_plan = two_years_earlier(plan([unit("a")], [unit("b", region="eu-west-1")], details=True))
    plan_folder.write(small_plan, tmp_path / "plan")
    day = {5: 2**30, 4: 2**29}
    truths = [
        Truth("logs", {"StandardStorage": day, "StandardIASizeOverhead": day, "New": {5: 1}}, {5: 3}),
        Truth("void"),
    ]
    content = parts.encode(part(small_plan, "s0", truths))
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "s0.json").write_bytes(content)
    assert aggregate(tmp_path, "--data-only").returncode == 3
    report = tmp_path / "report"
    summary = (report / "summary.json").read_bytes()
    return {
        "part.json": [content],
        "plan.json": [(tmp_path / "plan" / "plan.json").read_bytes()],
        "buckets.json": [(report / "buckets.json").read_bytes()],
        "summary.json": [summary],
        "findings.json": [(report / "findings.json").read_bytes()],
        "groups.json": [json.dumps(json.loads(summary)["by_region"]).encode()],
        "doctor.json": [msgspec.json.encode(_doctor_report())],
        "prices.json": [path.read_bytes() for path in _bundled_prices()],
    }


def _doctor_report() -> DoctorReport:
    check = Check(
        options=("details",), action="s3:GetBucketTagging", region="us-east-1", result="no", source="request",
        provides="tags", denied_by="identity-policy",
    )  # fmt: skip
    account = AccountReport(
        account="111122223333", regions=("us-east-1",), checks=(check,), missing=missing_actions([check]),
        policy=policy_document([row for row in PERMISSIONS if row.action == check.action], "aws", {}),
    )  # fmt: skip
    clock = EnvironmentCheck("clock", True, "equal to AWS")
    return DoctorReport(tool="1", complete=False, options=("storage",), environment=(clock,), accounts=(account,))


def _bundled_prices() -> Iterator[Path]:
    for entry in (files("s3_monitor.money") / "data").iterdir():
        if entry.name.startswith("prices-"):
            yield Path(str(entry))


def test_every_file_of_a_run_follows_its_schema(written: dict[str, list[bytes]]) -> None:
    assert sorted(written) == sorted(schemas())
    for name, contents in written.items():
        validator = Draft202012Validator(json.loads(schemas()[name]), format_checker=FormatChecker())
        assert contents
        for content in contents:
            validator.validate(json.loads(content))
