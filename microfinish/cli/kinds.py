"""The files that people write, by kind: which noun each becomes, and where it lies."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from microfinish.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Kind:
    """`target` is `module:Class` of the noun; `place` tells people where such a file lies.

    `folder` is the preset folder, "" for files that are no presets.
    """

    target: str
    place: str
    folder: str = ""

    def type(self) -> type:
        """The noun; imported when asked for."""
        module, _, name = self.target.partition(":")
        found: type = getattr(importlib.import_module(module), name)
        return found


_CORE = "microfinish.core"

KINDS: dict[str, Kind] = {
    "season": Kind(f"{_CORE}.settings:Season", "microfinish.yaml"),
    "episode": Kind(f"{_CORE}.settings:Season", "episodes/EP/episode.yaml"),
    "edit": Kind(f"{_CORE}.edit_sheet:EditSheet", "episodes/EP/edit.yaml"),
    "grade": Kind(f"{_CORE}.color:GradeSheet", "episodes/EP/grade.yaml"),
    "reframe": Kind(f"{_CORE}.frame:ReframeSheet", "episodes/EP/reframe.yaml"),
    "sync": Kind(f"{_CORE}.sync:SyncSheet", "episodes/EP/sync.yaml"),
    "vfx": Kind(f"{_CORE}.vfx:VfxSheet", "episodes/EP/vfx.yaml"),
    "titles": Kind(f"{_CORE}.title:TitleSheet", "episodes/EP/titles.yaml"),
    "mix": Kind(f"{_CORE}.mix:MixSheet", "episodes/EP/mix.yaml"),
    "markers": Kind(f"{_CORE}.markers:MarkerSheet", "episodes/EP/markers.yaml"),
    "platform": Kind(f"{_CORE}.deliver:PlatformPreset", "presets/platforms/*.yaml", "platforms"),
    "encode": Kind(f"{_CORE}.deliver:EncodePreset", "presets/encodes/*.yaml", "encodes"),
    "loudness": Kind(f"{_CORE}.deliver:LoudnessPreset", "presets/loudness/*.yaml", "loudness"),
    "camera": Kind(f"{_CORE}.color:CameraPreset", "presets/cameras/*.yaml", "cameras"),
    "look": Kind(f"{_CORE}.color:LookPreset", "presets/looks/*.yaml", "looks"),
    "safe-area": Kind(f"{_CORE}.title:SafeArea", "presets/safe-areas/*.yaml", "safe-areas"),
    "title-style": Kind(f"{_CORE}.title:TitleStyle", "presets/titles/*.yaml", "titles"),
    "cleanup": Kind(f"{_CORE}.cleanup:Cleanup", "presets/cleanup/*.yaml", "cleanup"),
    "qc": Kind(f"{_CORE}.finding:QcPreset", "presets/qc/*.yaml", "qc"),
}

SHEETS = ("sync", "grade", "reframe", "vfx", "titles", "mix", "markers")
"""Kinds that an episode may have as `NAME.yaml` in its folder."""

PRESETS = {kind.folder: kind for kind in KINDS.values() if kind.folder}
"""Kinds of presets, by folder."""


def kind_named(name: str) -> Kind:
    """The kind of that name; raises InputError with the nearest."""
    from difflib import get_close_matches

    if name in KINDS:
        return KINDS[name]
    near = get_close_matches(name, KINDS, n=1)
    first = f"did you mean {near[0]}? " if near else ""
    raise InputError(f'there is no kind of file called "{name}"',
                     hint=f"{first}the kinds are {', '.join(KINDS)}")
