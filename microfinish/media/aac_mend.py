"""Mend an AAC stream where its sound changed: encode those stretches anew, keep every other frame.

AAC-LC frames stand alone but for the overlap of their windows, so frames of two encodes of the same
sound may follow each other where the encoder chose the same window in both. What already measured
right stays as it was, bit for bit: a whole new encode moves the rate control and lets other frames
overshoot, and costs ten times the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microfinish.media.aac import FRAME, PRIMING, encode_adts, frame_places
from microfinish.media.dynamics import Flags
from microfinish.media.loudness import Samples

LEAD = 12
"""Frames encoded before and after a stretch: the encoder settles in them, and a seam is looked
for."""
_WORTH = 0.5
_SETTLED = 3
_PAIR = 1


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Frames `first` to `end` (exclusive) have changed; those from `start` to `stop` are encoded,
    and lie in the encode of all stretches from frame `place` on."""

    first: int
    end: int
    start: int
    stop: int
    place: int


def mend(path: Path, before: Samples, after: Samples, bitrate_kbps: int, scratch: Path,
         *, steady: bool = False) -> bool:
    """Make the stream in `path`, encoded from `before`, that of `after`; False where it is not
    worth it or no seam fits, and the file is as it was.

    Both are float32 (n, 2). `steady` as in `encode_adts`, for the changed stretches alone.
    """
    data = path.read_bytes()
    old = frame_places(data, path.name)
    stretches = _stretches(before, after, len(old))
    if not stretches or sum(s.stop - s.start for s in stretches) > _WORTH * len(old):
        return False
    parts = [_padded(after, s.start * FRAME, s.stop * FRAME) for s in stretches]
    fresh_path = scratch / "mend.aac"
    # the encoder's delay stands for the first frame, as in the whole stream
    encode_adts(np.concatenate(parts)[PRIMING:], bitrate_kbps, fresh_path, steady=steady)
    fresh_data = fresh_path.read_bytes()
    fresh = frame_places(fresh_data, fresh_path.name)
    kept = [data[a:b] for a, b in old]
    new = [fresh_data[a:b] for a, b in fresh]
    for stretch in stretches:
        seams = _seams(stretch, kept, new)
        if seams is None:
            return False
        begin, until = seams
        kept[begin:until] = new[stretch.place + begin - stretch.start:
                                stretch.place + until - stretch.start]
    path.write_bytes(b"".join(kept))
    return True


def _stretches(before: Samples, after: Samples, frames: int) -> list[_Stretch]:
    """Where the two differ, in frames whose window reaches there; near ones are one."""
    differs = np.any(before != after, axis=1)
    padded = np.zeros(frames * FRAME, dtype=bool)
    padded[: min(padded.size, differs.size)] = differs[: padded.size]
    here: Flags = np.any(padded.reshape(frames, FRAME), axis=1)
    # a frame's window covers its own samples and those of the next frame
    changed = here | np.append(here[1:], False)
    at = [int(frame) for frame in np.flatnonzero(changed)]
    runs: list[tuple[int, int]] = []
    for frame in at:
        if runs and frame - runs[-1][1] <= 2 * LEAD:
            runs[-1] = (runs[-1][0], frame + 1)
        else:
            runs.append((frame, frame + 1))
    found, place = [], 0
    for first, end in runs:
        start, stop = max(0, first - LEAD), min(frames, end + LEAD)
        found.append(_Stretch(first, end, start, stop, place))
        place += stop - start
    return found


def _padded(sound: Samples, start: int, stop: int) -> Samples:
    part = sound[start:stop]
    missing = stop - start - part.shape[0]
    return np.pad(part, ((0, missing), (0, 0))) if missing else part


def _seams(stretch: _Stretch, old: list[bytes], new: list[bytes]) -> tuple[int, int] | None:
    """The frames [begin, until) to replace: all that changed, ending where the windows agree."""
    offset = stretch.place - stretch.start

    def agrees(frame: int) -> bool:
        """Whether a seam may stand between `frame` and the next one."""
        place = frame + offset
        return place < len(new) and _window(old[frame]) == _window(new[place]) is not None

    settled = stretch.start + _SETTLED
    begin = next((f for f in range(stretch.first, settled, -1) if agrees(f - 1)),
                 0 if stretch.start == 0 and offset == 0 else None)
    # the last frames of a stretch hear the next one begin: none of them may be taken
    until = next((f for f in range(stretch.end, stretch.stop - 1) if agrees(f - 1)),
                 stretch.stop if stretch.stop == len(old) else None)
    if begin is None or until is None or until + offset > len(new):
        return None
    return begin, until


def _window(frame: bytes) -> tuple[int, int] | None:
    """(sequence, shape) of the window of both channels; None where they differ or are unknown."""
    if len(frame) < 9 or not frame[1] & 1:
        return None
    element, shared = frame[7] >> 5, frame[7] & 1
    if element != _PAIR or not shared:
        return None
    return (frame[8] >> 5) & 3, (frame[8] >> 4) & 1

