"""Throw-away projects: a folder with settings, media and an edit, finished through the real CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]

SMALL_SEASON = """\
title: Test Season
rate: "{rate}"
raster: 216x384
platforms: [{platforms}]
correct: {{mode: off}}
"""


@dataclass(frozen=True)
class ProjectFolder:
    """A project on disk."""

    root: Path

    @classmethod
    def make(cls, root: Path, *, rate: str = "25", platforms: str = "tiktok",
             extra: str = "") -> ProjectFolder:
        for folder in ("media", "music", "sfx", "episodes/ep001/subtitles"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        project = cls(root)
        project.write("microfinish.yaml",
                      SMALL_SEASON.format(rate=rate, platforms=platforms) + extra)
        return project

    def write(self, relative: str, text: str) -> Path:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def call(self, *arguments: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run `microfinish -C <project> ...`; fails the test on another exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "microfinish", "-C", str(self.root), *arguments],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=600,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        if expect is not None:
            assert done.returncode == expect, (
                f"exit {done.returncode} from {arguments}\n{done.stdout[-3000:]}\n"
                f"{done.stderr[-6000:]}")
        return done

    def json(self, *arguments: str, expect: int | None = 0) -> dict[str, Any]:
        return json.loads(self.call(*arguments, "--json", expect=expect).stdout)

    def master(self, platform: str = "tiktok", episode: str = "ep001",
               extension: str = "mp4") -> Path:
        return self.root / "deliver" / episode / f"{platform}.{extension}"
