"""The import of AWS's price lists into a price book: which product is which price, in which region.

``price_changes`` decides whether the imported prices are good enough to be used.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from s3_monitor.model.bill import is_gb_months
from s3_monitor.model.errors import UserError
from s3_monitor.money import usage_types
from s3_monitor.money.price_book import Charge, PoolPrice, PriceBook, Source, Tier
from s3_monitor.money.price_list import (
    SERVICES,
    STORAGE,
    Dimension,
    InvalidEntry,
    Number,
    PriceListVersion,
    Product,
    Term,
    parse_date,
    parse_number,
)
from s3_monitor.money.regions import GLOBAL, is_region_code, normalize_location, regions_by_location
from s3_monitor.money.skip_reasons import EntrySkipped, SkippedEntries, SkipReason
from s3_monitor.money.storage_types import pools
from s3_monitor.money.usage_types import ChargeKind

_STANDARD = "TimedStorage-ByteHrs"
_CURRENCY = re.compile(r"[A-Z]{3}")

Row = tuple[Decimal, Decimal | None, Decimal]  # begin and end of a tier (None: no end), price


class ImportedPrices(NamedTuple):
    """A price book, and the entries of the lists that are not in it."""

    price_book: PriceBook | None
    """None: the lists have no usable price of S3."""
    skips: SkippedEntries


@dataclass(slots=True)
class _Candidate:
    """A product that may become a price."""

    product: Product
    prefix: str
    usage_type: str
    """The usage type without ``prefix``."""
    kind: ChargeKind | None
    """None: storage."""
    region: str = ""
    tiers: tuple[Tier, ...] = ()
    unit: str = ""

    @property
    def name(self) -> str:
        """The key of the price in the price book."""
        if self.kind is None:
            return pools()[self.usage_type].name
        if self.kind == "egress":
            return self.usage_type
        return usage_types.key(self.usage_type, self.product.operation)


@dataclass
class _Importer:
    candidates: list[_Candidate] = field(default_factory=list)
    regions: dict[str, str] = field(default_factory=dict)
    """Location → region code, from entries that have both."""
    currencies: list[Counter[str]] = field(default_factory=list)
    """For each list, the number of products by currency."""
    skips: SkippedEntries = field(default_factory=SkippedEntries)

    def read(self, entries: Iterable[Product | InvalidEntry]) -> None:
        """Collect the candidates of a list."""
        currencies: Counter[str] = Counter()
        for entry in entries:
            self.skips.read += 1
            try:
                candidate = self._candidate(entry)
            except EntrySkipped as skipped:
                self.skip(entry, skipped)
                continue
            self.candidates.append(candidate)
            currencies.update(_valid_currencies(candidate.product))
        self.currencies.append(currencies)

    def skip(self, entry: Product | InvalidEntry, skipped: EntrySkipped) -> None:
        what = entry.what if isinstance(entry, InvalidEntry) else entry.usage_type or entry.sku
        self.skips.add(skipped.reason, f"{what}{skipped.detail}")

    def currency(self) -> str:
        """Return the currency that all lists share, USD if possible. Raises UserError."""
        lists = [counter for counter in self.currencies if counter]
        totals = sum(lists, Counter[str]())
        shared = [currency for currency in totals if all(currency in counter for counter in lists)]
        if totals and not shared:
            what = f"the price lists are in different currencies: {', '.join(sorted(totals))}"
            raise UserError(what, "give lists of one currency")
        if "USD" in shared or not shared:
            return "USD"
        return max(shared, key=lambda currency: (totals[currency], currency))

    def _candidate(self, entry: Product | InvalidEntry) -> _Candidate:
        if isinstance(entry, InvalidEntry):
            raise EntrySkipped(SkipReason.NOT_A_PRODUCT)
        if entry.location and is_region_code(entry.region) and entry.location_type in ("", "AWS Region"):
            self.regions.setdefault(normalize_location(entry.location), entry.region)
        return _recognize(entry)


def import_price_lists(
    lists: Iterable[Iterable[Product | InvalidEntry]], regions: Sequence[str] = ()
) -> ImportedPrices:
    """Import all lists into one price book, limited to ``regions`` if there are any.

    Of several terms, that in force when the list was published counts, and of several lists of a service, the
    newest. Raises UserError if the lists have no currency in common.
    """
    importer = _Importer()
    for entries in lists:
        importer.read(entries)
    currency = importer.currency()
    priced = []
    for candidate in importer.candidates:
        try:
            candidate.region = _region(candidate, importer.regions)
            if not regions or candidate.region in regions or candidate.region == GLOBAL:
                candidate.tiers, candidate.unit = _price(candidate, currency)
                priced.append(candidate)
        except EntrySkipped as skipped:
            importer.skip(candidate.product, skipped)
    selected = _select(priced, importer.skips)
    return ImportedPrices(_price_book(selected, currency) if selected else None, importer.skips)


def _recognize(product: Product) -> _Candidate:
    if product.service not in SERVICES:
        raise EntrySkipped(SkipReason.OTHER_SERVICE)
    prefix, usage_type, kind = usage_types.recognize(product.service, product.usage_type)
    if kind is None and usage_type not in pools():
        raise EntrySkipped(SkipReason.OTHER_USAGE)
    if product.location_type not in ("", "AWS Region") and usage_type != usage_types.BUCKETS:
        raise EntrySkipped(SkipReason.OTHER_PLACE)
    if kind is None and product.operation:
        raise EntrySkipped(SkipReason.OTHER_OPERATION, f" of {product.operation}")
    if kind == "egress" and (product.transfer_type, product.to_location) != ("AWS Outbound", "External"):
        raise EntrySkipped(SkipReason.OTHER_TRANSFER)
    return _Candidate(product, prefix, usage_type, kind)


def _valid_currencies(product: Product) -> set[str]:
    try:
        return {name for term in product.terms() for name in _currencies(term) if _CURRENCY.fullmatch(name)}
    except ValueError:
        return set()


def _currencies(term: Term) -> set[str]:
    return {currency for dimension in term.price_dimensions.values() for currency in dimension.price_per_unit}


def _region(candidate: _Candidate, regions: Mapping[str, str]) -> str:
    """Return the region. AWS: some lists have no region codes, and location names have changed over the years."""
    product = candidate.product
    if candidate.usage_type == usage_types.BUCKETS:
        return GLOBAL
    if is_region_code(product.region):
        return product.region
    location = normalize_location(product.location)
    region = regions.get(location) or regions_by_location().get(location)
    if region is None:
        raise EntrySkipped(SkipReason.UNKNOWN_LOCATION, f" in {product.location or 'an unnamed location'}")
    return region


def _price(candidate: _Candidate, currency: str) -> tuple[tuple[Tier, ...], str]:
    """Return the tiers and the unit of a candidate. Raises EntrySkipped."""
    product, region = candidate.product, candidate.region
    try:
        terms = _in_force(product.terms(), product.list_version.published)
    except ValueError as error:
        raise EntrySkipped(SkipReason.INVALID_TERMS) from error
    if not terms:
        raise EntrySkipped(SkipReason.NO_TERMS)
    prices = {_tiers(term, currency, region) for term in terms}
    if len(prices) > 1:
        raise EntrySkipped(SkipReason.CONTRADICTION, f" in {region}")
    tiers, unit = prices.pop()
    is_expected = usage_types.is_unit(candidate.kind, unit) if candidate.kind else is_gb_months(unit)
    if not is_expected:
        raise EntrySkipped(SkipReason.UNEXPECTED_UNIT, f" in {region}: the unit is {unit[:20]!r}")
    return tiers, unit


def _in_force(terms: Sequence[Term], day: date) -> list[Term]:
    """Return the terms with the newest effective date up to ``day``, or the earliest terms if all begin later."""
    dates = [parse_date(term.effective_date) or date.min for term in terms]
    begun = [effective for effective in dates if effective <= day]
    newest = max(begun) if begun else min(dates, default=day)
    return [term for term, effective in zip(terms, dates, strict=True) if effective == newest]


def _tiers(term: Term, currency: str, region: str) -> tuple[tuple[Tier, ...], str]:
    """Return the tiers in ascending order, and their unit. Raises EntrySkipped unless they cover each amount once."""
    dimensions = [dimension for dimension in term.price_dimensions.values() if currency in dimension.price_per_unit]
    if not dimensions:
        currencies = ", ".join(sorted(_currencies(term)))[:40] or "no price"
        raise EntrySkipped(SkipReason.OTHER_CURRENCY, f" in {region}: {currencies}")
    units = sorted({dimension.unit or "" for dimension in dimensions})
    if len(units) > 1:
        raise EntrySkipped(SkipReason.UNEXPECTED_UNIT, f" in {region}: the units are {', '.join(units)[:40]}")
    rows = sorted((_row(dimension, currency, region) for dimension in dimensions), key=lambda row: row[0])
    _check_tiers(rows, region)
    return tuple(Tier(None if end is None else _strip(end), _strip(price)) for _, end, price in rows), units[0]


def _row(dimension: Dimension, currency: str, region: str) -> Row:
    written = str(dimension.price_per_unit[currency])
    first, last = _text(dimension.begin_range), _text(dimension.end_range)
    begin, end, price = parse_number(first or "0"), parse_number(last), parse_number(written)
    is_endless = last.strip().casefold() in ("inf", "infinity", "")
    if begin is None or price is None or (end is None and not is_endless):
        wrong = f"{written[:20]} from {first[:20]} to {last[:20]}"
        raise EntrySkipped(SkipReason.INVALID_PRICE, f" in {region}: {wrong}")
    return begin, end, price


def _text(number: Number) -> str:
    return "" if number is None else str(number)


def _check_tiers(rows: Sequence[Row], region: str) -> None:
    """Raise EntrySkipped unless the tiers cover each amount exactly once."""
    reached: Decimal | None = Decimal(0)
    for begin, end, _ in rows:
        if reached is None or begin < reached or (end is not None and end <= begin):
            until = "Inf" if end is None else f"{end:f}"
            raise EntrySkipped(SkipReason.TIER_OVERLAP, f" in {region}: the tier from {begin:f} to {until}")
        if begin > reached and reached == 0:
            raise EntrySkipped(SkipReason.TIERS_START_ABOVE_ZERO, f" in {region}: the first tier starts at {begin:f}")
        if begin > reached:
            gap = f" in {region}: a tier ends at {reached:f}, the next starts at {begin:f}"
            raise EntrySkipped(SkipReason.TIER_GAP, gap)
        reached = end
    if reached is not None:
        raise EntrySkipped(SkipReason.TIER_GAP, f" in {region}: the last tier ends at {reached:f}")


def _strip(value: Decimal) -> Decimal:
    """Remove trailing zeros without using an exponent: 0.0230000000 → 0.023, 51200 → 51200."""
    return Decimal(format(value.normalize(), "f"))


def _select(candidates: Iterable[_Candidate], skips: SkippedEntries) -> dict[tuple[str, str], _Candidate]:
    """Return the best candidate of each price, by region and name.

    The prefix of a region is that of its Standard storage. Candidates with the prefix of another region are skipped.
    """
    by_price: dict[tuple[str, str, str], list[_Candidate]] = defaultdict(list)
    prefixes: dict[str, str] = {}
    for candidate in candidates:
        region, prefix = candidate.region, candidate.prefix
        by_price[region, candidate.kind or "", candidate.name].append(candidate)
        if candidate.usage_type == _STANDARD and _is_plain_standard(candidate.product):
            prefixes[region] = min(prefixes.get(region, prefix), prefix, key=lambda text: (len(text), text))
    owners = {prefix: region for region, prefix in prefixes.items() if prefix}
    selected = {}
    for (region, kind, name), group in sorted(by_price.items(), key=lambda item: item[0]):
        own = [one for one in group if owners.get(one.prefix, region) == region or kind == "buckets"]
        for candidate in group:
            if candidate not in own:
                skips.add(SkipReason.FOREIGN_PREFIX, f"{candidate.product.usage_type} in {region}")
        best = _best(own, "" if region == GLOBAL else prefixes.get(region), skips)
        if best is not None:
            selected[region, name] = best
    return selected


def _is_plain_standard(product: Product) -> bool:
    return product.storage_class in ("General Purpose", "") and product.volume_type in ("Standard", "")


def _best(candidates: list[_Candidate], prefix: str | None, skips: SkippedEntries) -> _Candidate | None:
    """Return the candidate of the newest list with the region's prefix, or None if several contradict each other."""
    if not candidates:
        return None
    newest = max(_age(candidate) for candidate in candidates)
    preferences: list[Callable[[_Candidate], bool]] = [
        lambda one: _age(one) == newest,
        lambda one: one.prefix == prefix,
        lambda one: one.kind is not None or one.usage_type != _STANDARD or _is_plain_standard(one.product),
        # AWS: a free allowance may be a product of its own.
        lambda one: one.kind != "egress" or any(tier.price for tier in one.tiers),
        lambda one: one.kind != "egress" or not one.product.operation,
    ]
    preferred = candidates
    for preference in preferences:
        preferred = [one for one in preferred if preference(one)] or preferred
    for candidate in candidates:
        if candidate not in preferred:
            skips.add(SkipReason.SUPERSEDED, candidate.product.usage_type)
    if len({(one.tiers, one.unit) for one in preferred}) > 1:
        for candidate in preferred:
            skips.add(SkipReason.CONTRADICTION, f"{candidate.product.usage_type} in {candidate.region}")
        return None
    return min(preferred, key=lambda one: one.product.sku)


def _age(candidate: _Candidate) -> tuple[date, str]:
    version = candidate.product.list_version
    return version.published, version.version


def _price_book(selected: dict[tuple[str, str], _Candidate], currency: str) -> PriceBook:
    regions: dict[str, dict[str, PoolPrice]] = defaultdict(dict)
    charges: dict[str, dict[str, Charge]] = defaultdict(dict)
    versions = {candidate.product.list_version for candidate in selected.values()}
    for (region, name), one in selected.items():
        source = _source_key(one.product.list_version)
        if one.kind is None:
            regions[region][name] = PoolPrice(source, one.tiers)
        else:
            charges[region][name] = Charge(one.kind, one.unit, source, one.tiers)
    # Most prices are from the list of AmazonS3, so its date is that of the price book.
    main = [version for version in versions if version.service == STORAGE] or list(versions)
    newest = max(main, key=lambda version: (version.published, version.version))
    return PriceBook(
        source=f"AWS's price list {newest.service} {newest.version}".strip(),
        published=newest.published,
        sources={_source_key(version): _source(version) for version in sorted(versions, key=_source_key)},
        regions=dict(regions),
        charges=dict(charges),
        currency=currency,
    )


def _source_key(version: PriceListVersion) -> str:
    return f"{version.service or 'list'}-{version.version or version.published}"


def _source(version: PriceListVersion) -> Source:
    title = f"AWS's price list {version.service}".strip()
    return Source(title, str(version.published), service=version.service, version=version.version)
