"""The VFX returns as an input of the stages that make the picture, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable

from microfinish.core.vfx import Returns, VfxSheet
from microfinish.core.vfx_names import pulled_name
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Input
from microfinish.project.episode import Episode


def vfx_input(episode: Episode) -> Input:
    """The vfx document; no returns where there is none yet (a preview does not need it)."""
    document = episode.document("vfx", Returns)
    if not document.exists:
        return Input(digest(Returns()), Returns)
    return Input(document.digest, document.load)


def handles_of(episode: Episode) -> int:
    """Frames of handle of the episode's pulls: of its vfx.yaml, else of the season."""
    sheet = episode.human("vfx", VfxSheet).value or VfxSheet()
    return episode.settings.vfx.handles if sheet.handles is None else sheet.handles


def return_names(episode: Episode, shots: Iterable[str]) -> dict[str, str]:
    """What the next return of each shot should be called: `ep001_sh050_v001`, one version after
    the one in use."""
    document = episode.document("vfx", Returns)
    known: Returns = document.load() if document.exists else Returns()
    used = {shot: back.version for shot, back in known.by_shot().items()}
    return {shot: pulled_name(episode.name, shot, used.get(shot, 0) + 1) for shot in shots if shot}
