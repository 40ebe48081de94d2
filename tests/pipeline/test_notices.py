"""A notice is told once in a run, about each file or shot that it concerns."""

from __future__ import annotations

from dataclasses import replace

from microfinish.core.errors import Where
from microfinish.pipeline.events import Notice
from microfinish.pipeline.notices import ToldOnce, together

SILENT = Notice("ep001", "warning", "the episode is silent")
UNTAGGED = Notice("", "info", "limited assumed", about=("media/A.mov", "media/B.mov"))


def test_an_equal_notice_is_told_once_and_another_episodes_is_another() -> None:
    once = ToldOnce()
    assert [once.new_part(SILENT), once.new_part(SILENT)] == [SILENT, None]
    other = replace(SILENT, episode="ep002")
    assert once.new_part(other) == other
    placed = replace(SILENT, where=Where("edit.edl", 3))
    assert once.new_part(placed) == placed


def test_a_file_that_another_episode_told_of_is_left_out() -> None:
    once = ToldOnce()
    assert once.new_part(UNTAGGED) == UNTAGGED
    assert once.new_part(UNTAGGED) is None
    more = replace(UNTAGGED, about=("media/B.mov", "media/C.mov"))
    assert once.new_part(more) == replace(UNTAGGED, about=("media/C.mov",))


def test_what_is_true_of_many_shots_is_one_notice() -> None:
    told = [("sh1 00:00:00:00", "muted"), ("sh2 00:00:01:00", "silent"),
            ("sh3 00:00:02:00", "muted")]
    assert list(together("ep001", told, "info")) == [
        Notice("ep001", "info", "muted", about=("sh1 00:00:00:00", "sh3 00:00:02:00")),
        Notice("ep001", "info", "silent", about=("sh2 00:00:01:00",))]
