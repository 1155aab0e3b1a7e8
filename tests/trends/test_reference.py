"""Forecasts of reference histories: any change of the models, the patterns or the limits shows here.

The expected numbers were recorded. Where a model is changed deliberately, the accuracy is measured by
``tests/trends/test_forecasting.py`` and `bench/`, and these numbers are recorded again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from s3_monitor.trends.forecasting import forecast
from s3_monitor.trends.jumps import without_jumps
from s3_monitor.trends.models import Horizon, effective_freedom, log_evidence, outcomes
from s3_monitor.trends.pattern import find_pattern


def noise(days: int, seed: int = 1) -> list[float]:
    """Return numbers from -0.5 to 0.5 that look random."""
    return [pow(97 * day + 1009 * seed, 5, 10_007) / 10_007 - 0.5 for day in range(days)]


def walk(days: int, seed: int = 1) -> list[float]:
    values = [10.0]
    for step in noise(days - 1, seed):
        values.append(values[-1] + step)
    return values


N30, N60, N20 = noise(30), noise(60, 2), noise(20, 3)
HISTORIES: dict[str, list[float | None]] = {
    "noise": [100 + value for value in N60],
    "noise around a line": [100 + day + 4 * value for day, value in enumerate(N60)],
    "a walk": [*walk(45)],
    "a walk that grows": [value + 0.4 * day for day, value in enumerate(walk(45, 4))],
    "growth by percent": [100 * 1.01**day * (1 + 0.01 * value) for day, value in enumerate(N60)],
    "growth by little percent": [100 * 1.004**day * (1 + 0.004 * value) for day, value in enumerate(N30)],
    "growth that levels off": [100 - 60 * math.exp(-day / 15) + value for day, value in enumerate(N60)],
    "a decrease to little": [100 - 3.2 * day + 0.5 * value for day, value in enumerate(N30)],
    "a bend": [100 + 2 * min(day, 35) + value for day, value in enumerate(N60)],
    "a week": [100 + 5 * (day % 7) + value for day, value in enumerate(N60)],
    "ten days and a line": [100 + day + 8 * (day % 10) + 0.3 * value for day, value in enumerate(N60)],
    "a drop": [100 - 30 * (day >= 20) + value for day, value in enumerate(N30)],
    "a drop in a growing series": [100 + day - 15 * (day >= 20) + value for day, value in enumerate(N30)],
    "an import in a short history": [100 + 30 * (day >= 12) + value for day, value in enumerate(N20)],
    "a cleanup that repeats": [100 + 2 * ((day + 12) % 30) + 0.2 * value for day, value in enumerate(N30)],
    "two drops": [100 + day - 9 * (day >= 20) - 25 * (day >= 41) + value for day, value in enumerate(N60)],
    "a spike": [100 + day / 2 + 90 * (day == 21) + value for day, value in enumerate(N30)],
    "missing days": [None if day % 5 == 3 else 100 + day + value for day, value in enumerate(N30)],
    "late days": [*(100 + day + value for day, value in enumerate(N30)), None, None],
    "an empty start": [*[0.0] * 25, *(100 + 3 * value for value in N20)],
    "old days": [*[5.0] * 40, *(100 + value / 2 for value in noise(90, 7))],
    "batches": [100 + 7 * (day // 5) + 0.1 * value for day, value in enumerate(N30)],
    "a drop after an empty start": [*[0.0] * 25, *(100 - 30 * (day >= 20) + value for day, value in enumerate(N30))],
    "a jump as large as the growth": [100.0 + day + 29 * (day >= 12) for day in range(30)],
    "a jump of the older days": [100 + value - 20 * (day >= 30) for day, value in enumerate(N60)],
    "a jump 30 days ago": [100 + value - 20 * (day >= 31) for day, value in enumerate(N60)],
    "a jump next to growth": [100 + day / 4 + value - 8 * (day >= 45) for day, value in enumerate(N60)],
    "a cleanup every 45 days": [100 + day % 23 * 2 + 0.1 * value for day, value in enumerate(N30[:28])],
    "20 days with a jump": [100 + 9 * (day >= 10) + 0.2 * value for day, value in enumerate(N20)],
    "21 days with a jump": [100 + 9 * (day >= 10) + 0.2 * value for day, value in enumerate(N30[:21])],
    "few steps": [100 + 8 * (day >= 4) - 5 * (day >= 12) + 6 * (day >= 17) for day in range(30)],
}
EXPECTED: dict[str, tuple[float | None, ...]] = {
    "noise": (99.9717643, 100.101309, 100.160697, None, None, False),
    "noise around a line": (183.092139, 183.531663, 184.606437, None, None, False),
    "a walk": (6.8158316, 8.54781653, 10.4451803, None, None, False),
    "a walk that grows": (37.2165538, 38.5397078, 41.7676314, None, None, False),
    "growth by percent": (229.347296, 229.598129, 230.19403, None, None, False),
    "growth by little percent": (122.407636, 122.535325, 123.971165, None, None, False),
    "growth that levels off": (96.4395059, 99.2727386, 102.712406, None, None, False),
    "a decrease to little": (0.57442221, 1.54003494, 2.36255591, None, None, False),
    "a bend": (170.019956, 170.447437, 181.186201, None, None, False),
    "a week": (115.290878, 115.419839, 115.479786, None, None, False),
    "ten days and a line": (219.913259, 219.992769, 220.026335, None, None, False),
    "a drop": (69.7543098, 70.1478201, 70.8929132, 20, -30.031704, False),
    "a drop in a growing series": (95.2984333, 114.790141, 138.933176, None, None, False),
    "an import in a short history": (81.7027786, 130.462426, 184.406562, 12, 30.5741802, True),
    "a cleanup that repeats": (127.465799, 129.607083, 170.075519, 18, -59.961605, True),
    "two drops": (103.470468, 125.447437, 164.086622, None, None, False),
    "a spike": (126.649604, 126.859611, 128.906804, None, None, False),
    "missing days": (153.125578, 153.35374, 153.936559, None, None, False),
    "late days": (155.132135, 155.334414, 155.818024, None, None, False),
    "an empty start": (99.3667962, 100.156232, 102.143574, None, None, False),
    "old days": (99.9353392, 99.9589927, 100.016143, None, None, False),
    "batches": (171.304248, 171.389683, 171.643638, None, None, False),
    "a drop after an empty start": (69.7543098, 70.1478201, 70.8929132, 45, -30.031704, False),
    "a jump as large as the growth": (182.0, 182.0, 199.234509, 12, 29.0, False),
    "a jump of the older days": (80.2237795, 80.4474368, 80.6982288, 30, -20.3137851, False),
    "a jump 30 days ago": (80.3369808, 80.4872355, 80.8115513, 31, -20.4504073, False),
    "a jump next to growth": (98.9970994, 107.197437, 115.875461, None, None, False),
    "a cleanup every 45 days": (97.8637265, 122.104728, 156.05676, None, None, True),
    "20 days with a jump": (94.8715897, 109.092485, 124.904384, 10, 8.98164547, True),
    "21 days with a jump": (105.671856, 108.996019, 113.094056, 10, 9.09743656, False),
    "few steps": (94.6234012, 109.0, 124.824238, None, None, False),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_forecast_of_a_reference_history_stays_the_same(name: str) -> None:
    found = forecast(HISTORIES[name], 9, 39)
    assert found is not None
    jump = (None, None) if found.jump is None else (found.jump.day, found.jump.size)
    assert (found.low, found.middle, found.high, *jump, found.may_repeat) == _about(EXPECTED[name])


def _about(values: Sequence[float | None]) -> tuple[object, ...]:
    return tuple(pytest.approx(value, rel=1e-6) if isinstance(value, float) else value for value in values)


SERIES: dict[str, tuple[dict[int, float], Horizon, int, bool]] = {
    "noise": (dict(enumerate(N30)), Horizon(9, 39), 0, False),
    "noise and a pattern": (dict(enumerate(N30)), Horizon(9, 39), 6, False),
    "a line": ({day: day / 9 + value for day, value in enumerate(N30)}, Horizon(1, 30), 0, False),
    "a walk": (dict(enumerate(walk(30))), Horizon(2, 2), 0, False),
    "missing days": ({day: value for day, value in enumerate(walk(40)) if day % 3}, Horizon(9, 39), 2, False),
    "logarithms": ({day: day / 40 + value / 50 for day, value in enumerate(N30)}, Horizon(9, 39), 0, True),
    "steep logarithms": ({day: day / 5 + value / 9 for day, value in enumerate(N30)}, Horizon(9, 39), 0, True),
    "a curve": ({day: 1 - math.exp(-day / 9) + value / 40 for day, value in enumerate(N30)}, Horizon(9, 39), 0, False),
    "increases": ({day: float(3 * (day // 7)) for day in range(30)}, Horizon(9, 39), 0, False),
    "4 increases": ({day: float(day // 7) ** 2 for day in range(35)}, Horizon(9, 39), 0, False),
    "3 increases": ({day: float(day // 7) ** 2 for day in range(28)}, Horizon(9, 39), 0, False),
    "4 decreases": ({day: -(float(day // 7) ** 2) for day in range(35)}, Horizon(9, 39), 0, False),
    "a constant": (dict.fromkeys(range(30), 1.0), Horizon(9, 39), 0, False),
}
EVIDENCE: dict[str, float] = {
    "noise": -17.0749043,
    "noise and a pattern": -14.1902376,
    "a line": -18.7464291,
    "a walk": -14.3889842,
    "missing days": -14.2702481,
    "logarithms": 94.7019414,
    "steep logarithms": 44.9727869,
    "a curve": 67.7019283,
    "increases": -51.5382875,
    "4 increases": -77.3762503,
    "3 increases": -48.6465169,
    "4 decreases": -77.3762503,
    "a constant": 617.813112,
}
OUTCOMES: dict[str, list[tuple[float, float, float, float]]] = {
    "noise": [
        (0.763088943, -0.0398854135, 0.0780764731, 29),
        (0.187934166, 0.444494375, 0.246137215, 28),
        (0.0124982446, 0.150530178, 0.111118136, 28),
        (0.036478646, 0.0639517422, 0.0818177323, 28),
    ],
    "noise and a pattern": [
        (0.834642698, -0.0398854135, 0.0876708602, 23),
        (0.13443033, 0.444494375, 0.277680228, 22),
        (0.00822485614, 0.150530178, 0.125358163, 22),
        (0.0209172473, 0.0639517422, 0.0923028505, 22),
        (0.00178486799, 0.405865894, 2.35065766, 23),
    ],
    "a line": [(1.0, 5.28199783, 0.19755502, 28)],
    "a walk": [
        (0.903507321, 8.3975717, 0.463838821, 29),
        (0.0474244032, 8.2870594, 0.479601241, 28),
        (0.0069305121, 8.34698894, 0.446216991, 28),
        (0.0421377638, 8.39285304, 0.424246696, 28),
    ],
    "missing days": [
        (0.95758493, 9.26141701, 1.51888315, 23),
        (0.0327976251, 9.10225275, 2.09804148, 22),
        (0.00220446261, 9.09677101, 1.53818352, 22),
        (0.00741298276, 9.24989983, 1.47222257, 22),
    ],
    "logarithms": [(1.0, 1.35926655, 0.0049227443, 28)],
    "steep logarithms": [(1.0, 8.84509621, 0.0273485795, 28)],
    "a curve": [(0.315014222, 1.10309196, 0.0712411254, 28), (0.684985778, 0.975439968, 0.0697434223, 28)],
    "increases": [
        (0.876677704, 21.1879867, 0.766013095, 28),
        (0.0384262037, 12.0, 5.31949633, 12.1519274),
        (0.0836292711, 21.9310345, 7.20436615, 12.1519274),
        (0.00126682085, 12.9094406, 5.26081742, 12.1519274),
    ],
    "4 increases": [
        (0.456228692, 16.0, 7.40698241, 4.54559763),
        (0.527401941, 27.2941176, 9.88610628, 4.54559763),
        (0.00864302906, 16.9794399, 7.45153702, 4.54559763),
        (0.00772633742, 16.0147578, 7.50054543, 4.54559763),
    ],
    "3 increases": [
        (0.897348744, 9.0, 5.47118474, 3.20182371),
        (0.0984774428, 17.0, 7.78491611, 3.20182371),
        (0.00208941331, 9.61501804, 5.52483435, 3.20182371),
        (0.00208439951, 9.00859353, 5.56259018, 3.20182371),
    ],
    "4 decreases": [
        (0.456228692, -16.0, 7.40698241, 4.54559763),
        (0.527401941, -27.2941176, 9.88610628, 4.54559763),
        (0.00864302906, -16.9794399, 7.45153702, 4.54559763),
        (0.00772633742, -16.0147578, 7.50054543, 4.54559763),
    ],
    "a constant": [
        (0.0954099948, 1.0, 2.60486411e-11, 29),
        (0.00301712895, 1.0, 8.81416452e-11, 28),
        (0.870970106, 1.0, 4.85601355e-10, 29),
        (0.0275424931, 1.0, 7.08327574e-10, 28),
        (0.0012241108, 1.0, 4.98393386e-10, 28),
        (0.00183616621, 1.0, 4.9420308e-10, 28),
    ],
}


@pytest.mark.parametrize("name", SERIES)
def test_the_models_of_a_reference_series_stay_the_same(name: str) -> None:
    values, horizon, parameters, compound = SERIES[name]
    found = outcomes(values, horizon, parameters, compound=compound)
    assert [(one.weight, one.location, one.scale, one.freedom) for one in found] == list(map(_about, OUTCOMES[name]))
    assert {one.compound for one in found} == {compound}
    assert log_evidence(values, parameters) == pytest.approx(EVIDENCE[name], rel=1e-6)


@pytest.mark.parametrize(
    ("steps", "freedom"),
    [
        ([1.0, -1.0] * 10, 2 * 20 / 0.1 - 1),  # a kurtosis of 1
        ([1.0] * 10, math.inf),
        ([0.0] * 29 + [1.0], 1.5),
        ([0.0] * 9 + [1.0], 2 * 10 / (0.657 / 0.81 * 10 - 1) - 1),
        ([0.0] * 8 + [1.0, 3.0, -4.0], 2 * 11 / (11 * (1 + 81 + 256) / 26**2 - 1) - 1),
    ],
)
def test_the_degrees_of_freedom_follow_from_the_kurtosis(steps: list[float], freedom: float) -> None:
    assert effective_freedom(steps) == pytest.approx(freedom)


PATTERNS = {
    "a week": {day: 3.0 * (day % 7) + value for day, value in enumerate(N30)},
    "ten days": {day: 5.0 * (day % 10) + day + value for day, value in enumerate(N60)},
    "three days with gaps": {day: 4.0 * (day % 3) + value for day, value in enumerate(N60) if day % 11},
    "13 changes of a week": {day: 9.0 * (day % 7) + value / 9 for day, value in enumerate(N20[:14])},
    "13 changes of half a week": {day: 9.0 * (day % 3) + value / 99 for day, value in enumerate(N20[:14])},
    "two days": {day: 9.0 * (day % 2) + value / 9 for day, value in enumerate(N30)},
    "long": {day: 9.0 * (day % 15) + value / 9 for day, value in enumerate(N30)},
}
OFFSETS: dict[str, list[float]] = {
    "a week": [-9.08897415, -6.03325458, -3.09950963, 0.0181066111, 2.99946823, 6.15323416, 9.05092935],
    "ten days": [
        -22.530729,
        -17.3676441,
        -12.3711427,
        -7.56077762,
        -2.53186553,
        2.59526115,
        7.22600197,
        12.5089029,
        17.553071,
        22.4789219,
    ],
    "three days with gaps": [-3.96554912, -0.0331871856, 3.9987363],
    "13 changes of a week": [0.0],
    "13 changes of half a week": [-8.99837849, -0.00166684668, 9.00004534],
    "two days": [-4.51711466, 4.51711466],
    "long": [0.0],
}


@pytest.mark.parametrize("name", PATTERNS)
def test_the_pattern_of_a_reference_series_stays_the_same(name: str) -> None:
    assert find_pattern(PATTERNS[name]).offsets == pytest.approx(OFFSETS[name], rel=1e-6)


JUMPING = {
    "a spike that returns by 71%": [100.0] * 14 + [200.0] + [129.0] * 15,
    "a peak that returns by 69%": [100.0] * 14 + [200.0] + [131.0] * 15,
    "two of similar size": [100.0 + 100 * (day >= 20) + 61 * (day >= 40) for day in range(60)],
    "two of different sizes": [100.0 + 100 * (day >= 20) + 59 * (day >= 40) for day in range(60)],
    "up and down": [100.0 + 100 * (day >= 20) - 95 * (day >= 40) for day in range(60)],
    "two within a week": [100.0 + day + 100 * (day >= 20) - 40 * (day >= 24) for day in range(60)],
    "two in 59 days": [100.0 + day + 100 * (day >= 20) - 40 * (day >= 30) for day in range(59)],
    "three in 60 days": [100.0 + 100 * (day >= 20) - 40 * (day >= 30) + 9 * (day >= 40) for day in range(60)],
    "noise": [100 + day + 90 * (day >= 14) + 9 * value for day, value in enumerate(N30)],
    "more noise": [100 + day + 20 * (day >= 14) + 9 * value for day, value in enumerate(N30)],
    "at the ends": [0.0, *[100.0 + day for day in range(28)], 300.0],
    "two spikes": [100.0 + day + 80 * (day in (9, 19)) for day in range(30)],
    "a spike and a jump": [100.0 + day + 80 * (day == 9) - 30 * (day >= 20) for day in range(30)],
}
CLEANED: dict[str, tuple[list[tuple[int, float]], float, float]] = {
    "a spike that returns by 71%": ([], 3449.5, 53273.0),
    "a peak that returns by 69%": ([], 3565.0, 55130.0),
    "two of similar size": ([], 11220.0, 395390.0),
    "two of different sizes": ([(20, 100.0), (40, 59.0)], 15540.0, 458430.0),
    "up and down": ([(20, 100.0), (40, -95.0)], 6300.0, 185850.0),
    "two within a week": ([(20, 100.0), (24, -40.0)], 11370.0, 353410.0),
    "two in 59 days": ([], 10351.0, 338889.0),
    "three in 60 days": ([], 8980.0, 290510.0),
    "noise": ([(14, 87.0638981)], 6083.12551, 91036.1514),
    "more noise": ([], 3744.23094, 59033.3367),
    "at the ends": ([], 3405.0, 51620.0),
    "two spikes": ([], 3435.0, 52055.0),
    "a spike and a jump": ([(20, -30.0)], 2535.0, 39005.0),
}


@pytest.mark.parametrize("name", JUMPING)
def test_the_jumps_of_a_reference_series_stay_the_same(name: str) -> None:
    cleaned, jumps = without_jumps(JUMPING[name])
    found, total, weighted = CLEANED[name]
    assert [(jump.day, jump.size) for jump in jumps] == list(map(_about, found))
    assert (sum(cleaned), sum(day * value for day, value in enumerate(cleaned))) == _about((total, weighted))
