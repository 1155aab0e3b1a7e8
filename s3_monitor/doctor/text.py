"""The report as text for a terminal: a table for each account, the missing actions, and a policy that allows them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from s3_monitor.doctor.permissions import OPTIONS, Option
from s3_monitor.doctor.report import AccountReport, Check, DoctorReport
from s3_monitor.model.safe_text import align_columns, one_line


def lines(report: DoctorReport) -> Iterator[str]:
    """Yield the lines of the text."""
    rows = [[check.name, "ok" if check.ok else "PROBLEM", _with(check.message, check.advice)]
            for check in report.environment]  # fmt: skip
    yield from align_columns(rows)
    for account in report.accounts:
        yield ""
        yield from _account(account, report.options)
    shown = {option for account in report.accounts for check in account.checks for option in check.options}
    if not shown.issubset(report.options):
        yield ""
        yield "Options in parentheses are not in use, and do not affect the exit status."


def _account(account: AccountReport, in_use: Sequence[Option]) -> Iterator[str]:
    access = account.role_arn or (f"profile {account.profile}" if account.profile else "default credentials")
    yield f"Account {account.account or 'unknown'} ({one_line(account.caller or access)})"
    if account.error is not None:
        yield f"  {one_line(_with(account.error, account.advice))}"
        return
    options = [option for option in OPTIONS if any(option in check.options for check in account.checks)]
    heading = ["region", *(option if option in in_use else f"({option})" for option in options)]
    regions: Sequence[str | None] = account.regions or (None,)
    table = [
        [region or "all", *["not enabled" if region in account.disabled_regions else
                            account.result(option, region) or "-" for option in options]]
        for region in regions
    ]  # fmt: skip
    yield from align_columns([heading, *table], "  ")
    if account.missing:
        yield "  Missing actions:"
        rows = [
            [missing.action, ", ".join(missing.options), "; ".join(missing.provides), _places(missing.regions, account)]
            for missing in account.missing
        ]
        yield from align_columns([["action", "options", "provides", "regions"], *rows], "    ")
    yield from _others(account.checks)
    if account.policy is not None:
        yield "  A policy that allows them:"
        yield from (f"  {line}" for line in json.dumps(account.policy, indent=2).splitlines())


def _places(regions: Sequence[str], account: AccountReport) -> str:
    enabled = set(account.regions) - set(account.disabled_regions)
    return "all" if not regions or set(regions) == enabled else ", ".join(regions)


def _others(checks: Iterable[Check]) -> Iterator[str]:
    """Yield what a policy of the user or role cannot change, and what could not be determined, by message."""
    titles = {"no": "Denied by another policy:", "unknown": "Unknown:"}
    for result, title in titles.items():
        found: dict[str, list[str]] = {}
        for check in checks:
            if check.result == result and (result == "unknown" or check.denied_by not in ("", "identity-policy")):
                message = one_line(_with(check.message or "", check.advice))
                found.setdefault(message, []).append(check.action)
        if found:
            yield f"  {title}"
        for message, actions in found.items():
            yield f"    {', '.join(dict.fromkeys(actions))}: {message}"


def _with(message: str, advice: str | None) -> str:
    return f"{message} ({advice})" if advice else message
