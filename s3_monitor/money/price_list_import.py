"""AWS's price lists become a matrix: which products are which prices, in which region.

Whether the prices are good enough to be used is decided in price_validation.py.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from s3_monitor.model.usage_units import is_gb_months
from s3_monitor.money import usage_types
from s3_monitor.money.price_book import Charge, PoolPrice, PriceBook, Source, Tier
from s3_monitor.money.price_list import SERVICES, STORAGE, InvalidEntry, PriceListVersion, Product, Term, parse_number
from s3_monitor.money.region_names import GLOBAL, is_region_code, normalize_location, regions_by_location
from s3_monitor.money.skip_reasons import EntrySkipped, SkippedEntries, SkipReason
from s3_monitor.money.storage_types import pools
from s3_monitor.money.usage_types import ChargeKind

_STANDARD = "TimedStorage-ByteHrs"
_CURRENCY = re.compile(r"[A-Z]{3}")


class ImportedPrices(NamedTuple):
    """A matrix, and what of the lists is not in it."""

    price_book: PriceBook
    skips: SkippedEntries


class NoUsablePriceError(Exception):
    """The lists have no usable price of S3. ``skips`` tells why."""

    def __init__(self, skips: SkippedEntries) -> None:
        super().__init__("no usable price of S3")
        self.skips = skips


class MixedCurrenciesError(Exception):
    """Several lists have no currency in common."""

    def __init__(self, currencies: Iterable[str]) -> None:
        self.currencies = sorted(currencies)
        super().__init__(", ".join(self.currencies))


@dataclass(slots=True)
class _Candidate:
    product: Product
    prefix: str
    usage_type: str  # without the prefix
    kind: ChargeKind | None  # None: storage
    region: str = ""
    tiers: tuple[Tier, ...] = ()
    unit: str = ""

    @property
    def name(self) -> str:
        if self.kind is None:
            return pools()[self.usage_type].name
        if self.kind == "egress":
            return self.usage_type
        return usage_types.key(self.usage_type, self.product.operation)


@dataclass
class _Reader:
    candidates: list[_Candidate] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)  # location → region, as these lists themselves say
    currencies: list[Counter[str]] = field(default_factory=list)  # of each list
    skips: SkippedEntries = field(default_factory=SkippedEntries)

    def read(self, entries: Iterable[Product | InvalidEntry]) -> None:
        """Read a list."""
        found: Counter[str] = Counter()
        for entry in entries:
            self.skips.read += 1
            try:
                candidate = self._candidate(entry)
            except EntrySkipped as skipped:
                self.skip(entry, skipped)
                continue
            self.candidates.append(candidate)
            found.update(_currencies(candidate.product))
        self.currencies.append(found)

    def skip(self, entry: Product | InvalidEntry, skipped: EntrySkipped) -> None:
        what = entry.what if isinstance(entry, InvalidEntry) else entry.usage_type or entry.sku
        self.skips.add(skipped.reason, f"{what}{skipped.detail}")

    def currency(self) -> str:
        """Return the one currency of all lists: USD if every list has it. MixedCurrencies."""
        listed = [counter for counter in self.currencies if counter]
        every = sum(listed, Counter[str]())
        shared = [currency for currency in every if all(currency in counter for counter in listed)]
        if every and not shared:
            raise MixedCurrenciesError(every)
        return "USD" if "USD" in shared or not shared else max(shared, key=lambda one: (every[one], one))

    def _candidate(self, entry: Product | InvalidEntry) -> _Candidate:
        if isinstance(entry, InvalidEntry):
            raise EntrySkipped(SkipReason.NOT_A_PRODUCT)
        if entry.location and is_region_code(entry.region) and entry.location_type in ("", "AWS Region"):
            self.named.setdefault(normalize_location(entry.location), entry.region)
        return _recognized(entry)


def import_price_lists(
    lists: Iterable[Iterable[Product | InvalidEntry]], regions: Sequence[str] = ()
) -> ImportedPrices:
    """One matrix of all lists; of ``regions`` only, where any are named. NothingRead, MixedCurrencies.

    Of several terms the one in force when the list was published counts; of several lists of a service the newest.
    A matrix has one currency: USD if the lists have it, else theirs.
    """
    reader = _Reader()
    for entries in lists:
        reader.read(entries)
    currency = reader.currency()
    placed = []
    for one in reader.candidates:
        try:
            one.region = _region(one, reader.named)
            if not regions or one.region in regions or one.region == GLOBAL:
                one.tiers, one.unit = _price(one, currency)
                placed.append(one)
        except EntrySkipped as skipped:
            reader.skip(one.product, skipped)
    chosen = _choose(placed, reader.skips)
    if not chosen:
        raise NoUsablePriceError(reader.skips)
    return ImportedPrices(_matrix(chosen, currency), reader.skips)


def _recognized(product: Product) -> _Candidate:
    if product.service not in SERVICES:
        raise EntrySkipped(SkipReason.OTHER_SERVICE)
    prefix, usage_type, kind = usage_types.recognize(product.service, product.usage_type)
    if kind is None and usage_type not in pools():
        raise EntrySkipped(SkipReason.OTHER_USAGE)
    if product.location_type not in ("", "AWS Region") and usage_type != usage_types.BUCKETS:
        raise EntrySkipped(SkipReason.OTHER_PLACE)
    if kind is None and product.operation:
        raise EntrySkipped(SkipReason.OTHER_OPERATION, f" of {product.operation}")
    leaves = (product.transfer_type, product.to_location) == ("AWS Outbound", "External")
    if kind == "egress" and not leaves:
        raise EntrySkipped(SkipReason.OTHER_TRANSFER)
    return _Candidate(product, prefix, usage_type, kind)


def _currencies(product: Product) -> set[str]:
    try:
        named = {name for term in product.terms() for dimension in term.dimensions for name in dimension.prices}
    except ValueError:
        return set()
    return {name for name in named if _CURRENCY.fullmatch(name)}


def _region(one: _Candidate, named: Mapping[str, str]) -> str:
    """Which region it is of. AWS: not every list has region codes; names of locations have changed over the years."""
    product = one.product
    if one.usage_type == usage_types.BUCKETS:
        return GLOBAL
    name = normalize_location(product.location)
    region = product.region if is_region_code(product.region) else named.get(name) or regions_by_location().get(name)
    if region is None:
        raise EntrySkipped(SkipReason.UNKNOWN_LOCATION, f" in {product.location or 'an unnamed location'}")
    return region


def _price(one: _Candidate, currency: str) -> tuple[tuple[Tier, ...], str]:
    """The tiers and the unit of a candidate. Skipped."""
    try:
        terms = _in_force(one.product.terms(), one.product.issue.published)
    except ValueError as error:
        raise EntrySkipped(SkipReason.INVALID_TERMS) from error
    if not terms:
        raise EntrySkipped(SkipReason.NO_TERMS)
    found = {_tiers(term, currency, one.region) for term in terms}
    if len(found) > 1:
        raise EntrySkipped(SkipReason.CONTRADICTION, f" in {one.region}")
    tiers, unit = found.pop()
    is_expected = usage_types.is_unit(one.kind, unit) if one.kind else is_gb_months(unit)
    if not is_expected:
        raise EntrySkipped(SkipReason.UNEXPECTED_UNIT, f" in {one.region}: the unit is {unit[:20]!r}")
    return tiers, unit


def _in_force(terms: Sequence[Term], on: date) -> list[Term]:
    """The terms of the newest effective date up to a day; where all begin later, those that begin first."""
    dates = {term.effective or date.min for term in terms}
    if not dates:
        return []
    begun = [day for day in dates if day <= on]
    chosen = max(begun) if begun else min(dates)
    return [term for term in terms if (term.effective or date.min) == chosen]


def _tiers(term: Term, currency: str, region: str) -> tuple[tuple[Tier, ...], str]:
    """Tiers in order of where they begin, as numbers: a list has them in any. The first begins at 0, each where the
    one before ends. Skipped."""
    dimensions = [one for one in term.dimensions if currency in one.prices]
    if not dimensions:
        named = sorted({name for one in term.dimensions for name in one.prices})
        raise EntrySkipped(SkipReason.OTHER_CURRENCY, f" in {region}: {', '.join(named)[:40] or 'no price'}")
    units = sorted({one.unit for one in dimensions})
    if len(units) > 1:
        raise EntrySkipped(SkipReason.UNEXPECTED_UNIT, f" in {region}: the units are {', '.join(units)[:40]}")
    rows: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for one in dimensions:
        begin, end, price = parse_number(one.begin or "0"), parse_number(one.end), parse_number(one.prices[currency])
        endless = one.end.strip().casefold() in ("inf", "infinity", "")
        if begin is None or price is None or (end is None and not endless):
            wrong = f"{one.prices[currency][:20]} from {one.begin[:20]} to {one.end[:20]}"
            raise EntrySkipped(SkipReason.INVALID_PRICE, f" in {region}: {wrong}")
        rows.append((begin, end, price))
    rows.sort(key=lambda row: row[0])
    _check_tiers(rows, region)
    return tuple(Tier(None if end is None else _short(end), _short(price)) for _, end, price in rows), units[0]


def _check_tiers(rows: Sequence[tuple[Decimal, Decimal | None, Decimal]], region: str) -> None:
    """Skipped where the tiers do not cover every amount once."""
    reached: Decimal | None = Decimal(0)
    for begin, end, _ in rows:
        if reached is None or begin < reached or (end is not None and end <= begin):
            until = "Inf" if end is None else f"{end:f}"
            raise EntrySkipped(SkipReason.TIER_OVERLAP, f" in {region}: the tier from {begin:f} to {until}")
        if begin > reached and reached == 0:
            raise EntrySkipped(SkipReason.TIERS_START_ABOVE_ZERO, f" in {region}: the first tier starts at {begin:f}")
        if begin > reached:
            what = f" in {region}: a tier ends at {reached:f}, the next starts at {begin:f}"
            raise EntrySkipped(SkipReason.TIER_GAP, what)
        reached = end
    if reached is not None:
        raise EntrySkipped(SkipReason.TIER_GAP, f" in {region}: the last tier ends at {reached:f}")


def _short(value: Decimal) -> Decimal:
    """Without the zeros at its end, and without an exponent: 0.0230000000 → 0.023, 51200 → 51200."""
    return Decimal(format(value.normalize(), "f"))


def _choose(placed: Iterable[_Candidate], skips: SkippedEntries) -> dict[tuple[str, str], _Candidate]:
    """Of the candidates of each price the right one."""
    by_price: dict[tuple[str, str, str], list[_Candidate]] = defaultdict(list)
    own: dict[str, str] = {}
    for one in placed:
        by_price[one.region, one.kind or "", one.name].append(one)
        if one.usage_type == _STANDARD and _is_plain_standard(one.product):
            own[one.region] = min(own.get(one.region, one.prefix), one.prefix, key=lambda prefix: (len(prefix), prefix))
    foreign = {prefix: region for region, prefix in own.items() if prefix}
    chosen = {}
    for (region, kind, name), all_ in sorted(by_price.items(), key=lambda item: item[0]):
        good = [one for one in all_ if foreign.get(one.prefix, region) == region or kind == "buckets"]
        for one in all_:
            if one not in good:
                skips.add(SkipReason.FOREIGN_PREFIX, f"{one.product.usage_type} in {region}")
        best = _best(good, "" if region == GLOBAL else own.get(region), skips)
        if best is not None:
            chosen[region, name] = best
    return chosen


def _is_plain_standard(product: Product) -> bool:
    return product.storage_class in ("General Purpose", "") and product.volume_type in ("Standard", "")


def _best(candidates: list[_Candidate], prefix: str | None, skips: SkippedEntries) -> _Candidate | None:
    """The newest list's, with the region's own prefix. None where what is left contradicts itself."""
    if not candidates:
        return None
    newest = max((one.product.issue.published, one.product.issue.version) for one in candidates)
    preferences: list[Callable[[_Candidate], bool]] = [
        lambda one: (one.product.issue.published, one.product.issue.version) == newest,
        lambda one: one.prefix == prefix,
        lambda one: one.kind is not None or one.usage_type != _STANDARD or _is_plain_standard(one.product),
        # AWS: an allowance that is free stands as a product of its own beside what is charged.
        lambda one: one.kind != "egress" or any(tier.price for tier in one.tiers),
        lambda one: one.kind != "egress" or not one.product.operation,
    ]
    left = candidates
    for preferred in preferences:
        left = [one for one in left if preferred(one)] or left
    for one in candidates:
        if one not in left:
            skips.add(SkipReason.SUPERSEDED, one.product.usage_type)
    if len({(one.tiers, one.unit) for one in left}) > 1:
        for one in left:
            skips.add(SkipReason.CONTRADICTION, f"{one.product.usage_type} in {one.region}")
        return None
    return min(left, key=lambda one: one.product.sku)


def _matrix(chosen: dict[tuple[str, str], _Candidate], currency: str) -> PriceBook:
    regions: dict[str, dict[str, PoolPrice]] = defaultdict(dict)
    charged: dict[str, dict[str, Charge]] = defaultdict(dict)
    issues: set[PriceListVersion] = set()
    for (region, name), one in chosen.items():
        issue = one.product.issue
        issues.add(issue)
        if one.kind is None:
            regions[region][name] = PoolPrice(_source_key(issue), one.tiers)
        else:
            charged[region][name] = Charge(one.kind, one.unit, _source_key(issue), one.tiers)
    # Most figures are of AmazonS3's list: its date is the matrix's.
    main = [issue for issue in issues if issue.service == STORAGE] or list(issues)
    newest = max(main, key=lambda issue: (issue.published, issue.version))
    return PriceBook(
        source=f"AWS's price list {newest.service} {newest.version}".strip(),
        published=newest.published,
        sources={_source_key(issue): _source(issue) for issue in sorted(issues, key=_source_key)},
        regions=dict(regions),
        charges=dict(charged),
        currency=currency,
    )


def _source_key(issue: PriceListVersion) -> str:
    return f"{issue.service or 'list'}-{issue.version or issue.published}"


def _source(issue: PriceListVersion) -> Source:
    title = f"AWS's price list {issue.service}".strip()
    return Source(title, str(issue.published), service=issue.service, version=issue.version)
