"""FCPXML resources: the formats, assets, compound and multicam media that a story refers to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote, urlsplit

from microfinish.interchange.fcpxml_time import rate_of, time_of
from microfinish.interchange.xmltext import Element

_REEL_KEYS = ("com.apple.proapps.studio.reel", "com.apple.proapps.mio.reel", "reel")


@dataclass(frozen=True, slots=True)
class Asset:
    """A media file. `start` is the time that FCPXML gives to its first frame: its timecode, in
    seconds, or 0. `rate` is None for what has no frames of its own, such as sound. `size` is in
    square pixels, None where no format says it."""

    name: str
    file_name: str
    start: Fraction
    duration: Fraction | None
    rate: Fraction | None
    has_picture: bool
    has_sound: bool
    reel: str = ""
    size: tuple[float, float] | None = None
    ids: tuple[str, ...] = ()
    path: str = ""

    @property
    def end(self) -> Fraction | None:
        return None if self.duration is None else self.start + self.duration


class Resources:
    """Everything below `<resources>`, by id."""

    def __init__(self, root: Element, file: str) -> None:
        self.file = file
        self._elements: dict[str, Element] = {}
        for resources in root.all("resources"):
            for element in resources.children:
                if element.get("id"):
                    self._elements.setdefault(element.get("id"), element)
        self._assets: dict[str, Asset] = {}

    def get(self, ref: str, *tags: str) -> Element | None:
        """The resource of that id, if it is one of these."""
        found = self._elements.get(ref)
        return found if found is not None and found.tag in tags else None

    def all(self, tag: str) -> list[Element]:
        """Every resource of a kind, in order."""
        return [element for element in self._elements.values() if element.tag == tag]

    def rate(self, format_id: str) -> Fraction | None:
        """The frame rate of a format."""
        found = self.get(format_id, "format")
        return rate_of(found.get("frameDuration")) if found else None

    def size(self, format_id: str) -> tuple[float, float] | None:
        """A format's width and height in square pixels."""
        found = self.get(format_id, "format")
        numbers = [_positive(found.get(name)) for name in ("width", "height")] if found else [0, 0]
        if found is None or not all(numbers):
            return None
        across, down = _positive(found.get("paspH")) or 1, _positive(found.get("paspV")) or 1
        return numbers[0] * across / down, float(numbers[1])

    def asset(self, ref: str) -> Asset | None:
        """The asset of that id. Raises InputError for times that are none."""
        element = self.get(ref, "asset")
        if element is None:
            return None
        if ref not in self._assets:
            self._assets[ref] = self._read(element)
        return self._assets[ref]

    def effect_name(self, ref: str) -> str:
        """The name of an effect, a title or a generator."""
        found = self.get(ref, "effect")
        return found.get("name") if found else ""

    def _read(self, element: Element) -> Asset:
        pictured = element.get("hasVideo") == "1"
        heard = element.get("hasAudio") == "1"
        return Asset(
            element.get("name"), _file_name(_source(element)),
            time_of(element, "start", self.file) or Fraction(0),
            time_of(element, "duration", self.file) or None,
            self.rate(element.get("format")) if pictured or not heard else None,
            pictured or not heard, heard, _reel(element), self.size(element.get("format")),
            _ids(element), unquote(_source(element)))


def _ids(asset: Element) -> tuple[str, ...]:
    """What Final Cut Pro and others know the file by, whatever it is called."""
    found = (asset.get("uid"), *(media.get("sig") for media in asset.all("media-rep")))
    return tuple(dict.fromkeys(filter(None, found)))


def _positive(text: str) -> int:
    """A whole number of pixels; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _source(asset: Element) -> str:
    """An asset's URL: 1.10 and later write it on its original `media-rep`."""
    reps = asset.all("media-rep")
    original = [rep for rep in reps if rep.get("kind", "original-media") == "original-media"]
    return asset.get("src") or next((rep.get("src") for rep in original + reps), "")


def _file_name(url: str) -> str:
    """`IMG 1.MOV` of `file://localhost/Volumes/A/IMG%201.MOV`; relative and Windows paths too."""
    try:
        path = urlsplit(url).path if "://" in url or url.startswith("file:") else url
    except ValueError:
        path = url
    return unquote(path).replace("\\", "/").rstrip("/").rpartition("/")[2].replace("\0", "")


def _reel(asset: Element) -> str:
    for metadata in asset.all("metadata"):
        for entry in metadata.all("md"):
            if entry.get("key") in _REEL_KEYS and entry.get("value").strip():
                return entry.get("value").strip()
    return ""
