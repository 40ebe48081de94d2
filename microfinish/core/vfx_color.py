"""How a VFX return is read: as the camera file it stands in for, unless something else is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from microfinish.core.color_chain import Camera, camera_of, fits, names_of
from microfinish.core.color_decode import decode_of
from microfinish.core.media import Media
from microfinish.core.settings import CameraRef
from microfinish.core.vfx import AS_CAMERA, Return


def camera_of_return(back: Return, plate: Media,
                     patterns: Iterable[tuple[str, str | CameraRef]]) -> Camera:
    """The camera of a return: what `vfx.yaml` says, else a pattern of `cameras:` that fits the
    return's own names, else its camera file's.

    Matrix and code range are always by the return's own tags: it was written by another program
    than the camera's, which tags ProRes Rec.709 whatever curve it holds.
    """
    assert back.media.picture is not None
    patterns = tuple(patterns)
    own = decode_of(back.media.picture)
    if back.color not in ("", AS_CAMERA):
        return Camera(CameraRef(back.color), f"vfx color {back.color}", own, own.notices)
    names = names_of(back.media)
    if not back.color and any(fits(pattern, names) for pattern, _ in patterns):
        return camera_of(back.media, patterns)
    camera = camera_of(plate, patterns)
    return Camera(replace(camera.ref, code_range=None), f"as {plate.path}: {camera.origin}", own,
                  own.notices)
