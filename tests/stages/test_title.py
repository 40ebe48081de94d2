"""Titles are timed, wrapped and placed for each language and safe area; what cannot be is said."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from microfinish.core.errors import ProblemsError
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.title import Box
from microfinish.documents import record
from microfinish.media.fonts import find_font
from microfinish.project.project import Project
from microfinish.stages import title
from microfinish.stages.title import TitleStage

EN = """\
1
00:00:01,000 --> 00:00:02,500
You came back.

2
00:00:03,000 --> 00:00:05,000
I never wanted you to see me like this
"""


class Show:
    """A project of one episode of 10 s at 25 fps, delivered to the given safe areas."""

    def __init__(self, root, monkeypatch, areas=("universal",)):
        self.root = root
        (root / "microfinish.yaml").write_text('rate: "25"\n')
        (root / "media").mkdir()
        edit = Timeline(Fraction(25), (Event("s", "V1", "", Span(0, 250), Span(0, 250)),))
        lock = PictureLock((Revision(1, "d", "", "", "", edit),))
        self.write("documents/lock.yaml", "")
        record.write(root / "episodes/ep001/documents/lock.yaml", "lock", 1, {}, lock)
        monkeypatch.setattr(title, "platforms", lambda episode: tuple(
            SimpleNamespace(safe_area=area, burn_subtitles=True) for area in areas))
        self.notices = []

    def write(self, name, text, encoding="utf-8"):
        path = self.root / "episodes/ep001" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))

    def season(self, text):
        (self.root / "microfinish.yaml").write_text(text)

    def inputs(self):
        return TitleStage().inputs(Project.open(self.root).episode("ep001"))

    def titles(self):
        context = SimpleNamespace(episode="ep001", emit=self.notices.append)
        return TitleStage().run(self.inputs(), context)


@pytest.fixture
def show(tmp_path, monkeypatch):
    return Show(tmp_path, monkeypatch)


def test_cues_become_frames_and_balanced_lines_inside_the_universal_box(show):
    show.write("subtitles/en.srt", EN)
    (track,) = show.titles().tracks
    assert (track.language, track.safe_area, track.box) == (
        "en", "universal", Box(65, 310, 888, 1248))
    assert [(cue.span, cue.lines) for cue in track.cues] == [
        (Span(25, 63), ("You came back.",)),
        (Span(75, 125), ("I never wanted you", "to see me like this"))]


def test_every_language_gets_a_track_for_every_safe_area(tmp_path, monkeypatch):
    show = Show(tmp_path, monkeypatch, ("tiktok", "universal", "tiktok"))
    show.season("languages: [en, fr]\n")
    show.write("subtitles/en.srt", EN)
    show.write("subtitles/fr.srt", EN.replace("You came back.", "Tu es revenu…"))
    assert [(t.language, t.safe_area) for t in show.titles().tracks] == [
        ("en", "tiktok"), ("en", "universal"), ("fr", "tiktok"), ("fr", "universal")]


def test_no_subtitles_no_tracks_and_nothing_to_say(show):
    titles = show.titles()
    assert (titles.tracks, titles.findings) == ((), ())


def test_a_missing_language_is_named(show):
    show.season("languages: [en, es]\n")
    show.write("subtitles/en.srt", EN)
    assert [f.message for f in show.titles().findings] == ["no subtitles for language es"]


def test_a_word_too_wide_for_the_box_is_an_error_with_the_figures(show):
    show.write("subtitles/en.srt", EN.replace("You came back.", "Donaudampfschifffahrtsgesell"))
    with pytest.raises(ProblemsError) as caught:
        show.titles()
    (problem,) = caught.value.problems
    assert "px wide; the safe box of universal is 823 px" in problem.message
    assert str(problem.where) == "episodes/ep001/subtitles/en.srt:2"


def test_a_long_cue_is_shown_in_three_lines_and_reported(show):
    long = "I told you that I never wanted you to see me like this, not tonight"
    show.write("subtitles/en.srt", EN.replace("You came back.", long))
    titles = show.titles()
    assert len(titles.tracks[0].cues[0].lines) == 3
    (finding,) = titles.findings
    assert (finding.rule, finding.measured, finding.expected, finding.at) == (
        "titles.lines", "3 lines", "at most 2 lines", "00:00:01:00")
    assert finding.file == "episodes/ep001/subtitles/en.srt:2"
    assert [notice.where.line for notice in show.notices] == [2]


def test_many_long_cues_make_one_notice(show):
    long = "I told you that I never wanted you to see me like this, not tonight"
    show.write("subtitles/en.srt", EN.replace("You came back.", long).replace(
        "I never wanted you to see me like this\n", long + "\n"))
    assert len(show.titles().findings) == 2
    assert [notice.message for notice in show.notices] == [
        "the cue needs 3 lines in universal (and 1 more like it)"]


def test_missing_glyphs_name_the_script_and_the_package(show, monkeypatch):
    monkeypatch.setattr("microfinish.media.fonts.installed_fonts", lambda: ())
    find_font.cache_clear()
    show.season("languages: [zh-Hans]\n")
    show.write("subtitles/zh-Hans.srt", EN.replace("You came back.", "你为什么要这样对我"))
    with pytest.raises(ProblemsError) as caught:
        show.titles()
    (problem,) = caught.value.problems
    assert "no CJK characters: 你为什么要这样对我" in problem.message
    assert "fonts-noto-cjk" in problem.hint


def test_every_broken_file_is_reported(show):
    show.season("languages: [en, fr]\n")
    show.write("subtitles/en.srt", EN.replace("00:00:02,500", "00:00:00,500"))
    show.write("subtitles/fr.srt", EN.replace("-->", "=>", 1).replace("00:00:03,000 -->",
                                                                     "00:00:03 -->"))
    with pytest.raises(ProblemsError) as caught:
        show.titles()
    assert [str(p.where) for p in caught.value.problems] == [
        "episodes/ep001/subtitles/en.srt:2", "episodes/ep001/subtitles/fr.srt:2",
        "episodes/ep001/subtitles/fr.srt:6"]


def test_old_encodings_are_read_and_named(show):
    show.season("languages: [fr]\n")
    show.write("subtitles/fr.srt", EN.replace("You came back.", "Où étais-tu ?"), "cp1252")
    titles = show.titles()
    assert titles.tracks[0].cues[0].lines == ("Où étais-tu ?",)
    assert titles.findings[0].message.endswith("was read as cp1252")


def test_the_sheet_changes_style_lift_and_timing_and_turns_off(tmp_path, monkeypatch):
    show = Show(tmp_path, monkeypatch, ("tiktok", "universal"))
    show.write("subtitles/en.srt", EN)
    show.write("titles.yaml", "style: mobile-yellow\n"
                              "offset_frames: 5\n"
                              "languages: {en: {size_px: 60}}\n"
                              "safe_areas: {tiktok: {off: true}, universal: {lift_px: 48}}\n")
    (track,) = show.titles().tracks
    assert (track.style.color, track.style.size_px) == ("#ffe66b", 60)
    assert track.box.bottom == 1200
    assert track.cues[0].span == Span(30, 68)
    show.write("titles.yaml", "off: true\n")
    assert show.titles().tracks == ()


def test_titles_read_back_as_they_were_written(show, tmp_path):
    show.write("subtitles/en.srt", EN)
    titles = show.titles()
    record.write(tmp_path / "title.yaml", "title", 1, {}, titles)
    assert record.read_body(tmp_path / "title.yaml", type(titles), "title.yaml") == titles


def test_only_what_is_used_is_fingerprinted(show):
    show.write("subtitles/en.srt", EN)
    before = show.inputs().digests()
    show.write("subtitles/en.srt", EN.replace("back", "home"))
    after = show.inputs().digests()
    assert {name for name in before if before[name] != after[name]} == {"subtitles.en"}


def test_subtitles_follow_their_picture_into_the_next_revision(show):
    show.write("subtitles/en.srt", EN)
    digest = Project.open(show.root).episode("ep001").file_digest(
        "episodes/ep001/subtitles/en.srt")

    def edit(*spans):
        events, at = [], 0
        for shot, media, start, end in spans:
            events.append(Event(shot, "V1", media, Span(start, end), Span(at, at + end - start)))
            at += end - start
        return Timeline(Fraction(25), tuple(events))

    first = edit(("s1", "a", 0, 70), ("s2", "b", 0, 80))
    second = edit(("s2", "b", 0, 80), ("s3", "c", 0, 30))
    lock = PictureLock((
        Revision(1, "d", "", "", "", first, human={"subtitles/en.srt": digest}),
        Revision(2, "d", "", "", "", second, human={"subtitles/en.srt": digest})))
    record.write(show.root / "episodes/ep001/documents/lock.yaml", "lock", 1, {}, lock)
    titles = show.titles()
    assert [cue.span for cue in titles.tracks[0].cues] == [Span(5, 55)]
    (finding,) = titles.findings
    assert (finding.rule, finding.severity, finding.was, finding.at) == (
        "titles.parked", "info", "00:00:01:00", "")
    assert [notice.severity for notice in show.notices] == ["info"]
    # once it is changed, it is written for the cut that is locked
    show.write("subtitles/en.srt", EN.replace("00:00:05,000", "00:00:04,000"))
    assert [cue.span for cue in show.titles().tracks[0].cues] == [Span(25, 63), Span(75, 100)]
    assert "all its times count in that cut now" in show.notices[-1].message
