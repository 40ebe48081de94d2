"""FCPXML sound roles: which role a clip's sound has, and which roles its containers switch off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from microfinish.interchange.fcpxml_said import Losses
from microfinish.interchange.xmltext import Element


@dataclass(frozen=True, slots=True)
class _Muted:
    """Roles that a container switches off; `source` is storyline, connected or "" for both.
    Layers of its contents begin with `depth` numbers of its own."""

    depth: int
    source: str
    roles: frozenset[str]


class Roles:
    """Roles as they stand at one place of the walk."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self._muted: list[_Muted] = []

    @contextmanager
    def muted(self, sources: Iterable[Element], layer: tuple[int, ...]) -> Iterator[None]:
        """While inside, the roles that these elements switch off are silent."""
        before = len(self._muted)
        for source in sources:
            roles = frozenset(role.get("role").casefold()
                              for role in source.all("audio-role-source")
                              if role.get("active") == "0" or role.get("enabled") == "0")
            if roles:
                self._muted.append(_Muted(len(layer) + 1, source.get("sourceID"), roles))
        try:
            yield
        finally:
            del self._muted[before:]

    def silent(self, role: str, layer: tuple[int, ...], element: Element) -> bool:
        """Whether a container switches a role off at that layer."""
        name = role.casefold()
        for muted in self._muted:
            side = "connected" if any(layer[muted.depth:]) else "storyline"
            if muted.source in ("", side) and (
                    name in muted.roles or name.partition(".")[0] in muted.roles):
                self.losses.add(element, "info", f"its role {role} is switched off in the edit")
                return True
        return False

    def of(self, element: Element) -> str | None:
        """The role of a clip's sound; None where all its channels are switched off."""
        channels = element.all("audio-channel-source")
        active = [c for c in channels if c.get("active") != "0" and c.get("enabled") != "0"]
        if channels and not active:
            self.losses.add(element, "info", "all its sound channels are switched off")
            return None
        if len(active) < len(channels):
            self.losses.add(element, "warning", "some of its sound channels are switched off; "
                                                "all are heard")
        roles = list(dict.fromkeys(c.get("role") for c in active if c.get("role")))
        if len(roles) > 1:
            self.losses.add(element, "warning", f"its channels have the roles {', '.join(roles)};"
                                                f" {roles[0]} is kept")
        return (roles or [element.get("audioRole") or element.get("role") or "dialogue"])[0]
