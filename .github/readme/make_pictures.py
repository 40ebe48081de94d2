"""Make the README's pictures from a real run of the example season: `python make_pictures.py`.

Needs microfinish, a POSIX system (for a terminal) and some minutes. `run.svg` is what the terminal
showed while segments were being rendered; `camera.jpg` is a frame as the camera wrote it, in its
log curve; `master.jpg` the frame of the master that shows the same moment.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import sys
import tempfile
from pathlib import Path

import av
import cv2
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
SEASON = HERE.parents[1] / "examples" / "the-rooftop"
COLUMNS, HEIGHT = 84, 720
CAMERA, CAMERA_FRAME = "A001C001.mov", 60
RECORD_FRAME = CAMERA_FRAME - 8
"""ep001 opens on frame 8 of that take: see truth.yaml."""
_CONTROL = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        season = Path(scratch) / "the-rooftop"
        shutil.copytree(SEASON, season, ignore=shutil.ignore_patterns(
            ".microfinish", "deliver", "documents", "make"))
        snapshots = screens([sys.executable, "-m", "microfinish", "-C", str(season), "run"])
        # Both episodes in hand, one of them rendering: the last three lines are bars.
        busy = [s for s in snapshots if len(s) > 3 and "season" in s[-3]
                and "segments" in s[-2] + s[-1] and "100 %" not in s[-2] + s[-1]]
        chosen = busy[len(busy) * 3 // 5] if busy else snapshots[-1]
        draw(["$ microfinish -C examples/the-rooftop run", *chosen], HERE / "run.svg")
        print("\n".join(snapshots[-1]))
        save(frame(season / "media" / CAMERA, CAMERA_FRAME), HERE / "camera.jpg")
        save(frame(season / "deliver/ep001/tiktok.mp4", RECORD_FRAME), HERE / "master.jpg")


def screens(command: list[str]) -> list[list[str]]:
    """Run a command in a terminal; every screen it showed, as lines with their colors."""
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "30",
                       "TERM": "xterm-256color"}
        for name in ("CI", "NO_COLOR"):
            environment.pop(name, None)
        os.execvpe(command[0], command, environment)
    lines, row, shown = [""], 0, []
    while chunk := _read(terminal):
        for part in re.split(r"(\r\n|\n|\r|\x1b\[\??[\d;]*[ABJKhl])", chunk):
            control = _CONTROL.fullmatch(part)
            if part in ("\r\n", "\n"):
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif control and control[2] == "A":
                row -= int(control[1] or 1)
            elif control and control[2] in "JK":
                lines[row] = ""
            elif part and part != "\r" and not (control and control[2] in "Bhl"):
                lines[row] += part
        shown.append(lines.copy())
    os.waitpid(child, 0)
    return [_trimmed(screen) for screen in shown]


def _read(terminal: int) -> str:
    select.select([terminal], [], [])
    try:
        data = os.read(terminal, 65536)
    except OSError:  # Linux says so when the child has closed its end
        return ""
    while data and data[-1] & 0x80 and len(data) < 70000:  # a character cut in two
        try:
            data.decode()
            break
        except UnicodeDecodeError:
            data += os.read(terminal, 1)
    return data.decode(errors="replace")


def _trimmed(screen: list[str]) -> list[str]:
    while screen and not re.sub(_CONTROL, "", screen[-1]).strip():
        screen = screen[:-1]
    return screen or [""]


def draw(lines: list[str], path: Path) -> None:
    """The lines as a terminal window."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True,
                          color_system="truecolor")
        for line in lines:
            console.print(Text.from_ansi(line), soft_wrap=False)
        svg = console.export_svg(title="microfinish", unique_id="run")
    # A picture in a README must not ask another host for a font.
    path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S), encoding="utf-8")


def frame(path: Path, number: int) -> cv2.typing.MatLike:
    """The picture at a frame number, BGR, HEIGHT pixels high, code values as they are stored."""
    with av.open(str(path)) as container:
        for index, found in enumerate(container.decode(video=0)):
            if index == number:
                picture = found.to_ndarray(format="bgr24")
                width = round(picture.shape[1] * HEIGHT / picture.shape[0])
                return cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA)
    raise SystemExit(f"{path} ends before frame {number}")


def save(picture: cv2.typing.MatLike, path: Path) -> None:
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 86])


if __name__ == "__main__":
    main()
