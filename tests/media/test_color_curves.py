"""Curves and gamuts written out by us, against colour-science and the makers' tables."""

from __future__ import annotations

import numpy as np
import pytest

from microfinish.core.errors import InputError
from microfinish.media.color_curves import gamut_to_acescg, linear_of

CODES = np.linspace(0.02, 1.0, 2000, dtype=np.float32)


@pytest.mark.parametrize(("curve", "decoder"), [
    ("S-Log2", "log_decoding_SLog2"), ("C-Log", "log_decoding_CanonLog"),
    ("F-Log", "log_decoding_FLog"), ("F-Log2", "log_decoding_FLog2"),
    ("N-Log", "log_decoding_NLog"), ("L-Log", "log_decoding_LLog"),
    ("Protune", "log_decoding_Protune")])
def test_a_curve_is_that_of_colour_science(curve: str, decoder: str) -> None:
    import colour.models

    wanted = getattr(colour.models, decoder)(CODES.astype(np.float64))
    assert linear_of(curve, CODES) == pytest.approx(wanted, rel=2e-6, abs=2e-7)


@pytest.mark.parametrize("ei", [160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600])
def test_logc3_is_that_of_colour_science_at_every_published_index(ei: int) -> None:
    import colour.models

    wanted = colour.models.log_decoding_ARRILogC3(CODES.astype(np.float64), EI=ei)
    assert linear_of("LogC3", CODES, ei) == pytest.approx(wanted, rel=2e-6, abs=2e-7)
    assert linear_of("LogC3", np.array([400 / 1023], np.float32), ei)[0] == pytest.approx(
        0.18, abs=0.002)


def test_an_index_without_a_published_curve_is_refused() -> None:
    with pytest.raises(InputError, match="no published curve for EI 3200"):
        linear_of("LogC3", CODES, 3200)


def test_protunes_gamut_is_that_of_colour_science() -> None:
    import colour

    spaces = colour.RGB_COLOURSPACES
    wanted = colour.matrix_RGB_to_RGB(spaces["Protune Native"], spaces["ACEScg"], "Bradford")
    assert gamut_to_acescg("Protune Native") == pytest.approx(wanted, abs=2e-4)
    assert gamut_to_acescg("Rec.709") is None
