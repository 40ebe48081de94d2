"""`microfinish watch`: while a colorist saves, the still of the shot in hand is made anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.arguments import Episode
from microfinish.cli.session import session_of, tell
from microfinish.project.layout import Layout

if TYPE_CHECKING:
    from microfinish.core.color import Grades
    from microfinish.core.timeline import Event
    from microfinish.media.ocio_chain import Rgb
    from microfinish.project.project import Project
    from microfinish.report.shot_stills import ShotStill, Sources

POLL_SECONDS = 0.1
_PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{margin:0;background:#161616}}img{{max-width:100%;max-height:100vh;display:block;
margin:auto}}</style><img id="s" alt="{title}, before and after with scopes" src="{file}"><script>
const s=document.getElementById("s");setInterval(()=>{{const n=new Image();
n.onload=()=>{{s.src=n.src}};n.src="{file}?"+Date.now()}},400)</script>
"""

_Shot = Annotated[str, typer.Option(
    "--shot", metavar="SHOT", show_default=False,
    help="The shot to look at, such as sh020 or A001C003@01:00:05:00; else the one that changes.")]
_Out = Annotated[Path | None, typer.Option(
    "-o", "--out", metavar="FILE", show_default=False,
    help="The PNG to keep fresh; preview/EP.grade.png when left out.")]
_Once = Annotated[bool, typer.Option("--once", help="Make the still once and leave.")]


def command(ctx: typer.Context, episode: Episode, shot: _Shot = "", out: _Out = None,
            once: _Once = False) -> int:
    """Keep a still fresh while you grade: save grade.yaml, see the shot.

    Looks at the shot whose grade a save changed, or at --shot, and writes it before and after,
    with scopes, to a PNG; beside it lies a page for the browser that reloads it. Settings, look
    presets and LUTs count as well. Nothing is rendered and no document changes. Ctrl-C ends it.
    """
    from microfinish.cli.select import select_one
    from microfinish.core.errors import MicrofinishError

    project = session_of(ctx).project()
    name = select_one(project.episodes(), episode)
    watcher = Watcher(project.root, name, shot, out)
    try:
        told = watcher.look()
        tell(f"{told}\nlook at {watcher.file} (or {watcher.page.name} in a browser)")
        while not once:
            time.sleep(POLL_SECONDS)
            try:
                said = watcher.look()
            except MicrofinishError as error:
                _show(error, project.root)
                continue
            if said:
                tell(said)
    except KeyboardInterrupt:
        tell("")
    return 0


@dataclass(slots=True)
class Watcher:
    """One colorist's session: what was seen last, and the pictures decoded so far."""

    root: Path
    name: str
    shot: str = ""
    out: Path | None = None
    _stamp: tuple[tuple[str, int, int], ...] = ()
    _before: dict[str, object] = field(default_factory=dict)
    _shown: str = ""
    _codes: dict[str, Rgb] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.out.absolute() if self.out else Layout(self.root).still(self.name)

    @property
    def page(self) -> Path:
        """The page that shows the still and reloads it."""
        return self.file.with_suffix(".html")

    def look(self) -> str:
        """Make the still anew if something was saved since; what happened, "" for nothing.

        Raises what the grade stage would about the files as they are now.
        """
        stamp = tuple(self._files())
        if stamp == self._stamp:
            return ""
        self._stamp = stamp
        began = time.perf_counter()
        sources, event, changed = self._decided()
        still = self._still(sources, event)
        self._write(still)
        seconds = time.perf_counter() - began
        more = f"; {changed} shots changed" if changed > 1 else ""
        return f"{event.shot} in {seconds:.2f} s{more}"

    def _files(self) -> Iterator[tuple[str, int, int]]:
        """Every text that may change a grade, with its time and size."""
        layout = Layout(self.root)
        presets = layout.presets
        kinds = ("correct", "lock", "reframe", "vfx")
        texts = [layout.settings,
                 *(layout.human(self.name, name) for name in ("episode", "grade")),
                 *(layout.document(self.name, kind) for kind in kinds),
                 *(sorted(presets.rglob("*")) if presets.is_dir() else ())]
        for path in texts:
            try:
                found = path.stat()
            except OSError:
                continue
            yield str(path), found.st_mtime_ns, found.st_size

    def _decided(self) -> tuple[Sources, Event, int]:
        """(what stills are made from, the shot in hand, how many shots changed) as of now."""
        from microfinish.cli.grade_sheets import sources_of
        from microfinish.cli.png_pages import png_path
        from microfinish.core.errors import InputError
        from microfinish.project.project import Project

        project = Project.open(self.root)
        episode = project.episode(self.name)
        png_path(episode, self.file)
        sources = sources_of(episode, _grades_now(project, self.name))
        shots = {event.shot: event for event in sources.shots()}
        if not shots:
            raise InputError(f"{self.name} has no picture to look at")
        chains: dict[str, object] = {shot: sources.grades[shot].chain for shot in shots}
        changed = [shot for shot in shots if self._before.get(shot) not in (None, chains[shot])]
        self._before = chains
        self._shown = self._in_hand(project, sources, shots, changed)
        return sources, shots[self._shown], len(changed)

    def _in_hand(self, project: Project, sources: Sources, shots: dict[str, Event],
                 changed: list[str]) -> str:
        if self.shot:
            from microfinish.core.media import MediaLog
            from microfinish.core.shot_key import resolve_key

            log = project.episode(self.name).document("log", MediaLog).load()
            return resolve_key(self.shot, sources.timeline, log)
        if self._shown in shots and (not changed or self._shown in changed):
            return self._shown
        return (changed or list(shots))[0]

    def _still(self, sources: Sources, event: Event) -> ShotStill:
        from microfinish.report.shot_stills import shot_still
        from microfinish.report.still_sheet import STILL_HEIGHT

        grade = sources.grades[event.shot]
        key = repr((event, grade.code_range, grade.matrix, sources.framings.get(event.shot)))
        if key not in self._codes:
            self._codes[key] = sources.codes(event, STILL_HEIGHT)
        return shot_still(sources, event, STILL_HEIGHT, self._codes[key])

    def _write(self, still: ShotStill) -> None:
        from microfinish.documents.atomic import write_bytes, write_text
        from microfinish.report.still_sheet import one_still

        title = f"{self.name} {still.shot}"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(self.file, one_still(still, title))
        page = _PAGE.format(title=title, file=self.file.name)
        if not self.page.is_file() or self.page.read_text(encoding="utf-8") != page:
            write_text(self.page, page)


def _grades_now(project: Project, name: str) -> Grades:
    """What the grade stage would decide from the files as they are, written nowhere."""
    from microfinish.pipeline.stage import Context, Options
    from microfinish.stages.grade import GradeStage

    stage = GradeStage()
    episode = project.episode(name)
    inputs = stage.inputs(episode)
    ctx = Context(name, project.root, project.facts, project.store, Options(),
                  emit=lambda event: None, cancelled=lambda: False)
    return stage.run(inputs, ctx)


def _show(error: Exception, root: Path) -> None:
    from microfinish.cli.errors import show_error
    from microfinish.core.errors import MicrofinishError

    assert isinstance(error, MicrofinishError)
    show_error(error, root=root)
