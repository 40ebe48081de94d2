"""The contract, run on this plug-in: `pytest check_slate.py` where it is installed."""

from __future__ import annotations

from pathlib import Path

from microfinish_slate import SlateStage

from microfinish.project.episode import Episode
from microfinish.testing import StageContract, sample_episode


class TestSlateStage(StageContract):
    def stage(self) -> SlateStage:
        return SlateStage()

    def episode(self, root: Path) -> Episode:
        return sample_episode(
            root,
            settings="title: The Rooftop\nstages: [slate]\n",
            files={"episodes/ep001/slate.yaml": "director: M. Ito\n"},
        )
