"""A four-track recorder file sounds as its mixer named the tracks."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from microfinish.core.dialogue import dialogue_clips
from microfinish.core.media import Media, Picture
from microfinish.core.mix import DialogueSheet
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.media.probe import probe
from microfinish.media.wave import write_wave

RATE = 48_000


def polyphonic(path: Path, names: list[str]) -> Media:
    """A recorder file with one tone per track and the names in its iXML chunk, as log sees it."""
    time = np.arange(2 * RATE) / RATE
    tones = [np.sin(2 * np.pi * 200 * (n + 1) * time) * 0.2 for n in range(len(names))]
    write_wave(np.stack(tones, axis=1).astype(np.float32), path)
    # written out of order, as recorders do with disarmed tracks: the interleave index counts
    tracks = "".join(f"<TRACK><CHANNEL_INDEX>{n + 5}</CHANNEL_INDEX><INTERLEAVE_INDEX>{n + 1}"
                     f"</INTERLEAVE_INDEX><NAME>{name}</NAME></TRACK>"
                     for n, name in reversed(list(enumerate(names))))
    text = f"<BWFXML><TRACK_LIST>{tracks}</TRACK_LIST></BWFXML>".encode()
    text += b" " * (len(text) % 2)
    data = path.read_bytes() + b"iXML" + struct.pack("<I", len(text)) + text
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    return probe(path, f"media/{path.name}", "digest").media


@pytest.mark.parametrize(("names", "tracks", "heard"), [
    (["MixL", "MixR", "Boom", "Lav Anna"], (), (0, 1)),
    (["Lav Anna", "Lav Ben", "BOOM 1", "LTC"], (), (2,)),
    (["Lav Anna", "Lav Ben", "Mix", ""], (), (2,)),
    (["", "", "Boom", ""], (), (2,)),
    (["LTC", "Lav Anna", "Lav Ben", "Spare"], (), (1,)),
    (["MixL", "MixR", "Boom", "Lav Anna"], (4,), (3,)),
    (["1", "2", "3", "4"], (), ()),
])
def test_the_tracks_that_a_mixer_named_are_the_ones_heard(tmp_path, names, tracks, heard):
    recorder = polyphonic(tmp_path / "T001.wav", names)
    assert recorder.sounds[0].names == tuple(names)
    camera = Media("media/A001.mov", "d", 1, picture=Picture("h264", 64, 64, Fraction(25), 25))
    event = Event(shot="A", track="V", media=camera.path, source=Span(0, 25), record=Span(0, 25))
    (clip,), _ = dialogue_clips(
        Timeline(Fraction(25), (event,)), {camera.path: camera, recorder.path: recorder},
        SyncTable((Match(camera.path, recorder.path, Fraction(480)),)),
        DialogueSheet(tracks=tracks))
    assert (clip.source, clip.channels) == (recorder.path, heard)
