"""What an FCPXML clip says beyond its time: every child element is understood, kept or lost."""

from __future__ import annotations

import re
from fractions import Fraction

from microfinish.core.cdl import Cdl, Triple
from microfinish.core.timeline import Loss
from microfinish.interchange.xmltext import Element

STORY = frozenset({"asset-clip", "clip", "video", "audio", "ref-clip", "sync-clip", "mc-clip",
                   "title", "caption", "gap", "audition", "spine", "live-drawing"})
MARKERS = frozenset({"marker", "chapter-marker"})
_READ = STORY | {"transition", "conform-rate", "timeMap", "mc-source", "sync-source",
                 "audio-channel-source", "audio-role-source", "adjust-transform", "adjust-crop",
                 "adjust-conform", "adjust-blend"}
_SILENT = frozenset({
    "metadata", "note", "keyword", "rating", "analysis-marker", "hidden-clip-marker", "bookmark",
    "object-tracker", "text-style-def", "text-style", "text", "param", "reserved",
    "match-clip", "smart-collection", "collection-folder", "keyword-collection"})
"""Elements that say nothing about picture or sound of the edit."""

_LOST: dict[str, tuple[str, str]] = {
    "adjust-corners": ("warning", "the distortion is not reproduced"),
    "adjust-colorConform": ("info", "color spaces are decided by the camera presets"),
    "adjust-stabilization": ("warning", "the stabilization is not reproduced"),
    "adjust-rollingShutter": ("warning", "the rolling shutter correction is not reproduced"),
    "adjust-cinematic": ("warning", "the cinematic focus is not reproduced"),
    "adjust-volume": ("warning", "the level is not taken over; set it in mix.yaml"),
    "adjust-panner": ("info", "the panning is not taken over"),
    "adjust-loudness": ("info", "loudness is decided by mix"),
    "adjust-noiseReduction": ("info", "noise reduction is decided by the cleanup preset"),
    "adjust-humReduction": ("info", "hum reduction is decided by the cleanup preset"),
    "adjust-voiceIsolation": ("info", "voice isolation is decided by the cleanup preset"),
    "adjust-EQ": ("warning", "the equalizer is not reproduced"),
    "adjust-matchEQ": ("warning", "the equalizer is not reproduced"),
    "filter-audio": ("warning", "the sound effect is not reproduced"),
    "filter-video": ("warning", "the picture effect is not reproduced"),
    "filter-video-mask": ("warning", "the masked picture effect is not reproduced"),
    "fadeIn": ("warning", "the fade is not taken over"),
    "fadeOut": ("warning", "the fade is not taken over"),
}
_CDL = re.compile(r"info-asc-cdl:(.*)", re.DOTALL)
_TRIPLE = re.compile(r'(slope|offset|power)\s*=\s*"([^"]*)"')


class Losses:
    """Losses in the making, each said once however often its element is visited."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[int, int, str], Loss] = {}

    def add(self, element: Element, severity: str, reason: str, text: str = "") -> None:
        self._found.setdefault(
            (element.line, element.column, reason),
            Loss(self.file, element.line, text or element.shown(), severity, reason))

    def sorted(self) -> tuple[Loss, ...]:
        return tuple(loss for _, loss in sorted(self._found.items()))

    def children(self, element: Element) -> None:
        """Say of every child of a story element what becomes of it."""
        for child in element.children:
            if child.tag in _READ or child.tag in _SILENT or child.tag in MARKERS:
                continue
            if child.tag in _LOST:
                self._lost(child)
            elif child.tag.startswith("adjust-"):
                self.add(child, "warning", "the adjustment is not reproduced")
            else:
                self.add(child, "warning", "the element is not understood")

    def _lost(self, child: Element) -> None:
        severity, reason = _LOST[child.tag]
        if child.get("enabled") == "0" or _neutral(child):
            return
        if child.tag == "filter-video" and cdl_of(child) is not None:
            severity, reason = "info", ("of the effect, the ASC CDL that Final Cut Pro states is "
                                        "taken; masks and ranges are not")
        if child.tag == "adjust-volume" and _decibels(child.get("amount")) == -96:
            reason = "the sound is turned down to -96 dB; leave it out in mix.yaml"
        self.add(child, severity, reason)


def composited(element: Element) -> bool:
    """Whether a clip is distorted or masked, so that it does not fill its own frame."""
    return any(child.get("enabled") != "0" and not _neutral(child) for child in element.all(
        "adjust-corners", "filter-video-mask"))


def _neutral(child: Element) -> bool:
    """An adjustment that changes nothing."""
    if child.children:
        return False
    given = {key: value for key, value in child.attributes.items() if key != "enabled"}
    if child.tag == "adjust-colorConform":
        return given.get("conformType", "conformNone") == "conformNone"
    if child.tag == "adjust-volume":
        return _decibels(given.get("amount", "0dB")) == 0
    return not given


def _decibels(text: str) -> Fraction | None:
    try:
        return Fraction(text.strip().removesuffix("dB").strip() or "0")
    except (ValueError, ZeroDivisionError):
        return None


def cdl_of(filter_video: Element) -> Cdl | None:
    """The ASC CDL that Final Cut Pro writes as a comment into a color effect."""
    for comment in filter_video.comments:
        match = _CDL.search(comment)
        if not match:
            continue
        parts: dict[str, Triple] = {}
        for name, text in _TRIPLE.findall(match[1]):
            try:
                red, green, blue = (float(number) for number in text.split())
            except ValueError:
                return None
            parts[name] = (red, green, blue)
        if set(parts) != {"slope", "offset", "power"} or not _sane(parts):
            return None
        return Cdl(parts["slope"], parts["offset"], parts["power"])
    return None


def _sane(parts: dict[str, Triple]) -> bool:
    numbers = [number for triple in parts.values() for number in triple]
    return (all(abs(number) < 1000 for number in numbers) and min(parts["slope"]) >= 0
            and min(parts["power"]) > 0)


def clip_cdl(element: Element) -> Cdl | None:
    """The first CDL among a clip's enabled effects."""
    for effect in element.all("filter-video"):
        if effect.get("enabled") != "0" and (cdl := cdl_of(effect)) is not None:
            return cdl
    return None


def comments_of(element: Element) -> tuple[str, ...]:
    """The notes of a clip, as text."""
    return tuple(f"NOTE: {child.words().strip()}" for child in element.all("note")
                 if child.words().strip())


def title_text(element: Element) -> str:
    """The words of a title or caption."""
    return " / ".join(" ".join(text.words().split()) for text in element.all("text")
                      if text.words().strip())
