"""`microfinish doctor`: test this machine, and say what to do about what is wrong."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from microfinish.cli.arguments import Json
from microfinish.cli.session import Session, session_of, tell
from microfinish.core.errors import EnvironmentFault, InputError, MicrofinishError

_PACKAGES = ("rich", "yaml", "pydantic", "numpy", "scipy", "ffmpeg", "imageio_ffmpeg", "av", "cv2",
             "colour", "PyOpenColorIO", "pydub", "soxr", "opentimelineio", "pysubs2", "jinja2",
             "matplotlib")
_GIGABYTE = 1 << 30
_FEW_GIGABYTES, _ENOUGH_GIGABYTES = 2, 20


@dataclass(frozen=True, slots=True)
class Checkup:
    """One line: `result` is OK, warn or FAIL; `fix` says what to do unless it is OK."""

    name: str
    result: str
    found: str
    fix: str = ""


def command(ctx: typer.Context, as_json: Json = False) -> int:
    """Test this machine: Python, ffmpeg, fonts, disk.

    Run it once on every new machine, and when something is strange. Exits with 5 if anything
    fails; a warning alone is 0.
    """
    from microfinish.cli.output import emit_json, table

    found = [_guarded(test, session_of(ctx)) for test in _TESTS]
    failed = sum(checkup.result == "FAIL" for checkup in found)
    if as_json:
        emit_json({"checks": [{"name": c.name, "result": c.result.lower(), "found": c.found,
                               "fix": c.fix} for c in found], "failed": failed})
    else:
        table(("what", "result", "found"), [(c.name, c.result, c.found) for c in found])
        for checkup in found:
            if checkup.fix:
                print(f"{checkup.name}: {checkup.fix}")
    if session_of(ctx).verbosity >= 0 and not failed:
        tell("this machine is ready")
    return EnvironmentFault.exit_code if failed else 0


def _guarded(test: Callable[[Session], Checkup], session: Session) -> Checkup:
    """A test that cannot even run is a failed test, not the end of the others."""
    try:
        return test(session)
    except MicrofinishError as error:
        return Checkup(_name(test), "FAIL", error.message, error.hint or "see above")
    except Exception as error:  # a broken machine may break a test in any way
        return Checkup(_name(test), "FAIL", f"{type(error).__name__}: {error}",
                       "reinstall microfinish; if that does not help, report this line")


def _name(test: Callable[[Session], Checkup]) -> str:
    return test.__name__.strip("_").replace("_", " ")


def _python(session: Session) -> Checkup:
    version = ".".join(map(str, sys.version_info[:3]))
    return Checkup("python", "OK", f"{version}, {os.cpu_count()} processors")


def _packages(session: Session) -> Checkup:
    broken = dict(_broken_packages())
    if broken:
        found = "; ".join(f"{name}: {why}" for name, why in broken.items())
        return Checkup("packages", "FAIL", found, "reinstall: pip install --force-reinstall "
                                                  "microfinish")
    return Checkup("packages", "OK", f"{len(_PACKAGES)} import")


def _broken_packages() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pydub misses an ffmpeg that we never ask it for
                importlib.import_module(name)
        except Exception as error:  # a missing system library shows as any kind of error
            yield name, str(error).splitlines()[0] if str(error) else type(error).__name__


def _ffmpeg(session: Session) -> Checkup:
    from microfinish.media import doctor
    from microfinish.media.ffmpeg import ffmpeg_exe

    missing = doctor.missing_parts()
    source = "MICROFINISH_FFMPEG" if os.environ.get("MICROFINISH_FFMPEG") else "imageio-ffmpeg"
    found = f"{doctor.version()} of {source}"
    if missing:
        return Checkup("ffmpeg", "FAIL", f"{found} lacks {', '.join(missing)}",
                       "unset MICROFINISH_FFMPEG to use the one that comes with microfinish"
                       if source == "MICROFINISH_FFMPEG" else "update imageio-ffmpeg")
    if session.verbosity > 0:
        found += f" ({ffmpeg_exe()})"
    return Checkup("ffmpeg", "OK", found)


def _color(session: Session) -> Checkup:
    from microfinish.media import doctor

    test = doctor.lut3d_test()
    if test.aligned > doctor.MAX_LUT_ERROR:
        return Checkup("color", "FAIL", f"lut3d is wrong by {test.aligned:.2g} of full scale",
                       "use another ffmpeg: unset MICROFINISH_FFMPEG")
    if test.odd > doctor.MAX_LUT_ERROR:
        return Checkup("color", "OK", "lut3d is exact on the widths used (multiples of 8); "
                                      "this ffmpeg is wrong on others")
    return Checkup("color", "OK", "lut3d is exact")


def _fonts(session: Session) -> Checkup:
    from microfinish.media.fonts import DEFAULT_FONT, font_file

    absent = [path.name for bold in (False, True) if not (path := font_file(bold=bold)).is_file()]
    if absent:
        return Checkup("fonts", "FAIL", f"{', '.join(absent)} is missing", "reinstall matplotlib")
    return Checkup("fonts", "OK", f"{DEFAULT_FONT}, embedded")


def _presets(session: Session) -> Checkup:
    from microfinish.project.shelves import builtin_presets

    return Checkup("presets", "OK", str(builtin_presets()))


def _store(session: Session) -> Checkup:
    folder = _store_folder(session)
    probe = folder / f"doctor-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"microfinish")
        probe.replace(probe.with_suffix(".moved"))
        probe.with_suffix(".moved").unlink()
    except OSError as error:
        return Checkup("store", "FAIL", f"{folder}: {error.strerror}",
                       "make the folder writable, or set MICROFINISH_STORE to one that is")
    return Checkup("store", "OK", f"{folder} can be written")


def _disk(session: Session) -> Checkup:
    folder = _store_folder(session)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / _GIGABYTE
    found = f"{free:.0f} GB free"
    if free < _FEW_GIGABYTES:
        return Checkup("disk", "FAIL", found, "make room: a master needs about 100 MB per minute "
                                              "and platform, ProRes 2 GB")
    if free < _ENOUGH_GIGABYTES:
        return Checkup("disk", "warn", found, "enough for some episodes; `microfinish cache clear` "
                                              "empties the render store")
    return Checkup("disk", "OK", found)


def _store_folder(session: Session) -> Path:
    try:
        return session.project().layout.store
    except InputError:  # doctor works outside a project too
        chosen = os.environ.get("MICROFINISH_STORE")
        return Path(chosen).expanduser() if chosen else session.folder.absolute()


_TESTS: tuple[Callable[[Session], Checkup], ...] = (
    _python, _packages, _ffmpeg, _color, _fonts, _presets, _store, _disk,
)
