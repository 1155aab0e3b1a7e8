"""The key `exports` of shards.yaml, and the shard of a billing export."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.exports import BillingExport, ExportReading, StorageLensExport
from s3_monitor.model.plan import Access
from s3_monitor.plan.payers import BillShard, plan_bill
from s3_monitor.plan.shards_file import ShardsFile
from s3_monitor.plan.yaml_document import Document

TODAY = date(2026, 11, 29)
ACCOUNTS = {("111122223333", "aws"), ("444455556666", "aws")}


def read(text: str) -> ShardsFile:
    return ShardsFile(Document("shards.yaml", f"shards: [{{name: a}}]\n{text}\n".encode()))


def planned(file: ShardsFile, accounts: set[tuple[str, str]] = ACCOUNTS) -> BillShard:
    settings = file.settings
    assert settings.costs == "exported"
    return plan_bill(settings.costs, settings, None, [], accounts, TODAY)


def test_locations_and_engine_are_read() -> None:
    file = read(
        "exports:\n"
        "  billing: {kind: focus, bucket: bills, prefix: /a/b/, name: all, region: eu-west-1, table: t}\n"
        "  storage_lens: [{bucket: lens, config: default-account-dashboard}, {bucket: lens, prefix: x, config: org}]\n"
        "  engine: athena\n  workgroup: wg\n  database: db\n  output: s3://results/x/\n  max_usd: 2"
    )
    exports = file.settings.exports
    assert exports.billing is not None
    assert exports.billing.export("bucket_name") == BillingExport(
        "focus", "bills", "a/b", "all", "eu-west-1", "t", "bucket_name"
    )
    assert [item.export() for item in exports.storage_lens] == [
        StorageLensExport("lens", "default-account-dashboard"),
        StorageLensExport("lens", "org", "x"),
    ]
    assert msgspec.convert(exports, ExportReading, from_attributes=True) == ExportReading(
        "athena", "wg", "db", "s3://results/x/", 2.0
    )


def test_without_the_key_no_export_is_read() -> None:
    exports = read("costs: list").settings.exports
    assert (exports.billing, exports.storage_lens) == (None, ())


@pytest.mark.parametrize(
    ("keys", "access", "agent"),
    [
        ("", Access(region="eu-west-1"), "aws"),
        ("payer: {profile: pays, agent: x}", Access(profile="pays", region="eu-west-1"), "x"),
        (
            "payer: {role_arn: 'arn:aws:iam::111122223333:role/p', external_id: abc}",
            Access(role_arn="arn:aws:iam::111122223333:role/p", external_id="abc", region="eu-west-1"),
            "aws",
        ),
    ],
)
def test_the_export_is_read_with_the_access_of_the_payer(keys: str, access: Access, agent: str) -> None:
    billing = "exports: {billing: {kind: cur2, bucket: bills, region: eu-west-1}}\ncosts: exported"
    file = read(f"defaults: {{agent: aws}}\n{billing}\n{keys}")
    bill = planned(file)
    assert bill.shard is not None and bill.shard.bill is not None
    assert (bill.accesses, bill.shard.agent) == ([access], agent)
    assert (bill.shard.name, bill.shard.bill.costs) == ("bill", "exported")
    assert bill.shard.bill.export == BillingExport("cur2", "bills", region="eu-west-1", tag="bucket_name")


def test_its_own_role_replaces_the_profile_of_the_payer() -> None:
    role = "arn:aws:iam::111122223333:role/r"
    file = read(
        f"payer: {{profile: pays}}\ncosts: exported\n"
        f"exports: {{billing: {{kind: cur, bucket: bills, role_arn: '{role}', timeout_minutes: 5}}}}"
    )
    bill = planned(file)
    assert bill.accesses == [Access(role_arn=role)]
    assert bill.shard is not None and bill.shard.timeout_minutes == 5


def test_exported_costs_need_the_location_of_an_export() -> None:
    with pytest.raises(UserError, match="costs: exported needs the location") as error:
        planned(read("costs: exported"))
    assert "exports.billing" in error.value.advice


def test_a_partition_without_cost_explorer_may_have_an_export() -> None:
    file = read("costs: exported\nexports: {billing: {kind: cur2, bucket: bills}}")
    bill = planned(file, {("111122223333", "aws-us-gov")})
    assert bill.shard is not None


@pytest.mark.parametrize("manual", ["exports.md", "costs.md"])
def test_the_examples_of_the_manuals_are_valid(manual: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / manual).read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    files = [ShardsFile(Document("x", example.encode())) for example in examples]
    assert any(file.settings.exports.billing for file in files)


@pytest.mark.parametrize(
    ("text", "message", "allowed"),
    [
        ("exports: s3://x", "2: exports: the text 's3://x' is not allowed here", "a mapping of billing"),
        ("exports: {bills: {}}", "2: exports.bills: unknown key", "did you mean billing?"),
        ("exports: {billing: {kind: cur2}}", "2: exports.billing: `bucket` is missing", "the name of a bucket"),
        ("exports:\n  billing: {bucket: bbb}", "3: exports.billing: `kind` is missing", "cur2, focus or cur"),
        (
            "exports:\n  billing:\n    bucket: bbb\n    kind: cur3",
            "5: exports.billing.kind: the text 'cur3' is not allowed here",
            "cur2, focus or cur",
        ),
        (
            "exports: {billing: {kind: cur2, bucket: s3://b}}",
            "2: exports.billing.bucket: the text 's3://b' is not allowed here",
            "the name of a bucket",
        ),
        ("exports: {billing: {kind: cur2, buckt: b}}", "2: exports.billing.buckt: unknown key", "did you mean bucket?"),
        ("exports: {storage_lens: {bucket: b}}", "2: exports.storage_lens: a mapping is not allowed", "a list of map"),
        (
            "exports:\n  storage_lens:\n    - {bucket: bbb, conf: x}",
            "4: exports.storage_lens[0].conf: unknown key",
            "did you mean config?",
        ),
        (
            "exports: {storage_lens: [x]}",
            "2: exports.storage_lens[0]: the text 'x' is not allowed",
            "an item of a list",
        ),
        ("exports: {max_usd: -1}", "2: exports.max_usd: the number -1 is not allowed here", "a number of dollars"),
        (
            "defaults: {exports: {billing: {kind: cur, bucket: bbb, external_id: abc}}}",
            "2: defaults.exports.billing.external_id: is set without role_arn",
            "only with role_arn",
        ),
    ],
)
def test_a_mistake_is_named_with_line_path_and_allowed_values(text: str, message: str, allowed: str) -> None:
    with pytest.raises(UserError) as error:
        read(text)
    assert f"shards.yaml:{message}" in str(error.value)
    assert allowed in error.value.advice
