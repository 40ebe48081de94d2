"""The camera presets that correct and grade read: one input each, by name."""

from __future__ import annotations

from microfinish.core.color import CameraPreset
from microfinish.core.color_chain import AUTOMATIC_CAMERAS, FALLBACK_CAMERA
from microfinish.core.color_stated import STATED_CAMERAS
from microfinish.core.errors import InputError, ProblemsError, Where
from microfinish.core.settings import CameraRef
from microfinish.core.vfx import AS_CAMERA, VfxSheet
from microfinish.pipeline.stage import Input
from microfinish.project.episode import Episode

CAMERA_PREFIX = "presets/cameras/"


def camera_inputs(episode: Episode) -> dict[str, Input]:
    """Every camera preset that could be asked for: those the settings name, for cameras and
    for VFX returns, and those that a file's transfer tag can choose."""
    refs = [setting if isinstance(setting, CameraRef) else CameraRef(setting)
            for setting in episode.settings.cameras.values()]
    names = {FALLBACK_CAMERA, *(ref.preset for ref in refs), *AUTOMATIC_CAMERAS.values(),
             *STATED_CAMERAS}
    sheet = episode.human("vfx", VfxSheet).value or VfxSheet()
    names |= {episode.settings.vfx.color, sheet.color,
              *(shot.color for shot in sheet.shots.values())} - {"", AS_CAMERA}
    found = {}
    for name in sorted(names):
        try:
            resolved = episode.project.presets.resolve("cameras", name, CameraPreset)
        except ProblemsError:
            raise
        except InputError as error:
            raise InputError(f"cameras: {error.message}", hint=error.hint,
                             where=error.where or Where("microfinish.yaml")) from error
        found[CAMERA_PREFIX + name.removeprefix("cameras/")] = Input(
            resolved.digest, lambda value=resolved.value: value)  # type: ignore[misc]
    return found
