"""How long conform takes to find the files of an edit: 1,000 events among 1,000 files.

python tests/bench/interchange/relink.py [EDL]   an EDL of your own against 1,000 files, too
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from pathlib import Path

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import ProblemsError
from microfinish.core.media import Media, Picture
from microfinish.core.time import Span, format_timecode
from microfinish.interchange.readers import read_edit_list

RATE = Fraction(24)
DAY = 24 * 86_400


def clip(name: str, reel: str, start: int, frames: int) -> Media:
    return Media(f"media/day{start % 7}/{name}.mov", name, 1, reel=reel, start_frame=start,
                 picture=Picture("h264", 320, 180, RATE, frames))


def rolls(count: int) -> list[Media]:
    """Rolls of 20 clips each, as cameras name them."""
    return [clip(f"A{n // 20 + 1:03}C{n % 20 + 1:03}", f"A{n // 20 + 1:03}", n % 20 * 2400, 2400)
            for n in range(count)]


def edit_of(files: list[Media], known: bool) -> EditList:
    lines = []
    for number, media in enumerate(files):
        reel = media.reel if known else f"X{media.reel}"
        lines.append(EditLine(
            f"{number:04}", ("V",), reel, (media.name if known else f"gone_{number}",),
            format_timecode(media.start_frame or 0, RATE),
            None, record=Span(number * 24, number * 24 + 24)))
    return EditList("edit.edl", RATE, tuple(lines))


def timed(label: str, edit: EditList, files: list[Media]) -> None:
    began = time.process_time()
    try:
        found = len(conform(edit, files).events)
        lost = 0
    except ProblemsError as error:
        found, lost = 0, len(error.problems)
    print(f"{label:44} {time.process_time() - began:7.3f} s CPU  {found} found, {lost} missing")


def main() -> None:
    files = rolls(1000)
    timed("1,000 events of 50 rolls, 1,000 files", edit_of(files, True), files)
    timed("1,000 events that are nowhere, 1,000 files", edit_of(files, False), files)
    for name in sys.argv[1:]:
        edit = read_edit_list(Path(name).read_bytes(), name, RATE)
        reels = sorted({line.reel for line in edit.lines})
        own = [clip(reel, reel, 0, DAY) for reel in reels]
        media = [*own, *rolls(max(0, 1000 - len(own)))]
        timed(f"{len(edit.lines)} events, {Path(name).name}", edit, media)


if __name__ == "__main__":
    main()
