"""The lines of a bill: list price, billed and attributed amounts, and likely causes of the difference."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model.bill import BillData, CostQuery, is_gb_months
from s3_monitor.model.bill_summary import BillLine, BillSummary, Tagged, ToDate
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.money.attribution import Attribution, LineKey, billed_lines
from s3_monitor.money.list_pricing import UNIT, Exact, billing_families, rates_for
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.regions import codes_by_region, usage_type_on_bill
from s3_monitor.money.rounding import apportion, round_to_units
from s3_monitor.money.storage_types import pools, usage_types
from s3_monitor.money.variance_reasons import LineFigures, Reason, variance_reasons
from s3_monitor.report import bill_reasons
from s3_monitor.report.bill_export import MICRO

_GB = 2**30


def whole_bill(facts: MergedData) -> BillData | None:
    """Return the bill if it was received completely; a partial bill would show lower amounts."""
    return facts.bill if facts.bill is not None and facts.bill.complete else None


class _Line(NamedTuple):
    """A line with exact amounts; ``listed`` None: no known price."""

    key: LineKey
    name: str
    billed: Exact
    attributed: Exact
    listed: Exact | None
    quantity: float
    unit: str
    observed: float | None  # GB-months
    to_date: Exact


class BillLines:
    """Builds the lines after all buckets are attributed."""

    def __init__(
        self, facts: MergedData, question: CostQuery, attribution: Attribution, price_book: PriceBook, *, narrowed: bool
    ) -> None:
        self._facts, self._question, self._attribution = facts, question, attribution
        self._price_book, self._narrowed = price_book, narrowed
        self._bill = whole_bill(facts)
        self._month = self._bill.month(question.start) if self._bill else None
        self._is_comparable = self._bill is None or self._bill.currency == price_book.currency
        self._storage = frozenset(usage_types().values())
        self._observed, self._listed = self._at_list()
        current = self._bill.month(question.current) if self._bill else None
        self._to_date = billed_lines(current) if current else {}
        self._estimated_to_date = current.estimated if current else True

    def bill(self) -> BillSummary:
        """Return the section of summary.json, in millionths that add up by row and by column."""
        if self._bill is None:
            return self._nothing()
        lines = [self._line(key) for key in self._keys()]
        total = round_to_units(sum(line.billed for line in lines), MICRO)
        attributed_total = round_to_units(sum(line.attributed for line in lines), MICRO)
        attributed = apportion([line.attributed for line in lines], MICRO, attributed_total)
        rest = apportion([line.billed - line.attributed for line in lines], MICRO, total - attributed_total)
        known = [line.listed for line in lines if line.listed is not None]
        at_list = iter(apportion(known, MICRO))
        listed = [None if line.listed is None else next(at_list) for line in lines]
        to_date = apportion([line.to_date for line in lines], MICRO)
        rows = [
            self._row(line, of_buckets, left, at, since)
            for line, of_buckets, left, at, since in zip(lines, attributed, rest, listed, to_date, strict=True)
        ]
        differences = [a + u - at for a, u, at in zip(attributed, rest, listed, strict=True) if at is not None]
        return BillSummary(
            costs=self._question.costs,
            month=self._question.start,
            days=self._question.days,
            payer=self._bill.payer,
            currency=self._bill.currency,
            estimated=self._month.estimated if self._month else None,
            list_=_usd(sum(at for at in listed if at is not None)) if known else None,
            billed=_usd(total),
            attributed=_usd(attributed_total),
            unattributed=_usd(total - attributed_total),
            difference=_usd(sum(differences)) if known else None,
            to_date=self._current(sum(to_date)),
            tagged=self._tagged(),
            rows=rows,
        )

    def problems(self) -> list[Problem]:
        """Return the notes on figures of the bill that are unknown or may change."""
        if self._bill is None:
            return []
        question, month = self._question, self._month
        found = []
        known = {row.account for row in month.rows} if month else set()
        if absent := [account for account in question.accounts if account not in known]:
            found.append(create_problem("account-not-billed", month=f"{question.start:%Y-%m}", accounts=absent))
        if month and month.estimated:
            found.append(create_problem("bill-estimated", month=f"{question.start:%Y-%m}"))
        if self._bill.currency != self._price_book.currency:
            found.append(
                create_problem("bill-in-other-currency", billed=self._bill.currency, listed=self._price_book.currency)
            )
        found += [
            create_problem(
                "bill-unit-unknown",
                account=key.account,
                region=key.region,
                usage_type=key.usage_type,
                unit=repr(billed.unit[:30]),
            )
            for key, billed in self._attribution.billed.items()
            if key.usage_type in self._storage
            and billed.quantity
            and question.costs == "billed"
            and not is_gb_months(billed.unit)
        ]
        for (_, region), held in self._attribution.observed.items():
            if region not in codes_by_region():
                found.append(create_problem("bill-region-unknown", region=region))
                continue
            for type_ in held:
                if type_ not in usage_types():
                    found.append(create_problem("bill-usage-type-unknown", region=region, storage_type=type_))
        return found

    def _nothing(self) -> BillSummary:
        question = self._question
        unknown = dict.fromkeys(("list_", "billed", "attributed", "unattributed", "difference", "to_date", "tagged"))
        return BillSummary(
            costs=question.costs,
            month=question.start,
            days=question.days,
            payer=self._facts.bill.payer if self._facts.bill else None,
            currency=self._facts.bill.currency if self._facts.bill else self._price_book.currency,
            estimated=None,
            rows=[],
            **unknown,
        )

    def _at_list(self) -> tuple[dict[LineKey, Fraction], dict[LineKey, Exact | None]]:
        """Return the measured GB-months of each line, and the list price of the average bytes of the month."""
        days, observed = self._question.days, self._attribution.observed
        usage = {
            place: {type_: Fraction(held) / days for type_, held in sorted(types.items())}
            for place, types in sorted(observed.items())
        }
        rates = rates_for(usage, billing_families(self._facts.plan), self._price_book)
        seen: dict[LineKey, Fraction] = {}
        listed: dict[LineKey, Exact | None] = {}
        for (account, region), types in usage.items():
            for type_, size in types.items():
                key = self._attribution.key(account, region, type_)
                if key is None:
                    continue
                rate = rates[account, region][type_] if self._is_comparable else None
                seen[key] = seen.get(key, Fraction(0)) + size / _GB
                so_far = listed.get(key, 0)
                listed[key] = None if rate is None or so_far is None else so_far + rate * size
        return seen, listed

    def _keys(self) -> list[LineKey]:
        """Return the lines by account and name on the bill. Accounts without a bill have none."""
        on_bill = {key.account for key in self._attribution.billed}
        keys = {*self._attribution.billed, *self._attribution.attributed, *self._to_date}
        keys |= {key for key in self._observed if key.account in on_bill}
        return sorted(keys, key=lambda key: (key.account, self._name(key), key))

    def _name(self, key: LineKey) -> str:
        billed = self._attribution.billed.get(key) or self._to_date.get(key)
        return billed.name if billed else usage_type_on_bill(key.region, key.usage_type) or key.usage_type

    def _line(self, key: LineKey) -> _Line:
        billed = self._attribution.billed.get(key)
        current = self._to_date.get(key)
        seen = self._observed.get(key)
        storage = key.usage_type in self._storage
        return _Line(
            key=key,
            name=self._name(key),
            billed=billed.usd if billed else 0,
            attributed=self._attribution.attributed.get(key, 0),
            listed=self._listed.get(key, 0) if self._is_comparable or not storage else None,
            quantity=float(billed.quantity) if billed else 0.0,
            unit=known.unit if (known := billed or current) else "",
            observed=float(seen or 0) if storage else None,
            to_date=current.usd if current else 0,
        )

    def _row(self, line: _Line, attributed: int, rest: int, listed: int | None, to_date: int) -> BillLine:
        found = self._reasons(line)
        return BillLine(
            account=line.key.account,
            usage_type=line.name,
            list_=None if listed is None else _usd(listed),
            billed=_usd(attributed + rest),
            attributed=_usd(attributed),
            unattributed=_usd(rest),
            difference=None if listed is None else _usd(attributed + rest - listed),
            quantity=round(line.quantity, 6),
            unit=line.unit,
            observed=None if line.observed is None else round(line.observed, 6),
            to_date=_usd(to_date),
            reason=bill_reasons.text(found),
            causes=[str(one.cause) for one in found],
        )

    def _reasons(self, line: _Line) -> list[Reason]:
        key = line.key
        return variance_reasons(
            LineFigures(
                usage_type=key.usage_type,
                is_storage=key.usage_type in self._storage,
                list_price=None if line.listed is None else _float(line.listed),
                billed=_float(line.billed),
                attributed=_float(line.attributed),
                deleted=_float(self._attribution.deleted.get(key, 0)),
                quantity=line.quantity,
                unit=line.unit,
                observed=line.observed or 0,
                last_tier_price=self._last_tier(key),
                tagged=self._question.costs == "tagged",
                exported=self._question.costs == "exported",
                estimated=bool(self._month and self._month.estimated),
                missing=(key.account, key.region) in self._facts.incomplete_regions,
                narrowed=self._narrowed,
                days=self._question.days,
                late_days=self._attribution.late_days(key.account, key.region),
            )
        )

    def _last_tier(self, key: LineKey) -> float | None:
        pool = pools().get(key.usage_type)
        prices = self._price_book.pool(key.region, pool.name) if pool else None
        return float(prices.tiers[-1].price) if prices and len(prices.tiers) > 1 else None

    def _current(self, micros: int) -> ToDate | None:
        if self._question.end <= self._question.current:
            return None
        through = self._question.end - timedelta(days=1)
        return ToDate(self._question.current, through, _usd(micros), self._estimated_to_date)

    def _tagged(self) -> Tagged | None:
        if not self._question.tag:
            return None
        left = self._attribution.unmatched_tags()
        untagged = left.pop("", 0)
        both = apportion([untagged, sum(left.values())], MICRO)
        return Tagged(self._question.tag, _usd(both[0]), _usd(both[1]), len(left))


def _usd(micros: int) -> float:
    return micros / 1_000_000


def _float(amount: Exact) -> float:
    return float(Fraction(amount) / UNIT)
