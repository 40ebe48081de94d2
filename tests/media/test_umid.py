"""A file says which recording it is, and an edit list that says so too finds it by that."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.edit import EditLine
from microfinish.core.media_index import bare_id
from microfinish.core.relink import relink
from microfinish.interchange.readers import read_edit_list
from microfinish.media.bwf import _meaning
from microfinish.media.ffmpeg import run
from microfinish.media.probe import probe

UMID = bytes.fromhex("060a2b340101010501010d1213000000"
                     "0123456789abcdef0123456789abcdef") + bytes(32)


@pytest.mark.media
def test_an_mxf_file_is_found_by_its_umid_after_it_was_renamed(tmp_path: Path) -> None:
    run(["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1", "-c:v", "mpeg2video",
         "-timecode", "01:00:00:00", str(tmp_path / "renamed.mxf")])
    media = probe(tmp_path / "renamed.mxf", "media/renamed.mxf", "d").media
    assert len(media.ids) == 2 and len({bare_id(umid) for umid in media.ids}) == 2
    written = bare_id(media.ids[0])
    dotted = ".".join(written[at:at + 8] for at in range(0, 64, 8))
    line = EditLine("001", ("V",), "A001", ("A001C001.mov",), "01:00:00:10",
                    ids=(f"urn:smpte:umid:{dotted}",))
    found = relink(line, (replace(media, path="media/other.mxf", tags={}), media), Fraction(25))
    assert found.media is media
    assert found.evidence is not None and found.evidence.by[0] == "identity"


def test_a_recorder_s_umid_is_read_from_bext_version_1_on() -> None:
    def bext(version: int) -> bytes:
        return bytes(346) + version.to_bytes(2, "little") + UMID + bytes(190)

    assert _meaning({b"bext": bext(1)}).notes["UMID"] == UMID.hex()
    assert "UMID" not in _meaning({b"bext": bext(0)}).notes
    assert "UMID" not in _meaning({b"bext": bytes(346) + b"\1\0" + bytes(254)}).notes


def test_an_aaf_states_the_ids_of_its_sources(testdata: Path) -> None:
    pytest.importorskip("otio_aaf_adapter")
    path = next((testdata / "interchange").rglob("one_clip.aaf"))
    edit = read_edit_list(path.read_bytes(), "edit.aaf", Fraction(24))
    ids = {bare_id(text) for line in edit.lines for text in line.ids}
    assert "060a2b340101010101010f0013000000060e2b347f7f2a805c9e69c8ec2213a0" in ids


def test_final_cut_s_lists_state_where_a_file_lay_and_how_long_it_is(testdata: Path) -> None:
    path = next((testdata / "interchange").rglob("Complex.fcpxml"))
    stated = [line for line in read_edit_list(path.read_bytes(), "edit.fcpxml", Fraction(25)).lines
              if line.ids]
    assert stated[0].media_path.endswith("/FCP/Media/Nature Makes You Happy.mp4")
    assert stated[0].media_seconds == Fraction(3551, 25)
