"""Which camera a file itself states, in metadata that recorders and cameras write.

Only words that say the curve and the gamut count. A maker's name, a model or a file name says
neither, and none of them is ever used to guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from microfinish.core.settings import CameraRef

STATED_TAGS = (
    "com.arri.camera.colorgammasxs", "com.arri.camera.exposureindexasa",
    "com.atomos.hdr.gamma", "com.atomos.hdr.gamut",
    "com.apple.proapps.customgamma", "com.blackmagic-design.camera.colorscience",
    "capture_gamma", "capture_gamut",
)
"""The tags that are kept for this; the last two are taken out of Panasonic's XML."""

_PANASONIC_XML = "com.panasonic.semi-pro.metadata.xml"
_XML_WORDS = {"capture_gamma": "CaptureGamma", "capture_gamut": "CaptureGamut"}
_BY_CURVE: Mapping[tuple[str, str], str] = {
    ("slog3", "sgamut3cine"): "sony-slog3-sgamut3cine", ("slog3", "sgamut3"): "sony-slog3-sgamut3",
    ("slog2", "sgamut"): "sony-slog2", ("slog2", "sgamut3cine"): "sony-slog2-sgamut3cine",
    ("vlog", "vgamut"): "panasonic-vlog", ("vlogl", "vgamut"): "panasonic-vlog",
    ("clog", "cinemagamut"): "canon-clog", ("clog2", "cinemagamut"): "canon-clog2",
    ("clog3", "cinemagamut"): "canon-clog3", ("nlog", "bt2020"): "nikon-nlog",
    ("flog", "bt2020"): "fujifilm-flog", ("flog2", "bt2020"): "fujifilm-flog2",
    ("hlg", "bt2020"): "phone-hlg", ("pq", "bt2020"): "phone-pq", ("rec709", "rec709"):
    "phone-rec709", ("natural", "bt709"): "phone-rec709", ("cinelikev", "bt709"): "phone-rec709",
    ("cineliked", "bt709"): "phone-rec709", ("standard", "bt709"): "phone-rec709",
}
_CUSTOM_GAMMA: Mapping[str, str] = {"com.apple.rec2020.apple-log": "apple-log"}
_ARRI_INDICES = (160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600)
STATED_CAMERAS = tuple(sorted({*_BY_CURVE.values(), *_CUSTOM_GAMMA.values(), "arri-logc3",
                               "arri-logc4", "bmd-gen5"}))
"""Every camera preset that a file's own words can choose."""


def xml_words(tags: Mapping[str, str]) -> dict[str, str]:
    """The curve and gamut that Panasonic's XML states, under short names."""
    xml = tags.get(_PANASONIC_XML, "")
    found = {key: re.search(rf"<(?:\w+:)?{word}\b[^>]*>\s*([^<]*?)\s*</", xml)
             for key, word in _XML_WORDS.items()}
    return {key: match[1] for key, match in found.items() if match}


def stated_camera(tags: Mapping[str, str]) -> tuple[CameraRef, str, str] | None:
    """(camera, the words that say so, notice) of a file's tags; None where they say nothing."""
    gamma = tags.get("com.arri.camera.colorgammasxs", "")
    if gamma.upper().startswith("LOG-C"):
        return _arri(gamma, tags.get("com.arri.camera.exposureindexasa", ""))
    custom = tags.get("com.apple.proapps.customgamma", "")
    if custom in _CUSTOM_GAMMA:
        return CameraRef(_CUSTOM_GAMMA[custom]), f"customgamma {custom}", ""
    science = tags.get("com.blackmagic-design.camera.colorscience", "")
    if custom == "com.blackmagic-design.camera.filmlog" and "gen 5" in science.casefold():
        return CameraRef("bmd-gen5"), f"customgamma filmlog, {science}", ""
    for curve, gamut in (("com.atomos.hdr.gamma", "com.atomos.hdr.gamut"),
                         ("capture_gamma", "capture_gamut")):
        said = tags.get(curve, ""), tags.get(gamut, "")
        preset = _BY_CURVE.get((_bare(said[0]), _bare(said[1])))
        if preset:
            return CameraRef(preset), f"{curve} {said[0]}, {said[1]}", ""
        if said[0]:
            return None
    return None


def _arri(gamma: str, index: str) -> tuple[CameraRef, str, str]:
    if "4" in gamma:
        return CameraRef("arri-logc4"), f"ColorGammaSxS {gamma}", ""
    said = f"ColorGammaSxS {gamma}, EI {index or 'not stated'}"
    if not index.isdigit():
        return (CameraRef("arri-logc3"), said,
                "LogC3 without its exposure index: the curve of EI 800 assumed")
    nearest = min(_ARRI_INDICES, key=lambda published: abs(published - int(index)))
    notice = "" if nearest == int(index) else (
        f"ARRI publishes no LogC3 curve for EI {index}: that of EI {nearest} is used")
    return CameraRef("arri-logc3", nearest), said, notice


def _bare(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.casefold()).replace("rec2020", "bt2020")
