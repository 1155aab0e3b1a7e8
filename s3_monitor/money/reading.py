"""AWS's price lists become a matrix: which products are which prices, in which region.

Nothing here decides whether the matrix is good enough to be used: see accepting.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from s3_monitor.money import charges
from s3_monitor.money.charges import ChargeKind
from s3_monitor.money.offer import SERVICES, STORAGE, Issue, Product, Term, Unread, number
from s3_monitor.money.places import GLOBAL, is_region, locations, plain
from s3_monitor.money.prices import Charge, Matrix, PoolPrice, Source, Tier
from s3_monitor.money.types import pools

_STANDARD = "TimedStorage-ByteHrs"
_GB_MONTHS = ("gb-mo", "gb-month")


class Left(NamedTuple):
    """Why an entry of a list is not in the matrix. ``lost``: it should be; otherwise it is of something else."""

    why: str
    lost: bool = True


OTHER_SERVICE = Left("another service's", lost=False)
OTHER_USAGE = Left("usage types that are neither storage nor a charge that is known here", lost=False)
OTHER_PLACE = Left("not of a region: local zones, Outposts, edges", lost=False)
OTHER_OPERATION = Left("storage of a single operation, e.g. of overheads: priced with its pool", lost=False)
OTHER_TRANSFER = Left("transfer that does not leave AWS from a region", lost=False)
NO_TERMS = Left("without a price on demand", lost=False)
OLDER = Left("the same price in an older list, or a free allowance beside it", lost=False)
BROKEN = Left("not in the form of a product")
NO_REGION = Left("of a location whose region is not known")
NO_TIERS = Left("prices that are no whole row of tiers")
NO_CURRENCY = Left("no price in the currency of the others")
NOT_GB_MONTHS = Left("storage that is not priced by the GB-month")
FOREIGN_PREFIX = Left("with the prefix of another region")
CONTRADICTING = Left("with two prices that contradict each other")


@dataclass
class Reading:
    """``left``: what is not in the matrix → how many, by usage type."""

    matrix: Matrix
    read: int
    left: dict[Left, Counter[str]]

    @property
    def lost(self) -> int:
        """How many entries should be in the matrix and are not."""
        return sum(sum(counter.values()) for left, counter in self.left.items() if left.lost)


class NothingRead(Exception):
    """The lists hold no price of S3's storage or charges."""


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
        return charges.key(self.usage_type, self.product.operation)


@dataclass
class _Reader:
    candidates: list[_Candidate] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)  # location → region, as these lists themselves say
    left: dict[Left, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    read: int = 0

    def leave(self, left: Left, what: str) -> None:
        self.left[left][what] += 1

    def take(self, entry: Product | Unread) -> None:
        self.read += 1
        if isinstance(entry, Unread):
            return self.leave(BROKEN, entry.what)
        if entry.location and is_region(entry.region) and entry.location_type in ("", "AWS Region"):
            self.named.setdefault(plain(entry.location), entry.region)
        found = _recognized(entry)
        if isinstance(found, Left):
            return self.leave(found, entry.usage_type or entry.sku)
        self.candidates.append(found)
        return None


def read_lists(lists: Iterable[Iterable[Product | Unread]], regions: Sequence[str] = ()) -> Reading:
    """One matrix of all lists; of ``regions`` only, where any are named. NothingRead.

    Of several terms the one in force when the list was published counts; of several lists of a service the newest.
    A matrix has one currency: USD if the lists have it, else theirs.
    """
    reader = _Reader()
    for entries in lists:
        for entry in entries:
            reader.take(entry)
    currency = _currency(reader.candidates)
    placed = [one for one in reader.candidates if _place(one, reader, regions) and _price(one, reader, currency)]
    chosen = _choose(placed, reader)
    if not chosen:
        raise NothingRead
    matrix = _matrix(chosen, currency)
    return Reading(matrix, reader.read, {left: reader.left[left] for left in sorted(reader.left)})


def _recognized(product: Product) -> _Candidate | Left:
    if product.service not in SERVICES:
        return OTHER_SERVICE
    prefix, usage_type, kind = charges.recognize(product.service, product.usage_type)
    if kind is None and usage_type not in pools():
        return OTHER_USAGE
    if product.location_type not in ("", "AWS Region") and usage_type != charges.BUCKETS:
        return OTHER_PLACE
    if kind is None and product.operation:
        return OTHER_OPERATION
    leaves = (product.transfer_type, product.to_location) == ("AWS Outbound", "External")
    if kind == "egress" and not leaves:
        return OTHER_TRANSFER
    return _Candidate(product, prefix, usage_type, kind)


def _currency(candidates: Iterable[_Candidate]) -> str:
    known: Counter[str] = Counter()
    for one in candidates:
        if one.kind is None:
            known.update(currency for dimension in _dimensions(one.product) for currency in dimension)
    return "USD" if "USD" in known or not known else known.most_common(1)[0][0]


def _dimensions(product: Product) -> list[list[str]]:
    try:
        return [list(dimension.prices) for term in product.terms() for dimension in term.dimensions]
    except ValueError:
        return []


def _place(one: _Candidate, reader: _Reader, regions: Sequence[str]) -> bool:
    """Which region it is of. AWS: not every list has region codes; names of locations have changed over the years."""
    product = one.product
    if one.usage_type == charges.BUCKETS:
        one.region = GLOBAL
        return True
    name = plain(product.location)
    region = product.region if is_region(product.region) else reader.named.get(name) or locations().get(name)
    if region is None:
        reader.leave(NO_REGION, f"{product.usage_type} in {product.location or 'no place'}")
        return False
    one.region = region
    return not regions or region in regions


def _price(one: _Candidate, reader: _Reader, currency: str) -> bool:
    product = one.product
    try:
        terms = _in_force(product.terms(), product.issue.published)
    except ValueError:
        reader.leave(BROKEN, product.usage_type)
        return False
    if not terms:
        reader.leave(NO_TERMS, product.usage_type)
        return False
    found = {_tiers(term, currency) for term in terms}
    if len(found) > 1:
        reader.leave(CONTRADICTING, product.usage_type)
        return False
    result = found.pop()
    if isinstance(result, Left):
        reader.leave(result, product.usage_type)
        return False
    one.tiers, one.unit = result
    if one.kind is None and one.unit.casefold() not in _GB_MONTHS:
        reader.leave(NOT_GB_MONTHS, product.usage_type)
        return False
    return True


def _in_force(terms: Sequence[Term], on: date) -> list[Term]:
    """The terms of the newest effective date up to a day; where all begin later, those that begin first."""
    dates = {term.effective or date.min for term in terms}
    if not dates:
        return []
    begun = [day for day in dates if day <= on]
    chosen = max(begun) if begun else min(dates)
    return [term for term in terms if (term.effective or date.min) == chosen]


def _tiers(term: Term, currency: str) -> tuple[tuple[Tier, ...], str] | Left:
    """Tiers in order of where they begin, as numbers: a list has them in any. The first begins at 0, each where the
    one before ends."""
    dimensions = [one for one in term.dimensions if currency in one.prices]
    if not dimensions:
        return NO_CURRENCY
    rows: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for one in dimensions:
        begin, end, price = number(one.begin or "0"), number(one.end), number(one.prices[currency])
        endless = one.end.strip().casefold() in ("inf", "infinity", "")
        if begin is None or price is None or (end is None and not endless):
            return NO_TIERS
        rows.append((begin, end, price))
    rows.sort(key=lambda row: row[0])
    ends = [end for _, end, _ in rows]
    begins = [begin for begin, _, _ in rows]
    if begins[0] != 0 or begins[1:] != ends[:-1] or any(end is not None and end <= begin for begin, end, _ in rows):
        return NO_TIERS
    tiers = tuple(Tier(None if end is None else _short(end), _short(price)) for _, end, price in rows)
    return tiers, dimensions[0].unit


def _short(value: Decimal) -> Decimal:
    """Without the zeros at its end, and without an exponent: 0.0230000000 → 0.023, 51200 → 51200."""
    return Decimal(format(value.normalize(), "f"))


def _choose(placed: Iterable[_Candidate], reader: _Reader) -> dict[tuple[str, str], _Candidate]:
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
                reader.leave(FOREIGN_PREFIX, one.product.usage_type)
        best = _best(good, "" if region == GLOBAL else own.get(region), reader)
        if best is not None:
            chosen[region, name] = best
    return chosen


def _is_plain_standard(product: Product) -> bool:
    return product.storage_class in ("General Purpose", "") and product.volume_type in ("Standard", "")


def _best(candidates: list[_Candidate], prefix: str | None, reader: _Reader) -> _Candidate | None:
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
            reader.leave(OLDER, one.product.usage_type)
    if len({(one.tiers, one.unit) for one in left}) > 1:
        for one in left:
            reader.leave(CONTRADICTING, f"{one.product.usage_type} in {one.region}")
        return None
    return min(left, key=lambda one: one.product.sku)


def _matrix(chosen: dict[tuple[str, str], _Candidate], currency: str) -> Matrix:
    regions: dict[str, dict[str, PoolPrice]] = defaultdict(dict)
    charged: dict[str, dict[str, Charge]] = defaultdict(dict)
    issues: set[Issue] = set()
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
    return Matrix(
        source=f"AWS's price list {newest.service} {newest.version}".strip(),
        published=newest.published,
        sources={_source_key(issue): _source(issue) for issue in sorted(issues, key=_source_key)},
        regions=dict(regions),
        charges=dict(charged),
        currency=currency,
    )


def _source_key(issue: Issue) -> str:
    return f"{issue.service or 'list'}-{issue.version or issue.published}"


def _source(issue: Issue) -> Source:
    title = f"AWS's price list {issue.service}".strip()
    return Source(title, str(issue.published), service=issue.service, version=issue.version)
