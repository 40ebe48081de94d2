"""Says everything once: a season of a hundred episodes repeats itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from microfinish.pipeline.events import Notice, Severity


class ToldOnce:
    """What one run told so far. Not safe in threads by itself."""

    def __init__(self) -> None:
        self._told: dict[Notice, set[str]] = {}

    def new_part(self, notice: Notice) -> Notice | None:
        """The notice without the files or shots it was told about before; None if none is left."""
        what = replace(notice, about=())
        told = self._told.get(what)
        if told is not None and not notice.about:
            return None
        told = self._told.setdefault(what, set())
        fresh = tuple(item for item in dict.fromkeys(notice.about) if item not in told)
        if notice.about and not fresh:
            return None
        told.update(fresh)
        return replace(notice, about=fresh)


def together(
    episode: str, told: Iterable[tuple[str, str]], severity: Severity, hint: str = ""
) -> Iterator[Notice]:
    """One notice for each text of the (file or shot, text) pairs, about all that share it."""
    shared: dict[str, list[str]] = {}
    for about, text in told:
        shared.setdefault(text, []).append(about)
    for text, about_all in shared.items():
        yield Notice(episode, severity, text, hint, about=tuple(about_all))
