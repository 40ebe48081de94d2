"""Seasons of text to run; see word_stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from word_stages import Season, make_season


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return make_season(tmp_path / "show")


@pytest.fixture
def make(tmp_path: Path) -> Callable[[int], Season]:
    return lambda episodes: make_season(tmp_path / "show", episodes)
