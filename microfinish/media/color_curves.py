"""Camera log curves and gamuts that the OpenColorIO config lacks, as their makers publish them.

Written out here because colour-science, which has them too, takes two seconds to load: the tests
hold every curve and gamut against it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from microfinish.core.errors import InputError

Floats = NDArray[np.float64]
Decoder = Callable[[Floats], Floats]

_LOGC3: dict[int, tuple[float, float, float, float, float, float, float]] = {
    160: (0.005561, 5.555556, 0.080216, 0.269036, 0.381991, 5.842037, 0.092778),
    200: (0.006208, 5.555556, 0.076621, 0.266007, 0.382478, 5.776265, 0.092782),
    250: (0.006871, 5.555556, 0.072941, 0.262978, 0.382966, 5.710494, 0.092786),
    320: (0.007622, 5.555556, 0.068768, 0.259627, 0.383508, 5.637732, 0.092791),
    400: (0.008318, 5.555556, 0.064901, 0.256598, 0.383999, 5.57196, 0.092795),
    500: (0.009031, 5.555556, 0.060939, 0.253569, 0.384493, 5.506188, 0.0928),
    640: (0.00984, 5.555556, 0.056443, 0.250219, 0.38504, 5.433426, 0.092805),
    800: (0.010591, 5.555556, 0.052272, 0.24719, 0.385537, 5.367655, 0.092809),
    1000: (0.011361, 5.555556, 0.047996, 0.244161, 0.386036, 5.301883, 0.092814),
    1280: (0.012235, 5.555556, 0.043137, 0.24081, 0.38659, 5.229121, 0.092819),
    1600: (0.013047, 5.555556, 0.038625, 0.237781, 0.387093, 5.16335, 0.092824),
}
"""cut, a, b, c, d, e, f by exposure index (ARRI, ALEXA Log C Curve: Usage in VFX, 2017)."""
_ACESCG = ((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), (0.32168, 0.33767))
_GAMUTS = {
    "Protune Native": ((0.69848046, 0.19302645), (0.32955538, 1.02459662),
                       (0.10844263, -0.03467857), (0.3127, 0.3290)),
}
"""x, y of red, green, blue and white."""
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367],
                      [0.0389, -0.0685, 1.0296]])


def _log_with_foot(a: float, b: float, c: float, d: float, e: float, f: float,
                   cut: float) -> Decoder:
    """x = (10^((y-d)/c) - b)/a above the code `cut`, (y-f)/e below it."""
    def decode(codes: Floats) -> Floats:
        return np.where(codes >= cut, (10.0 ** ((codes - d) / c) - b) / a, (codes - f) / e)
    return decode


def _slog2(codes: Floats) -> Floats:
    """Sony, S-Log2: in video levels (16..235 of 8 bits), 155/219 of S-Log's range."""
    video = (codes * 1023 / 4 - 16) / 219
    black = 0.432699 * np.log10(0.037584) + 0.616596 + 0.03
    linear = np.where(video >= black,
                      10.0 ** ((video - 0.616596 - 0.03) / 0.432699) - 0.037584,
                      (video - 0.030001222851889303) / 5)
    return np.asarray(linear * 0.9 * 219 / 155)


def _clog(codes: Floats) -> Floats:
    """Canon Log v1.2: odd about its black, 0.9 of reflectance."""
    away = codes - 0.12512248
    return np.asarray(np.sign(away) * (10.0 ** (np.abs(away) / 0.45310179) - 1) / 10.1596 * 0.9)


def _nlog(codes: Floats) -> Floats:
    """Nikon N-Log: a cube root below code 452, a logarithm above."""
    return np.where(codes < 452 / 1023, (codes * 1023 / 650) ** 3 - 0.0075,
                    np.exp((codes - 619 / 1023) / (150 / 1023)))


def _protune(codes: Floats) -> Floats:
    """GoPro Protune Flat: base 113."""
    return np.asarray((113.0 ** codes - 1) / 112)


_CURVES: dict[str, Decoder] = {
    "S-Log2": _slog2,
    "C-Log": _clog,
    "F-Log": _log_with_foot(0.555556, 0.009468, 0.344676, 0.790453, 8.735631, 0.092864,
                            0.100537775223865),
    "F-Log2": _log_with_foot(5.555556, 0.064829, 0.245281, 0.384316, 8.799461, 0.092864,
                             0.100686685370811),
    "N-Log": _nlog,
    "L-Log": _log_with_foot(1.3, 0.0115, 0.27, 0.6, 8.0, 0.09, 0.1380001),
    "Protune": _protune,
}


def linear_of(curve: str, codes: NDArray[np.float32], ei: int | None = None) -> NDArray[np.float32]:
    """Scene-linear reflectance (0.18 is mid grey) of code values on the full 0..1 axis.

    LogC3 takes its exposure index; the others have none. Raises InputError for an unknown curve
    or index.
    """
    exact = codes.astype(np.float64)
    if curve == "LogC3":
        if (ei or 800) not in _LOGC3:
            raise InputError(f"LogC3 has no published curve for EI {ei}",
                             hint="published: " + ", ".join(map(str, _LOGC3)))
        cut, a, b, c, d, e, f = _LOGC3[ei or 800]
        linear = _log_with_foot(a, b, c, d, e, f, e * cut + f)(exact)
    elif curve in _CURVES:
        linear = _CURVES[curve](exact)
    else:
        raise InputError(f"no log curve is called {curve!r}",
                         hint="known: LogC3, " + ", ".join(sorted(_CURVES)))
    return np.ascontiguousarray(linear, np.float32)


def gamut_to_acescg(name: str) -> Floats | None:
    """The 3x3 matrix from a camera's linear RGB to ACEScg; None for a gamut not known here.

    The white is adapted by Bradford, as the ACES config does for its cameras.
    """
    if name not in _GAMUTS:
        return None
    here, there = _to_xyz(*_GAMUTS[name]), _to_xyz(*_ACESCG)
    whites = [_BRADFORD @ _xyz(white) for white in (_GAMUTS[name][3], _ACESCG[3])]
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(whites[1] / whites[0]) @ _BRADFORD
    return np.asarray(np.linalg.inv(there) @ adapt @ here)


Chromaticity = tuple[float, float]


def _xyz(at: Chromaticity) -> Floats:
    x, y = at
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_xyz(red: Chromaticity, green: Chromaticity, blue: Chromaticity,
            white: Chromaticity) -> Floats:
    primaries = np.stack([np.array([x, y, 1 - x - y]) for x, y in (red, green, blue)], axis=1)
    return np.asarray(primaries * np.linalg.solve(primaries, _xyz(white)))
