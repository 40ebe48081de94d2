"""The grade stage: which value wins, which camera is meant, and what is refused where."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from color_project import episode, event, media, run

from microfinish.core.cdl import Cdl
from microfinish.core.color import Balance, Corrections, Grades, ShotCorrection
from microfinish.core.errors import InputError, ProblemsError, Where
from microfinish.core.texture import Texture
from microfinish.documents import record
from microfinish.media.lut import cube_key
from microfinish.stages.grade import GradeStage

A, B, PHONE = media("A001C003", "da"), media("B002C001", "db"), media("IMG_0001", "dp")
CAMERAS = 'cameras: {"A*": sony-slog3-sgamut3cine, "B*": {preset: arri-logc3, ei: 1600}}\n'
EVENTS = [event("a1", A, 0, 25, 0), event("b1", B, 0, 25, 25), event("p1", PHONE, 0, 25, 50)]


def _grades(root: Path, settings: str = CAMERAS, grade: str | None = None, **more):
    return run(GradeStage(), episode(root, [A, B, PHONE], EVENTS, settings, grade, **more)
               ).by_shot()


def test_every_shot_gets_the_input_transform_of_its_camera(tmp_path: Path) -> None:
    shots = _grades(tmp_path)
    sony, arri, phone = shots["a1"], shots["b1"], shots["p1"]
    assert (sony.chain.input.space, sony.code_range) == ("S-Log3 S-Gamut3.Cine", "full")
    assert sony.chain.input.legal_chroma
    assert sony.chain.gamut_compression
    assert (arri.chain.input.curve, arri.chain.input.ei) == ("LogC3", 1600)
    assert arri.code_range == "limited"
    assert phone.camera == "phone-rec709"
    assert phone.chain.is_identity
    assert phone.matrix == "bt709"


def test_tags_choose_the_camera_where_no_pattern_does(tmp_path: Path) -> None:
    hlg = media("H", "h", transfer="arib-std-b67", matrix="bt2020nc", primaries="bt2020")
    pq = media("P", "p", transfer="smpte2084", matrix="bt2020nc", primaries="bt2020")
    bare = media("U", "u", transfer="unknown", matrix="unknown", code_range="unknown")
    told: list = []
    grades = run(GradeStage(), episode(tmp_path, [hlg, pq, bare], [
        event("h", hlg, 0, 5, 0), event("p", pq, 0, 5, 5), event("u", bare, 0, 5, 10)]), told)
    shots = grades.by_shot()
    assert [shots[s].camera for s in "hpu"] == ["phone-hlg", "phone-pq", "phone-rec709"]
    assert shots["h"].matrix == "bt2020nc"
    assert shots["u"].matrix == "smpte170m"  # 320x180, untagged: BT.601
    (noted,), (notice,) = grades.notices, told
    assert noted == f"media/U.mov: {notice.message}"
    for assumed in ("smpte170m assumed", "limited assumed", "treated as phone-rec709"):
        assert assumed in notice.message
    assert (notice.episode, notice.severity, notice.about) == ("", "warning", ("media/U.mov",))


def test_an_untagged_range_of_a_named_camera_is_no_warning(tmp_path: Path) -> None:
    files = [media(name, name, code_range="unknown") for name in ("A1", "A2")]
    told: list = []
    run(GradeStage(), episode(tmp_path, files, [
        event("a", files[0], 0, 5, 0), event("b", files[1], 0, 5, 5)]), told)
    (notice,) = told
    assert (notice.severity, notice.about) == ("info", ("media/A1.mov", "media/A2.mov"))


def test_a_full_range_file_keeps_its_chroma(tmp_path: Path) -> None:
    file = media("A1", "x", code_range="full")
    grades = run(GradeStage(), episode(tmp_path, [file], [event("s", file, 0, 5, 0)], CAMERAS))
    assert not grades.shots[0].chain.input.legal_chroma
    assert grades.shots[0].code_range == "full"


def test_the_nearest_level_wins_value_by_value(tmp_path: Path) -> None:
    sheet = """\
all: {contrast: 1.1, saturation: 0.9}
cameras: {"A*": {contrast: 1.2}}
shots:
  A001C003@01:00:00:10: {saturation: 0.8, exposure: 0.5}
"""
    shots = _grades(tmp_path, grade=sheet)
    assert (shots["a1"].chain.contrast, shots["a1"].chain.saturation) == (1.2, 0.8)
    assert (shots["b1"].chain.contrast, shots["b1"].chain.saturation) == (1.1, 0.9)
    assert shots["a1"].chain.balance == Balance(exposure=0.5)
    assert shots["a1"].origins["saturation"] == "grade.yaml shots A001C003@01:00:00:10"
    assert shots["a1"].origins["contrast"] == "grade.yaml cameras A*"


def test_the_season_look_is_replaced_or_taken_away_nearer_to_the_shot(tmp_path: Path) -> None:
    sheet = "shots: {b1: {look: none}, p1: {look: {preset: looks/neon-night, strength: 0.5}}}\n"
    shots = _grades(tmp_path, CAMERAS + "look: looks/cool-isolation\n", sheet)
    assert shots["a1"].chain.look is not None
    assert shots["a1"].chain.look.strength == 1.0
    assert shots["b1"].chain.look is None
    assert shots["p1"].chain.look is not None
    assert shots["p1"].chain.look.strength == 0.5
    assert shots["p1"].chain.look.grade != shots["a1"].chain.look.grade


def test_renaming_presets_changes_no_chain(tmp_path: Path) -> None:
    for folder in ("looks", "cameras"):
        (tmp_path / "presets" / folder).mkdir(parents=True)
    look = "title: T\ncontrast: 1.2\ntone: {shadows: [0.9, 1, 1.1]}\n"
    camera = "title: T\nspace: V-Log V-Gamut\ncode_range: full\n"
    chains = []
    for name in ("mine", "yours"):
        (tmp_path / "presets" / "looks" / f"{name}.yaml").write_text(look)
        (tmp_path / "presets" / "cameras" / f"{name}.yaml").write_text(camera)
        settings = f'cameras: {{"A*": {name}}}\nlook: looks/{name}\n'
        chains.append(_grades(tmp_path, settings)["a1"].chain)
    assert chains[0] == chains[1]
    assert chains[0].input.space == "V-Log V-Gamut"


def test_a_cdl_of_the_edit_list_counts_until_the_sheet_names_another(tmp_path: Path) -> None:
    listed, own = Cdl(slope=(1.1, 1.0, 0.9)), Cdl(saturation=0.7)
    events = [event("a1", A, 0, 25, 0, cdl=listed, where=Where("edit.edl", 7)),
              event("a2", A, 30, 50, 25, cdl=listed)]
    sheet = "shots: {a2: {cdl: {saturation: 0.7}}}\n"
    shots = run(GradeStage(), episode(tmp_path, [A], events, CAMERAS, sheet)).by_shot()
    assert shots["a1"].chain.cdl == listed
    assert shots["a1"].origins["cdl"] == "edit.edl:7"
    assert shots["a2"].chain.cdl == own


def test_a_cdl_file_of_the_project_is_read(tmp_path: Path) -> None:
    (tmp_path / "cdl.cc").write_text(
        "<ColorCorrection><SOPNode><Slope>1.2 1 1</Slope></SOPNode></ColorCorrection>")
    shots = _grades(tmp_path, grade="shots: {a1: {cdl: cdl.cc}}\n")
    assert shots["a1"].chain.cdl.slope == (1.2, 1.0, 1.0)


def test_an_applied_correction_adds_to_the_grade_unless_it_is_refused(tmp_path: Path) -> None:
    def correction(shot: str, state: str) -> ShotCorrection:
        return ShotCorrection(shot, Balance(0.25, -100.0, 0.001), "grey wall", 0.8, state)

    body = Corrections("apply", (correction("a1", "applied"), correction("b1", "proposed"),
                                 correction("p1", "applied")))
    shots = _grades(tmp_path, grade="shots: {a1: {exposure: 0.5}, p1: {correct: false}}\n",
                    correct=body)
    assert shots["a1"].chain.balance == Balance(0.75, -100.0, 0.001)
    assert shots["b1"].chain.balance == Balance()
    assert shots["p1"].chain.balance == Balance()


def test_a_lut_file_is_a_look_with_its_content_as_identity(tmp_path: Path) -> None:
    (tmp_path / "presets" / "luts").mkdir(parents=True)
    rows = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    for name in ("one", "two"):
        (tmp_path / "presets" / "luts" / f"{name}.cube").write_text(f"LUT_3D_SIZE 2\n{rows}\n")
    first = _grades(tmp_path, grade="look: {preset: luts/one.cube, space: rec709}\n")
    second = _grades(tmp_path, grade="look: {preset: luts/two.cube, space: rec709}\n")
    assert first["a1"].chain.look is not None
    assert first["a1"].chain.look.lut is not None
    assert first["a1"].chain == second["a1"].chain


def test_a_key_without_a_shot_is_refused_with_its_place_and_the_shots_of_that_reel(
        tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as refused:
        _grades(tmp_path, grade="shots:\n  A001C003@01:00:03:00: {exposure: 1}\n")
    problem = refused.value.problems[0]
    assert (problem.where.line, problem.where.column) == (2, 3)
    assert "a1" in problem.hint


def test_mistakes_in_the_sheet_are_told_with_line_and_column(tmp_path: Path) -> None:
    cases = {
        "shots:\n  a1: {exposre: 1}\n": (2, "exposre"),
        "shots:\n  a1: {exposure: 99}\n": (2, "at most"),
        "look: looks/neon-nigth\n": (1, "neon-nigth"),
        "shots:\n  a1: {cdl: {power: [0, 1, 1]}}\n": (2, "power"),
        "shots:\n  a1: {cdl: gone.cc}\n": (2, "gone.cc"),
    }
    for text, (line, words) in cases.items():
        with pytest.raises(InputError) as refused:
            _grades(tmp_path, grade=text)
        first = getattr(refused.value, "problems", (refused.value,))[0]
        assert first.where is not None, text
        assert first.where.line == line, text
        assert words in first.message, text


def test_an_exposure_index_that_a_camera_has_not_is_refused(tmp_path: Path) -> None:
    for setting in ("{preset: sony-slog3-sgamut3cine, ei: 800}", "{preset: arri-logc3, ei: 777}"):
        with pytest.raises(InputError):
            _grades(tmp_path, f'cameras: {{"A*": {setting}}}\n')


def test_an_unknown_camera_is_told_with_its_file_and_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        _grades(tmp_path, 'cameras: {"A*": sony-slog3-sgamut3cne}\n')
    assert refused.value.where == Where("microfinish.yaml")
    assert "sony-slog3-sgamut3cine" in refused.value.hint


def test_grades_survive_being_written_and_read(tmp_path: Path) -> None:
    folder = episode(tmp_path, [A, B, PHONE], EVENTS, CAMERAS + "look: looks/neon-night\n",
                     "all: {cdl: {slope: [1.01, 1, 0.333333333333]}}\n")
    body = run(GradeStage(), folder)
    record.write(tmp_path / "g.yaml", "grade", 1, {}, body)
    read = record.read_body(tmp_path / "g.yaml", Grades, "g.yaml")
    assert read == body
    assert [cube_key(g.chain) for g in read.shots] == [cube_key(g.chain) for g in body.shots]


def test_only_what_is_used_makes_the_stage_stale(tmp_path: Path) -> None:
    stage = GradeStage()
    before = stage.inputs(episode(tmp_path, [A], EVENTS[:1], CAMERAS)).digests()
    again = stage.inputs(episode(tmp_path, [A], EVENTS[:1], CAMERAS)).digests()
    louder = stage.inputs(episode(tmp_path, [A], EVENTS[:1], CAMERAS + "loudness: x\n")).digests()
    looked = stage.inputs(episode(tmp_path, [A], EVENTS[:1], CAMERAS + "look: neon-night\n"))
    assert before == again == louder
    changed = looked.digests()
    assert {k for k in changed if changed[k] != before.get(k)} == {
        "settings_look", "presets/looks/neon-night"}


def test_texture_comes_from_the_nearest_level_tool_by_tool(tmp_path):
    file = media("A001")
    made = episode(tmp_path, [file], [event("sh010", file, 0, 40, 0),
                                      event("sh020", file, 50, 90, 40)],
                   grade="all: {grain: 0.4, vignette: 0.2}\nshots:\n  sh020: {grain: 0}\n")
    first, second = run(GradeStage(), made).shots
    assert first.texture == Texture(grain=0.4, vignette=0.2)
    assert second.texture == Texture(vignette=0.2)
    assert second.origins["vignette"] == "grade.yaml all"


def test_texture_is_no_part_of_the_cube(tmp_path):
    file = media("A001")
    events = [event("sh010", file, 0, 40, 0)]
    plain = run(GradeStage(), episode(tmp_path, [file], events)).shots[0]
    grainy = run(GradeStage(), episode(tmp_path, [file], events, grade="all: {grain: 1}")).shots[0]
    assert plain.chain == grainy.chain and plain.texture != grainy.texture
