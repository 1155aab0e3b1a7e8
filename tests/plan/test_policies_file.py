"""policies.yaml: every key is read, and every mistake is rejected with its line, path and rule."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.finding import FINDING_IDS
from s3_monitor.model.policies import PROPERTY_IDS, Budget, Policies, PolicyException, PolicyRule
from s3_monitor.plan.policies_file import FORM, load, read_policies
from s3_monitor.plan.yaml_document import Document

ROOT = Path(__file__).parents[2]


def read(text: str) -> Policies:
    return read_policies(Document("policies.yaml", text.encode(), FORM))


def test_every_key_is_read() -> None:
    policies = read("""
budgets:
  - name: data
    account: ["111122223333"]
    region: eu-west-1
    bucket: "logs-*"
    storage_type: glacierstorage
    tag: {team: data, stage: [prod, "test-*"]}
    max_usd_month: 5000
    max_size: 1.5 TiB
    warn_at: 0.8
    severity: warn
  - {name: growth, max_growth_usd_30d: 10, max_growth_percent_30d: 20, max_objects: 1000}
rules:
  - {id: noncurrent-kept, at_least_usd: 50, exceptions: [{bucket: audit, reason: legal hold, until: 2027-01-31}]}
  - {id: encrypted, methods: ["aws:kms"]}
  - {id: tags-present, tags: [team]}
  - {id: recently-modified, name: fresh, bucket: "backup-*", max_age_days: 2}
""")
    data, growth = policies.budgets
    assert data == Budget(
        name="data",
        account=("111122223333",),
        region="eu-west-1",
        bucket="logs-*",
        storage_type=("GlacierStorage",),
        tag={"team": "data", "stage": ("prod", "test-*")},
        max_usd_month=5000.0,
        max_size="1.5 TiB",
        warn_at=0.8,
        severity="warn",
    )
    assert (growth.max_growth_usd_30d, growth.max_growth_percent_30d, growth.max_objects) == (10.0, 20.0, 1000)
    kept, encrypted, tags, fresh = policies.rules
    exception = PolicyException(bucket="audit", reason="legal hold", until=date(2027, 1, 31))
    assert kept == PolicyRule(id="noncurrent-kept", at_least_usd=50.0, exceptions=(exception,))
    assert (encrypted.methods, tags.tags) == (("aws:kms",), ("team",))
    assert (fresh.title, kept.title, fresh.max_age_days, fresh.severity) == ("fresh", "noncurrent-kept", 2, "fail")


@pytest.mark.parametrize("id_", [*FINDING_IDS, *PROPERTY_IDS])
def test_every_finding_and_property_can_be_a_rule(id_: str) -> None:
    needed = {"tags-present": ", tags: [team]", "recently-modified": ", max_age_days: 1"}.get(id_, "")
    assert read(f"rules: [{{id: {id_}{needed}}}]").rules[0].id == id_


def test_the_examples_are_valid_also_those_in_comments() -> None:
    text = (ROOT / "policies.yaml").read_text("utf-8")
    assert load(ROOT / "policies.yaml").budgets
    start = text.index("budgets:")
    policies = read(re.sub(r"(?m)^#( *- | {4}|rules)", r"\1", text[start:]).replace("rules:", "\nrules:"))
    assert len(policies.budgets) == 3 and len(policies.rules) == 5
    docs = (ROOT / "docs" / "policies.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", docs, re.DOTALL)
    assert examples and all(read(example) for example in examples)


@pytest.mark.parametrize(
    ("text", "message", "allowed"),
    [
        # the file
        ("", "is empty", "start it with `budgets:` or `rules:`"),
        ("[1]", "1: the file: a list is not allowed here", "lists of budgets and rules"),
        ("{}", "1: the file: has neither budgets nor rules", "lists of budgets and rules"),
        ("budgets: []", "1: the file: has neither", "budgets and rules"),
        ("budget: []", "1: budget: unknown key", "did you mean budgets?"),
        ("budgets: {name: a}", "1: budgets: a mapping is not allowed here", "a list of budgets"),
        ("budgets:", "1: budgets: has no value", "a list of budgets"),
        ("rules: [mpu-no-abort]", "1: rules[0]: the text 'mpu-no-abort' is not allowed here", "a list of rules"),
        ("a: [1", "is not YAML", "docs/policies.md"),
        ("budgets: [{name: *x}]", "*x is read as a YAML alias", 'in quotes if it is text, like "*x"'),
        # budgets
        ("budgets: [{max_usd_month: 5}]", "1: budgets[0]: `name` is missing", "a name of one line"),
        ('budgets: [{name: "a\\tb", max_objects: 5}]', "1: budgets[0].name: the text 'a\\tb'", "one line"),
        ("budgets: [{name: a}]", "1: budgets[0]: has no limit", "max_usd_month"),
        ("budgets:\n - name: a\n   max_usd_moth: 5", "3: budgets[0].max_usd_moth: unknown key", "max_usd_month?"),
        ("budgets: [{name: a, max_usd_month: '5'}]", "budgets[0].max_usd_month: the text '5' is not", "monthly cost"),
        ("budgets: [{name: a, max_usd_month: -1}]", "budgets[0].max_usd_month: the number -1 is not", "0 or more"),
        ("budgets: [{name: a, max_usd_month: .nan}]", "max_usd_month: .nan (in YAML the number nan)", "0 or more"),
        ("budgets: [{name: a, max_usd_month: 1_000}]", "max_usd_month: 1_000 (in YAML the number 1000)", "0 or more"),
        ("budgets: [{name: a, max_size: -5}]", "budgets[0].max_size: the number -5 is not", "a size with a unit"),
        ("budgets: [{name: a, max_size: 5 TB}]", "budgets[0].max_size: the text '5 TB' is not", "like 10 TiB"),
        ("budgets: [{name: a, max_objects: 1.5}]", "budgets[0].max_objects: the number 1.5", "whole number"),
        ("budgets: [{name: a, max_objects: 1, warn_at: 80}]", "budgets[0].warn_at: the number 80", "like 0.8"),
        ("budgets: [{name: a, max_objects: 1, severity: error}]", "severity: the text 'error'", "warn or fail"),
        ("budgets: [{name: a, max_objects: 1, account: 111122223333}]", "account: the number 111122223333", "quotes"),
        ("budgets: [{name: a, max_objects: 1, region: []}]", "budgets[0].region: an empty list", "a region"),
        ("budgets: [{name: a, max_objects: 1, tag: {}}]", "budgets[0].tag: an empty mapping", "tag keys"),
        ("budgets: [{name: a, max_objects: 1, tag: team}]", "budgets[0].tag: the text 'team'", "a mapping of tag"),
        ("budgets: [{name: a, max_objects: 1, tag: {a: 1}}]", "budgets[0].tag: a mapping is not", "quotes if they"),
        ("budgets: [{name: a, max_objects: 1, bucket: a/b}]", "budgets[0].bucket: 'a/b' is not a bucket", "a glob"),
        ("budgets: [{name: a, max_size: 1 B, storage_type: Standard}]", "'Standard' is not a storage", "StandardSt"),
        ("budgets: [{name: a, max_objects: 1, storage_type: StandardStorage}]", "max_objects: cannot be", "max_size"),
        ("budgets: [{name: a, max_objects: 1}, {name: a, max_objects: 2}]", "'a' is the name of budgets[0]", "unique"),
        # rules
        ("rules: [{severity: warn}]", "1: rules[0]: `id` is missing", "one of archive-class-size"),
        ("rules: [{id: mpu-no-abourt}]", "1: rules[0].id: 'mpu-no-abourt' is not the id of a rule", "mpu-no-abort?"),
        ("rules: [{id: zzz}]", "1: rules[0].id: 'zzz' is not the id of a rule", "encrypted"),
        ("rules: [{id: 5}]", "1: rules[0].id: the number 5 is not allowed here", "one of"),
        ("rules: [{id: rrs}, {id: rrs}]", "1: rules[1].id: 'rrs' is the name of rules[0] too", "need a `name`"),
        ("budgets: [{name: rrs, max_objects: 1}]\nrules: [{id: rrs}]", "'rrs' is the name of budgets[0]", "unique"),
        ("rules: [{id: encrypted, at_least_usd: 5}]", "at_least_usd: is not a key of encrypted", "only of findings"),
        ("rules: [{id: rrs, methods: [AES256]}]", "methods: is not a key of rrs", "only of encrypted"),
        ("rules: [{id: tags-present}]", "1: rules[0]: `tags` is missing", "a list of tag keys"),
        ("rules: [{id: tags-present, tags: []}]", "1: rules[0]: `tags` is missing", "a list of tag keys"),
        ("rules: [{id: recently-modified}]", "1: rules[0]: `max_age_days` is missing", "1 to 10000"),
        ("rules: [{id: rrs, warn_at: 0.5}]", "1: rules[0].warn_at: unknown key", "severity"),
        # exceptions
        ("rules: [{id: rrs, exceptions: [{bucket: a, until: 2027-01-31}]}]", "`reason` is missing", "one line"),
        ("rules: [{id: rrs, exceptions: [{bucket: a, reason: b}]}]", "`until` is missing", "like 2027-01-31"),
        ("rules: [{id: rrs, exceptions: [{reason: b, until: 2027-01-31}]}]", "`bucket` is missing", "a glob"),
        ("rules: [{id: rrs, exceptions: [{bucket: a, reason: b, until: soon}]}]", "until: the text 'soon'", "2027"),
        ("rules: [{id: rrs, exceptions: [{bucket: a, reason: b, until: 2027-02-30}]}]", "until: the text '2027", "20"),
        ("rules: [{id: rrs, exceptions: [{bucket: a, reason: '', until: 2027-01-31}]}]", "reason: the text ''", "one"),
        ("rules: [{id: rrs, exceptions: [{buckets: a}]}]", "rules[0].exceptions[0].buckets: unknown key", "bucket?"),
        (
            "rules: [{id: rrs, exceptions: [{bucket: a/b, reason: c, until: 2027-01-31}]}]",
            "1: rules[0].exceptions[0].bucket: 'a/b' is not a bucket",
            "a glob",
        ),
    ],
)
def test_a_mistake_is_rejected_with_line_path_and_rule(text: str, message: str, allowed: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    assert str(caught.value).startswith("policies.yaml:")
    assert message in str(caught.value)
    assert allowed in caught.value.advice
    assert "\n" not in str(caught.value) + caught.value.advice


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        load(tmp_path / "policies.yaml")
