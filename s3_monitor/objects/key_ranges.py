"""One bucket listed by ranges of keys at once, which are found as the listing goes: nobody knows beforehand where its
keys lie.

S3 lists keys in the order of their UTF-8 bytes, and from any text on. So a range that proves long is cut in two, at
a text between where it stands and its end. Each cut may cost a request that brings little: the page at which the
left range meets its end, or the first of a right one that holds nothing. How many cuts there may be is bounded by the
pages that were read and are expected; where they are made decides only how fast it goes, never what comes out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from s3_monitor.model.responses import KeysPage, ListKeysRequest
from s3_monitor.objects.key_aggregator import KeyAggregator
from s3_monitor.objects.key_interpolator import LAST, KeyInterpolator, Kinds, shared_length

PAGE = 1000  # AWS: keys a page
_LONGEST = 1024  # AWS: bytes of a key
# Cuts there may be, by pages: the requests they waste stay well below a fifth of those that keys need.
_CUTS_A_PAGE = 0.1
_CUTS_AN_EXPECTED_PAGE = 0.07
# With P pages read, N of them needed and as many expected: P - N <= 0.1 P + 0.07 N.
_WASTE = (_CUTS_A_PAGE + _CUTS_AN_EXPECTED_PAGE) / (1 - _CUTS_A_PAGE)
_LEAST = 1e-9  # values that differ by less do not say how far a range has come
_WORTH = 2.0  # pages: a range with less left is not cut
_SAMPLE = 50  # of so many keys one shows which characters keys are made of


def most_requests(pages: int) -> int:
    """Return the largest number of requests that listing a bucket of that many pages can take, if it holds as many keys
    as expected. How many it takes depends on the order of responses."""
    return pages + int(_WASTE * pages + _LEAST)


class KeyRange:
    """The keys after ``start`` up to and with ``end`` (null: to the last). ``at``: read so far. ``pages``: read."""

    def __init__(self, start: str, end: str | None, fold: KeyAggregator) -> None:
        self.start = start
        self.end = end
        self.at = start
        self.pages = 0
        self.token: tuple[str, ...] = ()
        self.fold = fold
        self.done = False
        self.cut_at = 0  # its pages when it was last cut: once a page is enough
        self.first = ""  # its first key
        self.steady = 0  # so many first characters are the same in all keys of its newest page
        self.differs = _LONGEST  # so many are not the same in all its keys
        self.sample: Sequence[str] = ()  # keys of its newest page of which nothing was learnt yet
        self.kinds: Kinds = ()  # of the keys that were


class KeyRangeSplitter:
    """What is known of one bucket's keys, range by range."""

    def __init__(
        self, prefix: str, new_fold: Callable[[], KeyAggregator], versions: bool, expected: float | None
    ) -> None:
        """``expected``: about how many keys there are, null where nobody knows."""
        self._prefix = prefix
        self._new_fold = new_fold
        self._versions = versions
        self._expected = 0.0 if expected is None else expected / PAGE
        self._pages = 0
        self._cuts = 0
        self._alphabet = KeyInterpolator()
        self.all = [KeyRange("", None, new_fold())]

    @property
    def done(self) -> bool:
        return all(one.done for one in self.all)

    def question(self, one: KeyRange, most: int) -> ListKeysRequest:
        """The next page of a range."""
        return ListKeysRequest(self._prefix, one.start, one.token, most, self._versions)

    def folds(self) -> list[KeyAggregator]:
        """In the order of their keys."""
        return [one.fold for one in sorted(self.all, key=lambda one: one.start)]

    def read(self, one: KeyRange, page: KeysPage, wanted: Callable[[str], bool] | None) -> int:
        """A page of a range has come. Its keys beyond the range's end, which may have come nearer since it was asked
        for, are those of another range. How many were its own."""
        one.pages += 1
        self._pages += 1
        last, own = self._advance(one, page)
        if last:
            one.at = min(last, one.end) if one.end is not None else last
        if own.keys:
            one.steady = shared_length(own.keys[0], own.keys[-1])
            one.first = one.first or own.keys[0]
            one.sample = own.keys[::_SAMPLE]
        count = len(own.keys) + len(own.markers)
        if wanted is not None:
            own = own.where([wanted(key) for key in own.keys])._replace(markers=[m for m in own.markers if wanted(m)])
        one.fold.add(own)
        return count

    def holds_more(self, one: KeyRange, page: KeysPage) -> bool:
        """Whether this page shows that there is more in a range than was read; an empty one, after which others come,
        does not. Nothing of it counts."""
        _, own = self._advance(one, page)
        return bool(own.keys or own.markers)

    def _advance(self, one: KeyRange, page: KeysPage) -> tuple[str, KeysPage]:
        """The last key of a page, and those of its keys that are the range's."""
        one.token = page.token
        last = max(page.keys[-1] if page.keys else "", page.markers[-1] if page.markers else "")
        one.done = not page.token or (one.end is not None and last > one.end)
        return last, _within(page, one)

    def cut(self) -> KeyRange | None:
        """A range more, taken from the one with most left to do; null where no cut is worth it."""
        if self._cuts + 1 > _CUTS_A_PAGE * self._pages + _CUTS_AN_EXPECTED_PAGE * self._expected:
            return None
        self._learn()
        for left, one in sorted(((self._left(one), one) for one in self.all), key=_first, reverse=True):
            if left < _WORTH:
                return None
            middle = self._middle(one)
            if middle is not None:
                self._cuts += 1
                one.cut_at = one.pages
                return self._cut(one, *middle)
        return None

    def _learn(self) -> None:
        for one in self.all:
            if one.sample:
                one.kinds, one.sample = self._alphabet.learn(one.sample), ()

    def _cut(self, one: KeyRange, middle: str, shared: int | None) -> KeyRange:
        right = KeyRange(middle, one.end, self._new_fold())
        right.differs = one.differs if shared is None else shared
        one.end = middle
        self.all.append(right)
        return right

    def _left(self, one: KeyRange) -> float:
        """About how many pages are left of a range that may be cut."""
        if one.done or one.cut_at == one.pages or not one.first:
            return 0.0
        begin = shared_length(one.first, self._end(one))
        first, at, end = (self._alphabet.value(text, begin, one.kinds) for text in (one.first, one.at, self._end(one)))
        if at - first > _LEAST and end > at:
            return one.pages * (end - at) / (at - first)
        return max(self._expected - self._pages, float(self._pages))

    def _end(self, one: KeyRange) -> str:
        return LAST if one.end is None else one.end

    def _middle(self, one: KeyRange) -> tuple[str, int | None] | None:
        """A text between where a range stands and its end. Its end may be a text that no key comes near. So while
        pages do not show it: by halves, how many characters all keys before it share with where it stands (these
        are given then); and once that is known, half way."""
        end = self._end(one)
        shared, most = shared_length(one.at, end), min(one.steady, one.differs - 1)
        if most - shared > 1:
            shared = (shared + most + 1) // 2
            return self._sound(one, one.at[:shared] + LAST, shared)
        low, high = (self._alphabet.value(text, shared, one.kinds) for text in (one.at, end))
        return self._sound(one, one.at[:shared] + self._alphabet.text((low + high) / 2, shared, one.kinds), None)

    def _sound(self, one: KeyRange, middle: str, shared: int | None) -> tuple[str, int | None] | None:
        between = one.at < middle < self._end(one)
        return (middle, shared) if between and len(middle.encode("utf-8", "surrogatepass")) <= _LONGEST else None


def _first(pair: tuple[float, KeyRange]) -> float:
    return pair[0]


def _within(page: KeysPage, one: KeyRange) -> KeysPage:
    if not page.keys and not page.markers:
        return page
    own = page.between(bisect_right(page.keys, one.start), _upto(page.keys, one.end))
    return own._replace(markers=page.markers[bisect_right(page.markers, one.start) : _upto(page.markers, one.end)])


def _upto(keys: Sequence[str], end: str | None) -> int:
    return len(keys) if end is None else bisect_right(keys, end)
