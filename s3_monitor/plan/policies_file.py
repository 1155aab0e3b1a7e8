"""The file policies.yaml: its keys, their allowed values, and the errors about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from s3_monitor.model.files import shortened
from s3_monitor.model.finding import FINDING_IDS
from s3_monitor.model.policies import RULE_IDS, Budget, Policies, PolicyRule, Selectors, several
from s3_monitor.money.storage_types import storage_types
from s3_monitor.plan import bucket_patterns, names
from s3_monitor.plan.yaml_document import Document, Form, Unclear, read_document
from s3_monitor.plan.yaml_record import read_record

P = TypeVar("P", Budget, PolicyRule)
FORM = Form("policies.yaml", "start it with `budgets:` or `rules:` and a list", "", "docs/policies.md")
_LIMITS = ("max_usd_month", "max_growth_usd_30d", "max_growth_percent_30d", "max_size", "max_objects")
# Limits of buckets; the figures of a single storage type of a bucket do not have them.
_OF_BUCKETS = ("max_growth_usd_30d", "max_growth_percent_30d", "max_objects")
# Key of a rule → the ids of the rules that have it. They must have it, except for `methods`.
_KEYS_OF_RULES = {"methods": "encrypted", "tags": "tags-present", "max_age_days": "recently-modified"}
_SELECTORS = ", ".join(Selectors.__struct_fields__)
_ONE_OR_LIST = "or a list of them, like"
_AMOUNT = "a number, 0 or more"
_ALLOWED = {
    "": "a mapping with lists of budgets and rules",
    "budgets": f"a list of budgets: mappings of name, {_SELECTORS}, {', '.join(_LIMITS)}, warn_at and severity",
    "rules": f"a list of rules: mappings of id, name, {_SELECTORS}, severity, at_least_usd, exceptions, "
    f"{', '.join(_KEYS_OF_RULES)}",
    "name": "a name of one line",
    "id": f"one of {', '.join(RULE_IDS)}",
    "account": f'an account id in quotes, {_ONE_OR_LIST} ["111122223333"]',
    "region": f"a region, {_ONE_OR_LIST} [us-east-1, eu-west-1]",
    "bucket": f'{bucket_patterns.ALLOWED_RULE}, {_ONE_OR_LIST} ["logs-*"]',
    "storage_type": f"a CloudWatch storage type, {_ONE_OR_LIST} [StandardStorage]",
    "tag": "a mapping of tag keys to values or globs, like {team: data}; values in quotes if they are numbers",
    "max_usd_month": f"{_AMOUNT}: the monthly cost",
    "max_growth_usd_30d": f"{_AMOUNT}: the increase of the monthly cost in 30 days",
    "max_growth_percent_30d": f"{_AMOUNT}: percent",
    "max_size": "a number of bytes, or a size with a unit, like 10 TiB: B, KiB, MiB, GiB, TiB or PiB",
    "max_objects": "a whole number of objects, 0 or more",
    "warn_at": "a share of the limits, more than 0 and at most 1, like 0.8",
    "severity": "warn or fail",
    "at_least_usd": f"{_AMOUNT}: the monthly saving, or the increase of the monthly cost",
    "methods": "a list of encryption methods, like [aws:kms]",
    "tags": "a list of tag keys, like [team, owner]",
    "max_age_days": "a whole number of days, 1 to 10000",
    "exceptions": "a list of exceptions: mappings of bucket, reason, until and account",
    "reason": "a text of one line",
    "until": "the last day of the exception, like 2027-01-31",
}


def load(path: Path) -> Policies:
    """Read a policies.yaml. Raises UserError if it cannot be read or is invalid."""
    return read_policies(read_document(path, "--policies", FORM))


def read_policies(document: Document) -> Policies:
    """Return the policies of a document. Raises UserError with the line, the path and the allowed values."""
    policies = read_record(document, _with_dates(document.value), Policies, _ALLOWED)
    if not policies.budgets and not policies.rules:
        document.refuse("", "has neither budgets nor rules", _ALLOWED[""])
    checks = _Checks(document)
    return Policies(
        budgets=tuple(checks.budget(budget, f"budgets[{number}]") for number, budget in enumerate(policies.budgets)),
        rules=tuple(checks.rule(rule, f"rules[{number}]") for number, rule in enumerate(policies.rules)),
    )


class _Checks:
    """Checks that concern several keys, or names."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._titles: dict[str, str] = {}  # title → path

    def budget(self, budget: Budget, path: str) -> Budget:
        limits = [key for key in _LIMITS if getattr(budget, key) is not None]
        if not limits:
            self._document.refuse(path, "has no limit", f"at least one of {', '.join(_LIMITS)}")
        for key in limits:
            if budget.storage_type and key in _OF_BUCKETS:
                what = "cannot be combined with storage_type"
                self._document.refuse(f"{path}.{key}", what, "with storage_type only max_usd_month and max_size")
        self._check_title(budget.name, f"{path}.name")
        return self._selectors(budget, path)

    def rule(self, rule: PolicyRule, path: str) -> PolicyRule:
        if rule.id not in RULE_IDS:
            advice = names.did_you_mean(rule.id, RULE_IDS) or _ALLOWED["id"]
            self._document.refuse(f"{path}.id", f"{shortened(rule.id)} is not the id of a rule", advice)
        for key, owner in _KEYS_OF_RULES.items():
            is_set = bool(getattr(rule, key))
            if is_set and rule.id != owner:
                self._document.refuse(f"{path}.{key}", f"is not a key of {rule.id}", f"only of {owner}")
            if not is_set and rule.id == owner and key != "methods":
                self._document.refuse(path, f"`{key}` is missing", f"{key}: {_ALLOWED[key]}")
        if rule.at_least_usd is not None and rule.id not in (*FINDING_IDS, "no-anomaly"):
            advice = "only of findings and no-anomaly"
            self._document.refuse(f"{path}.at_least_usd", f"is not a key of {rule.id}", advice)
        self._check_title(rule.title, f"{path}.{'name' if rule.name else 'id'}")
        for number, exception in enumerate(rule.exceptions):
            self._check_patterns((exception.bucket,), f"{path}.exceptions[{number}].bucket")
        return self._selectors(rule, path)

    def _check_title(self, title: str, path: str) -> None:
        if title in self._titles:
            advice = "a unique name for each policy; rules with the same id need a `name`"
            self._document.refuse(path, f"{shortened(title)} is the name of {self._titles[title]} too", advice)
        self._titles[title] = path.rpartition(".")[0]

    def _selectors(self, policy: P, path: str) -> P:
        """Return the policy with storage types spelled as in CloudWatch."""
        self._check_patterns(several(policy.bucket), f"{path}.bucket")
        spelled = {name.lower(): name for name in storage_types()}
        types = several(policy.storage_type)
        for name in types:
            if name.lower() not in spelled:
                what = f"{shortened(name)} is not a storage type"
                self._document.refuse(f"{path}.storage_type", what, names.did_you_mean(name, storage_types()))
        return msgspec.structs.replace(policy, storage_type=tuple(spelled[name.lower()] for name in types))

    def _check_patterns(self, patterns: tuple[str, ...], path: str) -> None:
        for pattern in patterns:
            if not bucket_patterns.ALLOWED.fullmatch(pattern):
                self._document.refuse(path, f"{shortened(pattern)} is not a bucket", f"allowed: {_ALLOWED['bucket']}")


def _with_dates(value: Any) -> Any:
    """Return the value of a document with plain text for each `until` that is a date: YAML has its own type for it."""
    if isinstance(value, list):
        return [_with_dates(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: item.text
        if key == "until" and isinstance(item, Unclear) and re.fullmatch(r"\d{4}-\d\d-\d\d", item.text)
        else _with_dates(item)
        for key, item in value.items()
    }
