"""The commands: a name, where its code is, one line of help. Nothing is imported to list them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`module` holds a function `command`; `help` is the line in `microfinish --help`."""

    module: str
    help: str
    section: str


_DAILY = "Every day"
_LOOK = "Look closer"
_SETUP = "Set up"
_STAGES = "One stage at a time"

STAGE_HELP = {
    "log": "What the media are: timecode, rate, rotation, color tags, sound.",
    "sync": "Which recorder file belongs to which camera file, and how exactly.",
    "assemble": "The edit list as an exact timeline, every event relinked to media.",
    "lock": "Freeze the picture; --relock takes a changed edit.",
    "vfx": "Which delivered VFX version stands in for each shot, and what does not fit.",
    "correct": "White balance and exposure of each shot, shots of a scene matched.",
    "grade": "The whole color chain of each shot.",
    "reframe": "The vertical crop of each shot.",
    "title": "Subtitles and cards: what is burnt where, inside the safe areas.",
    "mix": "Dialogue, music and effects, at the platform's loudness.",
    "master": "Render and mux the deliverables.",
    "qc": "Measure what was delivered; list what is wrong.",
}

COMMANDS: dict[str, Entry] = {
    "new": Entry("new", "Make a project folder with commented samples.", _SETUP),
    "doctor": Entry("doctor", "Test this machine: Python, ffmpeg, fonts, disk.", _SETUP),
    "presets": Entry("presets", "List presets, show their origins, compare looks on your frames.",
                     _SETUP),
    "schema": Entry("schema", "JSON Schema of a settings file, for your text editor.", _SETUP),
    "stages": Entry("stages", "The stages of this project, in order.", _SETUP),
    "status": Entry("status", "How far each episode is.", _DAILY),
    "check": Entry("check", "Validate every settings file and edit list; render nothing.", _DAILY),
    "plan": Entry("plan", "What a run would do, and why.", _DAILY),
    "run": Entry("run", "Do what is due, from camera files to masters.", _DAILY),
    "export": Entry("export", "Hand on the edit: lists, CDLs, pull list, picture, stems.",
                    _DAILY),
    "seal": Entry("seal", "Seal what was delivered with an ASC MHL manifest, or check it.", _DAILY),
    "explain": Entry("explain", "Why each stage is due, or why it is not.", _LOOK),
    "show": Entry("show", "What a stage decided: the timeline, the grades, the mix...", _LOOK),
    "watch": Entry("watch", "While you save grade.yaml: the shot in hand, fresh, with scopes.",
                   _LOOK),
    "diff": Entry("diff", "What changed between two picture locks, or since the lock.", _LOOK),
    "cache": Entry("cache", "How big the render store is; shrink or empty it.", _LOOK),
    "unlock": Entry("unlock", "Release an episode that a dead run still holds.", _LOOK),
    **{name: Entry(name if name in ("assemble", "lock", "qc") else "stage", text, _STAGES)
       for name, text in STAGE_HELP.items()},
}

SECTIONS = (_DAILY, _LOOK, _STAGES, _SETUP)
