"""Subtitles are read exactly, in any encoding an editor may have, with their line numbers."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.errors import InputError, ProblemsError
from microfinish.interchange.subtitles import decode, read_subtitles

SRT = """\
1
00:00:01,000 --> 00:00:02,500
You <i>came</i> back.

2
00:00:03,040 --> 00:00:04,000
In what year?
1984
"""
VTT = """\
WEBVTT - The Rooftop

STYLE
::cue { color: lime }

NOTE a note
over two lines

intro
00:01.000 --> 00:02.500 align:middle
You &amp; me.

00:00:03.040 --> 00:00:04.000
In what year?
1984
"""
ASS = """\
[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\an8}You\\Ncame
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}
"""


def test_srt_keeps_times_text_and_lines():
    first, second = read_subtitles(SRT.encode(), "en.srt").cues
    assert (first.start, first.end, first.text, first.line) == (
        Fraction(1), Fraction(5, 2), "You came back.", 2)
    assert (second.text, second.line) == ("In what year?\n1984", 6)


def test_vtt_leaves_out_notes_styles_and_identifiers():
    first, second = read_subtitles(VTT.encode(), "en.vtt").cues
    assert (first.start, first.text, first.line) == (Fraction(1), "You & me.", 10)
    assert (second.start, second.text) == (Fraction(76, 25), "In what year?\n1984")


def test_ass_shows_dialogue_only():
    (cue,) = read_subtitles(ASS.encode(), "en.ass").cues
    assert (cue.text, cue.line) == ("You\ncame", 11)


def test_every_broken_line_is_reported_at_once():
    broken = SRT.replace("00:00:01,000 -->", "00:00:01;000 -->").replace(
        "00:00:04,000", "00:00:03,000")
    with pytest.raises(ProblemsError) as caught:
        read_subtitles(broken.encode(), "subtitles/en.srt")
    assert [(p.message, str(p.where)) for p in caught.value.problems] == [
        ("not a SRT time line: 00:00:01;000 --> 00:00:02,500", "subtitles/en.srt:2"),
        ("the cue ends before it starts", "subtitles/en.srt:6"),
    ]


def test_windows_line_ends_change_nothing():
    assert read_subtitles(SRT.replace("\n", "\r\n").encode(), "en.srt").cues == read_subtitles(
        SRT.encode(), "en.srt").cues


def test_a_file_without_cues_is_refused():
    with pytest.raises(InputError, match="holds no cue"):
        read_subtitles(b"hello", "en.srt")


JA = "1\n00:00:01,000 --> 00:00:02,000\nどうして来たの？もう終わりだよ\n"
ZH = "1\n00:00:01,000 --> 00:00:02,000\n你为什么要这样对我，我们不是朋友吗\n"
FR = "1\n00:00:01,000 --> 00:00:02,000\nJe n’ai jamais aimé ça… où étais-tu ?\n"


@pytest.mark.parametrize(("text", "encoding", "language", "found"), [
    (JA, "shift-jis", "", "cp932"), (JA, "shift-jis", "ja", "cp932"),
    (ZH, "gb18030", "", "gb18030"), (ZH, "gb18030", "zh-Hans", "gb18030"),
    (FR, "cp1252", "", "cp1252"), (FR, "cp1252", "fr", "cp1252"),
    (FR, "utf-8", "", "utf-8"), (FR, "utf-8-sig", "", "utf-8-sig"), (JA, "utf-16", "", "utf-16"),
    (FR, "utf-16-le", "", "utf-16-le"), (FR, "utf-16-be", "", "utf-16-be"),
])
def test_the_encoding_is_found(text, encoding, language, found):
    assert decode(text.encode(encoding), language=language) == (text, found)


def test_real_files_say_the_same_in_every_format_and_encoding():
    folder = os.environ.get("MICROFINISH_TESTDATA")
    if not folder:
        pytest.skip("MICROFINISH_TESTDATA is not set")
    files = sorted((Path(folder) / "subtitles").iterdir())
    texts: dict[str, set[tuple[str, ...]]] = {}
    for path in files:
        language = path.name.split(".")[1]
        for hint in ("", language):
            cues = read_subtitles(path.read_bytes(), path.name, hint).cues
            texts.setdefault(language, set()).add(tuple(cue.text for cue in cues))
    assert len(texts) == 17
    assert {language for language, found in texts.items() if len(found) != 1} == set()
