"""The correct stage on generated camera files whose white is off by a known amount."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import PyOpenColorIO as ocio
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from color_project import episode, event, media, run

from microfinish.core.color import Balance, Chain, Corrections, InputTransform
from microfinish.core.color_white import inverse, white_balance_matrix
from microfinish.core.timeline import PictureLock, Placement
from microfinish.documents import record
from microfinish.media.lut import exact
from microfinish.media.ocio_chain import CONFIG
from microfinish.stages.correct import CorrectStage
from microfinish.stages.grade import GradeStage

CAMERAS = 'cameras: {"A*": sony-slog3-sgamut3cine, "B*": panasonic-vlog}\n'
APPLY = CAMERAS + "correct: {mode: apply}\n"


def _scene(angle: int) -> np.ndarray:
    """Scene-linear ACEScg (180, 320, 3): grey surfaces in light and shadow, colored things."""
    rng = np.random.default_rng(angle)
    light = 2.0 ** np.linspace(-2.5, 1.0, 320)[None, :] * np.ones((180, 1))
    picture = np.repeat((0.3 * light)[..., None], 3, axis=-1)
    for _ in range(14):
        y, x = rng.integers(0, 150), rng.integers(0, 280)
        picture[y:y + 30, x:x + 40] *= rng.uniform(0.25, 0.9, 3)
    picture[20:35, 200:260] = 1.5  # a white shirt
    return picture * rng.normal(1, 0.01, picture.shape)


def _film(path: Path, space: str, angle: int, cast: Balance) -> None:
    """Five ten-bit frames as the camera records them: legal YUV of full-axis code values."""
    seen = _scene(angle) @ np.array(inverse(white_balance_matrix(cast))).T
    _store(path, seen, space)


def _store(path: Path, light: np.ndarray, space: str) -> None:
    codes = np.ascontiguousarray(light, np.float32)
    if space:
        config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
        config.getProcessor("ACEScg", space).getDefaultCPUProcessor().apply(
            ocio.PackedImageDesc(codes.reshape(-1, 3), 180 * 320, 1, 3))
    luma = codes @ np.array([0.2126, 0.7152, 0.0722])
    chroma = 896 / 876 * 1023
    planes = [luma * 1023, (codes[..., 2] - luma) / 1.8556 * chroma + 512,
              (codes[..., 0] - luma) / 1.5748 * chroma + 512]
    frame = av.VideoFrame(320, 180, "yuv444p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        rows = np.zeros((180, plane.line_size // 2), "<u2")
        rows[:, :320] = np.clip(np.rint(values), 0, 1023)
        plane.update(rows.tobytes())
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv444p10le"
        for number in range(5):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _two_phones(root: Path, gains: tuple[float, float, float], settings: str = ""):
    """Two finished files of one set, the second elsewhere on it, its display light multiplied."""
    files = [media(f"IMG_000{n}", f"{n}{gains}", "7", pixel_format="yuv444p10le") for n in (1, 2)]
    wide = np.clip(_scene(3), 0.004, 0.8)
    for file, change in zip(files, ((1.0, 1.0, 1.0), gains), strict=True):
        seen = wide if file is files[0] else np.roll(wide, -24, axis=1)
        shown = np.clip(seen * np.array(change), 0, 1) ** (1 / 2.4)
        path = root / file.path
        # legal YUV of the display's codes, as _store writes what is on the whole axis
        _store(path, (shown * 876 + 64) / 1023, "")
    return episode(root, files, [event("p1", files[0], 0, 5, 0), event("p2", files[1], 0, 5, 5)],
                   "correct: {mode: apply}\n" + settings)


def _two_cameras(root: Path, cast: Balance, settings: str = APPLY, scene: str = "7"):
    a = media("A001C001", "a", scene, pixel_format="yuv444p10le")
    b = media("B001C001", f"b{cast}", scene, pixel_format="yuv444p10le")
    _film(root / a.path, "S-Log3 S-Gamut3.Cine", 1, Balance())
    _film(root / b.path, "V-Log V-Gamut", 2, cast)
    return episode(root, [a, b], [event("a1", a, 0, 5, 0), event("b1", b, 0, 5, 5)], settings)


@pytest.mark.parametrize("cast", [Balance(0, 700, 0.003), Balance(0, -500, -0.004)])
def test_the_camera_that_is_off_is_brought_to_the_other(tmp_path: Path, cast: Balance) -> None:
    first, second = run(CorrectStage(), _two_cameras(tmp_path, cast)).shots
    assert first.state == "abstained"
    assert second.state == "applied"
    # Shrunk by its confidence, so the rest is at most a third of the fault.
    assert second.balance.temperature == pytest.approx(cast.temperature, rel=0.35)
    assert abs(second.balance.tint - cast.tint) < 0.002
    assert second.confidence >= 0.6


def test_without_a_scene_name_the_cutting_tells(tmp_path: Path) -> None:
    folder = _two_cameras(tmp_path, Balance(0, 700, 0.003), scene="")
    assert run(CorrectStage(), folder).by_shot()["b1"].state == "proposed"
    a, b = folder.document("log").load().media
    folder = episode(tmp_path, [a, b], [event("a1", a, 0, 2, 0), event("b1", b, 0, 5, 2),
                                        event("a2", a, 2, 5, 7)], APPLY)
    assert run(CorrectStage(), folder).by_shot()["b1"].state == "applied"


def test_cameras_that_agree_are_left_alone(tmp_path: Path) -> None:
    for correction in run(CorrectStage(), _two_cameras(tmp_path, Balance())).shots:
        assert (correction.state, correction.balance) == ("abstained", Balance())


def test_a_colored_gel_is_left_alone(tmp_path: Path) -> None:
    body = run(CorrectStage(), _two_cameras(tmp_path, Balance(0, 0, 0.04)))
    assert all(correction.balance == Balance() for correction in body.shots)


def test_off_measures_nothing(tmp_path: Path) -> None:
    folder = _two_cameras(tmp_path, Balance(0, 700, 0), CAMERAS + "correct: {mode: off}\n")
    assert run(CorrectStage(), folder) == Corrections("off", ())


@pytest.mark.parametrize("output", ["aces2-rec709", "rec709"])
def test_finished_pictures_of_one_set_are_matched(tmp_path: Path, output: str) -> None:
    """By the light their chain balances: the second, once corrected, shows the first's colors."""
    gains = (1.10, 0.92, 0.80)
    body = run(CorrectStage(), _two_phones(tmp_path, gains, f"output: {output}\n"))
    first, second = body.by_shot()["p1"], body.by_shot()["p2"]
    assert {first.state, second.state} == {"abstained", "applied"}
    surfaces = np.random.default_rng(1).uniform(0.08, 0.5, (50, 3))
    codes = [np.asarray((surfaces * np.array(gain)) ** (1 / 2.4), np.float32)
             for gain in ((1, 1, 1), gains)]
    shown = [exact(Chain(InputTransform("display"), each.balance, output=output), code)
             for each, code in zip((first, second), codes, strict=True)]
    assert np.abs(shown[1] - shown[0]).mean() < 0.4 * np.abs(codes[1] - codes[0]).mean()


@pytest.mark.parametrize("gains", [(0.12, 0.14, 0.2), (1.5, 0.5, 0.5)])
def test_finished_night_and_gels_are_left_alone(tmp_path: Path, gains: tuple[float, ...]) -> None:
    body = run(CorrectStage(), _two_phones(tmp_path, gains))  # type: ignore[arg-type]
    assert all(correction.balance == Balance() for correction in body.shots)


def test_finished_pictures_without_company_are_left_as_they_are(tmp_path: Path) -> None:
    phone = media("IMG_1", "p")
    body = run(CorrectStage(), episode(tmp_path, [phone], [event("p", phone, 0, 5, 0)]))
    assert body.shots[0].evidence == "a finished picture, left as it is"


def test_an_applied_correction_reaches_the_chain(tmp_path: Path) -> None:
    folder = _two_cameras(tmp_path, Balance(0, 700, 0.003))
    body = run(CorrectStage(), folder)
    record.write(folder.folder / "documents" / "correct.yaml", "correct", 1, {}, body)
    assert record.read_body(folder.folder / "documents" / "correct.yaml", Corrections,
                            "correct.yaml") == body
    again = folder.project.episode("ep001")
    chain = run(GradeStage(), again).by_shot()["b1"].chain
    assert chain.balance == body.by_shot()["b1"].balance


def test_a_file_that_is_only_seen_over_other_pictures_is_a_scene_of_its_own(
        tmp_path: Path) -> None:
    folder = _two_cameras(tmp_path, Balance(0, 700, 0.003), scene="")
    lock = folder.document("lock", PictureLock).load()
    revision = lock.current
    base = revision.timeline.picture()
    upper = replace(base[-1], track="V2", placement=Placement(0.7, 0.3, 0.4))
    timeline = replace(revision.timeline, events=(*base[:-1], upper))
    record.write(folder.layout.document("ep001", "lock"), "lock", 1, {},
                 PictureLock((replace(revision, timeline=timeline),)))
    body = run(CorrectStage(), folder.project.episode("ep001"))
    assert {correction.shot for correction in body.shots} == {event.shot for event in base}
