"""Stabilizing as framing: the crop follows the measured shake, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from microfinish.core.crop_path import crop_size
from microfinish.core.frame import Framing, Raster, ReframeSheet
from microfinish.core.media import Media, Picture
from microfinish.core.steady import margin, shake, steadied
from microfinish.core.timeline import Timeline
from microfinish.pipeline.stage import Context

_STILL = 0.001
"""Share of the crop: a camera that moves less stands on legs, and needs no smaller crop."""


def amount_for(sheet: ReframeSheet, key: str | None) -> float:
    """How much of a shot's shake is to go: its own word, else the sheet's."""
    own = sheet.shots[key].stabilize if key is not None else None
    return sheet.stabilize if own is None else own


def steady(framing: Framing, frames: list[int], media: Media, picture: Picture,
           timeline: Timeline, raster: Raster, amount: float, ctx: Context) -> Framing:
    """The framing with `amount` of the camera's shake taken out.

    `frames` are the source frames on screen, one per record frame. Only a crop can be steadied.
    """
    if not amount or framing.fit != "crop" or framing.inset is not None or len(set(frames)) < 3:
        return framing
    wobble = shake(_motion(media, picture, frames, ctx), timeline.rate)
    given_up = margin(wobble, (framing.width, framing.height)) * amount
    if given_up < _STILL:
        return replace(framing, reason=f"{framing.reason}; stands still")
    kept = 1 - 2 * given_up
    crop = crop_size((int(framing.width * kept), int(framing.height * kept)),
                     picture.upright_aspect, raster)
    path = steadied(framing.path, (framing.width, framing.height), crop, picture.upright_size,
                    wobble, amount)
    most = max(max(abs(x), abs(y)) for x, y in wobble)
    said = f"{framing.reason}; shake of {most:.0f} pixels steadied"
    return replace(framing, width=crop[0], height=crop[1], path=path, reason=said)


def _motion(media: Media, picture: Picture, frames: list[int],
            ctx: Context) -> list[tuple[float, float]]:
    from microfinish.media.shake import SHAKE_VERSION, shake_fact

    path = ctx.path(media.path)
    key = f"{media.digest}:{','.join(map(str, frames))}"
    fact: Any = ctx.facts.get("shake", SHAKE_VERSION, key,
                              lambda: shake_fact(path, picture, frames))
    return [(x, y) for x, y in fact]
