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
