"""The shard of the bill → its part: the rows of Cost Explorer, as they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from msgspec import UNSET

from s3_monitor import __version__
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.part_check import drop_unreadable
from s3_monitor.collect.payer import Payer
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import Task, WorkerPool
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostGroup, CostPage, CostQuery, TagRow
from s3_monitor.model.bounds import is_money
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.identity import Identity
from s3_monitor.model.part import Part, Status
from s3_monitor.model.plan import Access, Plan, Shard
from s3_monitor.model.problem import gap, has_gap, note
from s3_monitor.model.usage_units import shared_unit

_ACCOUNTS_A_PAGE = 200


def expected(question: CostQuery) -> CallCounts:
    """About what the bill takes: a page for each question, which most bills fit on."""
    calls = CallCounts()
    calls.count("GetCallerIdentity")
    pages = max(1, -(-len(question.accounts) // _ACCOUNTS_A_PAGE))
    calls.count("GetCostAndUsage", pages * (2 if question.tag else 1))
    return calls


def collect_bill(
    plan: Plan,
    digest: str,
    shard: Shard,
    question: CostQuery,
    connect: Callable[[Access], Payer],
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    log: Callable[[str], None],
) -> Part:
    """As collect/shard.py does the others. Never raises for what AWS does."""
    started, begun = now(), time.monotonic()
    likely = expected(question)
    asked_by = "by account and by tag" if question.tag else "by account"
    log(f"{shard.name}: Cost Explorer, {asked_by}: about {likely.usd:.2f} USD, 0.01 USD a page")
    asking = _Asking(question)
    crew = WorkerPool()
    crew.start(Task(partial(asking.pages, connect, plan.accesses[question.access]), asking.fold, asking.end))
    crew.fold(stop)
    if stop.is_set():
        asking.losses.add(gap("bill", "interrupted: the bill did not arrive whole", "run this shard again"))
    calls = asking.tally.calls()
    facts = asking.facts()
    part = Part(
        shard=shard.name,
        plan=digest,
        tool=__version__,
        started=started,
        finished=now(),
        status=_status(facts),
        window=plan.window,
        types=[],
        units=[],
        problems=asking.losses.problems(),
        calls=calls,
        usd=calls.usd,
        bill=facts,
    )
    part = drop_unreadable(part, ())
    rows = sum(len(month.rows) for month in facts.months)
    log(f"{shard.name}: {rows:,} rows, {calls.total:,} calls, {time.monotonic() - begun:.1f} s, {part.status}")
    return part


def _status(facts: BillData) -> Status:
    if facts.complete:
        return "complete"
    return "partial" if facts.months else "failed"


class _Asking:
    """What has come so far. Folded in one thread."""

    def __init__(self, question: CostQuery) -> None:
        self.losses = ProblemLog()
        self.tally = CallCounter()
        self._question = question
        self._payer = ""
        self._whole = self._invalid = False
        self._estimated: dict[date, bool] = {}
        self._rows: dict[date, dict[tuple[str, str], BillRow]] = {}
        self._tagged: dict[date, dict[tuple[str, str], TagRow]] = {}
        self._currencies: set[str] = set()

    def pages(self, connect: Callable[[Access], Payer], access: Access) -> Iterator[Identity | tuple[bool, CostPage]]:
        """Who pays; then the pages, each with whether it is by tag. Nothing is asked of a payer elsewhere."""
        payer = connect(access)
        identity = payer.identity(self.tally.count)
        yield identity
        if identity.partition != self._question.partition:
            return
        for page in payer.costs(self._question, False, self.tally.count):
            yield False, page
        if self._question.tag:
            for page in payer.costs(self._question, True, self.tally.count):
                yield True, page

    def fold(self, answer: Identity | tuple[bool, CostPage]) -> None:
        if isinstance(answer, Identity):
            self._payer = answer.account
            if answer.partition != self._question.partition:
                what = f"these credentials are of partition {answer.partition}, not {self._question.partition}"
                self.losses.add(gap("bill", what, "name a payer of that partition"))
            return
        by_tag, page = answer
        for usage_type in page.invalid:
            self._lose_amount(usage_type)
        for month, estimated in page.estimated.items():
            if self._requested(month):
                self._estimated[month] = self._estimated.get(month, False) or estimated
        for group in page.groups:
            if not self._requested(group.month):
                self.losses.add(note("bill", f"Cost Explorer sent {group.month}, which was not requested: left out"))
                continue
            self._currencies.add(group.currency)
            if by_tag:
                self._add_tagged(group)
            elif group.key in self._question.accounts:
                self._add(group)
            else:
                what = f"Cost Explorer answered about account {group.key}, which was not asked about: left out"
                self.losses.add(note("bill", what))

    def _requested(self, month: date) -> bool:
        return month in (self._question.start, self._question.current)

    def _lose_amount(self, usage_type: str) -> None:
        self._invalid = True
        what = f"Could not read the amount of {usage_type}: it must be a number of at most 15 digits"
        self.losses.add(gap("bill", what, "run this shard again"))

    def _add(self, group: CostGroup) -> None:
        """A group may go on on another page, or be of two services."""
        rows, key = self._rows.setdefault(group.month, {}), (group.key, group.usage_type)
        known = rows.get(key)
        row = BillRow(*key, group.usd, group.quantity, group.unit)
        if known is not None:
            unit = shared_unit((known.quantity, known.unit), (group.quantity, group.unit))
            row = BillRow(*key, known.usd + group.usd, known.quantity + group.quantity, unit)
        if is_money(row.usd) and is_money(row.quantity):
            rows[key] = row
        else:
            self._lose_amount(group.usage_type)

    def _add_tagged(self, group: CostGroup) -> None:
        rows, key = self._tagged.setdefault(group.month, {}), (group.key, group.usage_type)
        row = TagRow(*key, (rows[key].usd if key in rows else Decimal(0)) + group.usd)
        if is_money(row.usd):
            rows[key] = row
        else:
            self._lose_amount(group.usage_type)

    def end(self, error: Exception | None) -> None:
        if error is not None:
            cause = cause_of(error)
            self.losses.add(gap("bill", cause.text, cause.advice))
        elif len(self._currencies) > 1:
            several = ", ".join(sorted(self._currencies))
            self.losses.add(gap("bill", f"it is in several currencies: {several}", "name the accounts of one payer"))
        elif self._question.start not in self._estimated:
            if not has_gap(self.losses.problems()):  # of the wrong payer nothing was asked
                what = f"Cost Explorer has nothing of the month from {self._question.start}"
                self.losses.add(gap("bill", what, "name the payer of these accounts"))
        else:
            self._whole = not self._invalid

    def facts(self) -> BillData:
        months = [
            BillMonth(
                month,
                self._estimated[month],
                sorted(self._rows.get(month, {}).values()),
                sorted(self._tagged.get(month, {}).values()) if self._question.tag else UNSET,
            )
            for month in sorted(self._estimated)
        ]
        return BillData(self._payer, min(self._currencies, default="USD"), self._whole, months)
