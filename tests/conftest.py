"""Shared by all tests: generated footage is importable as `synth`, real files come by variable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of real files nobody here wrote; skips, saying so, where it is not given."""
    folder = os.environ.get("MICROFINISH_TESTDATA")
    if not folder:
        pytest.skip("MICROFINISH_TESTDATA is not set: real files are not here")
    return Path(folder)
