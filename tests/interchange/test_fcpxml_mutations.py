"""Damaged FCPXML is read or refused in the user's words, never with a traceback."""

import os
import random
from fractions import Fraction
from pathlib import Path

import pytest
from mutations import mutated

from microfinish.core.errors import InputError
from microfinish.interchange.readers import read_edit_list

FOLDER = Path(os.environ.get("MICROFINISH_TESTDATA", "")) / "interchange"
FILES = sorted(FOLDER.glob("**/*.fcpxml")) if "MICROFINISH_TESTDATA" in os.environ else []
OWN = b"""<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/25s"/>
<asset id="a" src="a.mov" start="0s" duration="9s" hasVideo="1" hasAudio="1" format="r1"/>
<effect id="x" name="Cross Dissolve"/><media id="m"><sequence format="r1" duration="4s"><spine>
<asset-clip ref="a" offset="0s" duration="4s"/></spine></sequence></media></resources>
<project name="p"><sequence format="r1" tcStart="0s" duration="6s"><spine>
<asset-clip ref="a" offset="0s" duration="2s"><title ref="x" lane="1" offset="0s" duration="1s"/>
<timeMap><timept time="0s" value="0s"/><timept time="4s" value="9s"/></timeMap></asset-clip>
<transition offset="9/5s" duration="2/5s"><filter-video ref="x"/></transition>
<ref-clip ref="m" offset="2s" duration="4s"><conform-rate srcFrameRate="24"/>
<spine lane="1" offset="1s"><asset-clip ref="a" offset="0s" duration="1s"/></spine></ref-clip>
</spine></sequence></project></fcpxml>"""

@pytest.mark.parametrize("part", range(5))
def test_no_damage_leads_to_a_traceback(part: int) -> None:
    seed = random.Random(part)
    sources = [OWN, *(path.read_bytes() for path in FILES)]
    for _ in range(100):
        data = mutated(seed.choice(sources), seed)
        try:
            edit = read_edit_list(data, "episodes/ep001/edit.fcpxml", Fraction(25))
        except InputError as error:
            assert error.message and error.where is not None
            continue
        position: dict[str, int] = {}
        for line in edit.lines:
            assert line.record is not None and line.record.length > 0
            assert line.record.start >= position.get(line.tracks[0], line.record.start)
            position[line.tracks[0]] = line.record.end
        for loss in edit.losses:
            assert loss.reason and loss.severity in ("info", "warning", "error")
