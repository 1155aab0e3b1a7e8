"""Concurrent listing of one bucket by key ranges, which are split while listing, since the keys are not known before.

S3 lists keys in the order of their UTF-8 bytes, starting after any text. A long range is split at a text between its
current position and its end. Each split can cost one request with few keys: the page in which the left range reaches
its end, or an empty first page of the right one. Therefore the number of splits is limited in proportion to the pages
read and expected. Where ranges are split affects only the speed, never the result.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from s3_monitor.model.responses import KeysPage, ListKeysRequest
from s3_monitor.objects.key_aggregator import KeyAggregator
from s3_monitor.objects.key_interpolator import LAST, KeyInterpolator, Kinds, shared_length

PAGE = 1000  # AWS: keys per page
_MAX_KEY_LENGTH = 1024  # AWS: bytes of a key
# Allowed splits per page. The requests that they waste stay well below a fifth of the necessary ones.
_SPLITS_PER_PAGE = 0.1
_SPLITS_PER_EXPECTED_PAGE = 0.07
# With P pages read, N of them necessary and as many expected: P - N <= 0.1 P + 0.07 N.
_WASTE = (_SPLITS_PER_PAGE + _SPLITS_PER_EXPECTED_PAGE) / (1 - _SPLITS_PER_PAGE)
_MIN_PROGRESS = 1e-9  # values that differ by less do not show how far a range has been read
_MIN_PAGES = 2.0  # a range with fewer remaining pages is not split
_SAMPLE = 50  # one of this many keys is used to learn the characters of keys


def most_requests(pages: int) -> int:
    """Return the maximum number of requests for a bucket with this many pages of keys, if as many were expected.

    The actual number depends on the order of responses.
    """
    return pages + int(_WASTE * pages + _MIN_PROGRESS)


@dataclass(eq=False, slots=True)
class KeyRange:
    """The keys after ``start`` up to and including ``end`` (None: the last key)."""

    start: str
    end: str | None
    aggregator: KeyAggregator
    position: str
    """All keys up to here have been read."""
    max_prefix: int = _MAX_KEY_LENGTH
    """The keys of the range have no common prefix of this length."""
    pages: int = 0
    """The number of pages read."""
    token: tuple[str, ...] = ()
    done: bool = False
    split_at: int = 0
    """``pages`` at the last split. A range is split at most once per page."""
    first_key: str = ""
    page_prefix: int = 0
    """The length of the common prefix of the keys of the newest page."""
    sample: Sequence[str] = ()
    """Keys of the newest page that ``kinds`` does not include yet."""
    kinds: Kinds = ()


class KeyRangeSplitter:
    """The ranges of one bucket."""

    def __init__(
        self, prefix: str, new_aggregator: Callable[[], KeyAggregator], versions: bool, expected: float | None
    ) -> None:
        """Start with one range. ``expected``: the approximate number of keys, None if unknown."""
        self._prefix = prefix
        self._new_aggregator = new_aggregator
        self._versions = versions
        self._expected = 0.0 if expected is None else expected / PAGE
        self._pages = 0
        self._splits = 0
        self._interpolator = KeyInterpolator()
        self.ranges = [KeyRange("", None, new_aggregator(), "")]

    @property
    def done(self) -> bool:
        """Whether all ranges have been read."""
        return all(range_.done for range_ in self.ranges)

    def next_request(self, range_: KeyRange, max_keys: int) -> ListKeysRequest:
        """Return the request for the next page of a range."""
        return ListKeysRequest(self._prefix, range_.start, range_.token, max_keys, self._versions)

    def aggregators(self) -> list[KeyAggregator]:
        """Return the aggregators of all ranges, in key order."""
        return [range_.aggregator for range_ in sorted(self.ranges, key=lambda range_: range_.start)]

    def add_page(self, range_: KeyRange, page: KeysPage, matches: Callable[[str], bool] | None) -> int:
        """Add a page of a range, and return the number of its keys that belong to the range.

        Keys after the end, which may have changed since the request, belong to another range.
        """
        range_.pages += 1
        self._pages += 1
        last, own = self._advance(range_, page)
        if last:
            range_.position = min(last, range_.end) if range_.end is not None else last
        if own.keys:
            range_.page_prefix = shared_length(own.keys[0], own.keys[-1])
            range_.first_key = range_.first_key or own.keys[0]
            range_.sample = own.keys[::_SAMPLE]
        count = len(own.keys) + len(own.markers)
        if matches is not None:
            markers = [marker for marker in own.markers if matches(marker)]
            own = own.where([matches(key) for key in own.keys])._replace(markers=markers)
        range_.aggregator.add(own)
        return count

    def holds_more(self, range_: KeyRange, page: KeysPage) -> bool:
        """Return whether a page, which is not added, has keys of the range; an empty page may precede others."""
        _, own = self._advance(range_, page)
        return bool(own.keys or own.markers)

    def _advance(self, range_: KeyRange, page: KeysPage) -> tuple[str, KeysPage]:
        """Return the last key of a page, and the part of the page that belongs to the range."""
        range_.token = page.token
        last = max(page.keys[-1] if page.keys else "", page.markers[-1] if page.markers else "")
        range_.done = not page.token or (range_.end is not None and last > range_.end)
        return last, _within(page, range_)

    def split(self) -> KeyRange | None:
        """Split the range with the most remaining pages and return the new one, or None if no split is worthwhile."""
        if self._splits + 1 > _SPLITS_PER_PAGE * self._pages + _SPLITS_PER_EXPECTED_PAGE * self._expected:
            return None
        self._learn()
        remaining = [(self._remaining(range_), range_) for range_ in self.ranges]
        for pages, range_ in sorted(remaining, key=lambda pair: pair[0], reverse=True):
            if pages < _MIN_PAGES:
                return None
            middle = self._middle(range_)
            if middle is not None:
                self._splits += 1
                range_.split_at = range_.pages
                return self._split(range_, *middle)
        return None

    def _learn(self) -> None:
        for range_ in self.ranges:
            if range_.sample:
                range_.kinds, range_.sample = self._interpolator.learn(range_.sample), ()

    def _split(self, range_: KeyRange, middle: str, shared: int | None) -> KeyRange:
        max_prefix = range_.max_prefix if shared is None else shared
        right = KeyRange(middle, range_.end, self._new_aggregator(), middle, max_prefix)
        range_.end = middle
        self.ranges.append(right)
        return right

    def _remaining(self, range_: KeyRange) -> float:
        """Return the approximate number of pages left, 0 if the range cannot be split."""
        if range_.done or range_.split_at == range_.pages or not range_.first_key:
            return 0.0
        end = _end(range_)
        begin = shared_length(range_.first_key, end)
        texts = (range_.first_key, range_.position, end)
        first, position, last = (self._interpolator.value(text, begin, range_.kinds) for text in texts)
        if position - first > _MIN_PROGRESS and last > position:
            return range_.pages * (last - position) / (position - first)
        return max(self._expected - self._pages, float(self._pages))

    def _middle(self, range_: KeyRange) -> tuple[str, int | None] | None:
        """Return a text between the position and the end of a range, and a length of a prefix, or None.

        The end may be far after the last key. While the length of the common prefix of the range's keys is unknown, a
        binary search determines it: the text follows all keys that share a prefix of the returned length with the
        position. Once it is known, the text is the mean.
        """
        position, end = range_.position, _end(range_)
        shared, longest = shared_length(position, end), min(range_.page_prefix, range_.max_prefix - 1)
        length = None
        if longest - shared > 1:
            length = (shared + longest + 1) // 2
            middle = position[:length] + LAST
        else:
            low, high = (self._interpolator.value(text, shared, range_.kinds) for text in (position, end))
            middle = position[:shared] + self._interpolator.text((low + high) / 2, shared, range_.kinds)
        is_valid = position < middle < end and len(middle.encode("utf-8", "surrogatepass")) <= _MAX_KEY_LENGTH
        return (middle, length) if is_valid else None


def _end(range_: KeyRange) -> str:
    return LAST if range_.end is None else range_.end


def _within(page: KeysPage, range_: KeyRange) -> KeysPage:
    if not page.keys and not page.markers:
        return page
    start, end = range_.start, range_.end
    own = page.between(bisect_right(page.keys, start), _index_after(page.keys, end))
    return own._replace(markers=page.markers[bisect_right(page.markers, start) : _index_after(page.markers, end)])


def _index_after(keys: Sequence[str], end: str | None) -> int:
    return len(keys) if end is None else bisect_right(keys, end)
