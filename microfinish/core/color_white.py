"""White balance: a shift along and across the daylight locus as one CAT16 matrix in ACEScg.

Sources: CIE 015:2018 (daylight locus, CIE 1960 uv), Li et al. 2017 (CAT16), SMPTE ST 2065-1 and
Academy S-2014-004 (AP1 primaries and the ACES white).
"""

from __future__ import annotations

import math

from microfinish.core.color import Balance

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

BASE_MIRED = 1e6 / 6000.0
"""ACES white is close to daylight of 6000 K: shifts are counted from there."""
MIRED_PER_KELVIN = 1e6 / 6500.0**2
"""A kelvin offset means its mired shift at 6500 K (100 K = 2.37 mired), so that equal numbers
look equally strong in both directions."""
ACES_WHITE_XY = (0.32168, 0.33767)

ACESCG_TO_XYZ: Matrix = (
    (0.6624541811085053, 0.1340042064886580, 0.1561876870049078),
    (0.2722287168092105, 0.6740817658111485, 0.0536895173796408),
    (-0.0055746495394886, 0.0040607335289107, 1.0103391003129971),
)
CAT16: Matrix = (
    (0.401288, 0.650173, -0.051461),
    (-0.250268, 1.204414, 0.045854),
    (-0.002079, 0.048952, 0.953127),
)


def white_balance_matrix(balance: Balance) -> Matrix:
    """The ACEScg matrix of `balance.temperature` and `balance.tint` (not of its exposure).

    Neutral becomes the white of the shifted locus point at equal luminance Y. Positive
    temperature warms, positive tint turns to magenta. The zero balance is the exact identity.
    """
    if balance.temperature == 0.0 and balance.tint == 0.0:
        return ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    source = _xyz(ACES_WHITE_XY)
    target = _xyz(_shifted_white(balance.temperature * MIRED_PER_KELVIN, balance.tint))
    from_lms, to_lms = _apply(CAT16, source), _apply(CAT16, target)
    scale = tuple(t / f for t, f in zip(to_lms, from_lms, strict=True))
    diagonal: Matrix = ((scale[0], 0.0, 0.0), (0.0, scale[1], 0.0), (0.0, 0.0, scale[2]))
    in_xyz = multiply(inverse(CAT16), multiply(diagonal, CAT16))
    return multiply(inverse(ACESCG_TO_XYZ), multiply(in_xyz, ACESCG_TO_XYZ))


def balance_of_neutral(rgb: Vector) -> Balance:
    """The balance (temperature, tint) that makes this scene-linear ACEScg color neutral.

    Newton steps on the two chromaticity ratios; exact to 1e-6 in the ratios for colors within
    about 100 mired and 0.05 Duv of neutral. Raises ValueError for a color with a channel <= 0.
    """
    if min(rgb) <= 0:
        raise ValueError("a neutral needs positive red, green and blue")
    temperature, tint = 0.0, 0.0
    for _ in range(12):
        here = _ratios(Balance(0.0, temperature, tint), rgb)
        if max(abs(here[0]), abs(here[1])) < 1e-7:
            break
        step_k, step_d = 10.0, 1e-4
        along = _ratios(Balance(0.0, temperature + step_k, tint), rgb)
        across = _ratios(Balance(0.0, temperature, tint + step_d), rgb)
        a, b = (along[0] - here[0]) / step_k, (across[0] - here[0]) / step_d
        c, d = (along[1] - here[1]) / step_k, (across[1] - here[1]) / step_d
        det = a * d - b * c
        temperature -= _bounded((d * here[0] - b * here[1]) / det, 1500.0)
        tint -= _bounded((a * here[1] - c * here[0]) / det, 0.02)
        # The daylight locus ends 3500 K away: beyond it a temperature changes nothing.
        temperature, tint = _bounded(temperature, 3400.0), _bounded(tint, 0.06)
    return Balance(0.0, temperature, tint)


def _bounded(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def _ratios(balance: Balance, rgb: Vector) -> tuple[float, float]:
    """log2 red/green and blue/green after the balance: both 0 for a neutral."""
    r, g, b = (max(v, 1e-9) for v in _apply(white_balance_matrix(balance), rgb))
    return math.log2(r / g), math.log2(b / g)


def _shifted_white(mired: float, tint: float) -> tuple[float, float]:
    """xy of the ACES white moved by the locus's own shift, and by tint across it."""
    base, there = _locus_uv(BASE_MIRED), _locus_uv(BASE_MIRED + mired)
    # The locus is held at its ends, where it has no direction of its own.
    slope = max(41.0, min(249.0, BASE_MIRED + mired))
    before, after = _locus_uv(slope - 0.5), _locus_uv(slope + 0.5)
    du, dv = after[0] - before[0], after[1] - before[1]
    length = math.hypot(du, dv)
    white = _uv(ACES_WHITE_XY)
    # With rising mired the locus runs to greater u and v; its right-hand side is magenta.
    u = white[0] + there[0] - base[0] + tint * dv / length
    v = white[1] + there[1] - base[1] - tint * du / length
    scale = 2 * u - 8 * v + 4
    return 3 * u / scale, 2 * v / scale


def _locus_uv(mired: float) -> tuple[float, float]:
    """CIE daylight locus in CIE 1960 uv; held at its ends, 4000 K and 25000 K."""
    kelvin = min(25000.0, max(4000.0, 1e6 / max(mired, 1.0)))
    low = (-4.6070e9, 2.9678e6, 0.09911e3, 0.244063)
    high = (-2.0064e9, 1.9018e6, 0.24748e3, 0.237040)
    a, b, c, d = low if kelvin <= 7000 else high
    x = a / kelvin**3 + b / kelvin**2 + c / kelvin + d
    return _uv((x, -3.0 * x * x + 2.870 * x - 0.275))


def _uv(xy: tuple[float, float]) -> tuple[float, float]:
    scale = -2 * xy[0] + 12 * xy[1] + 3
    return 4 * xy[0] / scale, 6 * xy[1] / scale


def _xyz(xy: tuple[float, float]) -> Vector:
    return xy[0] / xy[1], 1.0, (1 - xy[0] - xy[1]) / xy[1]


def _apply(matrix: Matrix, vector: Vector) -> Vector:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def multiply(left: Matrix, right: Matrix) -> Matrix:
    """The product of two 3x3 matrices."""
    columns = tuple(zip(*right, strict=True))
    a, b, c = (tuple(sum(x * y for x, y in zip(row, column, strict=True)) for column in columns)
               for row in left)
    return (a[0], a[1], a[2]), (b[0], b[1], b[2]), (c[0], c[1], c[2])


def inverse(m: Matrix) -> Matrix:
    """The inverse of a regular 3x3 matrix, by cofactors."""
    (a, b, c), (d, e, f), (g, h, i) = m
    first, second, third = e * i - f * h, f * g - d * i, d * h - e * g
    det = a * first + b * second + c * third
    return ((first / det, (c * h - b * i) / det, (b * f - c * e) / det),
            (second / det, (a * i - c * g) / det, (c * d - a * f) / det),
            (third / det, (b * g - a * h) / det, (a * e - b * d) / det))
