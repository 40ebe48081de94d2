"""Relinking: the one file that is meant, or a list of what it could be."""

from dataclasses import replace
from fractions import Fraction

import pytest

from microfinish.core.edit import EditLine
from microfinish.core.media import Media, Picture
from microfinish.core.relink import Found, frame_of, relink

R25 = Fraction(25)


def media(path: str, reel: str = "", start: int | None = 90_000, frames: int = 250,
          digest: str = "", rate: Fraction = R25) -> Media:
    return Media(f"media/{path}", digest or path, 1, reel=reel, start_frame=start,
                 picture=Picture("h264", 320, 180, rate, frames))


def find(reel: str, *files: Media, names: tuple[str, ...] = (), at: str = "01:00:01:00") -> Found:
    return relink(EditLine("001", ("V",), reel, names, at), files, R25)


def path(found: Found) -> str:
    assert found.media is not None, found.problem
    return found.media.path.removeprefix("media/")


def test_reel_and_timecode_pick_the_clip_of_a_roll() -> None:
    roll = (media("A001C001.mov", "A001", 0), media("A001C002.mov", "A001", 90_000))
    assert path(find("A001", *roll)) == "A001C002.mov"


def test_the_file_name_comes_before_the_tape_reel() -> None:
    files = (media("A001C001.mov", "A001"), media("other.mov", "A001C001"))
    assert path(find("A001C001", *files)) == "A001C001.mov"


def test_a_clip_name_tells_two_files_of_a_reel_apart() -> None:
    files = (media("one.mov", "A001"), media("two.mov", "A001"))
    assert path(find("A001", *files, names=("TWO.MXF",))) == "two.mov"


@pytest.mark.parametrize("name", ["Rooftop", "rooftop.mov", "ROOFTOP.MXF",
                                  r"S:\\footage\\Rooftop.mov", "/Volumes/card/rooftop.mp4"])
def test_names_are_compared_without_case_folder_and_extension(name: str) -> None:
    assert path(find("AX", media("day1/Rooftop.mov"), media("day1/b.mov"),
                     names=(name,))) == "day1/Rooftop.mov"


def test_names_from_macos_match_in_any_normal_form() -> None:
    assert path(find("AX", media("Café.mov"), names=("Cafe\u0301",))) == "Café.mov"


def test_a_reel_cut_at_eight_characters_still_finds_its_file() -> None:
    assert path(find("ZZ100_50", media("ZZ100_501.LAY3.mov"))) == "ZZ100_501.LAY3.mov"


def test_a_path_tells_equal_names_apart() -> None:
    files = (media("day1/A001C001.mov"), media("day2/A001C001.mov"))
    assert path(find("day2/A001C001.mov", *files)) == "day2/A001C001.mov"
    assert path(find("media/day1/A001C001", *files)) == "day1/A001C001.mov"


def test_two_files_that_fit_are_an_error_that_lists_both_with_their_timecode() -> None:
    found = find("A001", media("day1/a.mov", "A001"), media("day2/b.mov", "A001"))
    assert found.media is None and found.problem is not None
    assert "fits 2 files" in found.problem.message
    for part in ("media/day1/a.mov 01:00:00:00-01:00:10:00", "media/day2/b.mov"):
        assert part in found.problem.hint


def test_identical_copies_are_one_file_and_are_mentioned() -> None:
    found = find("A001", media("b/a.mov", "A001", digest="1"), media("a/a.mov", "A001", digest="1"))
    assert path(found) == "a/a.mov"
    assert found.note == "the same file twice: media/a/a.mov and media/b/a.mov are identical"


def test_of_identical_copies_the_one_in_the_project_is_taken() -> None:
    here = media("z/a.mov", "A001", digest="1")
    for elsewhere in ("/Volumes/Card1/a.mov", "../card/a.mov", "D:/card/a.mov"):
        copy = replace(here, path=elsewhere)
        assert path(find("A001", copy, here)) == "z/a.mov"


def test_candidates_say_which_of_them_are_the_same_file() -> None:
    found = find("A001", media("a.mov", "A001", digest="1"), media("b/a.mov", "A001", digest="1"),
                 media("c.mov", "A001", digest="2"))
    assert found.problem is not None
    assert "media/b/a.mov 01:00:00:00-01:00:10:00 (identical to media/a.mov);" in found.problem.hint
    assert found.problem.hint.count("identical") == 1


def test_missing_media_name_the_nearest_files() -> None:
    found = find("A001C03", media("A001C003.mov"))
    assert found.problem is not None and "A001C003" in found.problem.hint


def test_timecode_outside_the_only_file_of_that_name_still_finds_it() -> None:
    """How much is missing is then said by conform, in frames."""
    assert path(find("A001C003", media("A001C003.mov"), at="05:00:00:00")) == "A001C003.mov"


def test_sound_events_never_relink_to_silent_pictures() -> None:
    found = relink(EditLine("001", ("A1",), "A001", (), "01:00:01:00"), (media("A001.mov"),), R25)
    assert found.media is None


def test_labels_count_in_the_media_rate() -> None:
    assert frame_of("01:00:01:00", media("a.mov", start=180_000, rate=Fraction(50)), R25,
                    None) == 50


def test_the_wrong_drop_mark_of_a_list_gives_way_to_the_media() -> None:
    file = media("a.mov", start=108_000, rate=Fraction(30000, 1001))
    assert frame_of("01:01:00;02", file, file.picture.rate if file.picture else R25, True) == 1802


# evidence and its score

def score(found: Found) -> int:
    assert found.evidence is not None, found.problem
    return found.evidence.score


def test_the_points_of_an_event_are_those_of_the_documented_table() -> None:
    found = relink(EditLine("001", ("V",), "A001C003", ("A001C003.mov",), "01:00:01:00",
                            "01:00:02:00"), (media("A001C003.mov"),), R25)
    assert found.evidence is not None
    assert found.evidence.by == ("file", "name", "timecode", "span")
    assert score(found) == 160 + 60 + 6


def test_the_documented_points_are_those_that_count() -> None:
    from microfinish.core import relink as module

    for kind, points in module.POINTS.items():
        assert f"| {kind}: " in (module.__doc__ or "") and f"| {points} |" in (module.__doc__ or "")


def test_roll_and_clip_name_together_outweigh_a_file_that_is_called_like_the_roll() -> None:
    files = (media("A001.mov"), media("A001C003.mov", "A001"))
    assert path(find("A001", *files, names=("A001C003",))) == "A001C003.mov"


def test_a_umid_finds_a_renamed_file_whatever_way_it_is_written() -> None:
    umid = "0x060A2B340101010501010D0013000000B5C2A8F0123405DE060E2B347F7F2A80"
    renamed = replace(media("renamed.mxf"), tags={"file_package_umid": umid})
    written = ("urn:smpte:umid:060a2b34.01010105.01010d00.13000000.b5c2a8f0.123405de."
               "060e2b34.7f7f2a80")
    line = EditLine("001", ("V",), "GONE", ("gone.mxf",), "01:00:01:00", ids=(written,))
    assert path(relink(line, (media("other.mov"), renamed), R25)) == "renamed.mxf"


def test_an_empty_umid_means_no_file() -> None:
    blank = replace(media("a.mov"), tags={"umid": "0" * 64})
    line = EditLine("001", ("V",), "GONE", (), "01:00:01:00", ids=("urn:smpte:umid:" + "0" * 64,))
    assert relink(line, (blank,), R25).media is None


def test_of_equal_names_the_one_that_holds_the_whole_source_is_taken_and_it_is_said() -> None:
    files = (media("day1/a.mov", frames=30), media("day2/a.mov", frames=250))
    line = EditLine("001", ("V",), "A", (), "01:00:01:00", "01:00:03:00")
    found = relink(line, files, R25)
    assert path(found) == "day2/a.mov"
    assert found.note == ("called the same as media/day1/a.mov, taken because it holds the whole "
                          "source")


def test_of_equal_names_the_length_and_the_rate_that_the_list_states_decide() -> None:
    files = (media("day1/a.mov", frames=250), media("day2/a.mov", frames=500))
    long = EditLine("001", ("V",), "A", (), "01:00:01:00", media_seconds=Fraction(20))
    assert path(relink(long, files, R25)) == "day2/a.mov"
    files = (media("day1/a.mov", start=None), media("day2/a.mov", start=None, rate=Fraction(50)))
    fast = EditLine("001", ("V",), "A", (), 10, source_rate=Fraction(50))
    found = relink(fast, files, R25)
    assert path(found) == "day2/a.mov" and "its rate is the list's" in found.note


def test_of_equal_names_the_folder_that_the_list_names_decides() -> None:
    files = (media("day1/cam/a.mov"), media("day2/cam/a.mov"))
    found = find("AX", *files, names=("/Volumes/RAID/show/day2/cam/a.mov", "a.mov"))
    assert path(found) == "day2/cam/a.mov"
    assert found.evidence is not None and "folder" in found.evidence.by


def test_equal_evidence_is_never_decided_by_order() -> None:
    files = (media("day1/a.mov"), media("day2/a.mov"))
    for order in (files, files[::-1]):
        found = find("a", *order)
        assert found.media is None and found.problem is not None
        assert found.problem.hint.startswith("candidates: media/day1/a.mov")


def test_a_plainer_name_that_does_not_hold_the_frame_is_doubted() -> None:
    files = (media("A001C001.mov", "A001", start=0), media("take.mov", "A001C001"))
    found = find("A001C001", *files)
    assert path(found) == "take.mov"
    assert "media/A001C001.mov is called so more plainly, but does not hold" in found.doubt


def test_a_renamed_file_answers_to_its_former_name_and_the_edit_keeps_it() -> None:
    renamed = replace(media("new.mov"), formerly=("media/old/A001C003.mov",))
    found = find("A001C003", renamed)
    assert found.media is renamed and renamed.known_as == "media/old/A001C003.mov"


def test_a_close_name_is_suggested_among_a_thousand() -> None:
    many = [media(f"B{n:03}C{n:03}.mov") for n in range(1000)]
    found = find("A001C03", *many, media("A001C003.mov"))
    assert found.problem is not None and "did you mean A001C003" in found.problem.hint
