"""Fonts: the embedded default, the installed ones, and which characters a font can draw."""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from microfinish.core.errors import EnvironmentFault

DEFAULT_FONT = "DejaVu Sans"

_PACKAGES = {
    "CJK": ("fonts-noto-cjk", ("Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK JP",
                               "Noto Sans CJK KR", "Source Han Sans SC", "PingFang SC",
                               "Microsoft YaHei")),
    "HIRAGANA": ("fonts-noto-cjk", ("Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic")),
    "KATAKANA": ("fonts-noto-cjk", ("Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic")),
    "HANGUL": ("fonts-noto-cjk", ("Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic")),
    "THAI": ("fonts-noto-core", ("Noto Sans Thai", "Thonburi", "Leelawadee UI")),
    "DEVANAGARI": ("fonts-noto-core", ("Noto Sans Devanagari", "Kohinoor Devanagari",
                                       "Nirmala UI")),
    "BENGALI": ("fonts-noto-core", ("Noto Sans Bengali", "Nirmala UI")),
    "TAMIL": ("fonts-noto-core", ("Noto Sans Tamil", "Nirmala UI")),
    "TELUGU": ("fonts-noto-core", ("Noto Sans Telugu", "Nirmala UI")),
    "KHMER": ("fonts-noto-core", ("Noto Sans Khmer",)),
    "LAO": ("fonts-noto-core", ("Noto Sans Lao",)),
    "MYANMAR": ("fonts-noto-core", ("Noto Sans Myanmar",)),
    "HEBREW": ("fonts-noto-core", ("Noto Sans Hebrew", "Arial Hebrew")),
    "ARABIC": ("fonts-noto-core", ("Noto Sans Arabic", "Geeza Pro")),
}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\ufe0f\n\r\t")


@dataclass(frozen=True, slots=True)
class Font:
    """One face: `index` counts faces inside a collection (.ttc), 0 elsewhere."""

    family: str
    bold: bool
    path: Path
    index: int = 0


def font_dir() -> Path:
    """The folder of the embedded default font, for libass's `fontsdir`.

    It is matplotlib's, found without importing matplotlib. Raises EnvironmentFault.
    """
    spec = find_spec("matplotlib")
    if spec is None or not spec.origin:
        raise EnvironmentFault("matplotlib, whose DejaVu Sans titles are set in, is not installed",
                               hint="reinstall microfinish")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


def font_file(name: str = DEFAULT_FONT, bold: bool = False) -> Path:
    """The file of a font family. Raises EnvironmentFault where it is not installed."""
    return find_font(name, bold).path


@lru_cache(maxsize=64)
def find_font(name: str, bold: bool = False) -> Font:
    """The face of a family, embedded before installed; a family without bold gives its regular.

    Raises EnvironmentFault naming the package to install, where one is known.
    """
    if name == DEFAULT_FONT:
        return Font(name, bold, font_dir() / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"))
    faces = [face for face in installed_fonts() if face.family.casefold() == name.casefold()]
    for face in sorted(faces, key=lambda face: (face.bold != bold, str(face.path))):
        return face
    package = next((p for p, families in _PACKAGES.values() if name in families), "")
    raise EnvironmentFault(
        f"the font {name!r} is not installed",
        hint=f"install the package {package}" if package else
        f"install the font, or set another one: {DEFAULT_FONT} is always there")


def font_digest(path: Path) -> str:
    """The content hash of a font file: sha256, the first 32 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def require_font(name: str, bold: bool, wanted: str) -> Path:
    """The font file that titles were measured with; `wanted` is its content hash.

    Raises EnvironmentFault where this machine has none of that name or another cut of it: libass
    would set the text in a fallback font, other in width, without a word.
    """
    path = find_font(name, bold).path
    if font_digest(path) != wanted:
        raise EnvironmentFault(
            f"{path.name} here differs from the font the titles were measured with",
            hint="run the title stage again on this machine (--force title), or install the "
                 "same version of the font")
    return path


@lru_cache(maxsize=1)
def installed_fonts() -> tuple[Font, ...]:
    """Every upright regular or bold face in the embedded folder and the system's font folders."""
    files = [path for folder in (font_dir(), *_system_folders()) if folder.is_dir()
             for path in sorted(folder.rglob("*"))
             if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc")]
    return tuple(face for path in files for face in _faces(path))


def _system_folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
                home / "AppData/Local/Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"),
            home / ".local/share/fonts", home / ".fonts")


def _faces(path: Path) -> list[Font]:
    try:
        if path.suffix.lower() in (".ttc", ".otc"):
            with TTCollection(str(path), lazy=True) as collection:
                return [face for index, font in enumerate(collection.fonts)
                        for face in _face(font, path, index)]
        with TTFont(str(path), lazy=True) as font:
            return _face(font, path, 0)
    except (TTLibError, OSError, KeyError, AssertionError):
        return []  # not a font we can read, so not one we offer


def _face(font: TTFont, path: Path, index: int) -> list[Font]:
    names = font["name"]
    family = names.getDebugName(16) or names.getDebugName(1)
    style = font["OS/2"]
    # fsSelection bit 0 is italic; weights other than 400 and 700 are other cuts of the family.
    if not family or style.fsSelection & 1 or style.usWeightClass not in (400, 700):
        return []
    return [Font(family, style.usWeightClass == 700, path, index)]


@lru_cache(maxsize=16)
def _characters(font: Font) -> frozenset[int]:
    with TTFont(str(font.path), fontNumber=font.index, lazy=True) as opened:
        return frozenset(opened.getBestCmap() or {})


def missing(font: Font, text: str) -> str:
    """The characters of `text` that the font cannot draw, each once, in order."""
    known = _characters(font)
    return "".join(dict.fromkeys(c for c in text
                                 if c not in _INVISIBLE and ord(c) not in known))


def script_of(char: str) -> str:
    """The script of a character by its Unicode name: LATIN, CJK, HANGUL, THAI, ..."""
    return unicodedata.name(char, "UNKNOWN").partition(" ")[0]


def scripts_of(chars: str) -> str:
    """The scripts of some characters for people: `CJK, Hiragana`."""
    scripts = {script_of(c) for c in chars}
    # Full stops and the like are named FULLWIDTH or IDEOGRAPHIC: the letters say it all.
    telling = {s for s in scripts if s in _PACKAGES} or scripts
    return ", ".join(s if s == "CJK" else s.title() for s in sorted(telling))


def package_for(chars: str) -> str:
    """The Debian package with a font for these characters; "" where none is known."""
    return next((_PACKAGES[s][0] for s in map(script_of, chars) if s in _PACKAGES), "")


def substitute(chars: str, bold: bool, language: str = "") -> Font | None:
    """An installed font, well known for their script, that draws all of `chars`; else None."""
    families = list(dict.fromkeys(family for s in map(script_of, chars)
                                  for family in _PACKAGES.get(s, ("", ()))[1]))
    wanted = {"zh-hant": "TC", "zh-tw": "TC", "zh-hk": "TC", "ja": "JP", "ko": "KR"}.get(
        language.lower(), "SC")
    families.sort(key=lambda family: not family.endswith(wanted))
    for family in families:
        try:
            font = find_font(family, bold)
        except EnvironmentFault:
            continue
        if not missing(font, chars):
            return font
    return None
