"""How a daily series moved from one day to the next, in few bits: a number a day, all of the same width.

Written are two bytes, 7 bits ``width`` and 9 bits the number of days; then for each day, the newest step first, a
number of ``width`` bits; then zeros to fill the last byte. Number 0 is a day without a point; any other is the step
plus 2^(width - 1). So noise takes the bits it has, and what never changes a bit a day.
"""

from __future__ import annotations

from collections.abc import Sequence

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
