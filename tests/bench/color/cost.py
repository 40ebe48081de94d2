"""What color and reframing cost: `python tests/bench/color/cost.py`.

CPU milliseconds per 1080x1920 frame of the renderer's own command (decode 1920x1080 ProRes, crop
to 9:16, cube, scale) over decoding alone, both without an encoder; and CPU seconds of baking.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY)]

from microfinish.core.color import Chain, InputTransform  # noqa: E402
from microfinish.core.deliver import PictureSpec  # noqa: E402
from microfinish.core.frame import PathKey, Raster  # noqa: E402
from microfinish.core.media import Picture  # noqa: E402
from microfinish.media import lut  # noqa: E402
from microfinish.media.ffmpeg import ffmpeg_exe, run  # noqa: E402
from microfinish.render.picture import Files, segment_arguments  # noqa: E402
from microfinish.render.segment import Encode, Layer, Pick, Segment  # noqa: E402

FRAMES, RATE, ROUNDS = 50, Fraction(25), 3
CHAINS = {"S-Log3": InputTransform("scene", "S-Log3 S-Gamut3.Cine", legal_chroma=True),
          "HLG": InputTransform("hlg"), "F-Log2": InputTransform(
              "scene", curve="F-Log2", linear="Linear Rec.2020")}


def main() -> None:
    for name, given in CHAINS.items():
        chain = Chain(given, contrast=1.05, gamut_compression=given.referred == "scene")
        print(f"bake {name:8} {_cpu(lambda chain=chain: lut.bake(chain).text()):6.2f} s CPU"  # type: ignore[misc]
              f"   preview {_cpu(lambda chain=chain: lut.bake(chain, size=33).text()):6.2f} s"  # type: ignore[misc]
              "   budget 0.4")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source, cube = folder / "shot.mov", folder / "shot.cube"
        run(["-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=25,noise=alls=8:allf=t,"
             f"trim=end_frame={FRAMES}", "-c:v", "prores_ks", "-profile:v", "2", "-pix_fmt",
             "yuv422p10le", "-y", str(source)])
        cube.write_bytes(lut.bake(Chain(CHAINS["S-Log3"], contrast=1.05)).text())
        loading = _children([*_command(source, cube, 1)])
        both = [(_children(_command(source, cube, FRAMES)) - loading,
                 _children(["-threads", "1", "-i", str(source), "-f", "null", "-"]))
                for _ in range(ROUNDS)]
    graded, decoded = (min(column) / FRAMES * 1000 for column in zip(*both, strict=True))
    print(f"decode {decoded:.1f} ms, with crop, cube and scale {graded:.1f} ms: color and reframe "
          f"{graded - decoded:.1f} ms CPU per frame   budget 30\n"
          f"(and once per segment {loading:.2f} s to start and to load the cube)")


def _command(source: Path, cube: Path, frames: int) -> list[str]:
    picture = Picture("prores", 1920, 1080, RATE, FRAMES, pixel_format="yuv422p10le",
                      bit_depth=10, time_base=Fraction(1, 12800))
    layer = Layer("m", Pick(0, frames - 1, frames, Fraction(1), Fraction(0)), picture, "crop",
                  608, 1080, (PathKey(0, 656, 0),), "c", "full", "bt709")
    spec = PictureSpec("wrapped_avframe", "yuv420p", (), "ordered", 2.0)
    made = segment_arguments(Segment(RATE, Raster(1080, 1920), frames, (layer,)),
                             [(Encode(replace(spec)), "-")],
                             Files({"m": str(source)}, {"c": str(cube)}, {}))
    at = made.index("-map")
    return [*made[:at + 2], "-an", "-f", "null", "-"]


def _children(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ffmpeg_exe(), "-v", "error", "-nostdin", *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def _cpu(work: Callable[[], object]) -> float:
    work()
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
