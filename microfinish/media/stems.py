"""Stems as files: 24-bit Broadcast Wave with timecode, which sum to the mix beside them.

EBU Tech 3285 (bext, version 1) places the first sample since midnight, iXML names the frame rate
that programs show it in.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from microfinish import __version__
from microfinish.core.mix import DIALOGUE, PRINT
from microfinish.core.time import sample_position
from microfinish.media.loudness import Samples
from microfinish.media.sound import RATE
from microfinish.media.wave import write_wave

MIX, MUSIC_AND_EFFECTS = "MIX", "ME"


@dataclass(frozen=True, slots=True)
class Stems:
    """The files written, by stem, the mix last; all `gain_db` against the mix as it is played,
    which is negative where a peak would not fit into the file."""

    files: dict[str, Path]
    gain_db: float


def write_stems(stems: Mapping[str, Samples], mix: Samples, folder: Path, name: str,
                start_frame: int, rate: Fraction, drop: bool) -> Stems:
    """Write `NAME_DX.wav`... and `NAME_MIX.wav`, float32 (n, 2) at 48 kHz each, and `NAME_ME.wav`:
    all stems but the dialogue, where they are more than one.

    The first sample stands at `start_frame` of `rate`. All get the same gain, in whole decibels,
    so that none clips and they still sum to the mix.
    """
    others = [sound for stem, sound in stems.items() if stem != DIALOGUE]
    apart = DIALOGUE in stems and PRINT not in stems and len(others) > 1
    sounds = {**stems, **({MUSIC_AND_EFFECTS: sum(others[1:], others[0])} if apart else {}),
              MIX: mix}
    peak = max((float(np.abs(sound).max(initial=0.0)) for sound in sounds.values()), default=0.0)
    gain_db = -float(math.ceil(20 * math.log10(peak))) if peak > 1.0 else 0.0
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for stem, sound in sounds.items():
        path = folder / f"{name}_{stem}.wav"
        write_wave(sound * np.float32(10 ** (gain_db / 20)), path, RATE,
                   ((b"bext", _bext(f"{name} {stem}", sample_position(start_frame, rate, RATE))),
                    (b"iXML", _ixml(stem, rate, drop, start_frame))))
        files[stem] = path
    return Stems(files, gain_db)


def _bext(description: str, samples: int) -> bytes:
    """602 bytes and no coding history; without a date, so that the same mix is the same file."""
    return struct.pack("<256s32s32s10s8sQH64s190s", description.encode("ascii", "replace"),
                       f"microfinish {__version__}".encode(), b"", b"", b"", samples, 1, b"", b"")


def _ixml(stem: str, rate: Fraction, drop: bool, start_frame: int) -> bytes:
    high, low = divmod(sample_position(start_frame, rate, RATE), 1 << 32)
    names = "".join(f"<TRACK><CHANNEL_INDEX>{n}</CHANNEL_INDEX><INTERLEAVE_INDEX>{n}"
                    f"</INTERLEAVE_INDEX><NAME>{escape(stem)} {side}</NAME></TRACK>"
                    for n, side in ((1, "L"), (2, "R")))
    return (f'<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>2.10</IXML_VERSION>'
            f"<SPEED><TIMECODE_RATE>{rate.numerator}/{rate.denominator}</TIMECODE_RATE>"
            f"<TIMECODE_FLAG>{'DF' if drop else 'NDF'}</TIMECODE_FLAG>"
            f"<FILE_SAMPLE_RATE>{RATE}</FILE_SAMPLE_RATE>"
            f"<TIMESTAMP_SAMPLE_RATE>{RATE}</TIMESTAMP_SAMPLE_RATE>"
            f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{high}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
            f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{low}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
            f"</SPEED><TRACK_LIST><TRACK_COUNT>2</TRACK_COUNT>{names}</TRACK_LIST>"
            "</BWFXML>").encode()
