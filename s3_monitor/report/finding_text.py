"""Texts of findings: amounts and evidence. Pure."""

from __future__ import annotations

from s3_monitor.model.change import Anomaly
from s3_monitor.model.finding import Evidence, FindingEntry, FindingTotals
from s3_monitor.report import formats


def amount_text(finding: FindingEntry, currency: str) -> str:
    """Return the saving per month, such as `at most $12.00`."""
    if finding.usd_month_high is None:
        return "unknown"
    high = formats.money(finding.usd_month_high, currency)
    if finding.kind == "at-most":
        return f"at most {high}"
    if finding.kind == "range" and finding.usd_month_low is not None:
        return f"{formats.money(finding.usd_month_low, currency)} to {high}"
    return high


def totals_text(totals: FindingTotals, currency: str) -> str:
    """Return the sums of findings, such as `$3.00 to $12.00 per month, 2 findings of unknown amount`."""
    low, high = (formats.money(amount, currency) for amount in (totals.usd_month_low, totals.usd_month_high))
    amount = f"{low} to {high}" if totals.usd_month_low else f"up to {high}"
    if totals.usd_month_low == totals.usd_month_high:
        amount = high
    unknown = f", {formats.plural(totals.unknown, 'finding')} of unknown amount" if totals.unknown else ""
    return f"{amount} per month{unknown}"


def evidence_text(finding: FindingEntry, currency: str) -> str:
    """Return the evidence in one line, with the day of each value that differs from the preceding one."""
    parts, last = [], None
    for item in finding.evidence:
        day = f" ({item.source}, {formats.day(item.as_of)})" if item.as_of and item.as_of != last else ""
        last = item.as_of or last
        parts.append(f"{item.name}: {value_text(item, currency)}{day}")
    return "; ".join(parts)


def value_text(item: Evidence, currency: str) -> str:
    """Return a value of the evidence with its unit."""
    value = item.value
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    match item.unit:
        case "bytes":
            return formats.size(value)
        case "USD":
            return formats.money(value, currency)
        case "days":
            return formats.plural(value, "day")
    return formats.count(value)


def anomaly_text(anomaly: Anomaly, currency: str) -> str:
    """Return an unusual change, such as `+2.00 TiB, +$47.10 per month on 2026-11-28 (usually +3.00 GiB per day)`."""

    def money(amount: float) -> str:
        return formats.money(amount, currency)

    parts = [formats.change(anomaly.size, formats.size)] if anomaly.size else []
    if anomaly.cost is not None:
        parts.append(f"{formats.change(anomaly.cost, money)} per month")
    form = formats.size if anomaly.measure == "bytes" else money
    usual = formats.change(anomaly.usual, form)
    return f"{', '.join(parts)} on {formats.day(anomaly.day)} (usually {usual} per day)"
