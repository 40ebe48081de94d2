"""qc: check what was really delivered, measured from the decoded files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfinish.core.deliver import Master, Masters, Platform
from microfinish.core.errors import ToolError
from microfinish.core.finding import Finding, Findings, QcPreset
from microfinish.core.frame import Raster
from microfinish.core.measured import PictureFacts, SoundFacts, Streams
from microfinish.core.timeline import PictureLock, Timeline
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.deliverables import platforms, qc_preset
from microfinish.project.episode import Episode
from microfinish.stages.returns import vfx_input

if TYPE_CHECKING:
    from microfinish.rules.rule import Evidence

class QcStage:
    """Findings for every file in the master document. Errors are reported, never raised."""

    name = "qc"
    version = 1
    after = ("lock", "vfx", "master")
    body = Findings

    def inputs(self, episode: Episode) -> Inputs:
        specs = platforms(episode)
        entries: dict[str, Any] = {
            "lock": episode.document("lock", PictureLock),
            "vfx": vfx_input(episode),
            "master": episode.document("master", Masters),
            "platforms": specs,
            "qc": qc_preset(episode),
            "settings_raster": episode.settings.raster,
        }
        # The folder is listed instead of the document read: asking what is due must stay cheap.
        suffixes = {"." + spec.extension for spec in specs}
        folder = episode.layout.deliver(episode.name)
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix in suffixes and file.is_file():
                path = episode.layout.shown(file)
                entries[path] = Input(episode.file_digest(path), _constant(path))
        return Inputs.of(**entries)

    def run(self, inputs: Inputs, ctx: Context) -> Findings:
        masters: Masters = inputs["master"]
        digests = inputs.digests()

        def check(master: Master) -> tuple[Finding, ...]:
            return _check(master, digests.get(master.path), inputs, ctx)

        found = ctx.map(check, masters.masters, "qc")
        return Findings(
            checked=tuple(master.path for master in masters.masters),
            findings=(*(finding for findings in found for finding in findings),
                      *inputs["vfx"].findings),
        )

    def missing(self, body: Findings, episode: Episode) -> tuple[str, ...]:
        return ()


def _constant(path: str) -> Callable[[], str]:
    return lambda: path


def _check(
    master: Master, digest: str | None, inputs: Mapping[str, Any], ctx: Context
) -> tuple[Finding, ...]:
    from microfinish.rules.table import check_file

    platform = next((p for p in inputs["platforms"] if p.name == master.platform), None)
    if platform is None:
        return (_broken(master, "no platform of this name is delivered any more",
                        "run master, or remove the file"),)
    if digest is None:
        return (_broken(master, "the delivered file is not there", "run master"),)
    try:
        evidence = _gather(master, digest, platform, inputs, ctx)
    except ToolError as error:
        return (_broken(master, error.message, error.hint or "run master again"),)
    return check_file(evidence)


def _broken(master: Master, message: str, fix: str) -> Finding:
    return Finding("C01", "error", message, master.path, expected="a delivered file that plays",
                   source="the master document", fix=fix)


def _gather(
    master: Master, digest: str, platform: Platform, inputs: Mapping[str, Any], ctx: Context
) -> Evidence:
    from microfinish.media.mp4_boxes import read_boxes
    from microfinish.rules.rule import Evidence

    path = ctx.path(master.path)
    streams = _streams(path, digest, ctx)
    timeline: Timeline = inputs["lock"].current.timeline
    limits: QcPreset = inputs["qc"]
    raster: Raster = inputs["settings_raster"]
    return Evidence(
        file=master.path, size_bytes=path.stat().st_size, platform=platform, timeline=timeline,
        raster=raster, limits=limits, boxes=read_boxes(path), streams=streams,
        picture=_picture(path, digest, streams, ctx),
        sound=_sound(path, digest, ctx) if streams.sound_codec else None,
    )


def _streams(path: Path, digest: str, ctx: Context) -> Streams:
    from microfinish.media import delivered

    def measure() -> dict[str, Any]:
        values = asdict(delivered.read_streams(path))
        return {**values, "sample_aspect": str(values["sample_aspect"])}

    facts = ctx.facts.get("delivered-streams", delivered.VERSION, digest, measure)
    return Streams(**{**_tuples(facts), "sample_aspect": Fraction(facts["sample_aspect"])})


def _picture(path: Path, digest: str, streams: Streams, ctx: Context) -> PictureFacts:
    from microfinish.media import delivered

    return PictureFacts(**_tuples(ctx.facts.get(
        "delivered-picture", delivered.VERSION, digest,
        lambda: asdict(delivered.measure_picture(path, streams.pixel_format, ctx.cancelled)))))


def _sound(path: Path, digest: str, ctx: Context) -> SoundFacts:
    from microfinish.media import delivered

    return SoundFacts(**_tuples(ctx.facts.get(
        "delivered-sound", delivered.VERSION, digest,
        lambda: asdict(delivered.measure_sound(path, ctx.cancelled)))))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Facts come back from disk as lists; nouns hold tuples."""
    return {key: tuple(tuple(item) if isinstance(item, list) else item for item in value)
            if isinstance(value, list | tuple) else value for key, value in values.items()}
