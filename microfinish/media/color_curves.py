"""Camera log curves that the OpenColorIO config lacks, through colour-science.

Imported only when such a camera is graded: colour-science takes most of a second to load.
"""

from __future__ import annotations

from collections.abc import Callable

import colour.models
import numpy as np
from numpy.typing import NDArray

from microfinish.core.errors import InputError

Decoder = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_CURVES: dict[str, Decoder] = {
    "S-Log2": colour.models.log_decoding_SLog2,
    "C-Log": colour.models.log_decoding_CanonLog,
    "F-Log": colour.models.log_decoding_FLog,
    "F-Log2": colour.models.log_decoding_FLog2,
    "N-Log": colour.models.log_decoding_NLog,
    "L-Log": colour.models.log_decoding_LLog,
}


def linear_of(curve: str, codes: NDArray[np.float32], ei: int | None = None) -> NDArray[np.float32]:
    """Scene-linear reflectance (0.18 is mid grey) of code values on the full 0..1 axis.

    LogC3 takes its exposure index; the others have none. Raises InputError for an unknown curve.
    """
    if curve == "LogC3":
        linear = colour.models.log_decoding_ARRILogC3(codes.astype(np.float64), EI=ei or 800)
    elif curve in _CURVES:
        linear = _CURVES[curve](codes.astype(np.float64))
    else:
        raise InputError(f"no log curve is called {curve!r}",
                         hint="known: LogC3, " + ", ".join(sorted(_CURVES)))
    return np.ascontiguousarray(linear, np.float32)
