"""Render jobs: run ffmpeg for one segment, count what came out, publish it to the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import av

from microfinish.core.errors import ToolError
from microfinish.media.ffmpeg import run
from microfinish.render.encoding import segment_suffix
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode, Segment


class SegmentStore(Protocol):
    """The part of the store that rendering needs."""

    def get(self, key: str, suffix: str) -> Path | None: ...
    def publish(self, tmp: Path, key: str, suffix: str) -> Path: ...
    def scratch(self) -> AbstractContextManager[Path]: ...


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One segment and the encodes of it that the store lacks, each under its own key."""

    label: str
    segment: Segment
    encodes: tuple[tuple[Encode, str], ...]

    @property
    def cost(self) -> int:
        """Longest first keeps every core busy to the end."""
        return self.segment.frames * len(self.segment.every_layer)


def render(
    job: RenderJob, files: Files, store: SegmentStore, cancelled: Callable[[], bool]
) -> None:
    """Make every encode of the job in one ffmpeg process and publish each under its key.

    A file is published only when it holds exactly the segment's frames. Raises ToolError naming
    the shot otherwise, Interrupted when `cancelled` says so.
    """
    with store.scratch() as folder:
        scripts = _write_scripts(job, folder)
        outputs = [(encode, str(folder / f"{n}{segment_suffix(encode.spec)}"))
                   for n, (encode, _) in enumerate(job.encodes)]
        arguments = segment_arguments(job.segment, outputs, replace(files, scripts=scripts))
        run(arguments, cancelled=cancelled, what=f"rendering {job.label}")
        for (encode, path), (_, key) in zip(outputs, job.encodes, strict=True):
            _check(Path(path), job)
            store.publish(Path(path), key, segment_suffix(encode.spec))


def _write_scripts(job: RenderJob, folder: Path) -> Mapping[str, str]:
    scripts: dict[str, str] = {}
    for encode, _ in job.encodes:
        if encode.titles and encode.titles not in scripts:
            path = folder / f"titles{len(scripts)}.ass"
            path.write_text(encode.titles, encoding="utf-8")
            scripts[encode.titles] = str(path)
    return scripts


def _check(path: Path, job: RenderJob) -> None:
    found = count_pictures(path)
    if found != job.segment.frames:
        raise ToolError(
            f"{job.label} came out with {found} frames instead of {job.segment.frames}",
            hint="the camera file ends early or is damaged: `microfinish log` says where",
        )


def count_pictures(path: Path) -> int:
    """The number of video packets in a file, counted by demuxing."""
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)
