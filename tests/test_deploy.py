"""The templates in deploy/ are valid, and grant the policies of docs/iam."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cfnlint.api
import hcl2
import pytest
import yaml
from cfnlint.config import ManualArgs

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "deploy" / "cloudformation" / "reader-role.yaml"
MODULE = ROOT / "deploy" / "terraform" / "reader-role"
# Policies of other principals: of Jenkins, which assumes the role, and for the refresh of prices.
NOT_OF_THE_ROLE = {"assume-role", "prices"}
POLICIES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "iam").glob("*.json")
    if path.stem not in NOT_OF_THE_ROLE
}
# Placeholder in docs/iam → parameter of the template.
PLACEHOLDERS = {
    "INVENTORY-DESTINATION": "InventoryDestination",
    "EXPORT-BUCKET": "ExportBucket",
    "WORKGROUP": "AthenaWorkgroup",
    "DATABASE": "AthenaDatabase",
    "ATHENA-RESULTS": "AthenaResults",
}


class _Loader(yaml.SafeLoader):
    """A loader that reads `!Ref x` as {"Ref": x} and `!Sub x` as {"Sub": x}."""


def _intrinsic(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {name: loader.construct_sequence(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)
    return loaded


@pytest.fixture(scope="module")
def module() -> dict[str, dict[str, Any]]:
    """Return the Terraform files by name."""
    return {path.stem: hcl2.loads(path.read_text(encoding="utf-8")) for path in MODULE.glob("*.tf")}


def resolved(value: Any, values: Mapping[str, str]) -> Any:
    """Return the value with parameters and pseudo parameters in place of `!Sub`."""
    if isinstance(value, dict) and set(value) == {"Sub"}:
        return re.sub(r"\$\{([\w:]+)\}", lambda name: values[name[1]], value["Sub"])
    if isinstance(value, dict):
        return {key: resolved(item, values) for key, item in value.items()}
    return [resolved(item, values) for item in value] if isinstance(value, list) else value


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def policies(template: dict[str, Any]) -> dict[str, Any]:
    """Return the policy resources by the name of the policy."""
    return {
        resource["Properties"]["PolicyName"]: resource
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::RolePolicy"
    }


def test_cfn_lint_accepts_the_template() -> None:
    regions: Any = ["us-east-1", "us-gov-west-1", "cn-north-1"]
    assert cfnlint.api.lint(TEMPLATE.read_text(encoding="utf-8"), config=ManualArgs(regions=regions)) == []


def test_the_template_has_a_policy_for_each_option(template: dict[str, Any]) -> None:
    assert set(policies(template)) == set(POLICIES)


@pytest.mark.parametrize("name", sorted(POLICIES))
@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_a_policy_of_the_template_equals_the_policy_file(template: dict[str, Any], name: str, partition: str) -> None:
    values = {parameter: placeholder for placeholder, parameter in PLACEHOLDERS.items()}
    values |= {"AWS::Partition": partition, "RoleName": "s3-monitor-reader"}
    document = resolved(policies(template)[name]["Properties"]["PolicyDocument"], values)
    expected = json.loads(POLICIES[name].replace("arn:aws:", f"arn:{partition}:"))
    for statement in (*document["Statement"], *expected["Statement"]):
        statement["Action"], statement["Resource"] = listed(statement["Action"]), listed(statement["Resource"])
    assert document == expected


def test_each_optional_policy_has_a_condition_of_its_own(template: dict[str, Any]) -> None:
    conditions = {name: resource.get("Condition") for name, resource in policies(template).items()}
    assert conditions.pop("storage") is None
    assert len(set(conditions.values())) == len(conditions)
    assert set(conditions.values()) <= set(template["Conditions"])


@pytest.mark.parametrize("option", ["Bill", "Organization"])
def test_policies_of_the_management_account_are_off_by_default(template: dict[str, Any], option: str) -> None:
    assert template["Parameters"][option]["Default"] == "false"


def test_the_role_trusts_one_account_with_an_external_id_or_an_organization(template: dict[str, Any]) -> None:
    role = template["Resources"]["ReaderRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"]["AWS"]["Sub"].startswith("arn:${AWS::Partition}:iam::${TrustedAccountId}:")
    assert set(statement["Condition"]["StringEquals"]) == {"sts:ExternalId", "aws:PrincipalOrgID"}
    assert template["Parameters"]["RoleName"]["Default"] == "s3-monitor-reader"
    assert "LimitWhoMayAssumeTheRole" in template["Rules"]


def test_the_terraform_module_attaches_the_policy_files(module: dict[str, dict[str, Any]]) -> None:
    (local,) = module["main"]["locals"]
    assert set(local["options"]) == set(POLICIES)
    path = re.search(r"file\(\W*\$\{path\.module\}/(.*?)/\$\{name\}\.json", local["policies"])
    assert path and (MODULE / path[1]).resolve() == ROOT / "docs" / "iam"


def test_the_terraform_module_replaces_every_placeholder() -> None:
    text = (MODULE / "main.tf").read_text(encoding="utf-8")
    replaced = set(re.findall(r'^ +"(.*?)", ', text, re.MULTILINE))
    assert replaced == {"arn:aws:", "role/s3-monitor-reader", *PLACEHOLDERS}
    found = {word for policy in POLICIES.values() for word in re.findall(r"(?<=[:/])[A-Z][A-Z-]+[A-Z]", policy)}
    assert found == set(PLACEHOLDERS)


def test_both_templates_have_the_same_parameters(template: dict[str, Any], module: dict[str, dict[str, Any]]) -> None:
    variables = {name.strip('"'): body for block in module["variables"]["variable"] for name, body in block.items()}
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in template["Parameters"]}
    assert set(variables) == names
    used = set(re.findall(r"var\.(\w+)", (MODULE / "main.tf").read_text(encoding="utf-8")))
    assert used == names
