"""The cubes of a turnover: each shot's whole color for Resolve and on-set tools."""

from __future__ import annotations

from pathlib import Path

from microfinish.core.color import Grades, ShotGrade
from microfinish.core.errors import InputError, Where
from microfinish.pipeline.stage import Context
from microfinish.project.episode import Episode
from microfinish.stages.turnover_media import Made


def shot_cubes(episode: Episode, folder: Path, ctx: Context) -> Made:
    """Write `cubes/SHOT.cube` for every shot: camera code values to Rec.709, 65 points.

    The cube holds everything that the CDL holds, and what it cannot hold. Plain: red fastest,
    input 0..1, no shaper. Raises InputError where the grade has not run.
    """
    from microfinish.media.lut import Cube, bake
    from microfinish.project.lut_files import lut_finder

    document = episode.document("grade", Grades)
    if not document.exists:
        raise InputError("there is no grade to hand over", where=Where("episode.yaml"),
                         hint=f"run `microfinish grade {episode.name}` first")
    grades: Grades = document.load()
    find = lut_finder(episode.project.root)
    (folder / "cubes").mkdir(parents=True, exist_ok=True)

    def write(grade: ShotGrade) -> tuple[Path, Cube]:
        cube = bake(grade.chain, find, even=True)
        path = folder / "cubes" / f"{grade.shot}.cube"
        path.write_bytes(_head(episode.name, grade).encode() + cube.text())
        return path, cube

    made = ctx.map(write, grades.shots, "cubes")
    notes = [f"{grade.shot}: its cube is off by up to {cube.ramp_error:.1f} ten-bit codes on greys"
             for grade, (_, cube) in zip(grades.shots, made, strict=True) if cube.ramp_error > 1.0]
    levels = sorted({grade.code_range for grade in grades.shots})
    notes.append("the cubes take the camera's picture as it is, before any other correction; "
                 f"decode it with {' or '.join(levels)} data levels, as each file's head says")
    return Made(tuple(path for path, _ in made), tuple(notes))


def _head(episode: str, grade: ShotGrade) -> str:
    chroma = "; legal chroma" if grade.chain.input.legal_chroma else ""
    return (f'TITLE "{episode} {grade.shot}"\n'
            f"# from {grade.camera}, {grade.code_range} data levels{chroma}, to Rec.709 BT.1886\n")
