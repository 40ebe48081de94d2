"""A translator gets the subtitles in the time of the locked cut, and gives them back."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.time import Span
from microfinish.interchange.subtitles import read_subtitles
from microfinish.interchange.subtitles_write import write_subtitles

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]


@given(st.sampled_from(RATES), st.sampled_from(["srt", "vtt"]),
       st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 200)), min_size=1, max_size=5),
       st.sampled_from(["Where is she?", "two\nlines", "a < b & c", "5 > 3", "1984"]))
def test_what_is_written_reads_back_to_the_same_frames_and_words(
    rate: Fraction, format_: str, spans: list[tuple[int, int]], words: str,
) -> None:
    at, cues = 0, []
    for gap, length in spans:
        cues.append((Span(at + gap, at + gap + length), words))
        at += gap + length
    text = write_subtitles(cues, rate, format_)
    found = read_subtitles(text.encode(), f"en.{format_}").cues
    assert [(Span(round(cue.start * rate), round(cue.end * rate)), cue.text)
            for cue in found] == cues


@pytest.mark.media
def test_subtitles_are_exported_in_the_time_of_the_new_cut(tmp_path_factory: object,
                                                           tmp_path: object) -> None:
    project = ProjectFolder.make(tmp_path)  # type: ignore[arg-type]
    for hour, name in enumerate(("A001C001", "A001C002"), 1):
        make_clip(project.root / "media" / f"{name}.mov", frames=60, first_number=1000 * hour,
                  timecode=f"{hour:02}:00:00:00")
    first, second = ("  - {media: A001C001, in: 0, out: 25}\n",
                     "  - {media: A001C002, in: 0, out: 25}\n")
    project.write("episodes/ep001/edit.yaml", "events:\n" + first + second)
    project.write("episodes/ep001/subtitles/en.srt",
                  "1\n00:00:00,200 --> 00:00:00,800\nfirst\n\n"
                  "2\n00:00:01,200 --> 00:00:01,800\nsecond\n")
    project.write("episodes/ep001/subtitles/pt-BR.srt",
                  "1\n00:00:01,200 --> 00:00:01,800\nsegunda\n")
    project.call("run", "--to", "title")
    project.write("episodes/ep001/edit.yaml", "events:\n" + second + first)
    project.call("run", "--to", "title", "--relock")
    answer = project.json("export", "ep001", "--to", "subtitles")
    assert {"subtitles/en.srt", "subtitles/en.vtt", "subtitles/pt-BR.srt"} < set(answer["files"])
    text = (project.root / "turnover/ep001/subtitles/en.srt").read_bytes()
    cues = read_subtitles(text, "en.srt").cues
    assert [(cue.text, cue.start * 25, cue.end * 25) for cue in cues] == [
        ("second", 5, 20), ("first", 30, 45)]

    def burnt() -> list[tuple[tuple[str, ...], int]]:
        track = project.json("show", "ep001", "title")["tracks"][0]
        return [(tuple(cue["lines"]), cue["span"]["start"]) for cue in track["cues"]]

    before = burnt()
    project.write("episodes/ep001/subtitles/en.srt", text.decode())
    project.call("run", "--to", "title")
    assert burnt() == before == [(("second",), 5), (("first",), 30)]
