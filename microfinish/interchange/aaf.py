"""AAF through its OpenTimelineIO adapter, checked against the file for what the adapter drops.

The adapter reads positions and constant speeds; a speed that changes arrives as one number, and
every kind of transition as a dissolve. Both are looked up in the file itself and reported.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from microfinish.core.edit import EditList
from microfinish.core.errors import EnvironmentFault, InputError, Where
from microfinish.core.timeline import Loss
from microfinish.interchange.compound_file import check
from microfinish.interchange.otio_read import edit_list

_PLAIN_FADES = ("VideoDissolve", "FadeUp", "FadeDown", "Audio Dissolve", "Dissolve")
_MOTION = ("Motion Control", "TimeWarp", "Timewarp")


def read(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in an AAF's one composition; `rate` is the season's.

    Raises EnvironmentFault where the adapter is not installed, and InputError for a file that
    it cannot read.
    """
    adapter, library = _adapter()
    if wrong := check(data):
        raise InputError(f"the AAF cannot be read: {wrong}", where=Where(file),
                         hint="the file may have been cut off or changed in transfer; "
                              "export it again")
    handle, name = tempfile.mkstemp(suffix=".aaf")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        with _quiet():
            try:
                root = adapter.read_from_file(str(path))
                losses, drop = _checked(path, library, root, file)
            except Exception as error:
                # the border to somebody else's parser of binary files: it raises whatever it hits
                raise InputError(f"the AAF cannot be read: {_said(error)}", where=Where(file),
                                 hint="export it again, or export an EDL or XML") from error
    finally:
        path.unlink(missing_ok=True)
    if drop and hasattr(root, "metadata"):
        root.metadata["microfinish"] = {"drop_frame": True}
    return edit_list(root, file, rate, losses=losses)


def _adapter() -> tuple[Any, Any]:
    try:
        return (import_module("otio_aaf_adapter.adapters.advanced_authoring_format"),
                import_module("aaf2"))
    except ImportError as error:
        raise EnvironmentFault(
            f"AAF needs its adapter, which is not installed ({error})",
            hint='pip install "microfinish[aaf]", or export an EDL, FCPXML or XML') from None


@contextmanager
def _quiet() -> Iterator[None]:
    """The adapter warns through the root logger about every rational that is zero."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _said(error: Exception) -> str:
    return f"{type(error).__name__} {' '.join(str(error).split())[:200]}".strip()


def _checked(path: Path, library: Any, root: Any, file: str) -> tuple[list[Loss], bool]:
    """(what the adapter loses, drop-frame): from the file's own objects."""
    losses: list[Loss] = []
    drop = False
    with library.open(str(path)) as opened:
        for mob in opened.content.toplevel():
            for slot in mob.slots:
                segment = slot.segment
                if isinstance(segment, library.components.Timecode):
                    drop = drop or (bool(segment.drop) and _is_start(segment, root))
                for part in _parts(segment, library):
                    reason = _lost(part, library)
                    if reason:
                        losses.append(Loss(file, 0, _operation(part), *reason))
    return losses, drop


def _is_start(timecode: Any, root: Any) -> bool:
    start = getattr(root, "global_start_time", None)
    return start is not None and int(timecode.start) == round(start.value)


def _parts(segment: Any, library: Any) -> Iterator[Any]:
    """Every effect and transition below a segment of the composition, in its order."""
    kinds = library.components
    stack = [segment]
    while stack:
        here = stack.pop()
        inner: list[Any] = []
        if isinstance(here, kinds.OperationGroup):
            yield here
            inner = list(here.segments)
        elif isinstance(here, kinds.Transition):
            yield here
        elif isinstance(here, kinds.Sequence):
            inner = list(here.components)
        elif isinstance(here, kinds.NestedScope):
            inner = list(here.slots.value)
        elif isinstance(here, kinds.Selector):
            inner = [here["Selected"].value]
        stack.extend(reversed(inner))


def _operation(part: Any) -> str:
    group = part
    if part.get("OperationGroup") is not None:
        group = part["OperationGroup"].value
    operation = getattr(group, "operation", None)
    return str(getattr(operation, "name", "") or type(part).__name__)


def _lost(part: Any, library: Any) -> tuple[str, str] | None:
    name = _operation(part)
    if isinstance(part, library.components.Transition):
        if name.startswith(_PLAIN_FADES) or name == "Transition":
            return None
        return "warning", f"{name} becomes a dissolve"
    if not name.startswith(_MOTION):
        return None
    points = {str(p.name): list(p["PointList"].value) for p in part.parameters
              if type(p).__name__ == "VaryingValue"}
    if (len(points.get("PARAM_SPEED_MAP_U", ())) > 1
            or len(points.get("PARAM_OFFSET_MAP_U", ())) > 2):
        return "error", ("the speed changes inside the clip; the AAF adapter makes it constant, so "
                         "its frames are wrong: export an EDL or XML, or render the effect")
    return None
