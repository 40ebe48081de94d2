"""Who a file is: its reel and start timecode label, from tags and from its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from microfinish.core.color_stated import STATED_TAGS, xml_words
from microfinish.core.media import IDENTITY_TAGS
from microfinish.media.bwf import BroadcastWave

_REEL_TAGS = ("reel_name", "com.arri.camera.reelname", "com.apple.proapps.reel", "reel", "tape",
              "reelname", "com.apple.finalcutstudio.media.reelname")
_CAMERA_NAME = re.compile(r"^([A-Z]\d{3})(?=[_.\-]?C\d{3,4})", re.IGNORECASE)
_LABEL = re.compile(r"^\d{1,2}:\d{2}:\d{2}[:;.,]\d{2,3}$")
_SCENE_TAGS = ("scene", "com.apple.proapps.scene", "com.arri.camera.scenename")
_TAKE_TAGS = ("take", "com.apple.proapps.take", "com.arri.camera.takename")
_OPTICS = {
    "com.apple.quicktime.camera.lens_model": "Lens", "com.arri.camera.lenstype": "Lens",
    "com.blackmagic-design.camera.lenstype": "Lens",
    "com.blackmagic-design.camera.lensfocallength": "Focal Length",
    "com.arri.camera.cameramodel": "Camera Model", "com.arri.camera.cameraindex": "Camera",
    "com.apple.proapps.cameraname": "Camera", "com.apple.proapps.shot": "Shot",
    "com.apple.proapps.angle": "Angle", "com.apple.proapps.lognote": "Comment"}
"""QuickTime keys that ARRI, Blackmagic, Apple and Final Cut write, and what camera reports call
the same."""
_SLATES = (
    re.compile(r"(?:^|[_\-. ])(?:SC|SCENE)[_\- ]?(?P<scene>\d+[A-Z]{0,2})"
               r"[_\-. ]*(?:TK|TAKE|T)[_\- ]?(?P<take>\d+)(?!\d)", re.IGNORECASE),
    re.compile(r"^(?P<scene>\d+[A-Z]{0,2})[_\-]?T(?P<take>\d{1,3})(?![0-9A-Z])", re.IGNORECASE),
)
"""`SC12A_TK3`, `Scene 12 Take 3`, and recorders' `12A-T003`."""
_KEPT = ("creation_time", "com.apple.quicktime.make", "com.apple.quicktime.model",
         "com.apple.quicktime.software", "com.android.version", "com.android.capture.fps",
         "make", "model", "encoder", "company_name", "product_name", "originator_reference",
         *IDENTITY_TAGS)


def reel_of(shown: str, tags: dict[str, str], bwf: BroadcastWave | None) -> str:
    """The reel from tags, else from the camera's file name (`A001` of `A001C003_...`), else the
    whole name without extension."""
    for key in _REEL_TAGS:
        if tags.get(key, "").strip():
            return tags[key].strip()
    if bwf and bwf.tape:
        return bwf.tape
    stem = PurePosixPath(shown).stem
    match = _CAMERA_NAME.match(stem)
    return match[1] if match else stem


def start_label(tags: dict[str, str]) -> str:
    """The start timecode label that the file states, or nothing."""
    label = tags.get("timecode", "").strip()
    return label if _LABEL.match(label) else ""


def kept_tags(tags: dict[str, str], bwf: BroadcastWave | None) -> dict[str, str]:
    """The tags worth showing in the log, and a recorder's notes."""
    stated = {**tags, **xml_words(tags)}
    kept = {key: stated[key].strip() for key in (*_KEPT, *STATED_TAGS)
            if stated.get(key, "").strip()}
    for key, name in _OPTICS.items():
        if tags.get(key, "").strip():
            kept.setdefault(name, tags[key].strip())
    if bwf:
        kept.update({key.lower(): value for key, value in bwf.notes.items()})
    return kept


def slate_of(shown: str, tags: Mapping[str, str], bwf: BroadcastWave | None) -> tuple[str, str]:
    """(scene, take) that a file's tags state, or its recorder's notes, else its name; empty where
    nothing does."""
    scene = next((tags[key].strip() for key in _SCENE_TAGS if tags.get(key, "").strip()), "")
    take = next((tags[key].strip() for key in _TAKE_TAGS if tags.get(key, "").strip()), "")
    if bwf:
        scene, take = bwf.scene or scene, bwf.take or take
    stem = PurePosixPath(shown).stem
    for pattern in _SLATES:
        match = pattern.search(stem)
        if match and not scene:
            return match["scene"].upper(), take or match["take"].lstrip("0") or "0"
    return scene, take
