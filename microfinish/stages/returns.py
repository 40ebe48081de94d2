"""The VFX returns as an input of the stages that make the picture."""

from __future__ import annotations

from microfinish.core.vfx import Returns
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Input
from microfinish.project.episode import Episode


def vfx_input(episode: Episode) -> Input:
    """The vfx document; no returns where there is none yet (a preview does not need it)."""
    document = episode.document("vfx", Returns)
    if not document.exists:
        return Input(digest(Returns()), Returns)
    return Input(document.digest, document.load)
