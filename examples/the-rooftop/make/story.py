"""The story and its truth: who says what when, which camera ran when, and how each one was wrong.

Times are seconds of the scene, as it was acted. Everything the generator makes follows from this
file, and `truth.yaml` beside the season states it for tests and for readers.
"""

from __future__ import annotations

from dataclasses import dataclass

RATE = 25


@dataclass(frozen=True)
class Line:
    """One spoken line; `voice` is espeak-ng's, `phone` lines come out of the phone's speaker."""

    at: float
    who: str
    text: str
    voice: str
    pitch: int
    phone: bool = False


@dataclass(frozen=True)
class Take:
    """One camera file. `begins` is the scene time of its first frame; `timecode` its start."""

    name: str
    scene: int
    begins: float
    seconds: float
    framing: str
    timecode: str


@dataclass(frozen=True)
class Camera:
    """How a camera saw wrongly: `gains` on linear R, G, B, `stops` of exposure, its noise."""

    space: str
    gains: tuple[float, float, float]
    stops: float
    noise: float
    legal: bool


@dataclass(frozen=True)
class Recording:
    """A recorder file: starts at scene time `begins`, its clock fast by `drift_ppm`; the
    timecode it wrote is `slip_frames` off the cameras' (jam sync is never perfect)."""

    name: str
    scene: int
    begins: float
    seconds: float
    drift_ppm: float
    timecode: str
    slip_frames: int


@dataclass(frozen=True)
class Cut:
    """One event of an edit: scene times, or the insert's own time. `dissolve` is in frames."""

    take: str
    begins: float
    ends: float
    speed: float = 1.0
    dissolve: int = 0


LINES: dict[int, tuple[Line, ...]] = {
    1: (Line(2.2, "MIA", "You said midnight. So where are you?", "en-us+f3", 62),
        Line(7.6, "VOICE", "I am closer than you think.", "en-gb+m3", 30, phone=True),
        Line(11.8, "MIA", "Jon? That is not possible.", "en-us+f3", 66),
        Line(16.6, "VOICE", "Do not turn around.", "en-gb+m3", 26, phone=True)),
    2: (Line(1.8, "JON", "Hello, Mia.", "en-gb+m3", 32),
        Line(5.0, "MIA", "I buried you.", "en-us+f3", 60),
        Line(8.4, "JON", "You buried an empty box.", "en-gb+m3", 32),
        Line(12.2, "MIA", "Then who is in your grave?", "en-us+f3", 66),
        Line(16.4, "JON", "Ask your sister.", "en-gb+m3", 28)),
}
CAMERAS = {
    "A": Camera("S-Log3 S-Gamut3.Cine", (0.88, 1.0, 1.22), -0.4, 0.004, legal=False),
    "B": Camera("ARRI LogC3 (EI800)", (1.16, 1.0, 0.80), +0.5, 0.003, legal=True),
}
TAKES = (
    Take("A001C001", 1, 0.48, 15.52, "wide", "10:01:00:12"),
    Take("B001C001", 1, 4.60, 16.00, "close-mia", "10:01:04:15"),
    Take("A001C002", 0, 0.00, 4.00, "phone", "10:05:00:00"),
    Take("A001C003", 2, 0.40, 20.80, "two", "10:12:00:10"),
    Take("B001C002", 2, 7.00, 13.00, "close-jon", "10:12:07:00"),
    Take("B001C003", 2, 3.60, 12.40, "close-mia", "10:12:03:15"),
)
RECORDINGS = (
    Recording("T01", 1, 0.1375, 21.0, 38.0, "10:01:00:03", 4),
    Recording("T02", 2, 0.0520, 21.5, 38.0, "10:12:00:01", -3),
)
EPISODES: dict[str, tuple[Cut, ...]] = {
    "ep001": (Cut("A001C001", 0.80, 5.40), Cut("B001C001", 5.40, 6.80),
              Cut("A001C002", 1.00, 2.32, speed=0.5), Cut("B001C001", 7.20, 10.80),
              Cut("A001C001", 11.00, 14.80, dissolve=12), Cut("B001C001", 14.80, 19.60)),
    "ep002": (Cut("A001C003", 0.88, 4.20), Cut("B001C003", 4.20, 7.80),
              Cut("B001C002", 7.80, 11.40), Cut("B001C003", 11.40, 15.40),
              Cut("B001C002", 15.40, 18.60), Cut("A001C003", 18.60, 21.00, dissolve=10)),
}


def take(name: str) -> Take:
    return next(t for t in TAKES if t.name == name)


def source_frames(cut: Cut) -> tuple[int, int]:
    """The cut's span in its camera file's own frames."""
    begins = take(cut.take).begins
    return round((cut.begins - begins) * RATE), round((cut.ends - begins) * RATE)


def record_frames(cuts: tuple[Cut, ...]) -> list[tuple[int, int]]:
    """Where each cut lies in the episode."""
    spans, now = [], 0
    for cut in cuts:
        first, end = source_frames(cut)
        length = round((end - first) / cut.speed)
        spans.append((now, now + length))
        now += length
    return spans
