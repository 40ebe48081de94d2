"""Every real list, conformed and written in every format, says the same edit when it is read."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from real_lists import DAY, needs_corpus
from test_every_real_file import FILES, RATES, REFUSED, at_its_rate

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import Problem, ProblemsError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.relink import own_rate
from microfinish.core.sampling import source_frame
from microfinish.core.timeline import Event, Timeline
from microfinish.interchange.edl import read as read_edl
from microfinish.interchange.fcp7 import read as read_fcp7
from microfinish.interchange.fcp7_write import write_fcp7
from microfinish.interchange.fcpxml import read as read_fcpxml
from microfinish.interchange.fcpxml_write import write_fcpxml
from microfinish.interchange.otio_read import read as read_otio
from microfinish.interchange.otio_write import write_otio

FORMATS: dict[str, tuple[Any, Any]] = {
    "fcpxml": (write_fcpxml, lambda text, rate: read_fcpxml(text, "edit.fcpxml", rate)),
    "fcp7": (write_fcp7, lambda text, rate: read_fcp7(text, "edit.xml", rate)),
    "otio": (write_otio, lambda text, rate: read_otio(text, "edit.otio", rate))}
MANY = 60


def day_long(lines: tuple[EditLine, ...], rate: Fraction) -> MediaLog:
    """A day-long file for every source that the lines name, at the rate that they state."""
    found: dict[str, Media] = {}
    for line in lines:
        if line.black:
            continue
        name = line.reel if line.names_a_reel or not line.names else line.names[0]
        name = name.strip("/") or "root"
        own = line.source_rate or rate
        found.setdefault(name.casefold(), Media(
            f"media/{name.replace('/', '_').rpartition('.')[0] or name}.mov", name, 1,
            reel=name, start_frame=0, timecode_rate=own,
            picture=Picture("h264", 1920, 1080, own, DAY * round(own)),
            sounds=(Sound(0, "pcm", 48000, 2, DAY * 48000),)))
    return MediaLog(tuple(found.values()))


def made_of(edit: EditList) -> tuple[Timeline, MediaLog]:
    """The list's first events on its own media, source starts within the day."""
    lines = tuple(replace(
        line, source_start=None, reel=line.reel.strip("/") if line.names_a_reel else "",
        names=tuple(name.strip("/") or "root" for name in line.names[:1]))
        for line in edit.lines[:MANY] if not 0 < abs(line.speed) < Fraction(1, 50))
    log = day_long(lines, edit.rate)
    return conform(replace(edit, lines=lines), log.media), log


def told(event: Event, log: MediaLog, rate: Fraction) -> tuple[Any, ...]:
    """What of an event must survive: its place, its mix, and frames from one end to the other."""
    media = log.by_path().get(event.media)
    own = own_rate(media, rate) if media else rate
    asked = {event.record.start, event.record.end - 1,
             (event.record.start + event.record.end) // 2}
    shown = [source_frame(event, own, rate, frame) for frame in sorted(asked)] if media else []
    mix = event.transition and (event.transition.kind.replace("dip-black", "dissolve"),
                                event.transition.frames)
    return event.track, event.media, event.record, mix, shown


def conformed(path: Any) -> tuple[Timeline, MediaLog]:
    """The list at the rate at which all its labels exist, those of its sources too."""
    problems: list[Problem] = []
    for rate in (None, *RATES) if path.suffix == ".edl" else (None,):
        try:
            return made_of(at_its_rate(path) if rate is None else read_edl(
                path.read_bytes(), path.name, rate))
        except ProblemsError as error:
            problems += error.problems
    assert any("overlap" in problem.message for problem in problems), problems
    pytest.skip("two events of the list lie over one another on one track")


@needs_corpus
@pytest.mark.parametrize("path", [path for path in FILES if path.name not in REFUSED],
                         ids=lambda path: path.name)
def test_a_real_list_comes_back_from_every_format(path: Any) -> None:
    if path.suffix == ".aaf":
        pytest.importorskip("otio_aaf_adapter")
    made, log = conformed(path)
    assert made.events
    for name, (write, read) in FORMATS.items():
        again = conform(read(write(made, log, "ep001").encode(), made.rate), log.media)
        before = [told(event, log, made.rate) for event in made.events if event.media]
        after = [told(event, log, made.rate) for event in again.events if event.media]
        if name == "fcpxml":
            # there sound stands on tracks by role, and its fades from and to silence are cuts
            faded = any(event.transition for event in made.sound())
            before, after = ([("A", *one[1:]) if one[0].startswith("A") else one for one in side
                              if not (faded and one[0].startswith("A"))]
                             for side in (before, after))
        assert sorted(map(str, after)) == sorted(map(str, before)), name
        assert again.frames == made.frames
        assert again.start_frame == made.start_frame
