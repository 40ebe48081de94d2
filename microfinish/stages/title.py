"""title: which text is burnt where and when, inside the platforms' safe areas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from microfinish.core.cue_timing import TimedCue, TimingNote, time_cues
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.finding import Finding
from microfinish.core.follow import carrier_for, doubt_of
from microfinish.core.frame import Raster
from microfinish.core.line_breaks import TooWideError, wrap
from microfinish.core.time import format_timecode
from microfinish.core.timeline import PictureLock, Timeline
from microfinish.core.title import (
    Box,
    Cue,
    SafeArea,
    TimedText,
    Titles,
    TitleSheet,
    TitleStyle,
    TitleTrack,
    TitleTweak,
)
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.deliverables import platforms
from microfinish.project.episode import Episode

_SEVERITY = {"outside": "warning", "cut": "info", "trimmed": "info", "stacked": "warning",
             "parked": "info", "recut": "warning"}
_NO_TWEAK = TitleTweak()


class TitleStage:
    """Decides the burnt subtitles: one track per language and safe area that is delivered."""

    name = "title"
    version = 4
    after = ("lock",)
    body = Titles

    def inputs(self, episode: Episode) -> Inputs:
        presets = episode.project.presets
        sheet = episode.human("titles", TitleSheet)
        areas = sorted({p.safe_area for p in platforms(episode) if p.burn_subtitles})
        written = sheet.value or TitleSheet()
        files = episode.subtitles()
        return Inputs.of(
            lock=episode.document("lock", PictureLock),
            sheet=Input(sheet.digest, sheet.load),
            languages=episode.settings.languages,
            raster=episode.settings.raster,
            areas={name: presets.resolve("safe-areas", name, SafeArea).value for name in areas},
            styles={name: presets.resolve("titles", name, TitleStyle).value
                    for name in sorted(_style_names(written))},
            **{f"subtitles.{language}": _file_input(path, episode)
               for language, path in files.items()},
        )

    def run(self, inputs: Inputs, ctx: Context) -> Titles:
        desk = _Desk(inputs, ctx)
        tracks = tuple(track for language in inputs["languages"]
                       for track in desk.tracks(language))
        desk.note_unused()
        desk.announce()
        if desk.problems:
            raise ProblemsError(tuple(desk.problems))
        return Titles(tracks, tuple(dict.fromkeys(desk.findings)))

    def missing(self, body: Titles, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _SubtitleFile:
    """`name` is its name in the episode's folder, as revisions of the picture lock know it."""

    shown: str
    data: bytes
    name: str
    digest: str


def _file_input(path: Path, episode: Episode) -> Input:
    shown = episode.layout.shown(path)
    name, digest = path.relative_to(episode.folder).as_posix(), episode.file_digest(shown)
    return Input(digest, lambda: _SubtitleFile(shown, path.read_bytes(), name, digest))


def _style_names(sheet: TitleSheet) -> Iterator[str]:
    yield sheet.style
    for tweak in (*sheet.languages.values(), *sheet.safe_areas.values()):
        if tweak.style is not None:
            yield tweak.style


class _Desk:
    """Everything one episode's titles are decided from, and what there is to say about them."""

    def __init__(self, inputs: Inputs, ctx: Context) -> None:
        self.inputs = inputs
        self.ctx = ctx
        self.sheet: TitleSheet = inputs["sheet"] or TitleSheet()
        self.lock: PictureLock = inputs["lock"]
        self.timeline: Timeline = self.lock.current.timeline
        self.raster: Raster = inputs["raster"]
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []
        self.notices: dict[tuple[str, str], list[Notice]] = {}

    def tracks(self, language: str) -> Iterator[TitleTrack]:
        """The language's tracks; none where it has no subtitles or they are off."""
        name = f"subtitles.{language}"
        tweak = self.sheet.languages.get(language, _NO_TWEAK)
        if name not in self.inputs or _off(self.sheet.off, tweak.off):
            return
        file: _SubtitleFile = self.inputs[name]
        texts = self._read(file, language)
        doubt = doubt_of(self.lock, file.name, file.digest)
        if doubt:
            self._say("titles.time", "warning", doubt, Where(file.shown),
                      fix="check that its times are those of the locked cut")
        timing = time_cues(texts, self.timeline, self.sheet.offset_frames,
                           carrier_for(self.lock, file.name, file.digest))
        for note in timing.notes:
            self._report_timing(note, file.shown)
        for area_name, area in self.inputs["areas"].items():
            own = self.sheet.safe_areas.get(area_name, _NO_TWEAK)
            if _off(_off(self.sheet.off, tweak.off), own.off):
                continue
            style = self._style(tweak, own)
            lift = own.lift_px if own.lift_px is not None else (tweak.lift_px or 0)
            track = self._track(file, language, area_name, style, self._box(area, lift),
                                timing.cues)
            if track is not None:
                yield track

    def note_unused(self) -> None:
        """Say what is there but not used: languages nobody asked for, areas nobody delivers."""
        languages = self.inputs["languages"]
        present = [name.removeprefix("subtitles.") for name in self.inputs
                   if name.startswith("subtitles.")]
        for language in languages:
            if present and language not in present and not self.sheet.off:
                self._say("titles.missing", "warning", f"no subtitles for language {language}",
                          Where("subtitles"), fix=f"add subtitles/{language}.srt")
        for language in sorted(set(present) - set(languages)):
            self._say("titles.unused", "info",
                      f"subtitles for {language} are there, but it is not delivered",
                      Where(self.inputs[f"subtitles.{language}"].shown),
                      fix=f"add {language} to languages in microfinish.yaml")
        for area in sorted(set(self.sheet.safe_areas) - set(self.inputs["areas"])):
            self._say("titles.unused", "info",
                      f"titles.yaml speaks of safe area {area}, which no platform here uses",
                      Where("titles.yaml"),
                      fix=f"in use: {', '.join(self.inputs['areas']) or 'none'}")

    def announce(self) -> None:
        """Tell the warnings: one notice per kind and file, however many cues it concerns."""
        for alike in self.notices.values():
            first = alike[0]
            more = f" (and {len(alike) - 1} more like it)" if len(alike) > 1 else ""
            self.ctx.emit(replace(first, message=first.message + more))

    def _read(self, file: _SubtitleFile, language: str) -> tuple[TimedText, ...]:
        from microfinish.interchange.subtitles import read_subtitles

        try:
            found = read_subtitles(file.data, file.shown, language)
        except ProblemsError as error:
            self.problems += error.problems
            return ()
        except InputError as error:
            self.problems.append(Problem(error.message, error.where, error.hint))
            return ()
        if found.encoding not in ("utf-8", "utf-8-sig"):
            self._say("titles.encoding", "info", f"{file.shown} was read as {found.encoding}",
                      Where(file.shown), fix="save it as UTF-8")
        return found.cues

    def _style(self, language: TitleTweak, area: TitleTweak) -> TitleStyle:
        name = area.style or language.style or self.sheet.style
        style: TitleStyle = self.inputs["styles"][name]
        for tweak in (language, area):
            style = replace(style, **{
                field.name: value for field in fields(TitleStyle)
                if (value := getattr(tweak, field.name)) is not None})
        return style

    def _box(self, area: SafeArea, lift_px: int) -> Box:
        box = area.box(self.raster.width, self.raster.height)
        return replace(box, bottom=box.bottom - lift_px * self.raster.height // 1920)

    def _track(self, file: _SubtitleFile, language: str, area: str, style: TitleStyle, box: Box,
               cues: tuple[TimedCue, ...]) -> TitleTrack | None:
        from microfinish.media.fonts import font_digest
        from microfinish.media.text_measure import burnt_width, line_ratio

        font = self._font(file, language, style, cues)
        if font is None:
            return None
        style = replace(style, font=font.family)
        ratio = line_ratio(font)
        setter = _Setter(
            lambda text: burnt_width(text, font, style, self.raster.width), box,
            style.size_px * ratio * self.raster.width / 1080, area, style, file.shown,
            self.raster.width)
        placed = []
        for cue in cues:
            try:
                lines = setter.lines(cue)
            except InputError as error:
                self.problems.append(Problem(error.message, error.where, error.hint))
                continue
            if len(lines) > style.max_lines:
                self._report_lines(len(lines), style.max_lines, cue, area, file.shown)
            placed.append(Cue(cue.span, lines, setter.fits_centered(lines)))
        return TitleTrack(language, area, box, style, tuple(placed), ratio,
                          font_digest(font.path), self.raster)

    def _font(self, file: _SubtitleFile, language: str, style: TitleStyle,
              cues: tuple[TimedCue, ...]) -> Any:
        """The style's font, or an installed one for the script that it lacks; else a problem."""
        from microfinish.core.errors import EnvironmentFault
        from microfinish.media import fonts

        try:
            font = fonts.find_font(style.font, style.bold)
        except EnvironmentFault as error:
            self.problems.append(Problem(error.message, Where(file.shown), error.hint))
            return None
        text = "".join(text for cue in cues for text in cue.texts)
        lacking = fonts.missing(font, text)
        if not lacking:
            return font
        letters = "".join(dict.fromkeys(c for c in text if not c.isspace()))
        other = fonts.substitute(letters, style.bold, language)
        if other is not None:
            self._say("titles.font", "info", f"{file.shown} is set in {other.family}: "
                      f"{style.font} lacks its characters", Where(file.shown))
            return other
        first = next(cue for cue in cues if any(c in "".join(cue.texts) for c in lacking))
        package = fonts.package_for(lacking)
        self.problems.append(Problem(
            f"{style.font} has no {fonts.scripts_of(lacking)} characters: "
            f"{lacking[:12]}{'…' if len(lacking) > 12 else ''}",
            Where(file.shown, first.lines[0]),
            f"install the package {package}, or name another font in titles.yaml" if package
            else "name a font that has them in titles.yaml, or replace the characters"))
        return None

    def _report_timing(self, note: TimingNote, shown: str) -> None:
        self._say(f"titles.{note.kind}", _SEVERITY[note.kind], note.message,
                  Where(shown, note.line), fix=note.fix, was=note.at,
                  at="" if note.kind == "parked" else self._timecode(note.frame))

    def _report_lines(self, count: int, wanted: int, cue: TimedCue, area: str, shown: str) -> None:
        self._say("titles.lines", "warning", f"the cue needs {count} lines in {area}",
                  Where(shown, cue.lines[0]), at=self._timecode(cue.span.start),
                  measured=f"{count} lines", expected=f"at most {wanted} lines",
                  fix="shorten or split the cue, or use a smaller size_px in titles.yaml")

    def _timecode(self, frame: int) -> str:
        return format_timecode(self.timeline.start_frame + frame, self.timeline.rate,
                               self.timeline.drop)

    def _say(self, rule: str, severity: Any, message: str, where: Where, *, at: str = "",
             measured: str = "", expected: str = "", fix: str = "", was: str = "") -> None:
        finding = Finding(rule, severity, message, file=str(where), at=at, measured=measured,
                          expected=expected, fix=fix, was=was)
        if finding not in self.findings:
            self.findings.append(finding)
            if severity != "info" or rule == "titles.parked":
                notice = Notice(self.ctx.episode, severity, message, fix, where)
                self.notices.setdefault((rule, where.file), []).append(notice)


def _off(outer: bool, own: bool | None) -> bool:
    """Whether titles are off, the nearest word winning."""
    return outer if own is None else own


@dataclass(frozen=True, slots=True)
class _Setter:
    """Sets cues into one box: `width_of` includes the outline, `line_px` is libass's line."""

    width_of: Any
    box: Box
    line_px: float
    area: str
    style: TitleStyle
    shown: str
    frame_px: int

    def lines(self, cue: TimedCue) -> tuple[str, ...]:
        """The cue's lines. Raises InputError with the figures where they cannot fit the box."""
        where = Where(self.shown, cue.lines[0])
        try:
            lines = tuple(self._all(cue.texts))
        except TooWideError as error:
            raise InputError(
                f"{error.piece!r} is {error.width:.0f} px wide; the safe box of {self.area} is "
                f"{self.box.width} px", where=where,
                hint="split the word, or use a smaller size_px in titles.yaml") from None
        height = len(lines) * self.line_px + 2 * self.style.outline_px
        if height > self.box.height:
            raise InputError(
                f"the cue is {height:.0f} px high in {len(lines)} lines; the safe box of "
                f"{self.area} is {self.box.height} px", where=where,
                hint="split the cue, or use a smaller size_px in titles.yaml")
        return lines

    @property
    def centered_px(self) -> float:
        """How wide text on the frame's center may be inside the box."""
        return min(self.frame_px - 2 * self.box.left, 2 * self.box.right - self.frame_px)

    def fits_centered(self, lines: tuple[str, ...]) -> bool:
        """Whether the lines stay inside the box when they stand on the frame's center."""
        return max(map(self.width_of, lines), default=0) <= self.centered_px

    def _all(self, texts: Iterable[str]) -> Iterator[str]:
        """Lines narrow enough to stand on the frame's center where a line or two do, so that
        cues do not jump sideways; else lines as wide as the box."""
        texts = tuple(texts)
        for limit in (self.centered_px, float(self.box.width)):
            try:
                lines = [line for text in texts for line in wrap(text, self.width_of, limit)]
            except TooWideError:
                if limit == self.box.width:
                    raise
                continue
            if len(lines) <= self.style.max_lines or limit == self.box.width:
                break
        yield from lines
