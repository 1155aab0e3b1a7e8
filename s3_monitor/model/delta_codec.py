"""A compact encoding of the day-to-day steps of a daily series, with one number of equal width per day.

The encoding has 7 bits ``width`` and 9 bits for the number of days; then, newest step first, one number of ``width``
bits per day; then zero bits up to a full byte. Number 0 is a day without a point; any other is the step plus
2^(width - 1). A constant series takes one bit per day.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

MOST_DAYS = 511
HEAD_BYTES = 2
_MOST_WIDTH = 65  # bits of the step from 2^63 - 1 to 0


def encode(steps: Sequence[int | None]) -> bytes:
    """Encode at most MOST_DAYS steps between amounts below 2^63; None: no point on that day."""
    present: Sequence[int] = [step for step in steps if step is not None] if None in steps else steps  # type: ignore[assignment]
    each = max(map(abs, present), default=0).bit_length() + 1
    middle = 1 << (each - 1)
    moved = present if len(present) == len(steps) else [-middle if step is None else step for step in steps]
    bits = each << 9 | len(moved)
    for step in moved:
        bits = bits << each | middle + step
    size = len(steps) * each
    return (bits << -size % 8).to_bytes(HEAD_BYTES + (size + 7) // 8, "big")


def decode(packed: bytes) -> list[int | None]:
    """Return the steps of a valid encoding."""
    each, days = width(packed), length(packed)
    bits, mask, middle = int.from_bytes(packed, "big"), (1 << each) - 1, 1 << (each - 1)
    first = 8 * (len(packed) - HEAD_BYTES) - each
    numbers = [bits >> shift & mask for shift in range(first, first - each * days, -each)]
    if 0 in numbers:
        return [number - middle if number else None for number in numbers]
    return [number - middle for number in numbers]


def total(packed: bytes, days: int) -> int | None:
    """Return the sum of the newest ``days`` steps; None if one of these days has no point.

    Single steps are not decoded: a number modulo 2^n - 1 is the sum of its n-bit digits if that sum is smaller.
    """
    each = width(packed)
    if days >= 1 << each:
        steps = decode(packed)[:days]
        return None if None in steps else sum(steps)  # type: ignore[arg-type]
    unused = 8 * (len(packed) - HEAD_BYTES) - each * days
    bits = (int.from_bytes(packed, "big") >> unused) & (1 << each * days) - 1
    ones, every_second = _masks(each, days)
    tops = ones << (each - 1)
    if (bits - ones) & ~bits & tops:  # a digit is 0
        return None
    pair = (1 << 2 * each) - 1
    digits = (bits & every_second) % pair + (bits >> each & every_second) % pair
    return digits - (days << (each - 1))


@cache
def _masks(each: int, days: int) -> tuple[int, int]:
    """Return a number with a 1 in each of ``days`` digits, and a number with all bits of every second digit."""
    ones = sum(1 << each * place for place in range(days))
    return ones, sum(((1 << each) - 1) << each * place for place in range(0, days, 2))


def length(packed: bytes) -> int:
    """Return the number of days."""
    return (packed[0] & 1) << 8 | packed[1]


def width(packed: bytes) -> int:
    """Return the number of bits per day."""
    return packed[0] >> 1


def is_sound(head: bytes, size: int, days: int) -> bool:
    """Return whether an encoding of ``size`` bytes has the length in its head, and at most ``days`` days."""
    if size < HEAD_BYTES:
        return False
    here, bits = length(head), width(head)
    return 0 < bits <= _MOST_WIDTH and here <= days and size == HEAD_BYTES + (here * bits + 7) // 8
