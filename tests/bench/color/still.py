"""How soon a colorist sees a change: `python tests/bench/color/still.py [PROJECT]`.

Seconds on the clock of what `watch` does when grade.yaml is saved, on a project whose grade stage
has run (the example season when left out, copied and run to grade first): the first look, the same
shot again, another shot; and of a grid of all looks. Then CPU seconds of baking, camera by camera.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY)]

from microfinish.cli.watch import Watcher  # noqa: E402
from microfinish.core.color import CameraPreset, Chain  # noqa: E402
from microfinish.core.color_chain import input_transform  # noqa: E402
from microfinish.core.color_decode import Decode  # noqa: E402
from microfinish.core.settings import CameraRef  # noqa: E402
from microfinish.core.timeline import PictureLock  # noqa: E402
from microfinish.media import lut  # noqa: E402
from microfinish.project.presets import Presets  # noqa: E402
from microfinish.project.project import Project  # noqa: E402


def main(asked: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "season"
        shutil.copytree(Path(asked[0]) if asked else REPOSITORY / "examples" / "the-rooftop", root)
        _microfinish(root, "run", "--to", "grade")
        _stills(root)
        seconds = _timed(lambda: _microfinish(root, "presets", "preview", "looks/*"))
        print(f"presets preview looks/*      {seconds:6.2f} s, start of the program included")
    _bakes()


def _microfinish(root: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "microfinish", "-q", "-C", str(root), *words], check=True,
                   cwd=root, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                   stdout=subprocess.DEVNULL)


def _stills(root: Path) -> None:
    project = Project.open(root)
    episode = project.episode(project.episodes()[0])
    lock = episode.document("lock", PictureLock).load()
    shots = list(dict.fromkeys(event.shot for event in lock.current.timeline.picture()))
    sheet = project.layout.human(episode.name, "grade")
    watcher = Watcher(root, episode.name)

    def save(shot: str, stops: float) -> None:
        sheet.write_text(f"shots:\n  {shot}: {{exposure: {stops}}}\n")

    for words, shot, stops in (("first look", shots[0], 0.1), ("the same shot", shots[0], 0.2),
                               ("the same shot again", shots[0], 0.3),
                               ("another shot", shots[1], 0.4)):
        save(shot, stops)
        print(f"still, {words:20}  {_timed(watcher.look):6.2f} s   budget 1.0", flush=True)


def _bakes() -> None:
    presets, slow = Presets(), []
    lut.bake(Chain(input_transform(CameraPreset("", space="ACEScct"), CameraRef("x"),
                                   Decode("bt709", "full"))[0]))
    for info in presets.list("cameras"):
        preset = presets.resolve("cameras", info.name, CameraPreset).value
        given, _ = input_transform(preset, CameraRef(info.name), Decode("bt709", "limited"))
        chain = Chain(given, contrast=1.05, gamut_compression=preset.gamut_compression)
        start = time.process_time()
        lut.bake(chain).text()
        slow.append((time.process_time() - start, info.name))
        print(f"bake {info.name:32} {slow[-1][0]:5.2f} s CPU   budget 0.4", flush=True)
    print(f"{sum(seconds > 0.4 for seconds, _ in slow)} of {len(slow)} over 0.4 s")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(sys.argv[1:])
