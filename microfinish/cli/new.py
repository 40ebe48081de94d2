"""`microfinish new`: make a project folder with commented samples."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

import typer

from microfinish.cli.arguments import Json
from microfinish.cli.session import session_of, tell
from microfinish.core.errors import InputError

_Name = Annotated[str, typer.Argument(help="The folder to make, such as my-show.")]
_Rate = Annotated[str, typer.Option("--rate", help="Frames per second: 25, 23.976, 29.97 ...")]
_Platforms = Annotated[str, typer.Option(
    "--platforms", metavar="A,B", help="Where it will be delivered; `presets list platforms`.")]

_FOLDERS = ("media", "music", "sfx", "presets", "episodes/ep001/subtitles")


def command(
    ctx: typer.Context,
    name: _Name,
    rate: _Rate = "25",
    platforms: _Platforms = "tiktok",
    as_json: Json = False,
) -> int:
    """Make a project folder with commented samples.

    Then copy the camera files into media/, put the edit list into episodes/ep001/ as edit.edl
    (or write edit.yaml after the sample that lies there), and run `microfinish run`.
    """
    from microfinish.cli.output import emit_json
    from microfinish.core.time import parse_rate

    session = session_of(ctx)
    root = session.folder / name
    wanted = [word.strip() for word in platforms.split(",") if word.strip()]
    _check_platforms(wanted)
    files = contents(title_of(root.name), parse_rate(rate), wanted)
    if root.exists() and any(root.iterdir() if root.is_dir() else [root]):
        raise InputError(f"{name} is there already, and not empty",
                         hint="choose another name; `new` never writes over anything")
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        emit_json({"project": str(root), "files": sorted(files), "folders": list(_FOLDERS)})
    elif session.verbosity >= 0:
        tell(_NEXT.format(name=name))
    return 0


def contents(title: str, rate: Fraction, platforms: list[str]) -> dict[str, str]:
    """The files of a new project by path."""
    written = str(rate.numerator) if rate.denominator == 1 else str(rate)
    return {
        "microfinish.yaml": _SETTINGS.format(title=title, rate=written,
                                             platforms=", ".join(platforms)),
        "episodes/ep001/edit-sample.yaml": _EDIT,
        ".gitignore": ".microfinish/\ndeliver/\npreview/\n",
    }


def title_of(folder: str) -> str:
    """A title from a folder's name; plain enough to stand unquoted in YAML.

    >>> title_of("the-rooftop_s1")
    'The Rooftop S1'
    """
    words = re.sub(r"[^\w ]+|_", " ", folder).split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or "Untitled"


def _check_platforms(names: list[str]) -> None:
    from microfinish.core.deliver import PlatformPreset
    from microfinish.project.presets import Presets

    if not names:
        raise InputError("no platform is named", hint="--platforms tiktok,youtube-shorts")
    for name in names:
        Presets().resolve("platforms", name, PlatformPreset)


_NEXT = """{name} is ready. Next:
  1. copy the camera and recorder files into {name}/media/
  2. put the edit list into {name}/episodes/ep001/ as edit.edl (or write edit.yaml; see
     edit-sample.yaml there)
  3. microfinish -C {name} check
  4. microfinish -C {name} run"""

_SETTINGS = """\
# One season. Every key may be left out; lines after a # are samples.
# `microfinish schema season` gives a schema that lets your text editor complete the keys.

title: "{title}"
rate: "{rate}"                        # of the edit; 23.976 is 24000/1001, 29.97 is 30000/1001
raster: 1080x1920
platforms: [{platforms}]              # `microfinish presets list platforms`
languages: [en]                     # of the subtitles: episodes/EP/subtitles/en.srt

# Which camera made which files, by reel or file name; `microfinish presets list cameras`.
# Files that fit no line are taken as finished Rec.709.
# cameras:
#   "A*": sony-slog3-sgamut3cine
#   "B*": {{preset: arri-logc3, ei: 800}}
#   "IMG_*": phone-rec709

# correct: {{mode: propose}}          # off, propose or apply (the default)
# look: cool-isolation              # `microfinish presets list looks`
# loudness: mobile-short            # -14 LUFS, -1 dBTP
"""

_EDIT = """\
# A sample. Save it as edit.yaml to use it, or put edit.edl from your editor here instead:
# an episode has one edit list.
#
# in and out are source timecode, out is the first frame that is not shown any more.
# media is the name of a file in media/, with or without extension.
#
# events:
#   - {media: A001C003, in: "01:00:04:12", out: "01:00:07:00"}
#   - {media: B002C001, in: "01:02:00:00", out: "01:02:02:00", speed: 1/2}   # each frame twice
#   - {media: A001C004, in: "01:00:20:00", out: "01:00:22:10", dissolve: 12}  # over 12 frames
#
# Beside it may lie, all optional: episode.yaml (settings that differ for this episode),
# grade.yaml, reframe.yaml, titles.yaml, mix.yaml, markers.yaml, and subtitles/en.srt.
"""
