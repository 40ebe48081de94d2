"""FCPXML: what each element means, and that nothing is lost without a word."""

from fractions import Fraction

import pytest

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError
from microfinish.core.media import Media, Picture, Sound
from microfinish.core.time import Span
from microfinish.core.timeline import RetimeKey, Transition
from microfinish.interchange import fcpxml_story
from microfinish.interchange.fcpxml_time import frame_before, frame_shown, seconds, written
from microfinish.interchange.readers import read_edit_list

RESOURCES = """
<format id="r1" frameDuration="1/25s" width="1080" height="1920"/>
<format id="r2" frameDuration="1001/30000s" width="1920" height="1080"/>
<format id="r3" frameDuration="1001/24000s" width="1920" height="1080"/>
<asset id="a" name="A001" start="0s" duration="100s" hasVideo="1" hasAudio="1" format="r1">
  <media-rep kind="proxy-media" src="file:///p/proxy.mov"/>
  <media-rep kind="original-media" src="file://localhost/V/My%20Show/A001%20%C3%A9.mov"/></asset>
<asset id="b" name="B002" src="B002.mov" start="3600s" duration="100s" hasVideo="1" format="r1">
  <metadata><md key="com.apple.proapps.studio.reel" value="B002C001"/></metadata></asset>
<asset id="w" name="rec" src="file:///x/rec.wav" duration="50s" hasAudio="1"/>
<asset id="n" name="N" src="n.mov" start="0s" duration="1001/10s" hasVideo="1" format="r2"/>
<asset id="t" name="T" src="t.mov" start="0s" duration="100s" hasVideo="1" format="r3"/>
<effect id="x" name="Cross Dissolve"/><effect id="wipe" name="Wipe"/><effect id="g" name="Clouds"/>
"""
MIX = '<transition offset="{}" duration="{}"><filter-video ref="x"/></transition>'


def xml(spine: str, more: str = "", sequence: str = 'format="r1" tcStart="0s"',
        name: str = "ep001") -> bytes:
    return (f'<?xml version="1.0"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.11">\n'
            f"<resources>{RESOURCES}{more}</resources><event>\n"
            f'<project name="{name}"><sequence {sequence}>\n<spine>\n{spine}\n</spine>'
            "</sequence></project></event></fcpxml>").encode()


def read(spine: str, more: str = "", sequence: str = 'format="r1" tcStart="0s"') -> EditList:
    return read_edit_list(xml(spine, more, sequence), "episodes/ep001/edit.fcpxml", Fraction(25))


def seen(edit: EditList) -> list[tuple[object, ...]]:
    """(file or black, source in, record in, record out, speed) of every picture."""
    return [("" if line.black else line.names[0], line.source_in, line.record.start,
             line.record.end, line.speed)
            for line in edit.lines if line.tracks == ("V",) and line.record]


def heard(edit: EditList) -> list[tuple[object, ...]]:
    return [(line.tracks[0], line.names[0], line.source_in, line.record.start, line.record.end,
             line.role) for line in edit.lines if line.tracks != ("V",) and line.record]


def picture(edit: EditList, index: int) -> EditLine:
    return [line for line in edit.lines if line.tracks == ("V",)][index]


def losses(edit: EditList, word: str) -> list[str]:
    return [loss.severity for loss in edit.losses if word in loss.reason]


@pytest.mark.parametrize(("text", "value"), [
    ("5s", Fraction(5)), ("1001/30000s", Fraction(1001, 30000)), ("-3/2s", Fraction(-3, 2)),
    ("0s", Fraction(0)), ("2.5s", Fraction(5, 2)), (" 7 / 2 s ", Fraction(7, 2))])
def test_a_time_is_an_exact_fraction(text: str, value: Fraction) -> None:
    assert seconds(text) == value
    assert seconds(written(value)) == value


@pytest.mark.parametrize("text", ["", "s", "1/0s", "abc", "1/2/3s", "1.5/2s", "99999999999s",
                                  "1e9s", "nan", "١s/0"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        seconds(text)


def test_a_time_a_hair_before_a_frame_is_that_frame() -> None:
    assert frame_shown(Fraction(35702, 5000), Fraction(30000, 1001)) == 214
    assert frame_shown(Fraction(39, 100), Fraction(25)) == 9
    assert frame_before(Fraction(4), Fraction(25)) == 99


def test_a_clip_has_its_file_reel_and_timecode() -> None:
    edit = read('<asset-clip ref="a" offset="0s" start="4s" duration="2s" name="wide"/>'
                '<asset-clip ref="b" offset="2s" start="3610s" duration="1s"/>')
    assert seen(edit) == [("A001 é.mov", 100, 0, 50, 1), ("B002.mov", "01:00:10:00", 50, 75, 1)]
    assert picture(edit, 0).names == ("A001 é.mov", "A001", "wide")
    assert (picture(edit, 1).reel, picture(edit, 1).source_start) == ("B002C001", 90_000)
    where = picture(edit, 0).where
    assert where is not None and where.line == seen_line(xml("@"), b"@")


def seen_line(data: bytes, word: bytes) -> int:
    return data[:data.index(word)].count(b"\n") + 1


def test_a_clip_without_start_and_duration_is_the_whole_file() -> None:
    assert seen(read('<asset-clip ref="b"/><asset-clip ref="a"/>')) == [
        ("B002.mov", "01:00:00:00", 0, 2500, 1), ("A001 é.mov", 0, 2500, 5000, 1)]


def test_the_record_keeps_the_timecode_of_the_sequence() -> None:
    edit = read('<asset-clip ref="a" offset="3600s" duration="2s"/>',
                sequence='format="r1" tcStart="3600s" tcFormat="NDF"')
    assert edit.start_frame == 90_000 and picture(edit, 0).record == Span(90_000, 90_050)
    drop = read('<asset-clip ref="n" offset="36036/10s" duration="1001/30s"/>',
                sequence='format="r2" tcStart="36036/10s" tcFormat="DF"')
    assert drop.rate == Fraction(30000, 1001) and drop.drop
    assert picture(drop, 0).record == Span(108_000, 109_000)
    assert losses(drop, "season") == ["warning"]


def test_a_dissolve_begins_the_incoming_clip_where_it_starts() -> None:
    edit = read('<asset-clip ref="a" offset="0s" start="10s" duration="2s"/>'
                + MIX.format("40/25s", "20/25s")
                + '<asset-clip ref="b" offset="2s" start="3610s" duration="2s"/>')
    assert seen(edit) == [("A001 é.mov", 250, 0, 40, 1), ("B002.mov", "01:00:09:15", 40, 100, 1)]
    assert picture(edit, 1).transition == Transition("dissolve", 20)
    # the sound has no crossfade: it is cut where the clips meet
    assert heard(edit) == [("A1", "A001 é.mov", 250, 0, 50, "dialogue")]


def test_fades_from_and_to_black_stand_at_the_ends() -> None:
    edit = read(MIX.format("0s", "10/25s") + '<asset-clip ref="b" offset="0s" duration="2s"/>'
                + MIX.format("40/25s", "10/25s"))
    assert seen(edit) == [("B002.mov", "01:00:00:00", 0, 40, 1), ("", None, 40, 50, 1)]
    assert [line.transition for line in edit.lines] == [Transition("dissolve", 10)] * 2
    assert edit.lines[0].from_black and not edit.lines[1].from_black


def test_a_wipe_becomes_a_dissolve_and_says_so() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="2s"/><transition offset="49/25s" '
                'duration="2/25s"><filter-video ref="wipe"/></transition>'
                '<asset-clip ref="b" offset="2s" start="3610s" duration="2s"/>')
    assert losses(edit, "Wipe") == ["warning"]
    assert picture(edit, 1).transition == Transition("dissolve", 2)


def test_connected_clips_cover_what_lies_below() -> None:
    edit = read('<asset-clip ref="a" offset="0s" start="10s" duration="4s" srcEnable="video">'
                '<asset-clip ref="b" lane="2" offset="12s" duration="1s" start="3601s"/>'
                '<asset-clip ref="n" lane="1" offset="11s" duration="3s"/>'
                '<asset-clip ref="b" lane="-1" offset="10s" duration="4s"/></asset-clip>')
    assert seen(edit) == [
        ("A001 é.mov", 250, 0, 25, 1), ("n.mov", 0, 25, 50, 1),
        ("B002.mov", "01:00:01:00", 50, 75, 1), ("n.mov", 59, 75, 100, 1)]


def test_a_connected_clip_outlives_its_parent_and_fills_a_gap() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="1s">'
                '<asset-clip ref="n" lane="1" offset="90015/25s" duration="2s"/></asset-clip>'
                '<gap offset="1s" start="3600s" duration="3s"/>')
    assert [(row[0], *row[2:4]) for row in seen(edit)] == [
        ("B002.mov", 0, 15), ("n.mov", 15, 65), ("", 65, 100)]


def test_a_secondary_storyline_dissolves_out_of_what_lies_below() -> None:
    edit = read('<gap offset="0s" start="3600s" duration="1s"/>'
                '<asset-clip ref="b" offset="1s" duration="4s"><spine lane="1" offset="3601s">'
                + MIX.format("0s", "5/25s") + '<asset-clip ref="n" offset="0s" duration="1s"/>'
                + MIX.format("20/25s", "5/25s") + "</spine></asset-clip>")
    assert [(row[0], *row[2:4]) for row in seen(edit)] == [
        ("", 0, 25), ("B002.mov", 25, 50), ("n.mov", 50, 70), ("B002.mov", 70, 125)]
    mixes = [line.transition.frames if line.transition else 0 for line in edit.lines]
    assert mixes == [0, 0, 5, 5]


def test_a_dissolve_that_cannot_be_whole_is_said() -> None:
    below = ('<asset-clip ref="b" offset="0s" duration="1s">{}</asset-clip>'
             '<asset-clip ref="t" offset="1s" duration="1s"/>')
    over = '<spine lane="1" offset="{}">{}</spine>'
    clip = '<asset-clip ref="n" offset="0s" duration="{}"/>'
    head = read(below.format(over.format("90020/25s", MIX.format("0s", "10/25s")
                                         + clip.format("1s"))))
    assert losses(head, "handle is shown") == ["warning"]
    tail = read(below.format(over.format("3600s", clip.format("30/25s")
                                         + MIX.format("20/25s", "10/25s"))))
    assert [row[0] for row in seen(tail)] == ["n.mov", "B002.mov", "t.mov"]
    assert losses(tail, "shortened to the 5") == ["warning"]


@pytest.mark.parametrize(("points", "start", "entry", "speed"), [
    ("0s 0s 50s 100s", "10s", 500, Fraction(2)),
    ("0s 0s 200s 100s", "10s", 125, Fraction(1, 2)),
    ("0s 100s 100s 0s", "10s", 2249, Fraction(-1)),
    ("0s 8s 10s 8s", "1s", 200, Fraction(0))])
def test_a_time_map_is_an_exact_speed(points: str, start: str, entry: int,
                                      speed: Fraction) -> None:
    at = points.split()
    edit = read(f'<asset-clip ref="a" offset="0s" start="{start}" duration="2s" srcEnable="video">'
                f'<timeMap><timept time="{at[0]}" value="{at[1]}" interp="smooth2"/>'
                f'<timept time="{at[2]}" value="{at[3]}" interp="smooth2"/></timeMap></asset-clip>')
    assert seen(edit) == [("A001 é.mov", entry, 0, 50, speed)]
    assert not losses(edit, "speed")


def test_a_speed_that_changes_is_one_picture_with_a_key_at_every_change() -> None:
    edit = read('<asset-clip ref="b" offset="0s" start="3600s" duration="3s"><timeMap>'
                '<timept time="3600s" value="3600s"/><timept time="3601s" value="3602s"/>'
                '<timept time="3603s" value="3603s"/></timeMap></asset-clip>')
    assert seen(edit) == [("B002.mov", "01:00:00:00", 0, 75, 1)]
    assert picture(edit, 0).retime == (RetimeKey(Fraction(0), Fraction(0)),
                                       RetimeKey(Fraction(25), Fraction(50)),
                                       RetimeKey(Fraction(75), Fraction(75)))
    assert losses(edit, "may ease") == ["info"]


def test_conform_rate_shows_frames_one_for_one_or_keeps_time() -> None:
    edit = read('<asset-clip ref="t" offset="0s" duration="2s"><conform-rate srcFrameRate="23.98"/>'
                '<asset-clip ref="b" lane="1" offset="1001/1000s" duration="1s"/></asset-clip>'
                '<asset-clip ref="n" offset="2s" duration="2s">'
                '<conform-rate scaleEnabled="0" srcFrameRate="29.97"/></asset-clip>')
    shown = Fraction(25) / Fraction(24000, 1001)
    assert seen(edit) == [("t.mov", 0, 0, 24, shown), ("B002.mov", "01:00:00:00", 24, 49, 1),
                          ("t.mov", 49, 49, 50, shown), ("n.mov", 0, 50, 100, 1)]


@pytest.mark.parametrize("rule", ["time", "frame"])
def test_the_list_says_how_rates_are_conformed_whatever_the_project_does(rule: str) -> None:
    media = Media("media/t.mov", "t", 1, picture=Picture("h264", 8, 8, Fraction(24000, 1001), 999))
    edit = read('<asset-clip ref="t" offset="0s" duration="2s">'
                '<conform-rate srcFrameRate="23.98"/></asset-clip>')
    event = conform(edit, (media,), rule).events[0]
    assert (event.source, event.record) == (Span(0, 50), Span(0, 50))


def test_a_compound_clip_is_opened_and_trimmed() -> None:
    compound = ('<media id="m" name="C"><sequence format="r1" duration="4s" tcStart="3600s"><spine>'
                '<asset-clip ref="a" offset="3600s" start="10s" duration="2s" srcEnable="video"/>'
                '<asset-clip ref="b" offset="3602s" duration="2s"/></spine></sequence></media>')
    edit = read('<ref-clip ref="m" offset="0s" start="3601s" duration="2s"/>'
                '<ref-clip ref="m" offset="2s" duration="4s"><timeMap>'
                '<timept time="0s" value="3600s"/><timept time="2s" value="3604s"/></timeMap>'
                "</ref-clip>", compound)
    assert seen(edit) == [
        ("A001 é.mov", 275, 0, 25, 1), ("B002.mov", "01:00:00:00", 25, 50, 1),
        ("A001 é.mov", 250, 50, 75, 2), ("B002.mov", "01:00:00:00", 75, 100, 2),
        ("", None, 100, 150, 1)]


def test_a_compound_clip_that_holds_itself_is_said() -> None:
    loop = ('<media id="m"><sequence format="r1" duration="4s"><spine>'
            '<ref-clip ref="m" offset="0s" duration="4s"/></spine></sequence></media>')
    edit = read('<ref-clip ref="m" offset="0s" duration="2s"/>', loop)
    assert losses(edit, "holds itself") == ["error"] and seen(edit) == [("", None, 0, 50, 1)]


def test_many_times_nested_compound_clips_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcpxml_story, "MAX_STEPS", 2000)
    nest = "".join(f'<media id="m{n}"><sequence format="r1" duration="100s"><spine>'
                   + '<gap offset="0s" duration="2s">'
                   + f'<ref-clip ref="m{n + 1}" lane="1" offset="0s" duration="2s"/>' * 10
                   + "</gap></spine></sequence></media>" for n in range(12))
    with pytest.raises(InputError, match="too many"):
        read('<ref-clip ref="m0" offset="0s" duration="2s"/>', nest)


def test_a_multicam_clip_shows_and_plays_its_active_angles() -> None:
    angles = ('<media id="m"><multicam format="r1" tcStart="0s">'
              '<mc-angle angleID="1"><gap offset="0s" duration="1s"/>'
              '<asset-clip ref="a" offset="1s" duration="9s"/></mc-angle>'
              '<mc-angle angleID="2"><asset-clip ref="b" offset="0s" duration="9s"/></mc-angle>'
              '<mc-angle angleID="3"><asset-clip ref="w" offset="0s" duration="9s"/></mc-angle>'
              "</multicam></media>")
    edit = read('<mc-clip ref="m" offset="0s" start="2s" duration="2s">'
                '<mc-source angleID="2" srcEnable="video"/>'
                '<mc-source angleID="3" srcEnable="audio"/></mc-clip>', angles)
    assert seen(edit) == [("B002.mov", "01:00:02:00", 0, 50, 1)]
    assert heard(edit) == [("A1", "rec.wav", 50, 0, 50, "dialogue")]


def test_a_sync_clip_plays_the_recorder_and_mutes_the_camera() -> None:
    edit = read('<sync-clip offset="0s" start="3602s" duration="2s"><spine offset="3600s">'
                '<asset-clip ref="a" start="10s" duration="9s" audioRole="dialogue.camera"/>'
                '</spine><asset-clip ref="w" lane="-1" offset="3603s" start="1s" duration="1s" '
                'audioRole="dialogue.boom"/><sync-source sourceID="storyline">'
                '<audio-role-source role="dialogue.camera" active="0"/></sync-source></sync-clip>')
    assert seen(edit) == [("A001 é.mov", 300, 0, 50, 1)]
    assert heard(edit) == [("A1", "rec.wav", 25, 25, 50, "dialogue.boom")]


def test_the_first_clip_of_an_audition_is_the_active_one() -> None:
    edit = read('<audition offset="0s"><asset-clip ref="b" duration="1s"/>'
                '<asset-clip ref="n" duration="3s"/></audition>'
                '<asset-clip ref="b" offset="1s" duration="1s"/>')
    assert [row[2:4] for row in seen(edit)] == [(0, 25), (25, 50)]
    assert losses(edit, "auditioned") == ["info"]


def test_sound_of_a_split_edit_begins_and_ends_on_its_own() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="2s"/>'
                '<asset-clip ref="a" offset="2s" start="10s" duration="2s" audioStart="9s" '
                'audioDuration="4s"/>')
    assert heard(edit) == [("A1", "A001 é.mov", 225, 25, 125, "dialogue")]


def test_roles_stand_on_tracks_of_their_own() -> None:
    def clip(role: str, offset: str) -> str:
        return (f'<asset-clip ref="w" lane="-1" offset="{offset}" duration="1s" '
                f'audioRole="{role}"/>')
    edit = read('<asset-clip ref="b" offset="0s" duration="4s">' + clip("music", "3600s")
                + clip("dialogue", "3600s") + clip("dialogue", "90010/25s")
                + clip("effects.effects-1", "3602s") + clip("dialogue", "3602s") + "</asset-clip>")
    assert sorted(heard(edit)) == [
        ("A1", "rec.wav", 0, 0, 25, "dialogue"), ("A1", "rec.wav", 0, 50, 75, "dialogue"),
        ("A2", "rec.wav", 0, 10, 35, "dialogue"), ("A3", "rec.wav", 0, 0, 25, "music"),
        ("A4", "rec.wav", 0, 50, 75, "effects.effects-1")]


def test_disabled_clips_titles_and_generators_leave_black_and_a_word() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="1s" enabled="0"/>'
                '<title ref="g" offset="1s" duration="1s"><text><text-style>Later</text-style> '
                "that night</text></title>"
                '<video ref="g" offset="2s" duration="1s"/>'
                '<asset-clip ref="b" offset="3s" duration="1s"/>')
    assert [(row[0], *row[2:4]) for row in seen(edit)] == [("", 0, 75), ("B002.mov", 75, 100)]
    assert losses(edit, "disabled") == ["info"] and losses(edit, "Clouds") == ["warning"]
    assert any("Later that night" in loss.text for loss in edit.losses)


def test_every_child_that_is_not_taken_is_named_with_its_line() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="1s">\n'
                '<adjust-transform scale="2 2"/>\n<adjust-transform scale="1 1"/>\n'
                '<adjust-volume amount="-6dB"/>\n<adjust-blend amount="0.5"/>\n'
                '<filter-video ref="g" name="Blur"/>\n<filter-video ref="g" enabled="0"/>\n'
                '<marker start="3600s" duration="1/25s" value="fix me"/>\n<new-thing/>\n'
                "</asset-clip>")
    first = seen_line(xml("@"), b"@")
    assert [(loss.line - first, loss.severity) for loss in edit.losses] == [
        (3, "warning"), (5, "warning"), (8, "warning")]
    assert [(mark.frame, mark.text) for mark in edit.marks] == [(0, "fix me")]


def test_a_newer_version_is_read_and_said() -> None:
    data = xml('<asset-clip ref="b" duration="1s"/>').replace(b'"1.11"', b'"1.14"')
    edit = read_edit_list(data, "e.fcpxml", Fraction(25))
    assert losses(edit, "1.14") == ["info"] and len(edit.lines) == 1


def test_a_cdl_that_final_cut_states_arrives() -> None:
    edit = read('<asset-clip ref="b" offset="0s" duration="1s"><filter-video ref="g">'
                '<!-- info-asc-cdl: slope="1.1 1 0.9" offset="0 0.01 0" power="1 1 1.2" -->'
                "</filter-video></asset-clip>")
    cdl = picture(edit, 0).cdl
    assert cdl is not None and cdl.slope == (1.1, 1, 0.9) and cdl.power == (1, 1, 1.2)


def test_a_transcode_without_timecode_is_counted_from_the_start_that_the_list_states() -> None:
    plain = Media("media/B002.mp4", "b", 1, picture=Picture("h264", 8, 8, Fraction(25), 2500),
                  sounds=(Sound(0, "pcm", 48000, 2, 48000 * 100),))
    edit = read('<asset-clip ref="b" offset="0s" start="3610s" duration="1s"/>')
    assert conform(edit, (plain,)).events[0].source == Span(250, 275)


def test_of_several_projects_the_one_named_as_the_episode_is_read() -> None:
    text = xml('<asset-clip ref="b" offset="0s" duration="1s"/>').decode()
    project = text[text.index("<project"):text.index("</event>")]
    both = text.replace(project, project.replace("ep001", "EP002") + project)
    edit = read_edit_list(both.encode(), "episodes/ep002/edit.fcpxmld/Info.fcpxml", Fraction(25))
    assert edit.title == "EP002"
    with pytest.raises(InputError, match=r"2 projects: EP002, ep001") as caught:
        read_edit_list(both.encode(), "episodes/ep009/edit.fcpxml", Fraction(25))
    assert caught.value.where is not None and caught.value.where.line > 1


@pytest.mark.parametrize(("data", "words"), [
    (b"<xmeml/>", "not <fcpxml>"), (b"<fcpxml/>", "no project"), (xml(""), "empty"),
    (xml('<asset-clip ref="a" offset="x" duration="1s"/>'), "not a time"),
    (xml('<gap offset="0s" duration="900000s"/>'), "more than a day")])
def test_what_cannot_be_read_is_said_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_edit_list(data, "edit.fcpxml", Fraction(25))
    assert caught.value.where is not None and caught.value.where.line and caught.value.hint
