"""Every frame of a master shows the source frame that the edit asks for, read back from it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

RATES = {"23.976": Fraction(24000, 1001), "25": Fraction(25),
         "29.97": Fraction(30000, 1001), "30": Fraction(30)}
KEPT = [n for n in range(100) if n % 7 not in (3, 4)]
"""Pictures of the variable-rate file: two of seven grid positions have none."""


def _timecode(frame: int, nominal: int) -> str:
    seconds, frames = divmod(frame, nominal)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def _media(folder: Path, rate: Fraction, nominal: int) -> None:
    hour = nominal * 3600
    make_clip(folder / "A001C001.mov", frames=100, rate=rate,
              timecode=_timecode(hour, nominal))
    make_clip(folder / "B001C001.mov", frames=100, rate=rate, first_number=1000,
              size=(180, 320), rotation=90, timecode=_timecode(2 * hour, nominal))
    make_clip(folder / "V001C001.mp4", frames=len(KEPT), rate=rate, first_number=2000,
              pts=[round(n / rate * 90000) for n in KEPT], time_base=Fraction(1, 90000))


def _edl(nominal: int) -> tuple[str, list[int | None]]:
    """The list, and the number that every record frame must show (None inside a dissolve)."""
    def tc(hours: int, frame: int) -> str:
        return _timecode(hours * nominal * 3600 + frame, nominal)

    def line(number: int, reel: str, kind: str, source: tuple[str, str], record: tuple[int, int],
             extra: str = "") -> str:
        return (f"{number:03}  {reel:8} V     {kind:9} {source[0]} {source[1]} "
                f"{tc(1, record[0])} {tc(1, record[1])}\n{extra}")

    text = "TITLE: EXACT\nFCM: NON-DROP FRAME\n\n"
    text += line(1, "A001", "C", (tc(1, 10), tc(1, 30)), (0, 20),
                 "* FROM CLIP NAME: A001C001.mov\n")
    # A dissolve of 10 frames from A into the rotated B.
    text += line(2, "A001", "C", (tc(1, 30), tc(1, 30)), (20, 20))
    text += line(2, "B001", "D    010", (tc(2, 20), tc(2, 45)), (20, 45))
    # Half speed: 20 record frames show 10 source frames twice.
    text += line(3, "A001", "C", (tc(1, 50), tc(1, 60)), (45, 65),
                 f"M2   A001       {nominal / 2:05.1f}                {tc(1, 50)}\n")
    # Reverse: from the last frame down.
    text += line(4, "A001", "C", (tc(1, 70), tc(1, 85)), (65, 80),
                 f"M2   A001       -{nominal:05.1f}               {tc(1, 70)}\n")
    # The variable-rate file has no timecode: it starts at zero.
    text += line(5, "V001", "C", (_timecode(12, nominal), _timecode(42, nominal)), (80, 110),
                 "* FROM CLIP NAME: V001C001.mp4\n")
    shown: list[int | None] = [10 + i for i in range(20)]
    shown += [None] * 10 + [1000 + 30 + i for i in range(15)]
    shown += [50 + i // 2 for i in range(20)]
    shown += [84 - i for i in range(15)]
    shown += [2000 + max(k for k, n in enumerate(KEPT) if n <= 12 + i) for i in range(30)]
    return text, shown


@pytest.mark.media
@pytest.mark.parametrize("rate", list(RATES))
def test_every_frame_is_the_one_the_edit_asks_for(tmp_path: Path, rate: str) -> None:
    nominal = round(RATES[rate])
    project = ProjectFolder.make(tmp_path, rate=rate, platforms="tiktok, mezzanine-prores")
    _media(tmp_path / "media", RATES[rate], nominal)
    edl, expected = _edl(nominal)
    project.write("episodes/ep001/edit.edl", edl)
    project.call("run", "--to", "master")
    for master in (project.master(), project.master("mezzanine-prores", extension="mov")):
        found = numbers_in(master)
        assert len(found) == len(expected)
        wrong = [(frame, want, got)
                 for frame, (want, got) in enumerate(zip(expected, found, strict=True))
                 if want is not None and want != got]
        assert wrong == []
