"""The sums of findings in summary.json."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from s3_monitor.findings.finding import Finding
from s3_monitor.findings.totals import Key, potentials, sum_potentials, totals_by, totals_by_id
from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.finding import FindingSums, FindingTotals
from s3_monitor.report.tag_groups import ENCRYPTION, dimensions_of, label_of, tag_key


def finding_sums(facts: MergedData, findings: Sequence[Finding]) -> FindingSums:
    """Return the sums of all findings, by rule, by account and by tag."""
    counted = [finding for finding in findings if finding.exception is None]
    found = potentials(counted)
    records = facts.buckets if facts.all_keys is None else facts.all_keys
    incomplete: list[Key] = [
        (bucket.account, bucket.region, bucket.name) for bucket in records if bucket.state == "incomplete"
    ]
    by_tag: dict[str, dict[str, FindingTotals]] = {}
    if facts.plan.details:
        of_buckets = {key: potential for key, potential in found.items() if key[2] is not None}
        for dimension in dimensions_of(facts.buckets, facts.plan.report.group_by_tags):
            if dimension != ENCRYPTION:
                label = label_of(dimension)
                labels: dict[Key, str] = {
                    (bucket.account, bucket.region, bucket.name): label(bucket) for bucket in records
                }
                by_tag[tag_key(dimension)] = totals_by(of_buckets, incomplete, labels.__getitem__)
    return FindingSums(
        totals=sum_potentials(found.items(), len(incomplete)),
        excepted=len(findings) - len(counted),
        by_id=totals_by_id(counted),
        by_account=totals_by(found, incomplete, lambda key: key[0]),
        by_tag=by_tag if facts.plan.details else UNSET,
    )
