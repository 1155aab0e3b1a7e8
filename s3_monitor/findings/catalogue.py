"""The table of all rules. A new rule is an id in model/finding.py, a function and a row in one of these files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from s3_monitor.findings import bill_rules, class_rules, leftover_rules, storage_rules
from s3_monitor.findings.rule import Find, Rule
from s3_monitor.model.finding import FindingId

RULES: Final[Mapping[FindingId, Rule]] = MappingProxyType(
    {
        rule.id: rule
        for rule in sorted(
            [*storage_rules.RULES, *class_rules.RULES, *leftover_rules.RULES, *bill_rules.RULES],
            key=lambda rule: rule.id,
        )
    }
)


NEEDS: Final = frozenset(name for rule in RULES.values() for name in rule.needs)


@cache
def bucket_rules(types: tuple[str, ...], known: frozenset[str]) -> tuple[Find, ...]:
    """Return the functions of the rules that may apply to buckets with these storage types and facts."""
    return tuple(
        rule.find
        for rule in RULES.values()
        if rule.find is not None
        and (rule.types is None or not rule.types.isdisjoint(types))
        and known.issuperset(rule.needs)
    )
