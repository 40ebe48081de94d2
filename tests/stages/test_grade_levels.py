"""The grade's levels, season to shot, with their origins; and the show's own output."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from color_project import episode, event, media, run

from microfinish.core.color import Chain, InputTransform
from microfinish.core.errors import InputError, ProblemsError
from microfinish.media import lut
from microfinish.project.lut_files import lut_finder
from microfinish.stages.grade import GradeStage

ROOF, HALL, PHONE = (media("A001C003", "da", scene="12A"), media("B002C001", "db", scene="7"),
                     media("IMG_0001", "dp"))
FILES = [ROOF, HALL, PHONE]
EVENTS = [event("a1", ROOF, 0, 25, 0), event("a2", ROOF, 50, 75, 25),
          event("b1", HALL, 0, 25, 50), event("p1", PHONE, 0, 25, 75)]
CAMERAS = 'cameras: {"A*": sony-slog3-sgamut3cine, "B*": arri-logc3}\n'
CONFIG = """ocio_profile_version: 2.1
search_path: luts
roles: {aces_interchange: ACES2065-1, scene_linear: ACES2065-1, default: ACES2065-1}
file_rules:
  - !<Rule> {name: Default, colorspace: default}
displays:
  Phone:
    - !<View> {name: Film, colorspace: film}
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: ACES2065-1}
  - !<ColorSpace>
    name: film
    from_scene_reference: !<GroupTransform>
      children:
        - !<ExponentTransform> {value: 2.4, direction: inverse}
        - !<FileTransform> {src: film.cube}
"""


def _grades(root: Path, settings: str = CAMERAS, grade: str | None = None,
            told: list[Any] | None = None):
    return run(GradeStage(), episode(root, FILES, EVENTS, settings, grade), told).by_shot()


def test_the_nearest_level_wins_value_by_value_and_says_where_it_came_from(tmp_path: Path) -> None:
    season = "grade: {contrast: 1.01, saturation: 0.9, lift: 0.01}\n"
    shots = _grades(tmp_path, CAMERAS + season, """
all: {contrast: 1.02, gain: 1.1}
scenes:
  12A: {contrast: 1.03, vibrance: 0.2}
cameras:
  "A*": {contrast: 1.04, gamma: [1, 1.1, 1]}
shots:
  a1: {contrast: 1.05}
""")
    a1, a2, b1 = shots["a1"], shots["a2"], shots["b1"]
    assert (a1.chain.contrast, a1.origins["contrast"]) == (1.05, "grade.yaml shots a1")
    assert (a2.chain.contrast, a2.origins["contrast"]) == (1.04, "grade.yaml cameras A*")
    assert (b1.chain.contrast, b1.origins["contrast"]) == (1.02, "grade.yaml all")
    assert (a2.chain.tools.vibrance, a2.origins["vibrance"]) == (0.2, "grade.yaml scenes 12A")
    assert b1.chain.tools.vibrance == 0.0
    assert (b1.chain.saturation, b1.origins["saturation"]) == (0.9, "microfinish.yaml grade")
    assert a1.chain.tools.lift == (0.01, 0.01, 0.01)
    assert a1.chain.tools.gamma == (1.0, 1.1, 1.0)


def test_a_scene_may_list_its_shots_by_id_timecode_or_pattern(tmp_path: Path) -> None:
    shots = _grades(tmp_path, CAMERAS, """
scenes:
  flashback: {shots: [b1, "A001C003@01:00:02:05"], saturation: 0.5}
  phones: {shots: ["IMG_*"], saturation: 0.7}
""")
    assert {shot: grade.chain.saturation for shot, grade in shots.items()} == {
        "a1": 1.0, "a2": 0.5, "b1": 0.5, "p1": 0.7}


def test_a_scene_that_no_shot_belongs_to_is_named(tmp_path: Path) -> None:
    told: list[Any] = []
    _grades(tmp_path, CAMERAS, "scenes: {99: {exposure: 1}}\n", told)
    assert any('"99"' in notice.message and notice.severity == "warning" for notice in told)


def test_a_scene_names_no_shot_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="no shot shows A001C003@01:01:00:00"):
        _grades(tmp_path, CAMERAS, 'scenes: {x: {shots: ["A001C003@01:01:00:00"]}}\n')


def test_points_that_make_no_curve_are_refused_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        _grades(tmp_path, CAMERAS,
                "shots:\n  a1:\n    curves: {master: [[0, 0], [0.5, 0.6], [0.4, 0.7]]}\n")
    (problem,) = refused.value.problems
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == ("episodes/ep001/grade.yaml", 3)


def _own_output(root: Path, gain: float = 1.0) -> Chain:
    luts = root / "ocio" / "luts"
    luts.mkdir(parents=True, exist_ok=True)
    (root / "ocio" / "show.ocio").write_text(CONFIG)
    rows = [f"{r * gain} {g * gain} {b * gain}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    (luts / "film.cube").write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    shots = _grades(root, CAMERAS, "output: {config: ocio/show.ocio, display: Phone, view: Film}\n")
    chain = shots["a1"].chain
    assert isinstance(chain, Chain)
    return chain


def test_the_shows_own_view_is_the_output(tmp_path: Path) -> None:
    """Light of a grey card, 0.18, through an exponent of 1/2.4 and a cube that halves it."""
    chain = _own_output(tmp_path, 0.5)
    grey = np.full((1, 3), 420 / 1023, np.float32)
    shown = lut.exact(replace(chain, gamut_compression=False), grey, lut_finder(tmp_path))
    assert shown[0] == pytest.approx([0.5 * 0.18 ** (1 / 2.4)] * 3, abs=2e-3)


def test_another_lut_in_the_config_is_another_picture(tmp_path: Path) -> None:
    assert lut.cube_key(_own_output(tmp_path, 0.5)) != lut.cube_key(_own_output(tmp_path, 0.6))


def test_finished_pictures_pass_the_shows_own_view_untouched(tmp_path: Path) -> None:
    own = _own_output(tmp_path, 0.9).own
    codes = np.random.default_rng(2).uniform(0.02, 0.85, (200, 3)).astype(np.float32)
    finished = Chain(InputTransform("display"), own=own)
    assert finished.is_identity
    touched = replace(finished, contrast=1.000001)
    assert lut.exact(touched, codes, lut_finder(tmp_path)) == pytest.approx(codes, abs=2e-3)


@pytest.mark.parametrize(("output", "message"), [
    ("{config: ocio/none.ocio, display: Phone, view: Film}", "there is no file ocio/none.ocio"),
    ("{config: ../show.ocio, display: Phone, view: Film}", "outside the project"),
    ("{config: show.txt, display: Phone, view: Film}", "no OpenColorIO config"),
])
def test_an_output_that_is_not_there_is_refused(tmp_path: Path, output: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _grades(tmp_path, CAMERAS, f"output: {output}\n")


@pytest.mark.parametrize(("display", "view", "message"), [
    ("TV", "Film", "no display 'TV'"), ("Phone", "Video", "no view 'Video'")])
def test_a_view_that_the_config_lacks_is_refused_with_those_it_has(
        tmp_path: Path, display: str, view: str, message: str) -> None:
    chain = _own_output(tmp_path)
    assert chain.own is not None
    wrong = replace(chain, own=replace(chain.own, display=display, view=view))
    with pytest.raises(InputError, match=message) as refused:
        lut.bake(wrong, lut_finder(tmp_path), size=9)
    assert "there are" in (refused.value.hint or "")


def test_the_seasons_own_grade_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="slope -1"):
        _grades(tmp_path, CAMERAS + "grade: {cdl: {slope: [-1, 1, 1]}}\n")


def test_a_cdl_comes_from_the_days_ale(tmp_path: Path) -> None:
    (tmp_path / "onset").mkdir()
    (tmp_path / "onset/day1.ale").write_text(
        "Heading\nFPS\t25\n\nColumn\nName\tASC_SOP\tASC_SAT\n\nData\n"
        "A001C003\t(1.1 1 0.9)(0 0 0)(1 1 1)\t0.95\nB002C001\t(2 2 2)(0 0 0)(1 1 1)\t1\n")
    shots = _grades(tmp_path, CAMERAS, 'cameras: {"A*": {cdl: "onset/day1.ale#A001C003"}}\n')
    assert shots["a1"].chain.cdl.slope == (1.1, 1, 0.9)
    assert shots["a1"].chain.cdl.saturation == 0.95
    assert shots["b1"].chain.cdl.is_identity
