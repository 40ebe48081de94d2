"""Who a file is: its reel and start timecode label, from tags and from its name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from microfinish.core.color_stated import STATED_TAGS, xml_words
from microfinish.core.media import IDENTITY_TAGS
from microfinish.media.bwf import BroadcastWave

_REEL_TAGS = ("reel_name", "com.apple.proapps.reel", "reel", "tape", "reelname",
              "com.apple.finalcutstudio.media.reelname")
_CAMERA_NAME = re.compile(r"^([A-Z]\d{3})(?=[_.\-]?C\d{3,4})", re.IGNORECASE)
_LABEL = re.compile(r"^\d{1,2}:\d{2}:\d{2}[:;.,]\d{2,3}$")
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
    if bwf:
        kept.update({key.lower(): value for key, value in bwf.notes.items()})
    return kept


def slate_of(shown: str) -> tuple[str, str]:
    """(scene, take) that a file's name states; empty where it states none."""
    stem = PurePosixPath(shown).stem
    for pattern in _SLATES:
        if match := pattern.search(stem):
            return match["scene"].upper(), match["take"].lstrip("0") or "0"
    return "", ""
