"""The contents of the page about savings, and of the section on the pages of buckets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import UnsetType

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.findings.rule import Rule
from s3_monitor.findings.totals import Key
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.finding import FindingEntry, FindingSums, FindingTotals, KnownBy
from s3_monitor.report.findings_json import ObjectCounts, entry, known_by

TOP_FINDINGS = 200  # on the page about savings; findings.json has all


class Savings(msgspec.Struct, frozen=True):
    """The contents of the page about savings."""

    sums: FindingSums
    rules: list[tuple[Rule, FindingTotals]]
    """The largest first."""
    top: list[FindingEntry]
    """The largest findings with a known amount above 0."""
    further: int
    """Number of findings with such an amount that are not in ``top``."""
    excepted: list[FindingEntry]
    """The largest findings that exceptions silence."""
    unknown: list[tuple[Rule, int, KnownBy]]
    """Each rule with findings of unknown amount, their number, and the sum of what would make them known."""
    tags: list[tuple[str, list[tuple[str, FindingTotals]]]]
    """Tag key → its values, the largest first."""
    of_bucket: dict[Key, list[FindingEntry]]
    """Findings of the buckets that have a page."""


def build_savings(
    findings: Sequence[Finding],
    sums: FindingSums | UnsetType,
    buckets: Iterable[Bucket],
    with_page: Iterable[Bucket],
) -> Savings | None:
    """Return the contents of the page; None if findings were not computed."""
    if isinstance(sums, UnsetType):
        return None
    objects: ObjectCounts = {(bucket.account, bucket.region, bucket.name): bucket.num_objects for bucket in buckets}
    counted = [finding for finding in findings if finding.exception is None]
    known = [finding for finding in counted if finding.high]
    excepted = [finding for finding in findings if finding.exception is not None]
    pages: dict[Key, list[FindingEntry]] = {(one.account, one.region, one.name): [] for one in with_page}
    for finding in findings:
        if finding.key in pages:
            pages[finding.key].append(entry(finding, objects.get(finding.key)))
    rules = [(rule, sums.by_id[rule.id]) for rule in RULES.values() if rule.id in sums.by_id]
    by_tag = {} if isinstance(sums.by_tag, UnsetType) else sums.by_tag
    return Savings(
        sums=sums,
        rules=sorted(rules, key=lambda item: (-item[1].usd_month_high, item[0].title)),
        top=[entry(finding, None) for finding in known[:TOP_FINDINGS]],
        further=max(0, len(known) - TOP_FINDINGS),
        excepted=[entry(finding, None) for finding in excepted[:TOP_FINDINGS]],
        unknown=list(_unknown(counted, objects)),
        tags=[
            (key, sorted(values.items(), key=lambda item: (-item[1].usd_month_high, item[0])))
            for key, values in sorted(by_tag.items())
        ],
        of_bucket={key: rows for key, rows in pages.items() if rows},
    )


def _unknown(findings: Iterable[Finding], objects: ObjectCounts) -> Iterator[tuple[Rule, int, KnownBy]]:
    found: dict[str, list[KnownBy]] = {}
    for finding in findings:
        if finding.high is None and (how := known_by(finding, objects.get(finding.key))):
            found.setdefault(finding.id, []).append(how)
    for rule in RULES.values():
        if hows := found.get(rule.id):
            costs = [how.usd for how in hows if how.usd is not None]
            usd = sum(costs) if len(costs) == len(hows) else None
            yield rule, len(hows), KnownBy(hows[0].how, usd, hows[0].per)
