"""The same content under another path is the same file, with its old names and reel."""

from fractions import Fraction

from microfinish.core.media import Media, MediaLog
from microfinish.core.media_moves import at_present, with_former_paths
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline


def media(path: str, content: str, reel: str = "") -> Media:
    return Media(path, content, 10, reel=reel)


def test_a_renamed_file_keeps_its_first_name_and_reel_however_often_it_moves() -> None:
    first = MediaLog((media("media/A001C003.mov", "x", "A001"),))
    second, gone = with_former_paths([media("media/b.mov", "x", "b")], first)
    assert second[0].formerly == ("media/A001C003.mov",) and second[0].reel == "A001" and not gone
    third, _ = with_former_paths([media("media/c.mov", "x", "c")], MediaLog(second))
    assert third[0].formerly == ("media/A001C003.mov", "media/b.mov")
    assert third[0].known_as == "media/A001C003.mov" and third[0].reel == "A001"
    back, _ = with_former_paths([media("media/A001C003.mov", "x", "A001")], MediaLog(third))
    assert back[0].known_as == "media/A001C003.mov"
    assert set(MediaLog(back).by_path()) == {"media/A001C003.mov", "media/b.mov", "media/c.mov"}
    assert with_former_paths(back, MediaLog(back))[0] == back


def test_a_file_that_went_away_is_remembered_until_its_content_comes_back() -> None:
    first = MediaLog((media("media/a.mov", "x", "A001"),))
    none, gone = with_former_paths([], first)
    assert none == () and [item.path for item in gone] == ["media/a.mov"]
    _, still = with_former_paths([media("media/z.mov", "z")], MediaLog((), (), gone))
    assert still == gone
    found, gone_now = with_former_paths([media("/Volumes/card/q.mov", "x")],
                                        MediaLog((), (), gone))
    assert found[0].known_as == "media/a.mov" and not gone_now


def test_a_path_that_another_file_took_over_means_that_file() -> None:
    before = MediaLog((media("media/a.mov", "x"),))
    now, _ = with_former_paths([media("media/a.mov", "new"), media("media/b.mov", "x")], before)
    assert now[1].formerly == ()
    assert MediaLog(now).by_path()["media/a.mov"].digest == "new"


def test_logging_again_changes_nothing() -> None:
    before = MediaLog((media("media/a.mov", "x"), media("media/gone.mov", "y")))
    once, gone = with_former_paths([media("media/b.mov", "x")], before)
    again, gone_again = with_former_paths([media("media/b.mov", "x")], MediaLog(once, (), gone))
    assert (again, gone_again) == (once, gone)


def test_copies_that_stay_where_they_are_have_no_former_paths() -> None:
    both = (media("media/a.mov", "x"), media("media/b.mov", "x"))
    assert with_former_paths(both, MediaLog(both)) == (both, ())


def test_other_programs_are_told_where_a_file_lies_now() -> None:
    log = MediaLog((Media("media/b.mov", "x", 10, formerly=("media/a.mov",)),))
    event = Event("sh010", "V", "media/a.mov", Span(0, 10), Span(0, 10))
    told = at_present(Timeline(Fraction(25), (event, Event("", "V", "", Span(0, 5), Span(10, 15)))),
                      log)
    assert [item.media for item in told.events] == ["media/b.mov", ""]
