"""The decisions of each stage as rows for people; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.color import Corrections, Grades, ShotGrade
from microfinish.core.color_tools import used_tools
from microfinish.core.deliver import Masters
from microfinish.core.errors import InputError
from microfinish.core.finding import Finding, Findings
from microfinish.core.frame import Framings
from microfinish.core.media import MediaLog
from microfinish.core.mix import MixPlan
from microfinish.core.sync import SyncTable
from microfinish.core.time import format_rate, format_timecode
from microfinish.core.timeline import Event, PictureLock, Timeline
from microfinish.core.title import Titles
from microfinish.core.vfx import Returns

SURE = 0.75
"""Matches below are by timecode alone, through another camera, or of faint sound."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table before it is printed."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    title: str = ""


def media_tables(log: MediaLog) -> Iterator[Drawn]:
    """What the media are, scene by scene where the files say their scenes; then what was found."""
    from microfinish.core.media_sheet import COLUMNS, sheet_row
    from microfinish.core.slates import scenes

    groups = [(scene.title, [sheet_row(media) for media in scene.files])
              for scene in scenes(log.media)]
    # columns that no file fills (scene and take of a show without logs) only cost width
    filled = [index for index, name in enumerate(COLUMNS)
              if name == "file" or any(row[index] for _, rows in groups for row in rows)]
    title = _media_title(log)
    for scene, rows in groups or [("", [])]:
        yield Drawn(tuple(COLUMNS[index] for index in filled),
                    [[row[index] for index in filled] for row in rows],
                    "; ".join(filter(None, (title, scene))))
        title = ""
    if log.findings:
        yield findings_table(log.findings, "findings")


def _media_title(log: MediaLog) -> str:
    size = sum(media.size_bytes for media in log.media) / 1e9
    return f"{len(log.media)} file{'s' * (len(log.media) != 1)}, {size:.2f} GB"


def sync_tables(table: SyncTable) -> Iterator[Drawn]:
    """Which recorder file belongs to which camera file."""
    rows = [(m.camera, m.sound or "no match",
             f"{float(m.offset_samples / m.sample_rate):.4f} s" if m.sound else "",
             f"{m.drift_ppm:+.1f} ppm" if m.sound else "", m.method, f"{m.confidence:.2f}",
             m.reason) for m in table.matches]
    yield Drawn(("camera", "sound", "offset", "drift", "by", "confidence", "why"), rows,
                _sync_title(table))


def _sync_title(table: SyncTable) -> str:
    """How many are in sync, and which of them an assistant should listen to."""
    found = [match for match in table.matches if match.sound]
    unsure = [f"{match.camera.rpartition('/')[2]} ({match.confidence:.2f})" for match in found
              if match.confidence < SURE or match.segments]
    lost = [match.camera.rpartition("/")[2] for match in table.matches
            if not match.sound and match.method != "declared"]
    parts = [f"{len(found)} of {len(table.matches)} camera files have a recorder file"]
    parts += [f"no match: {_some(lost)}"] if lost else []
    parts += [f"listen to {_some(unsure)}"] if unsure else []
    return "; ".join(parts)


def _some(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _speed(event: Event) -> str:
    if event.retime:
        return f"varies, {len(event.retime)} points"
    return "" if event.speed == 1 else f"{event.speed}"


def timeline_tables(timeline: Timeline, title: str = "") -> Iterator[Drawn]:
    """The events in record order, then every line that was not understood."""
    rate, drop = timeline.rate, timeline.drop
    rows: list[tuple[object, ...]] = []
    for event in (*timeline.picture(), *timeline.overlays(), *timeline.sound()):
        change = f"{event.transition.kind} {event.transition.frames}" if event.transition else "cut"
        rows.append((
            event.shot, event.track, event.media or "black",
            f"{event.source.start}-{event.source.end}",
            _timecode(timeline.start_frame + event.record.start, rate, drop),
            event.record.length, _speed(event), change,
            f"{event.evidence.score}: {', '.join(event.evidence.by)}" if event.evidence else ""))
    columns: tuple[str, ...] = (
        "shot", "track", "media", "source frames", "record in", "frames", "speed", "in by",
        "found by")
    if not any(row[-1] for row in rows):  # a lock does not keep how its media were found
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    yield Drawn(columns, rows, title or f"{format_rate(rate)} fps, {timeline.frames} frames")
    if timeline.losses:
        yield Drawn(("place", "severity", "line", "why"),
                    [(f"{loss.file}:{loss.line}", loss.severity, loss.text, loss.reason)
                     for loss in timeline.losses], "not (fully) understood")


def lock_tables(lock: PictureLock) -> Iterator[Drawn]:
    """Every revision, then the newest one's timeline."""
    yield Drawn(("revision", "at", "by", "events", "frames", "note"),
                [(r.revision, r.at, r.by, len(r.timeline.events), r.timeline.frames, r.note)
                 for r in lock.revisions])
    yield from timeline_tables(lock.current.timeline, f"revision {lock.current.revision}")


def vfx_tables(returns: Returns) -> Iterator[Drawn]:
    """The returns in use, then those that do not fit."""
    yield Drawn(("shot", "version", "file", "frames", "stands in for", "from frame", "placed by",
                 "color"),
                [(back.shot, f"v{back.version:03}", back.media.path,
                  back.media.picture.frames if back.media.picture else 0, back.plate, back.offset,
                  back.placed_by, back.color or "by its name, else camera")
                 for back in returns.returns], "VFX returns")
    if returns.findings:
        yield findings_table(returns.findings, "findings")


def correct_tables(corrections: Corrections) -> Iterator[Drawn]:
    """The technical correction of each shot, with its evidence."""
    yield Drawn(("shot", "state", "exposure", "temperature", "tint", "confidence", "evidence"),
                [(c.shot, c.state, f"{c.balance.exposure:+.2f}", f"{c.balance.temperature:+.0f} K",
                  f"{c.balance.tint:+.4f}", f"{c.confidence:.2f}", c.evidence)
                 for c in corrections.shots], f"mode: {corrections.mode}")


def grade_tables(grades: Grades) -> Iterator[Drawn]:
    """The color chain of each shot."""
    yield Drawn(("shot", "camera", "balance", "grade", "look", "output"),
                [_grade_row(grade) for grade in grades.shots])
    if grades.notices:
        yield Drawn(("assumed",), [(notice,) for notice in grades.notices])


def _grade_row(grade: ShotGrade) -> tuple[object, ...]:
    chain = grade.chain
    balance = (f"{chain.balance.exposure:+.2f} stops {chain.balance.temperature:+.0f} K"
               f" {chain.balance.tint:+.4f}") if chain.balance != type(chain.balance)() else ""
    grading = [word for word, holds in (
        ("cdl", not chain.cdl.is_identity), (f"contrast {chain.contrast:g}", chain.contrast != 1),
        (f"saturation {chain.saturation:g}", chain.saturation != 1)) if holds]
    grading += used_tools(chain.tools)
    look = ""
    if chain.look:
        name = grade.origins.get("look", "")
        lut = chain.look.lut.file if chain.look.lut else ""
        look = f"{lut or name or 'look'} x {chain.look.strength:g}"
    return (grade.shot, grade.camera, balance, ", ".join(grading), look,
            f"{chain.own.display} / {chain.own.view}" if chain.own else chain.output)


def reframe_tables(framings: Framings) -> Iterator[Drawn]:
    """How each shot fills the vertical frame."""
    rows = []
    for framing in framings.shots:
        first = framing.path[0] if framing.path else None
        moves = "still" if len(framing.path) < 2 else f"{len(framing.path)} keys"
        rows.append((framing.shot, framing.fit, f"{framing.width}x{framing.height}",
                     f"{first.x:g}, {first.y:g}" if first else "", moves, framing.reason))
    yield Drawn(("shot", "fit", "crop", "from", "moves", "why"), rows, f"raster {framings.raster}")


def title_tables(titles: Titles) -> Iterator[Drawn]:
    """The burnt subtitles per language and safe area."""
    for track in titles.tracks:
        box = track.box
        yield Drawn(("from", "to", "text"),
                    [(cue.span.start, cue.span.end, " / ".join(cue.lines)) for cue in track.cues],
                    f"{track.language}, {track.safe_area}: inside {box.left},{box.top} to "
                    f"{box.right},{box.bottom} (times are record frames)")


def mix_tables(plan: MixPlan) -> Iterator[Drawn]:
    """The clips of each stem."""
    rows = [(bus.name, clip.source, f"{clip.start / plan.sample_rate:.3f}",
             f"{clip.end / plan.sample_rate:.3f}", f"{clip.gain_db:+.1f}", clip.label)
            for bus in plan.buses for clip in bus.clips]
    yield Drawn(("stem", "file", "from s", "to s", "gain dB", "what"), rows)
    if plan.cleaned:
        yield cleanup_table(plan)
    if plan.dips:
        yield Drawn(("from s", "to s", "dB"),
                    [(f"{dip.start / plan.sample_rate:.3f}", f"{dip.end / plan.sample_rate:.3f}",
                      f"{dip.gain_db:g}" if dip.gain_db > -120 else "silent")
                     for dip in plan.dips], "production dialogue under ADR")
    if plan.notices:
        yield Drawn(("to know",), [(notice,) for notice in plan.notices])


def cleanup_table(plan: MixPlan) -> Drawn:
    """What was measured on each clip of dialogue, what was done, and what it measures then."""
    rows = []
    for clip in plan.cleaned:
        before, after, done = clip.before, clip.after, clip.done
        steps = [f"high-pass {done.highpass_hz:g} Hz"] if done.highpass_hz else []
        steps += [f"{before.clipped} flat peaks drawn anew"] if done.declip else []
        steps += [f"{before.clicks} clicks"] if done.declick else []
        if done.notches_hz:
            steps.append("hum at " + ", ".join(f"{hz:g}" for hz in done.notches_hz) + " Hz")
        steps += [f"noise -{done.denoise_db:g} dB"] if done.denoise_db else []
        steps += [f"sibilants up to -{done.deess_db:g} dB"] if done.deess_db else []
        steps += [tool.use for tool in done.external]
        steps += [f"level {done.level_db:+g} dB"] if done.level_db else []
        rows.append((clip.label, f"{clip.start / plan.sample_rate:.3f}", _change(
            before.speech_lufs, after.speech_lufs), _change(before.snr_db, after.snr_db),
            _change(before.hum_over_db, after.hum_over_db),
            "; ".join([*steps, *clip.notes]) or "nothing"))
    return Drawn(("shot", "at s", "speech LUFS", "over room dB", "hum dB", "done"), rows,
                 f"cleanup: {plan.cleanup.title or 'as the shots say'}")


def _change(before: float | None, after: float | None) -> str:
    if before is None:
        return ""
    same = after is None or round(before, 1) == round(after, 1)
    return f"{before:.1f}" if same else f"{before:.1f} > {after:.1f}"


def master_tables(masters: Masters) -> Iterator[Drawn]:
    """The delivered files."""
    yield Drawn(("platform", "language", "file", "MB", "frames", "LUFS", "dBTP", "segments"),
                [(m.platform, m.language, m.path, f"{m.size_bytes / 1e6:.1f}", m.frames,
                  f"{m.integrated_lufs:.1f}", f"{m.true_peak_dbtp:.1f}", len(m.segments))
                 for m in masters.masters], f"picture lock revision {masters.revision}")


def qc_tables(findings: Findings) -> Iterator[Drawn]:
    """What was found in the delivered files."""
    files = f"{len(findings.checked)} file{'s' * (len(findings.checked) != 1)} checked"
    if findings.findings:
        yield findings_table(findings.findings, files)
    else:
        yield Drawn(("file", "result"), [(name, "OK") for name in findings.checked], files)


def findings_table(findings: Sequence[Finding], title: str) -> Drawn:
    """Findings, errors first."""
    order = {"error": 0, "warning": 1, "info": 2}
    ranked = sorted(findings, key=lambda f: order.get(f.severity, 3))
    return Drawn(("severity", "rule", "where", "what", "measured", "expected", "fix"),
                 [(f.severity, f.rule, " ".join(filter(None, (f.file, f.shot, f.at))), f.message,
                   f.measured, f.expected, f.fix) for f in ranked], title)


def _timecode(frame: int, rate: Fraction, drop: bool) -> str:
    try:
        return format_timecode(frame, rate, drop)
    except (InputError, ValueError):  # a rate without timecode, such as 12.5
        return str(frame)


TABLES: dict[str, Callable[..., Iterator[Drawn]]] = {
    "log": media_tables, "sync": sync_tables, "assemble": timeline_tables, "lock": lock_tables,
    "vfx": vfx_tables, "correct": correct_tables, "grade": grade_tables, "reframe": reframe_tables,
    "title": title_tables, "mix": mix_tables, "master": master_tables, "qc": qc_tables,
}
