"""The resources of an FCPXML file to be written: formats, assets and effects, each once."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote

from microfinish.core.media import Media
from microfinish.core.relink import is_still, own_frames, own_rate
from microfinish.interchange.fcpxml_time import written

Node = ElementTree.Element
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EFFECTS = {"Cross Dissolve": "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265",
            "Audio Crossfade": "FFAudioTransition"}


def clean(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def node(parent: Node, tag: str, **attributes: str) -> Node:
    """A new child element."""
    return ElementTree.SubElement(parent, tag,
                                  {key: clean(value) for key, value in attributes.items()})


@dataclass(frozen=True, slots=True)
class Written:
    """An asset in the file: its id and, in seconds, its first frame's time and its length."""

    id: str
    start: Fraction
    duration: Fraction | None


class Assets:
    """The `resources` element in the making. r1 is the sequence's format."""

    def __init__(self, parent: Node, rate: Fraction, raster: tuple[int, int], root: str) -> None:
        self.parent = parent
        self.rate = rate
        self.root = root
        self._formats: dict[tuple[Fraction | None, int, int], str] = {}
        self._assets: dict[str, Written] = {}
        self._effects: dict[str, str] = {}
        self._format(rate, *raster)

    def _next(self) -> str:
        return f"r{len(self._formats) + len(self._assets) + len(self._effects) + 1}"

    def _format(self, rate: Fraction | None, width: int, height: int) -> str:
        key = rate, width, height
        if key not in self._formats:
            name = self._next()
            element = node(self.parent, "format", id=name)
            if rate is not None:
                element.set("frameDuration", written(1 / rate))
            else:
                element.set("name", "FFVideoFormatRateUndefined")
            element.set("width", str(width))
            element.set("height", str(height))
            self._formats[key] = name
        return self._formats[key]

    def effect(self, title: str) -> str:
        """The id of an effect."""
        if title not in self._effects:
            name = self._next()
            node(self.parent, "effect", id=name, name=title, uid=_EFFECTS[title])
            self._effects[title] = name
        return self._effects[title]

    def asset(self, path: str, media: Media | None) -> Written:
        """The asset of a media file; of one that is not in the log, only its name is known."""
        if path not in self._assets:
            self._assets[path] = self._write(path, media)
        return self._assets[path]

    def _write(self, path: str, media: Media | None) -> Written:
        form = ""
        start, duration = Fraction(0), None
        if media is not None:
            rate = own_rate(media, self.rate)
            still = is_still(media)
            start = Fraction(0) if still else Fraction(media.start_frame or 0) / rate
            duration = Fraction(0) if still else own_frames(media, self.rate) / rate
            if media.picture:
                form = self._format(None if still else rate, *media.picture.upright_size)
        name = self._next()
        element = node(self.parent, "asset", id=name, name=path.rpartition("/")[2],
                       start=written(start))
        if duration is not None:
            element.set("duration", written(duration))
        if media is None or media.picture:
            element.set("hasVideo", "1")
            element.set("videoSources", "1")
        if form:
            element.set("format", form)
        if media and media.sounds:
            for key, value in (("hasAudio", 1), ("audioSources", 1),
                               ("audioChannels", media.sounds[0].channels),
                               ("audioRate", media.sounds[0].sample_rate)):
                element.set(key, str(value))
        node(element, "media-rep", kind="original-media", src=self._url(path))
        if media and media.reel:
            node(node(element, "metadata"), "md", key="com.apple.proapps.studio.reel",
                 value=media.reel)
        return Written(name, start, duration)

    def _url(self, path: str) -> str:
        """Absolute where the project's folder is known; FCPXML allows relative URLs too."""
        if path.startswith("/") or path[1:2] == ":":  # from a media root outside the project
            return "file:///" + quote(clean(path).lstrip("/"), safe="/:")
        if not self.root:
            return quote(clean(path))
        return "file:///" + quote(f"{self.root.replace(chr(92), '/').strip('/')}/{clean(path)}",
                                  safe="/:")
