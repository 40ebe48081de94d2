"""Slates: files of one scene and take belong together, whichever camera or recorder made them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from microfinish.core.media import Media


@dataclass(frozen=True, slots=True)
class Scene:
    """The files of one scene by take, then by name; `title` counts them. Files that state no
    scene stand together, with an empty title where no file states one."""

    name: str
    title: str
    files: tuple[Media, ...]


def scenes(files: Iterable[Media]) -> tuple[Scene, ...]:
    """The files by scene: 2 before 10, 12 before 12A; those without one last, in their order.

    Where no file states a scene there is one nameless group.
    """
    by_scene: dict[str, list[Media]] = defaultdict(list)
    for media in files:
        by_scene[media.scene.strip().upper()].append(media)
    rest = by_scene.pop("", [])
    found = [_scene(name, by_scene[name]) for name in sorted(by_scene, key=_natural)]
    if rest:
        found.append(Scene("", f"no scene: {_count(len(rest), 'file')}" if found else "",
                           tuple(rest)))
    return tuple(found)


def _scene(name: str, files: list[Media]) -> Scene:
    takes = {media.take for media in files if media.take}
    told = [_count(len(takes), "take")] if takes else []
    title = f"scene {name}: {', '.join([*told, _count(len(files), 'file')])}"
    order = sorted(files, key=lambda media: (_natural(media.take), media.path))
    return Scene(name, title, tuple(order))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
                 for part in re.split(r"(\d+)", text) if part)
