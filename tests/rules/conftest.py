"""Measure a clip as the qc stage does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from defective_clips import STRICT, Clip, make_clip, timeline

from microfinish.core.deliver import Platform
from microfinish.core.finding import Finding, QcPreset
from microfinish.core.frame import Raster
from microfinish.core.timeline import Timeline

if TYPE_CHECKING:
    from microfinish.rules.rule import Evidence


@pytest.fixture
def gather() -> Callable[..., Evidence]:
    """Measure a file exactly as the qc stage does."""
    from microfinish.media import delivered
    from microfinish.media.mp4_boxes import read_boxes
    from microfinish.rules.rule import Evidence

    def measure(path: Path, spec: Platform = STRICT, line: Timeline | None = None,
                limits: QcPreset | None = None) -> Evidence:
        streams = delivered.read_streams(path)
        return Evidence(
            file="deliver/ep001/test.mp4", size_bytes=path.stat().st_size, platform=spec,
            timeline=line or timeline(), raster=Raster(108, 192), limits=limits or QcPreset(),
            boxes=read_boxes(path), streams=streams,
            picture=delivered.measure_picture(path, streams.pixel_format),
            sound=delivered.measure_sound(path) if streams.sound_codec else None)

    return measure


@pytest.fixture
def check(tmp_path: Path, gather: Callable[..., Evidence]) -> Callable[..., tuple[Finding, ...]]:
    """The findings of a clip that differs from a clean one in the named ways."""
    from microfinish.rules.table import check_file

    def run(spec: Platform = STRICT, line: Timeline | None = None,
            **changes: Any) -> tuple[Finding, ...]:
        path = make_clip(tmp_path, replace(Clip(), **changes))
        return check_file(gather(path, spec, line))

    return run
