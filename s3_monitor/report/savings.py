"""The contents of the page about savings, and of the section on the pages of buckets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UnsetType

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.finding import FindingException, FindingSums, FindingTotals, KnownBy
from s3_monitor.report.finding_entries import entry, known_by
from s3_monitor.report.finding_text import amount_text, evidence_text

TOP_FINDINGS = 200  # on the page about savings; findings.json has all
_TAG_VALUES = 50  # of each tag key

Key = tuple[str, str, str | None]  # account, region, name of the bucket


class FindingRow(msgspec.Struct, frozen=True):
    """A finding with its texts."""

    id: str
    title: str
    account: str
    region: str
    bucket: str | None
    amount: str
    is_bounded: bool
    """Whether the saving may be lower than its upper bound."""
    evidence: str
    fix: str
    lifecycle_rule: str | None
    once: float | None
    known_by: KnownBy | None
    exception: FindingException | None


class RuleRow(msgspec.Struct, frozen=True):
    """The findings of a rule."""

    id: str
    title: str
    condition: str
    totals: FindingTotals


class UnknownRow(msgspec.Struct, frozen=True):
    """The findings of a rule with unknown amounts."""

    title: str
    findings: int
    known_by: KnownBy


class TagTable(msgspec.Struct, frozen=True):
    """The findings by the values of a tag."""

    key: str
    values: list[tuple[str, FindingTotals]]
    """The largest first."""
    others: int
    """Number of further values."""


class Savings(msgspec.Struct, frozen=True):
    """The contents of the page about savings."""

    sums: FindingSums
    rules: list[RuleRow]
    """The largest first."""
    top: list[FindingRow]
    """The largest findings with a known amount above 0."""
    further: int
    """Number of findings with such an amount that are not in ``top``."""
    excepted: list[FindingRow]
    """The largest findings that exceptions silence."""
    unknown: list[UnknownRow]
    tags: list[TagTable]
    of_bucket: dict[Key, list[FindingRow]]
    """Findings of the buckets that have a page."""


def build_savings(
    findings: Sequence[Finding],
    sums: FindingSums | UnsetType,
    buckets: Iterable[Bucket],
    with_page: Iterable[Bucket],
    currency: str,
) -> Savings | None:
    """Return the contents of the page; None if findings were not computed."""
    if isinstance(sums, UnsetType):
        return None
    objects = {(bucket.account, bucket.region, bucket.name): bucket.num_objects for bucket in buckets}
    known = [finding for finding in findings if finding.high and finding.exception is None]
    excepted = [finding for finding in findings if finding.exception is not None]
    pages: dict[Key, list[FindingRow]] = {(one.account, one.region, one.name): [] for one in with_page}
    for finding in findings:
        rows = pages.get((finding.account, finding.region, finding.bucket))
        if rows is not None:
            rows.append(_row(finding, objects.get((finding.account, finding.region, finding.bucket or "")), currency))
    return Savings(
        sums=sums,
        rules=_rules(sums),
        top=[_row(finding, None, currency) for finding in known[:TOP_FINDINGS]],
        further=max(0, len(known) - TOP_FINDINGS),
        excepted=[_row(finding, None, currency) for finding in excepted[:TOP_FINDINGS]],
        unknown=_unknown([finding for finding in findings if finding.exception is None], objects),
        tags=[] if isinstance(sums.by_tag, UnsetType) else [_tag(key, of) for key, of in sorted(sums.by_tag.items())],
        of_bucket={key: rows for key, rows in pages.items() if rows},
    )


def _row(finding: Finding, objects: float | None, currency: str) -> FindingRow:
    full = entry(finding, objects)
    return FindingRow(
        finding.id,
        RULES[finding.id].title,
        finding.account,
        finding.region,
        finding.bucket,
        amount_text(finding, currency),
        finding.kind != "exact",
        evidence_text(finding, currency),
        full.fix,
        full.lifecycle_rule,
        full.usd_once,
        full.known_by,
        full.exception,
    )


def _rules(sums: FindingSums) -> list[RuleRow]:
    rows = [
        RuleRow(rule.id, rule.title, rule.condition, sums.by_id[rule.id])
        for rule in RULES.values()
        if rule.id in sums.by_id
    ]
    return sorted(rows, key=lambda row: (-row.totals.usd_month_high, row.title))


def _unknown(findings: Iterable[Finding], objects: dict[tuple[str, str, str], float | None]) -> list[UnknownRow]:
    """Return the rules with unknown amounts, with the sum of what would make them known."""
    found: dict[str, list[KnownBy]] = {}
    for finding in findings:
        if finding.high is None:
            count = objects.get((finding.account, finding.region, finding.bucket or ""))
            if how := known_by(finding, count):
                found.setdefault(finding.id, []).append(how)
    return [
        UnknownRow(rule.title, len(found[rule.id]), _sum(found[rule.id])) for rule in RULES.values() if rule.id in found
    ]


def _sum(hows: Sequence[KnownBy]) -> KnownBy:
    costs = [how.usd for how in hows if how.usd is not None]
    return KnownBy(hows[0].how, sum(costs) if len(costs) == len(hows) else None, hows[0].per)


def _tag(key: str, totals: dict[str, FindingTotals]) -> TagTable:
    values = sorted(totals.items(), key=lambda item: (-item[1].usd_month_high, item[0]))
    return TagTable(key, values[:_TAG_VALUES], max(0, len(values) - _TAG_VALUES))
