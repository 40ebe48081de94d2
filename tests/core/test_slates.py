"""Files of one scene stand together, in the order that a script supervisor counts."""

from __future__ import annotations

from microfinish.core.media import Media
from microfinish.core.slates import scenes


def media(name: str, scene: str = "", take: str = "") -> Media:
    return Media(f"media/{name}", name, 1, scene=scene, take=take)


def test_scenes_and_takes_are_in_counting_order_with_cameras_and_recorder_together() -> None:
    files = [media("B2", "12A", "2"), media("T9", "12a", "10"), media("A2", "12A", "2"),
             media("A1", "2", "1"), media("X"), media("A3", "12", "1")]
    found = scenes(files)
    assert [(scene.title, [item.path[6:] for item in scene.files]) for scene in found] == [
        ("scene 2: 1 take, 1 file", ["A1"]), ("scene 12: 1 take, 1 file", ["A3"]),
        ("scene 12A: 2 takes, 3 files", ["A2", "B2", "T9"]), ("no scene: 1 file", ["X"])]


def test_without_scenes_there_is_one_nameless_group_in_the_order_of_the_log() -> None:
    (found,) = scenes([media("B"), media("A")])
    assert (found.title, [item.path for item in found.files]) == ("", ["media/B", "media/A"])
    assert scenes([]) == ()
