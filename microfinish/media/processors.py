"""Sound processors of installed plug-ins: found by name, held to what they were asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from microfinish.core.cleanup import External
from microfinish.core.errors import InputError, ToolError
from microfinish.media.loudness import Samples

ENTRY_POINTS = "microfinish.processors"
Processor = Callable[[Samples, int, dict[str, Any]], Samples]


@cache
def processor(name: str) -> Processor:
    """The processor of that name: called with (float32 (n, 2), sample rate, settings).

    Raises InputError where no installed package has one.
    """
    points = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none is installed"
        raise InputError(f"there is no sound processor {name!r}",
                         hint=f"install the package that has it; known: {known}")
    loaded: Processor = points[name].load()
    return loaded


def version(name: str) -> str:
    """`package version` of the plug-in that has the processor, "" if it is not installed."""
    for point in entry_points(group=ENTRY_POINTS):
        if point.name == name and point.dist is not None:
            return f"{point.dist.name} {point.dist.version}"
    return ""


def processed(sound: Samples, rate: int, tool: External) -> Samples:
    """`sound` after a plug-in's processor. Where that changes the level by more than its bound,
    the sound as it was. Raises ToolError where the result is no sound of the same length."""
    out = np.asarray(processor(tool.use)(sound.copy(), rate, dict(tool.settings)))
    if out.shape != sound.shape or not np.isfinite(out).all():
        raise ToolError(f"the sound processor {tool.use} gave {out.shape} for {sound.shape}",
                        hint="it must give finite samples, as many as it got; remove it from "
                             "the cleanup preset, or bypass: [external]")
    before, after = (float(np.mean(np.square(part, dtype=np.float64))) for part in (sound, out))
    if before > 0 and abs(10 * np.log10((after + 1e-20) / before)) > tool.max_change_db:
        return sound
    result: Samples = out.astype(np.float32)
    return result
