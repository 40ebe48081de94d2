"""Framing as the edit has it: pictures that lie over others, and pictures it framed itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from microfinish.core.errors import Problem, ProblemsError
from microfinish.core.frame import Framing, PathKey, Raster, ReframeSheet
from microfinish.core.media import MediaLog, Picture
from microfinish.core.placement import inset, same_shape
from microfinish.core.timeline import Event, Placement, Timeline


def insets(timeline: Timeline, log: MediaLog, raster: Raster, asked: Mapping[str, str],
           sheet: ReframeSheet) -> tuple[Framing, ...]:
    """One framing for every upper picture. `asked` is shot -> key of `sheet`.

    Raises ProblemsError where `reframe.yaml` asks for another: it has no words for a place yet.
    """
    problems, framings, files = [], {}, log.by_path()
    for event in timeline.overlays():
        media = files.get(event.media)
        if media is None or media.picture is None or event.shot in framings:
            continue
        if event.shot in asked:
            problems.append(Problem(
                f"shot {event.shot} lies over another picture: the edit says where and how large",
                sheet.shots[asked[event.shot]].where, "place it in the edit"))
        framings[event.shot] = _placed(event, media.picture, timeline.canvas, raster)
    if problems:
        raise ProblemsError(tuple(problems))
    return tuple(framings.values())


def as_edited(event: Event, picture: Picture, canvas: tuple[int, int],
              raster: Raster) -> Framing | None:
    """How the editor framed a picture that fills a canvas of the output's shape.

    None where nobody moved it, or where the canvas has another shape: a frame chosen for 16:9 says
    nothing about 9:16.
    """
    if event.placement is None or not same_shape(canvas, raster):
        return None
    found = _placed(event, picture, canvas, raster)
    if found.inset != (0, 0, raster.width, raster.height):
        return None
    return replace(found, fit="crop", reason="as the edit frames it", inset=None)


def _placed(event: Event, picture: Picture, canvas: tuple[int, int], raster: Raster) -> Framing:
    width, height = picture.upright_size
    found = inset(event.placement or Placement(), picture.upright_aspect * width / height,
                  canvas, raster)
    if found is None:
        return Framing(event.shot, "outside", width, height, (), "the edit places it off the frame")
    # pictures of 4:2:0 are cut on even pixels
    left, right = (round(share * width / 2) * 2 for share in (found.part.left, found.part.right))
    top, bottom = (round(share * height / 2) * 2 for share in (found.part.top, found.part.bottom))
    return Framing(event.shot, "inset", max(2, min(right, width) - left),
                   max(2, min(bottom, height) - top), (PathKey(0, float(left), float(top)),),
                   found.how, (found.x, found.y, found.width, found.height))
