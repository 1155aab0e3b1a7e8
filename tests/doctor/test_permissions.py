"""The permissions that doctor checks are those of docs/iam."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.doctor.permissions import OPTIONS, PERMISSIONS, policy_document

POLICIES = Path(__file__).resolve().parents[2] / "docs" / "iam"
# The policies of Jenkins' principal, of the refresh of prices, and of doctor itself.
OTHERS = {"assume-role", "prices", "doctor"}


def pairs(policy: Any) -> set[tuple[str, tuple[str, ...]]]:
    """Return the actions of a policy with their resources."""
    listed = {
        key: [[value] if isinstance(value, str) else value for value in (one[key] for one in policy["Statement"])]
        for key in ("Action", "Resource")
    }
    return {
        (action, tuple(resources))
        for actions, resources in zip(listed["Action"], listed["Resource"], strict=True)
        for action in actions
    }


def test_every_policy_of_the_reader_role_is_checked() -> None:
    assert {row.policy for row in PERMISSIONS} == {path.stem for path in POLICIES.glob("*.json")} - OTHERS


@pytest.mark.parametrize("name", sorted({row.policy for row in PERMISSIONS}))
def test_the_permissions_of_a_policy_are_those_of_the_file(name: str) -> None:
    rows = [row for row in PERMISSIONS if row.policy == name]
    assert {(row.action, row.resources) for row in rows} == pairs(json.loads((POLICIES / f"{name}.json").read_text()))


def test_every_option_needs_a_permission() -> None:
    assert {option for row in PERMISSIONS for option in row.options} == set(OPTIONS)


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_the_policy_document_allows_exactly_the_permissions(partition: str) -> None:
    document = policy_document(PERMISSIONS, partition, {"INVENTORY-DESTINATION": "reports"})
    named = {
        (row.action, tuple(text.replace("arn:aws:", f"arn:{partition}:") for text in row.resources))
        for row in PERMISSIONS
    }
    expected = {
        (action, tuple(text.replace("INVENTORY-DESTINATION", "reports") for text in resources))
        for action, resources in named
    }
    assert pairs(document) == expected
