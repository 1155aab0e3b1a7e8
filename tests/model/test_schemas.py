"""The committed JSON Schemas are those of the types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from s3_monitor.model.schemas import schemas

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_committed_schema_is_in_step(name: str) -> None:
    committed = (FOLDER / name).read_bytes()
    assert committed == schemas()[name], "run python3 -m s3_monitor.model.schemas docs/schemas"
    Draft202012Validator.check_schema(json.loads(committed))


def test_no_other_schema_lies_there() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(schemas())
