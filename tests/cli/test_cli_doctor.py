"""The doctor tells a machine that is ready from one that is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from microfinish.media import doctor


def examine(folder: Path, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = subprocess.run(
        [sys.executable, "-m", "microfinish", "doctor", "--json", "-C", str(folder)],
        capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done.returncode, {c["name"]: c for c in json.loads(done.stdout)["checks"]}


def test_an_ffmpeg_that_is_not_there_fails_with_what_to_do(tmp_path: Path) -> None:
    code, checks = examine(tmp_path, MICROFINISH_FFMPEG=str(tmp_path / "none"))
    assert code == 5
    assert checks["ffmpeg"]["result"] == "fail"
    assert "unset it" in checks["ffmpeg"]["fix"]
    assert checks["python"]["result"] == "ok"
    assert checks["store"]["result"] == "ok"


def test_lut3d_is_exact_on_the_widths_that_are_rendered() -> None:
    assert doctor.lut3d_error(1080) < doctor.MAX_LUT_ERROR
    assert doctor.lut3d_error(608) < doctor.MAX_LUT_ERROR


def test_a_wrong_lut_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = doctor._interleaved

    def with_one_wrong_pixel(data: bytes, width: int, height: int) -> object:
        frame = plain(data, width, height).copy()
        frame[0, -1, 0] += 0.01
        return frame

    monkeypatch.setattr(doctor, "_interleaved", with_one_wrong_pixel)
    assert doctor.lut3d_error(16) > doctor.MAX_LUT_ERROR


def test_everything_required_is_inside_the_ffmpeg_in_use() -> None:
    assert doctor.missing_parts() == ()
