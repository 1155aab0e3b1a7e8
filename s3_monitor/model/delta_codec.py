"""How a daily series moved from one day to the next, in few bits: a number a day, all of the same width.

Written are two bytes, 7 bits ``width`` and 9 bits the number of days; then for each day, the newest step first, a
number of ``width`` bits; then zeros to fill the last byte. Number 0 is a day without a point; any other is the step
plus 2^(width - 1). So noise takes the bits it has, and what never changes a bit a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

MOST_DAYS = 511
HEAD_BYTES = 2
_MOST_WIDTH = 65  # of the step from 2^63 - 1 to 0


def encode(steps: Sequence[int | None]) -> bytes:
    """At most MOST_DAYS steps between amounts below 2^63; null: no point that day."""
    known: Sequence[int] = [step for step in steps if step is not None] if None in steps else steps  # type: ignore[assignment]
    each = max(map(abs, known), default=0).bit_length() + 1
    middle = 1 << (each - 1)
    # What becomes number 0 is written like a step.
    moved = known if len(known) == len(steps) else [-middle if step is None else step for step in steps]
    bits = each << 9 | len(moved)
    for step in moved:
        bits = bits << each | middle + step
    size = len(steps) * each
    return (bits << -size % 8).to_bytes(HEAD_BYTES + (size + 7) // 8, "big")


def decode(packed: bytes) -> list[int | None]:
    """The steps again, of what is sound."""
    each, days = width(packed), length(packed)
    bits, mask, middle = int.from_bytes(packed, "big"), (1 << each) - 1, 1 << (each - 1)
    first = 8 * (len(packed) - HEAD_BYTES) - each
    numbers = [bits >> shift & mask for shift in range(first, first - each * days, -each)]
    if 0 in numbers:
        return [number - middle if number else None for number in numbers]
    return [number - middle for number in numbers]


def total(packed: bytes, days: int) -> int | None:
    """Return the sum of the newest ``days`` steps; None where one of these days has no point.

    Does not decode single steps: a number modulo 2^n - 1 is the sum of its n-bit digits, as long as that sum is less.
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
    """Return a number with a 1 in each of so many digits, and one with all bits of every second digit."""
    ones = sum(1 << each * place for place in range(days))
    return ones, sum(((1 << each) - 1) << each * place for place in range(0, days, 2))


def length(packed: bytes) -> int:
    """Its days, without decoding."""
    return (packed[0] & 1) << 8 | packed[1]


def width(packed: bytes) -> int:
    """The bits that each day takes."""
    return packed[0] >> 1


def is_sound(head: bytes, size: int, days: int) -> bool:
    """What begins like this and has so many bytes is as long as it says, and of no more days than these."""
    if size < HEAD_BYTES:
        return False
    here, bits = length(head), width(head)
    return 0 < bits <= _MOST_WIDTH and here <= days and size == HEAD_BYTES + (here * bits + 7) // 8
