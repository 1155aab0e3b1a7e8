"""Further kinds of history. The forecast's constants were not fitted to them, but its design was checked on them."""

from __future__ import annotations

import math
import random
from itertools import accumulate

from bench.histories import Kind, Path, noisy, some_days, uniform


def _heavy_tailed_noise(rng: random.Random, days: int, total: int) -> Path:
    level, share = uniform(rng, 1, 1e5), uniform(rng, 0.001, 0.01)
    noise = (rng.gauss(0, 1) / math.sqrt(rng.gammavariate(1.5, 1 / 1.5)) for _ in range(total))
    return [level * (1 + share * one) for one in noise]


def _persistent_noise(rng: random.Random, days: int, total: int) -> Path:
    level, share, memory = uniform(rng, 1, 1e5), uniform(rng, 0.002, 0.02), rng.uniform(0.75, 0.95)
    off, path = rng.gauss(0, share / math.sqrt(1 - memory**2)), []
    for _ in range(total):
        off = memory * off + rng.gauss(0, share)
        path.append(level * (1 + off))
    return path


def _weekly_pattern_on_growth(rng: random.Random, days: int, total: int) -> Path:
    level, rate, start = uniform(rng, 100, 1e4), rng.uniform(-0.004, 0.008), rng.randrange(7)
    shape = [rng.uniform(0.93, 1.07) for _ in range(7)]
    return noisy(rng, [level * (1 + rate * day) * shape[(day + start) % 7] for day in range(total)], 0.005)


def _weekly_pattern_on_walk(rng: random.Random, days: int, total: int) -> Path:
    level, start = uniform(rng, 100, 1e4), rng.randrange(7)
    shape = [rng.uniform(-0.1, 0.1) for _ in range(7)]
    walk = accumulate(rng.gauss(0, 0.008) for _ in range(total))
    return [level * (1 + shape[(day + start) % 7] + one) for day, one in enumerate(walk)]


def _noise_on_walk(rng: random.Random, days: int, total: int) -> Path:
    level, share = uniform(rng, 100, 1e4), uniform(rng, 0.001, 0.01)
    noise = share * uniform(rng, 0.5, 5)
    return [level * (1 + one + rng.gauss(0, noise)) for one in accumulate(rng.gauss(0, share) for _ in range(total))]


def _zero_inflated(rng: random.Random, days: int, total: int) -> Path:
    level = uniform(rng, 100, 1e4)
    steps = (0.01 * rng.expovariate(1) * (rng.random() < 0.4) for _ in range(total))
    return [level * (1 + one) for one in accumulate(steps)]


def _growth_and_expiration(rng: random.Random, days: int, total: int) -> Path:
    rate, life = rng.uniform(0, 0.01), rng.choice([14, 60])
    writes = [rng.expovariate(1) * (1 + rate * day) for day in range(total + 60)]
    return [100 * sum(writes[day + 60 - life : day + 60]) for day in range(total)]


def _decreasing_walk(rng: random.Random, days: int, total: int) -> Path:
    level = uniform(rng, 100, 1e4)
    walk = accumulate(rng.gauss(0, 0.006) for _ in range(total))
    return [level * (5 - 0.004 * (day - days) + one) for day, one in enumerate(walk)]


def _geometric_growth(rng: random.Random, days: int, total: int) -> Path:
    level, share, mean = uniform(rng, 100, 1e4), uniform(rng, 0.003, 0.015), rng.uniform(-0.005, 0.012)
    return [level * math.exp(one) for one in accumulate(rng.gauss(mean, share) for _ in range(total))]


def _batches(rng: random.Random, days: int, total: int) -> Path:
    level, start, size = uniform(rng, 100, 1e4), rng.randrange(5), rng.uniform(0.01, 0.1)
    steps = (level * size * rng.uniform(0.8, 1.2) * ((day + start) % 5 == 0) for day in range(total))
    return [level + one for one in accumulate(steps)]


def _cleanup(rng: random.Random, days: int, total: int) -> Path:
    level, start, size = uniform(rng, 100, 1e4), rng.randrange(14), rng.uniform(0.05, 0.5)
    return noisy(rng, [level * (1 + size * ((day + start) % 14) / 14) for day in range(total)], 0.003)


def _weekend(rng: random.Random, days: int, total: int) -> Path:
    level, start, size = uniform(rng, 100, 1e4), rng.randrange(7), rng.uniform(0.02, 0.3)
    return noisy(rng, [level * (1 - size * ((day + start) % 7 >= 5)) for day in range(total)], 0.01)


def _logistic(rng: random.Random, days: int, total: int) -> Path:
    level, middle, width = uniform(rng, 100, 1e4), rng.uniform(0.3, 1.2) * days, rng.uniform(8, 25)
    return noisy(rng, [level * (0.1 + 1 / (1 + math.exp((middle - day) / width))) for day in range(total)], 0.003)


def _changing_slope(rng: random.Random, days: int, total: int) -> Path:
    level, rate, size, path = uniform(rng, 100, 1e4), rng.uniform(0, 0.006), 1.0, []
    for _ in range(total):
        rate += rng.gauss(0, 0.0004)
        size += rate
        path.append(level * max(0.05, size))
    return path


def _holiday(rng: random.Random, days: int, total: int) -> Path:
    level, rate = uniform(rng, 100, 1e4), rng.uniform(0.001, 0.01)
    start, length = rng.randrange(max(1, days - 8)), rng.randrange(3, 8)
    steps = (level * rate * rng.uniform(0.7, 1.3) * (not start <= day < start + length) for day in range(total))
    return [level + one for one in accumulate(steps)]


def _step_and_growth(rng: random.Random, days: int, total: int) -> Path:
    level, at, rate = uniform(rng, 100, 1e4), int(days * rng.uniform(0.3, 0.7)), rng.uniform(0.001, 0.008)
    size = rng.uniform(0.2, 1) * rng.choice([-0.5, 1])
    return noisy(rng, [level * (1 + size * (day >= at) + rate * day) for day in range(total)], 0.003)


def _decay_to_a_floor(rng: random.Random, days: int, total: int) -> Path:
    level, floor, time = uniform(rng, 100, 1e4), rng.uniform(0.2, 0.7), rng.uniform(10, 30)
    return noisy(rng, [level * (floor + (1 - floor) * math.exp(-day / time)) for day in range(total)], 0.004)


FURTHER_KINDS = (
    Kind("heavy-tailed noise", _heavy_tailed_noise),
    Kind("flat, persistent noise", _persistent_noise),
    Kind("weekly pattern on growth", _weekly_pattern_on_growth),
    Kind("weekly pattern on growth, missing days", _weekly_pattern_on_growth, missing=some_days(0.15)),
    Kind("weekly pattern on a random walk", _weekly_pattern_on_walk),
    Kind("noise on a random walk", _noise_on_walk),
    Kind("writes on two days of five", _zero_inflated),
    Kind("growing writes, expiration", _growth_and_expiration),
    Kind("decreasing random walk", _decreasing_walk),
    Kind("geometric random walk with drift", _geometric_growth),
    Kind("geometric random walk with drift, missing days", _geometric_growth, missing=some_days(0.15)),
    Kind("batch every 5 days", _batches),
    Kind("cleanup every 14 days", _cleanup),
    Kind("lower on weekends", _weekend),
    Kind("logistic growth", _logistic, steady=False),
    Kind("changing slope", _changing_slope, steady=False),
    Kind("growth with a holiday", _holiday, steady=False),
    Kind("step and growth", _step_and_growth, steady=False),
    Kind("decay to a floor", _decay_to_a_floor, steady=False),
)
