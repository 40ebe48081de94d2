"""The camera presets that correct and grade read: one input each, by name."""

from __future__ import annotations

from microfinish.core.color import CameraPreset
from microfinish.core.color_chain import AUTOMATIC_CAMERAS, FALLBACK_CAMERA
from microfinish.core.color_stated import STATED_CAMERAS
from microfinish.core.errors import InputError, ProblemsError, Where
from microfinish.core.settings import CameraRef
from microfinish.core.vfx import AS_CAMERA, VfxSheet
from microfinish.documents.places import Parsed
from microfinish.documents.validate import read
from microfinish.pipeline.stage import Input
from microfinish.project.episode import Episode

CAMERA_PREFIX = "presets/cameras/"


def camera_inputs(episode: Episode) -> dict[str, Input]:
    """Every camera preset that could be asked for: those the settings name, for cameras and
    for VFX returns, and those that a file's transfer tag can choose."""
    refs = [setting if isinstance(setting, CameraRef) else CameraRef(setting)
            for setting in episode.settings.cameras.values()]
    settings = Where("microfinish.yaml")
    names = dict.fromkeys((*(ref.preset for ref in refs), FALLBACK_CAMERA,
                           *AUTOMATIC_CAMERAS.values(), *STATED_CAMERAS), ("cameras", settings))
    colors = [(episode.settings.vfx.color, "vfx", settings)]
    human = episode.human("vfx", VfxSheet)
    if human.value is not None:
        parsed = read(human.path, episode.layout.shown(human.path))
        colors += [(color, "color", where)
                   for color, where in written_colors(human.value, parsed)]
    names |= {color: (key, where) for color, key, where in colors
              if color not in ("", AS_CAMERA, *names)}
    found = {}
    for name, (key, where) in sorted(names.items()):
        try:
            resolved = episode.project.presets.resolve("cameras", name, CameraPreset)
        except ProblemsError:
            raise
        except InputError as error:
            raise InputError(f"{key}: {error.message}", hint=error.hint,
                             where=error.where or where) from error
        found[CAMERA_PREFIX + name.removeprefix("cameras/")] = Input(
            resolved.digest, lambda value=resolved.value: value)  # type: ignore[misc]
    return found


def written_colors(sheet: VfxSheet, parsed: Parsed) -> list[tuple[str, Where]]:
    """The colors that a vfx.yaml names for its returns, each with its place."""
    found = [(shot.color, shot.where or parsed.mark(("shots",)).where)
             for shot in sheet.shots.values()]
    return [(sheet.color, parsed.mark(("color",)).where), *found]
