"""The loudness report: one HTML file with curves, peaks and figures of every delivered version."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse}td,th{padding:.15rem .9rem .15rem 0;text-align:left}
svg{width:100%;height:auto}h2{margin-top:2.5rem}"""


@dataclass(frozen=True, slots=True)
class Reading:
    """One delivered sound. `short_term` is in LUFS, one value per 10 ms from 3 s on; `peaks` are
    (seconds, dBTP) of its highest points, `spoken` the stretches in seconds with dialogue."""

    name: str
    seconds: float
    rows: tuple[tuple[str, str], ...]
    short_term: Curve
    peaks: tuple[tuple[float, float], ...]
    spoken: tuple[tuple[float, float], ...]
    target_lufs: float
    ceiling_dbtp: float


def loudness_page(title: str, readings: Sequence[Reading]) -> str:
    """The report as one HTML file without anything beside it."""
    parts = [f"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{escape(title)}"
             f"</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"]
    for reading in readings:
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
                       for name, value in reading.rows)
        parts.append(f"<h2>{escape(reading.name)}</h2><table>{rows}</table>{_plot(reading)}")
    return "\n".join(parts) + "</html>\n"


def _plot(reading: Reading) -> str:
    """The short-term curve over the dialogue windows, true peaks above it, as SVG."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.6), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    for start, end in reading.spoken:
        axes.axvspan(start, end, color="#f2c14e", alpha=0.3, lw=0)
    times = 3.0 + np.arange(reading.short_term.size) * 0.01
    axes.plot(times[::10], np.maximum(reading.short_term[::10], -60), color="#1f4e79", lw=1.2,
              label="short-term LUFS")
    axes.axhline(reading.target_lufs, color="#1f4e79", ls="--", lw=0.8,
                 label=f"target {reading.target_lufs:g} LUFS")
    axes.axhline(reading.ceiling_dbtp, color="#c0392b", ls="--", lw=0.8,
                 label=f"ceiling {reading.ceiling_dbtp:g} dBTP")
    if reading.peaks:
        at, level = zip(*reading.peaks, strict=True)
        axes.plot(at, level, "v", color="#c0392b", ms=5, label="true peaks dBTP")
    axes.set_xlim(0, max(reading.seconds, 1.0))
    axes.set_ylim(-45, 3)
    axes.set_xlabel("seconds (dialogue shaded)")
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", fontsize=8, ncols=2)
    out = io.StringIO()
    # without a date and with fixed ids, so that the same episode gives the same file
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "microfinish"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return re.sub(r"^.*?(?=<svg)", "", out.getvalue(), count=1, flags=re.S)
