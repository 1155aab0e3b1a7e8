"""Kinds of daily history that a forecast is measured on, with what happens after them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec

FUTURE_DAYS = 62  # up to the end of the next month, from any day
Path = list[float]


class Kind(msgspec.Struct, frozen=True):
    """A kind of history. ``steady``: its law does not change, so that the past can show what the future varies."""

    name: str
    path: Callable[[random.Random, int, int], Path]
    """(random, days of history, all days) → a value per day"""
    steady: bool = True
    missing: Callable[[random.Random, int], set[int]] = lambda rng, days: set()


class Sample(msgspec.Struct, frozen=True):
    history: list[float | None]
    future: Path


def sample(kind: Kind, seed: int, days: int) -> Sample:
    """Return one history of ``days`` days, always the same for a seed."""
    rng = random.Random(f"{kind.name} {seed} {days}")
    path = [max(0.0, value) for value in kind.path(rng, days, days + FUTURE_DAYS)]
    gone = kind.missing(rng, days)
    history = [None if day in gone else value for day, value in enumerate(path[:days])]
    return Sample(history, path[days:])


def uniform(rng: random.Random, low: float, high: float) -> float:
    """Uniform on a log scale."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def noisy(rng: random.Random, path: Sequence[float], share: float | None = None) -> Path:
    share = uniform(rng, 0.001, 0.03) if share is None else share
    return [value * (1 + rng.gauss(0, share)) for value in path]


def _flat(rng: random.Random, days: int, total: int) -> Path:
    return [uniform(rng, 1, 1e5)] * total


def _flat_noisy(rng: random.Random, days: int, total: int) -> Path:
    return noisy(rng, _flat(rng, days, total))


def _autocorrelated(rng: random.Random, days: int, total: int) -> Path:
    level, share, memory, off, path = uniform(rng, 1, 1e5), uniform(rng, 0.002, 0.02), 0.6, 0.0, []
    for _ in range(total):
        off = memory * off + rng.gauss(0, share)
        path.append(level * (1 + off))
    return path


def _linear(low: float, high: float) -> Callable[[random.Random, int, int], Path]:
    """Change per day as a share of the level at the end of the history."""

    def path(rng: random.Random, days: int, total: int) -> Path:
        rate, level = rng.uniform(low, high), uniform(rng, 10, 1e5)
        return [level * (1 + rate * (day - days)) for day in range(total)]

    return path


def _exponential(low: float, high: float) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        rate, level = rng.uniform(low, high), uniform(rng, 10, 1e5)
        return [level * (1 + rate) ** (day - days) for day in range(total)]

    return path


def _with_noise(of: Callable[[random.Random, int, int], Path]) -> Callable[[random.Random, int, int], Path]:
    return lambda rng, days, total: noisy(rng, of(rng, days, total))


def _weekday_writes(rng: random.Random, days: int, total: int) -> Path:
    level, rate, start = uniform(rng, 100, 1e4), rng.uniform(0.001, 0.01), rng.randrange(7)
    steps = [level * rate * rng.uniform(0.7, 1.3) * ((day + start) % 7 < 5) for day in range(total)]
    return list(accumulate(steps, initial=level))[:total]


def _weekly_pattern(rng: random.Random, days: int, total: int) -> Path:
    level, start = uniform(rng, 100, 1e4), rng.randrange(7)
    shape = [rng.uniform(0.8, 1.2) for _ in range(7)]
    return noisy(rng, [level * shape[(day + start) % 7] for day in range(total)], 0.01)


def _cleanup(period: int, growth: float = 0.0) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level, size, start = uniform(rng, 100, 1e4), rng.uniform(0.05, 0.5), rng.randrange(period)
        return noisy(
            rng,
            [level * (1 + size * ((day + start) % period) / period + growth * day) for day in range(total)],
            0.002,
        )

    return path


def _expiration(rng: random.Random, days: int, total: int) -> Path:
    """Objects of random size expire after 30 days."""
    writes = [rng.expovariate(1) for _ in range(total + 30)]
    return [100 * sum(writes[day : day + 30]) for day in range(total)]


def _expiration_waves(rng: random.Random, days: int, total: int) -> Path:
    """A large weekly write next to a base expires after 30 days."""
    start = rng.randrange(7)
    writes = [rng.uniform(0.8, 1.2) * (5 if (day + start) % 7 == 0 else 0.3) for day in range(total + 30)]
    return [100 * sum(writes[day : day + 30]) for day in range(total)]


def _walk(share: float, drift: float = 0.0) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level = uniform(rng, 100, 1e4)
        steps = [level * (rng.gauss(0, share) + drift) for _ in range(total)]
        offset = -sum(min(0.0, one) for one in accumulate(steps)) / total
        return [10 * level * share * 20 + level + offset + one for one in accumulate(steps)]

    return path


def _geometric_walk(rng: random.Random, days: int, total: int) -> Path:
    level, share = uniform(rng, 100, 1e4), uniform(rng, 0.005, 0.03)
    return [level * math.exp(one) for one in accumulate(rng.gauss(0, share) for _ in range(total))]


def _heavy_tailed_growth(rng: random.Random, days: int, total: int) -> Path:
    level = uniform(rng, 100, 1e4)
    return [level + level * one for one in accumulate(0.001 * rng.paretovariate(1.8) for _ in range(total))]


def _heavy_tailed_walk(rng: random.Random, days: int, total: int) -> Path:
    level = uniform(rng, 100, 1e4)
    steps = (0.003 * rng.gauss(0, 1) / math.sqrt(rng.gammavariate(1.5, 1 / 1.5)) for _ in range(total))
    return [level * (1 + one) for one in accumulate(steps)]


def _random_writes(rng: random.Random, days: int, total: int) -> Path:
    """Writes of random size, every day."""
    level = uniform(rng, 100, 1e4)
    return [level * (1 + one) for one in accumulate(0.004 * rng.expovariate(1) for _ in range(total))]


def _batches(every: int) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level, size, start = uniform(rng, 100, 1e4), rng.uniform(0.01, 0.1), rng.randrange(every)
        steps = (level * size * rng.uniform(0.9, 1.1) * ((day + start) % every == 0) for day in range(total))
        return [level + one for one in accumulate(steps)]

    return path


def _random_batches(rng: random.Random, days: int, total: int) -> Path:
    level, size = uniform(rng, 100, 1e4), rng.uniform(0.01, 0.05)
    steps = (level * size * rng.uniform(0.5, 1.5) * (rng.random() < 0.2) for _ in range(total))
    return [level + one for one in accumulate(steps)]


def _occasional(rng: random.Random, days: int, total: int) -> Path:
    """Nothing on most days."""
    level = uniform(rng, 1, 1e4)
    return [level * rng.uniform(0.5, 1.5) * (rng.random() < 0.2) for _ in range(total)]


def _tiny(rng: random.Random, days: int, total: int) -> Path:
    return [1e-9 * value for value in _linear(0.001, 0.01)(rng, days, total)]


def _saturating(rng: random.Random, days: int, total: int) -> Path:
    level, time = uniform(rng, 100, 1e4), rng.uniform(15, 60)
    return [level * (1.05 - math.exp(-day / time)) for day in range(total)]


def _quadratic(rng: random.Random, days: int, total: int) -> Path:
    level, rate = uniform(rng, 100, 1e4), rng.uniform(0.5, 2)
    return [level * (1 + rate * (day / days) ** 2) for day in range(total)]


def _break(rng: random.Random, days: int) -> int:
    return int(days * rng.uniform(0.35, 0.65))


def _step(low: float, high: float, rate: float = 0.0) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level, size, at = uniform(rng, 100, 1e4), rng.uniform(low, high), _break(rng, days)
        return noisy(rng, [level * (1 + size * (day >= at) + rate * day) for day in range(total)], 0.001)

    return path


def _steps(rng: random.Random, days: int, total: int) -> Path:
    """Jumps in both directions, on one day of twelve."""
    level = uniform(rng, 100, 1e4)
    steps = (rng.gauss(0, 0.08) * (rng.random() < 1 / 12) for _ in range(total))
    return [level * (2 + one) for one in accumulate(steps)]


def _slopes(before: float, after: float) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level, at = uniform(rng, 100, 1e4), _break(rng, days)
        noise = uniform(rng, 0.0003, 0.003)
        rates = (before if day < at else after for day in range(total))
        return noisy(rng, [level * (1 + one) for one in accumulate(rates)], noise)

    return path


def _spike(at: float) -> Callable[[random.Random, int, int], Path]:
    def path(rng: random.Random, days: int, total: int) -> Path:
        level, size = uniform(rng, 100, 1e4), rng.uniform(0.5, 5)
        day_of_spike = round(at * (days - 1))
        rate = rng.uniform(0, 0.004)
        return noisy(rng, [level * (1 + rate * day + size * (day == day_of_spike)) for day in range(total)], 0.003)

    return path


def _born(rng: random.Random, days: int, total: int) -> Path:
    level, at, rate = uniform(rng, 100, 1e4), _break(rng, days), rng.uniform(0, 0.01)
    return noisy(rng, [level * (1 + rate * (day - at)) if day >= at else 0 for day in range(total)], 0.003)


def _emptied(rng: random.Random, days: int, total: int) -> Path:
    level, at = uniform(rng, 100, 1e4), _break(rng, days)
    return [level if day < at else 0 for day in range(total)]


def some_days(share: float) -> Callable[[random.Random, int], set[int]]:
    return lambda rng, days: {day for day in range(days) if rng.random() < share}


def _block(rng: random.Random, days: int) -> set[int]:
    start = rng.randrange(days // 4, days // 2)
    return set(range(start, start + days // 5))


def _last_days(rng: random.Random, days: int) -> set[int]:
    return set(range(days - 2, days))


_GROWTH, _DECREASE = _linear(0.001, 0.01), _linear(-0.012, -0.001)
KINDS = (
    Kind("flat", _flat),
    Kind("flat, noise", _flat_noisy),
    Kind("flat, autocorrelated noise", _autocorrelated),
    Kind("linear growth", _GROWTH),
    Kind("linear growth, noise", _with_noise(_GROWTH)),
    Kind("linear decrease", _DECREASE),
    Kind("linear decrease, noise", _with_noise(_DECREASE)),
    Kind("exponential growth", _exponential(0.001, 0.03)),
    Kind("exponential growth, noise", _with_noise(_exponential(0.001, 0.03))),
    Kind("exponential decay", _exponential(-0.07, -0.003)),
    Kind("exponential decay, noise", _with_noise(_exponential(-0.07, -0.003))),
    Kind("writes on weekdays", _weekday_writes),
    Kind("weekly pattern", _weekly_pattern),
    Kind("weekly cleanup", _cleanup(7)),
    Kind("weekly cleanup, growth", _cleanup(7, 0.003)),
    Kind("monthly cleanup", _cleanup(30)),
    Kind("expiration after 30 days", _expiration),
    Kind("weekly write, expiration after 30 days", _expiration_waves),
    Kind("random walk, small steps", _walk(0.001)),
    Kind("random walk, large steps", _walk(0.02)),
    Kind("random walk with drift", _walk(0.005, 0.004)),
    Kind("geometric random walk", _geometric_walk),
    Kind("heavy-tailed growth", _heavy_tailed_growth),
    Kind("heavy-tailed walk", _heavy_tailed_walk),
    Kind("random writes", _random_writes),
    Kind("batch every 7 days", _batches(7)),
    Kind("batch every 10 days", _batches(10)),
    Kind("random batches", _random_batches),
    Kind("several steps", _steps),
    Kind("occasional data", _occasional),
    Kind("tiny values", _tiny),
    Kind("linear growth, noise, missing days", _with_noise(_GROWTH), missing=some_days(0.2)),
    Kind("linear growth, noise, missing block", _with_noise(_GROWTH), missing=_block),
    Kind("random walk, last days missing", _walk(0.01), missing=_last_days),
    Kind("spike on the first day", _spike(0)),
    Kind("spike in the middle", _spike(0.5)),
    Kind("spike on the last day", _spike(1)),
    Kind("step up", _step(0.2, 2), steady=False),
    Kind("step down", _step(-0.8, -0.2), steady=False),
    Kind("step down, growth", _step(-0.4, -0.1, 0.004), steady=False),
    Kind("growth that stops", _slopes(0.008, 0), steady=False),
    Kind("growth that starts", _slopes(0, 0.008), steady=False),
    Kind("growth that doubles", _slopes(0.004, 0.008), steady=False),
    Kind("created within the history", _born, steady=False),
    Kind("emptied", _emptied, steady=False),
    Kind("saturating growth", _saturating, steady=False),
    Kind("quadratic growth", _quadratic, steady=False),
)
