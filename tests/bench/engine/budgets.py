"""What finishing costs, as CPU ratios in one run: `python tests/bench/engine/budgets.py`.

Works on a season of one episode, 30 shots of a second, cut from The Rooftop's camera files at
1080x1920. CPU seconds are those of the whole process tree, so a busy machine disturbs them less
than a clock; a ratio compares two runs made one after the other.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from microfinish.media.ffmpeg import ffmpeg_exe  # noqa: E402

SEASON = REPOSITORY / "examples" / "the-rooftop"
SHOTS, FRAMES = 30, 25


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows = [*_engine(root / "engine"), _fused(root)]
    for what, value, budget in rows:
        print(f"{what:58} {value:>8}   budget {budget}")


def _cpu(argv: list[str]) -> tuple[float, float]:
    """(CPU seconds of the process tree, wall seconds) of a command that must succeed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   cwd=REPOSITORY)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            time.monotonic() - start)


def _project(root: Path, platforms: str) -> Path:
    shutil.copytree(SEASON / "media", root / "media")
    settings = (SEASON / "microfinish.yaml").read_text()
    (root / "microfinish.yaml").write_text(
        settings.replace("[tiktok, youtube-shorts, reelshort]", platforms))
    (root / "episodes" / "ep001").mkdir(parents=True)
    events = "".join(
        f"  - {{media: {('A001C001', 'B001C001')[n % 2]}, in: {8 + n // 2 * 24}, "
        f"out: {8 + n // 2 * 24 + FRAMES}}}\n" for n in range(SHOTS))
    (root / "episodes" / "ep001" / "edit.yaml").write_text("events:\n" + events)
    return root


def _run(root: Path) -> list[str]:
    return [sys.executable, "-m", "microfinish", "-q", "-C", str(root), "run"]


def _engine(root: Path) -> list[tuple[str, str, str]]:
    one, three = _project(root / "1", "[tiktok]"), _project(root / "3", "[tiktok, youtube-shorts, "
                                                            "reelshort]")
    cold, _ = _cpu(_run(one))
    many, _ = _cpu(_run(three))
    (one / "episodes" / "ep001" / "grade.yaml").write_text(
        "shots: {sh100: {cdl: {slope: [1.05, 1, 0.97]}}}\n")
    again, _ = _cpu(_run(one))
    _, nothing = _cpu(_run(one))
    return [
        ("cold episode, 30 shots, CPU s per second of picture", f"{cold / SHOTS:.2f}", "-"),
        ("three platforms of one picture spec / one", f"{many / cold:.2f}x", "<= 1.1x"),
        ("one shot of thirty graded again / cold", f"{again / cold:.1%}", "<= 8 %"),
        ("nothing changed, one episode, wall", f"{nothing:.2f} s", "<= 0.7 s"),
    ]


def _fused(root: Path) -> tuple[str, str, str]:
    """A graded segment against the same decode, crop, scale and encode without color."""
    source = str(SEASON / "media" / "A001C001.mov")
    cube = root / "look.cube"
    cube.write_text("LUT_3D_SIZE 65\n" + "".join(
        f"{r / 64:.6f} {g / 64:.6f} {b / 64:.6f}\n"
        for b in range(65) for g in range(65) for r in range(65)))
    names = "primariesin=709:transferin=709:primaries=709:transfer=709"
    bare = (f"crop=608:1080:656:0,zscale=w=1080:h=1920:filter=lanczos:{names}:matrixin=709:"
            "rangein=limited:matrix=709:range=limited,format=yuv420p")
    graded = (f"crop=608:1080:656:0,zscale={names}:matrixin=709:rangein=full:matrix=gbr:range=full"
              f":filter=spline36,format=gbrpf32le,lut3d=file={cube}:interp=tetrahedral,"
              f"zscale=w=1080:h=1920:filter=lanczos:{names}:matrixin=gbr:rangein=full:matrix=709:"
              "range=limited:dither=ordered,format=yuv420p")
    costs = []
    for chain in (bare, graded):
        costs.append(min(_cpu([ffmpeg_exe(), "-y", "-threads", "1", "-i", source, "-frames:v",
                               "200", "-an", "-vf", chain, "-c:v", "libx264", "-preset",
                               "veryfast", "-crf", "17", "-threads", "1", "-f", "null", "-"])[0]
                         for _ in range(3)))
    return ("fused segment / without color, x264 veryfast", f"{costs[1] / costs[0]:.2f}x",
            "<= 1.15x")


if __name__ == "__main__":
    main()
