"""Conform: what an edit list becomes, to the frame, and what it refuses."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.edit_sheet import EditSheet, SheetEvent, sheet_edit_list
from microfinish.core.errors import Problem, ProblemsError, Where
from microfinish.core.media import Media, Picture, Sound
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Placement, Timeline, Transition

R25, R24, R23976, R2997, R30 = (Fraction(25), Fraction(24), Fraction(24000, 1001),
                                Fraction(30000, 1001), Fraction(30))


def media(name: str = "A001C003.mov", frames: int = 250, rate: Fraction = R25,
          start: int | None = 90_000, reel: str = "A001", drop: bool = False,
          digest: str = "") -> Media:
    return Media(f"media/{name}", digest or name, 1, reel=reel, start_frame=start,
                 timecode_rate=rate, timecode_drop=drop,
                 picture=Picture("h264", 320, 180, rate, frames))


def recorder(name: str = "R1.wav", seconds: int = 10) -> Media:
    return Media(f"media/{name}", name, 1, sounds=(Sound(0, "pcm_s24le", 48_000, 1,
                                                         48_000 * seconds),))


def line(source_in: str | int, record: tuple[int, int], reel: str = "A001C003",
         source_out: str | int | None = None, **more: object) -> EditLine:
    base = EditLine("001", ("V",), reel, (), source_in, source_out, record=Span(*record),
                    where=Where("edit.edl", 1))
    return replace(base, **more)  # type: ignore[arg-type]


def timed(*lines: EditLine, files: tuple[Media, ...] = (media(),), rate: Fraction = R25,
          rule: str = "time") -> Timeline:
    return conform(EditList("edit.edl", rate, lines), files, rule)


def sheet(*events: SheetEvent, files: tuple[Media, ...] = (media(),), rate: Fraction = R25,
          rule: str = "time") -> Timeline:
    return conform(sheet_edit_list(EditSheet(events), "edit.yaml", rate), files, rule)


def problems(call: object, *arguments: object, **more: object) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    return caught.value.problems


def shown(timeline: Timeline, index: int, media_rate: Fraction, rule: str = "time") -> list[int]:
    event = timeline.picture()[index]
    return [source_frame(event, media_rate, timeline.rate, n, rule) for n in event.record]


# edit lists with record timecode


def test_a_cut_counts_from_the_start_of_its_file_and_of_the_timeline() -> None:
    timeline = timed(line("01:00:04:00", (90_000, 90_010), source_out="01:00:04:10"))
    event = timeline.events[0]
    assert (event.media, event.source, event.record) == (
        "media/A001C003.mov", Span(100, 110), Span(0, 10))
    assert timeline.start_frame == 90_000
    assert not timeline.losses


@pytest.mark.parametrize(("pixels", "told"), [
    ("rgba", 1), ("yuva444p10le", 1), ("rgb24", 0), ("yuv444p12le", 0)])
def test_a_picture_with_alpha_is_said_to_cover_what_lies_beneath(pixels: str, told: int) -> None:
    file = media()
    assert file.picture
    logo = replace(file, picture=replace(file.picture, pixel_format=pixels))
    losses = timed(line("01:00:04:00", (0, 10), source_out="01:00:04:10"), files=(logo,)).losses
    assert [loss.severity for loss in losses] == ["warning"] * told
    if told:
        assert "event 001" in losses[0].reason and "media/A001C003.mov" in losses[0].reason


def test_the_record_length_decides_and_a_wrong_source_out_is_reported() -> None:
    timeline = timed(line("01:00:04:00", (0, 10), source_out="01:00:05:00"))
    assert timeline.events[0].source == Span(100, 110)
    assert [loss.severity for loss in timeline.losses] == ["warning"]


def test_m2_with_equal_lengths_uses_record_length_times_speed() -> None:
    """25 record frames at 31.7 of 24 fps use 33 source frames: 8 more than printed."""
    timeline = timed(line("01:00:00:00", (0, 25), source_out="01:00:01:01",
                          speed=Fraction(317, 240)),
                     files=(media(rate=R24, start=86_400),), rate=R24)
    assert timeline.events[0].source == Span(0, 33)


def test_a_gap_in_the_picture_is_black() -> None:
    timeline = timed(line("01:00:00:00", (0, 10)), line("01:00:01:00", (15, 20)))
    black = timeline.events[1]
    assert (black.media, black.record, black.source, black.shot) == (
        "", Span(10, 15), Span(0, 5), "")


def test_overlapping_events_on_one_track_are_refused() -> None:
    found = problems(timed, line("01:00:00:00", (0, 10)),
                     line("01:00:01:00", (8, 20), number="002"))
    assert "001 and 002 overlap by 2 frames" in found[0].message


def test_a_reverse_event_printed_ascending_plays_its_range_backward() -> None:
    timeline = timed(line("01:00:00:10", (0, 5), source_out="01:00:00:15", speed=Fraction(-1)))
    assert shown(timeline, 0, R25) == [14, 13, 12, 11, 10]


def test_a_reverse_event_printed_descending_starts_at_its_in() -> None:
    timeline = timed(line("01:00:00:14", (0, 5), source_out="01:00:00:09", speed=Fraction(-1)))
    assert shown(timeline, 0, R25) == [14, 13, 12, 11, 10]


def test_a_freeze_holds_one_frame_for_any_length() -> None:
    timeline = timed(line("01:00:09:24", (0, 100), speed=Fraction(0)))
    assert timeline.events[0].source == Span(249, 250)
    assert set(shown(timeline, 0, R25)) == {249}


def test_source_timecode_counts_at_the_media_rate() -> None:
    timeline = timed(line("01:00:01:00", (0, 25)),
                     files=(media(rate=Fraction(50), start=180_000, frames=500),))
    assert timeline.events[0].source == Span(50, 100)
    assert "50" in timeline.losses[0].reason


def test_drop_frame_media_are_counted_as_they_count() -> None:
    file = media(rate=R2997, start=107_892, drop=True, frames=3600)
    timeline = timed(line("01:01:00:02", (0, 10)), files=(file,), rate=R2997)
    assert timeline.events[0].source.start == 1800


def test_a_recording_over_midnight_goes_on_from_zero() -> None:
    day = 24 * 3600 * 25
    timeline = timed(line("00:00:02:00", (0, 10)), files=(media(start=day - 125),))
    assert timeline.events[0].source.start == 175


def test_a_file_without_timecode_starts_at_zero() -> None:
    timeline = timed(line("00:00:02:00", (0, 10)), files=(media(start=None),))
    assert timeline.events[0].source.start == 50


def test_sound_tracks_become_their_own_events() -> None:
    file = replace(media(), sounds=(Sound(1, "aac", 48_000, 2, 480_000),))
    timeline = timed(line("01:00:00:00", (0, 10), tracks=("V", "A1", "A2")), files=(file,))
    assert [event.track for event in timeline.events] == ["V", "A1", "A2"]


def test_a_sound_event_relinks_to_a_recorder_file() -> None:
    timeline = timed(line("00:00:01:00", (0, 10), reel="R1", tracks=("A1",)), files=(recorder(),))
    assert (timeline.events[0].media, timeline.events[0].source) == ("media/R1.wav", Span(25, 35))


# what cannot be played


def test_short_media_say_how_many_frames_lack() -> None:
    found = problems(timed, line("01:00:09:20", (0, 10)))
    assert "is 5 frames short" in found[0].message
    assert "01:00:09:20-01:00:10:05" in found[0].hint


def test_a_dissolve_needs_the_handle_of_the_event_before() -> None:
    first = line("01:00:09:00", (0, 20))
    second = line("01:00:02:00", (20, 40), number="002", transition=Transition("dissolve", 12))
    found = problems(timed, first, second)
    assert len(found) == 1
    assert "lacks 7 frames of handle for the dissolve of 12" in found[0].message


def test_everything_that_lacks_is_summed_up_by_file_with_its_frames() -> None:
    lines = (line("01:00:09:20", (0, 10)),  # 5 short
             line("02:00:00:00", (10, 35), number="002", reel="Z9", source_out="02:00:01:00"),
             line("01:00:09:22", (35, 45), number="003"),  # 7 short
             line("02:00:04:00", (45, 50), number="004", reel="Z9", source_out="02:00:04:05"),
             line("01:00:00:00", (50, 60), number="005", reel="B1"),
             line("03:00:09:00", (60, 80), number="006", reel="C1"),  # 5 frames of handle left
             line("01:00:00:00", (80, 92), number="007", transition=Transition("dissolve", 12)))
    files = (media(), media("B1.mov", reel="B1"), media("c/C1.mov", reel="C1", start=270_000))
    with pytest.raises(ProblemsError) as caught:
        timed(*lines, files=files)
    assert [row.split() for row in caught.value.detail] == [
        ["file", "what", "frames", "lacking", "needed", "there", "is", "events"],
        ["media/A001C003.mov", "too", "short", "7", "01:00:09:20-01:00:10:07",
         "01:00:00:00-01:00:10:00", "001", "003"],
        ["media/c/C1.mov", "handle", "too", "short", "7", "03:00:09:00-03:00:10:07",
         "03:00:00:00-03:00:10:00", "006"],
        ["Z9", "missing", "30", "02:00:00:00-02:00:04:05", "nothing", "002", "004"]]


def test_missing_media_of_a_sheet_lack_the_frames_between_in_and_out() -> None:
    with pytest.raises(ProblemsError) as caught:
        sheet(SheetEvent("gone", "01:00:00:00", "01:00:02:00", speed=Fraction(2)))
    assert caught.value.detail[1].split()[:3] == ["gone", "missing", "50"]


@pytest.mark.parametrize(("speed", "frames"), [("1", "25"), ("1/2", "13"), ("-2", "49"),
                                               ("0", "1")])
def test_missing_media_lack_the_source_frames_that_a_speed_needs(speed: str, frames: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        timed(line("02:00:00:00", (0, 25), reel="Z9", speed=Fraction(speed)))
    assert caught.value.detail[1].split()[:3] == ["Z9", "missing", frames]


@pytest.mark.parametrize(("turn", "words"), [(-10.0, "10 degrees counter-clockwise"),
                                             (10.0, "10 degrees clockwise")])
def test_a_rotation_is_said_with_its_number_and_its_way(turn: float, words: str) -> None:
    placed = Placement(0.5, 0.5, 0.5, rotation_degrees=turn)
    told = timed(line("01:00:00:00", (0, 10), placement=placed)).losses
    assert any(f"its rotation of {words} is not taken" in loss.reason for loss in told)


def test_several_candidates_are_no_missing_media() -> None:
    twins = (media("a.mov", digest="1"), media("b.mov", digest="2"))
    with pytest.raises(ProblemsError) as caught:
        timed(line("01:00:00:00", (0, 10), reel="A001"), files=twins)
    assert caught.value.detail == ()


def test_a_dissolve_with_enough_handle_is_kept() -> None:
    timeline = timed(line("01:00:08:00", (0, 20)),
                     line("01:00:02:00", (20, 40), transition=Transition("dissolve", 12)))
    assert timeline.events[1].transition == Transition("dissolve", 12)


def test_a_reverse_event_runs_on_downward_into_its_handle() -> None:
    first = line("01:00:00:05", (0, 5), source_out="01:00:00:10", speed=Fraction(-1))
    second = line("01:00:02:00", (5, 25), transition=Transition("dissolve", 8))
    found = problems(timed, first, second)
    assert "lacks 3 frames of handle" in found[0].message


def test_all_problems_are_reported_together() -> None:
    found = problems(timed, line("01:00:00:00", (0, 10), reel="NOPE"),
                     line("01:00:09:20", (10, 20)), line("01:00:00:30", (20, 30)))
    assert len(found) == 3


# edit.yaml


def test_sheet_events_follow_each_other() -> None:
    timeline = sheet(SheetEvent("A001C003", "01:00:00:00", "01:00:01:00"),
                     SheetEvent("A001C003", "01:00:04:00", "01:00:05:00", dissolve=12))
    assert [event.record for event in timeline.events] == [Span(0, 25), Span(25, 50)]
    assert timeline.events[1].transition == Transition("dissolve", 12)


def test_half_speed_doubles_the_record_length_and_keeps_the_span() -> None:
    event = sheet(SheetEvent("A001C003", "01:00:00:00", "01:00:02:00",
                             speed=Fraction(1, 2))).events[0]
    assert (event.source, event.record) == (Span(0, 50), Span(0, 100))


def test_reverse_plays_from_out_minus_one() -> None:
    timeline = sheet(SheetEvent("A001C003", 10, 15, speed=Fraction(-1)))
    assert shown(timeline, 0, R25) == [14, 13, 12, 11, 10]


def test_a_freeze_lasts_from_in_to_out() -> None:
    event = sheet(SheetEvent("A001C003", 10, 40, speed=Fraction(0))).events[0]
    assert (event.source, event.record) == (Span(10, 11), Span(0, 30))


def test_whole_numbers_count_from_the_start_of_the_file() -> None:
    assert sheet(SheetEvent("A001C003", 10, 20)).events[0].source == Span(10, 20)


def test_black_is_a_pause() -> None:
    timeline = sheet(SheetEvent("A001C003", 0, 10), SheetEvent(black=12),
                     SheetEvent("A001C003", 20, 30))
    assert [(event.media != "", event.record) for event in timeline.events] == [
        (True, Span(0, 10)), (False, Span(10, 22)), (True, Span(22, 32))]


def test_mixed_rates_never_drift() -> None:
    """Each 25-frame second of 23.976 material is 25.025 timeline frames at 24."""
    events = tuple(SheetEvent("A001C003", n * 25, n * 25 + 25) for n in range(100))
    timeline = sheet(*events, files=(media(rate=R23976, frames=2500, start=None),), rate=R24)
    assert timeline.frames == round(Fraction(2500) / R23976 * R24)
    ends = [event.record.end for event in timeline.events]
    assert ends == [round(Fraction(25 * (n + 1)) / R23976 * R24) for n in range(100)]


def test_conform_by_frame_keeps_every_frame() -> None:
    timeline = sheet(SheetEvent("A001C003", 0, 100), files=(media(rate=R23976, start=None),),
                     rate=R24, rule="frame")
    assert timeline.frames == 100
    assert shown(timeline, 0, R23976, "frame") == [*range(100)]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90),
                          st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2), Fraction(-1),
                                           Fraction(3, 7), Fraction(-5, 3)])),
                min_size=1, max_size=12),
       st.sampled_from([R24, R23976, R25, R2997, R30]),
       st.sampled_from([R24, R23976, R25, R2997, R30, Fraction(60)]))
def test_any_sheet_plays_without_gaps_inside_its_source(
    cuts: list[tuple[int, int, Fraction]], rate: Fraction, media_rate: Fraction
) -> None:
    events = tuple(SheetEvent("A001C003", first, first + max(length, 6), speed=speed)
                   for first, length, speed in cuts)
    timeline = sheet(*events, files=(media(rate=media_rate, frames=2000, start=None),), rate=rate)
    position = 0
    for event in timeline.events:
        assert event.record.start == position
        position = event.record.end
        frames = [source_frame(event, media_rate, rate, n) for n in event.record]
        # one frame of rounding at the record's ends may reach into the next source frame
        assert event.source.start - 3 <= min(frames) and max(frames) < event.source.end + 3
    exact = sum(Fraction(max(length, 6)) / media_rate / abs(speed) * rate
                for _, length, speed in cuts)
    assert abs(timeline.frames - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(("event", "words"), [
    (SheetEvent(), "names no media"),
    (SheetEvent("A001C003", 5), "has no out"),
    (SheetEvent("A001C003", 5, "00:00:01:00"), "two kinds"),
    (SheetEvent("A001C003", 5, 9, black=3), "exclude each other"),
    (SheetEvent("A001C003", 9, 9), "does not come after"),
    (SheetEvent("A001C003", "01:00:00:99", "01:00:05:00"), "does not exist"),
])
def test_a_contradictory_sheet_event_is_refused(event: SheetEvent, words: str) -> None:
    assert words in problems(sheet, event)[0].message


def test_a_still_is_held_for_as_long_as_asked() -> None:
    still = Media("media/card.png", "x", 1, picture=Picture("png", 320, 180, R25, 1))
    event = sheet(SheetEvent("card", 0, 50), files=(still,)).events[0]
    assert (event.source, event.record, event.speed) == (Span(0, 1), Span(0, 50), 0)


def test_no_file_is_named_by_a_guess() -> None:
    event: Event = timed(line("01:00:04:00", (0, 10))).events[0]
    assert event.where == Where("edit.edl", 1)
    assert format_timecode(90_000 + event.source.start, R25) == "01:00:04:00"


FADE = Transition("dissolve", 12)


def blacks(timeline: Timeline) -> list[Span]:
    return [event.record for event in timeline.picture() if not event.media]


def test_a_dissolve_at_the_head_comes_out_of_an_empty_black_event() -> None:
    timeline = timed(line("01:00:00:00", (0, 25), transition=FADE))
    assert blacks(timeline) == [Span(0, 0)]
    assert timeline.picture()[0].media == ""


def test_a_fade_from_black_after_a_cut_needs_no_handle_of_the_shot_before() -> None:
    timeline = timed(line("01:00:09:00", (0, 25)),
                     line("01:00:00:00", (25, 50), transition=FADE, from_black=True))
    assert [event.media for event in timeline.picture()] == [
        "media/A001C003.mov", "", "media/A001C003.mov"]
    assert blacks(timeline) == [Span(25, 25)]


def test_a_fade_to_black_needs_the_handle_of_the_last_shot() -> None:
    out = line("00:00:00:00", (25, 50), reel="BL", black=True, transition=FADE)
    assert timed(line("01:00:08:00", (0, 25)), out).events[1].transition == FADE
    assert "12 frames of handle" in problems(timed, line("01:00:09:00", (0, 25)), out)[0].message


def test_a_second_picture_track_fills_gaps_but_never_covers() -> None:
    timeline = timed(line("01:00:00:00", (0, 10)), line("01:00:01:00", (10, 20), tracks=("V2",)))
    assert [event.track for event in timeline.events] == ["V", "V"]
    found = problems(timed, line("01:00:00:00", (0, 10)),
                     line("01:00:01:00", (5, 20), tracks=("V2",)))
    assert "overlap by 5 frames" in found[0].message


def test_sound_before_the_first_picture_is_cut_off_and_said() -> None:
    timeline = timed(line("01:00:00:00", (100, 110)),
                     line("00:00:00:00", (90, 120), reel="R1", tracks=("A1",)),
                     line("00:00:00:00", (50, 52), reel="R1", tracks=("A2",)),
                     files=(media(), recorder()))
    sound = timeline.sound()
    assert [(event.track, event.source, event.record) for event in sound] == [
        ("A1", Span(10, 30), Span(0, 20))]
    assert [loss.severity for loss in timeline.losses] == ["warning", "warning"]
