"""Every LUT and CDL among other people's files is applied right, or refused with the reason."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray

from microfinish.core.cdl import Cdl
from microfinish.core.errors import InputError
from microfinish.interchange.cdl import read_cdl
from microfinish.media.user_lut import read_lut

LUTS = (".cube", ".clf", ".ctf", ".csp", ".3dl", ".spi1d", ".spi3d")
CDLS = (".cc", ".ccc", ".cdl")
REFUSED = {"bad_cdl_slope.clf": "slope"}
"""Files that are wrong, and the word that the reason must have."""
NO_PICTURE = {"ASC-CDL_schema_v1.01.xsd", "otio_cdl.edl"}
CODES = np.random.default_rng(8).random((3000, 3), np.float32)


def _files() -> list[str]:
    root = os.environ.get("MICROFINISH_TESTDATA")
    return sorted(path.name for path in (Path(root) / "luts").iterdir()) if root else []


def _path(name: str) -> Path:
    return Path(os.environ["MICROFINISH_TESTDATA"]) / "luts" / name


def _by_opencolorio(path: Path) -> NDArray[np.float32]:
    config = ocio.Config.CreateRaw()
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    cpu = config.getProcessor(ocio.FileTransform(
        str(path), interpolation=ocio.INTERP_TETRAHEDRAL)).getOptimizedCPUProcessor(
        ocio.OPTIMIZATION_LOSSLESS)
    out = CODES.copy()
    cpu.apply(ocio.PackedImageDesc(out, len(out), 1, 3))
    return out


def _by_colour_science(path: Path) -> NDArray[np.float32]:
    import colour

    loaded, out = colour.read_LUT(str(path)), CODES.astype(np.float64)
    for part in loaded if isinstance(loaded, colour.LUTSequence) else [loaded]:
        keywords = {} if "3D" not in type(part).__name__ else {
            "interpolator": colour.algebra.table_interpolation_tetrahedral}
        out = part.apply(out, **keywords)
    return np.asarray(out, np.float32)


def _numbers_of(path: Path) -> list[Cdl]:
    """Slope, offset, power and saturation of each correction, by another XML reader."""
    found = []
    for element in ElementTree.parse(path).iter():
        if element.tag.rpartition("}")[2] != "ColorCorrection":
            continue
        values = {child.tag.rpartition("}")[2]: tuple(map(float, (child.text or "").split()))
                  for child in element.iter() if child.tag.rpartition("}")[2] in (
                      "Slope", "Offset", "Power", "Saturation")}
        found.append(Cdl(values.get("Slope", (1.0,) * 3), values.get("Offset", (0.0,) * 3),
                         values.get("Power", (1.0,) * 3), values.get("Saturation", (1.0,))[0]))
    return found


@pytest.mark.skipif(not _files(), reason="MICROFINISH_TESTDATA is not set: no foreign files here")
@pytest.mark.parametrize("name", _files() or ["none"])
def test_every_file_is_applied_right_or_refused_with_the_reason(name: str) -> None:
    path = _path(name)
    suffix = path.suffix.lower()
    if name in REFUSED:
        with pytest.raises(InputError, match=REFUSED[name]):
            read_lut(path, name)
    elif name in NO_PICTURE:
        with pytest.raises(InputError, match="not a LUT format"):
            read_lut(path, name)
    elif suffix in LUTS:
        try:
            wanted = _by_opencolorio(path)
        except ocio.Exception:  # a TITLE in Resolve's dialect: Resolve and colour-science read it
            wanted = _by_colour_science(path)
        assert read_lut(path, name).apply(CODES) == pytest.approx(wanted, abs=1e-4, rel=2e-6)
    else:
        assert suffix in CDLS
        assert [entry.cdl for entry in read_cdl(path.read_bytes(), name)] == _numbers_of(path)
