"""What an editor reads when something is wrong: a snapshot for every class of error."""

from __future__ import annotations

from pathlib import Path

import pytest

from microfinish.cli.errors import error_lines, show_error
from microfinish.core import errors as core
from microfinish.core.errors import (
    EditedByHand,
    EnvironmentFault,
    HeldError,
    InputError,
    Interrupted,
    LockedError,
    MicrofinishError,
    Problem,
    ProblemsError,
    ToolError,
    Where,
)


def shown(error: MicrofinishError, **how: object) -> str:
    return "\n".join(error_lines(error, **how))  # type: ignore[arg-type]


SNAPSHOTS: dict[type[MicrofinishError], tuple[MicrofinishError, int, str]] = {
    MicrofinishError: (
        MicrofinishError("a bug in microfinish: KeyError: 'shot'", hint="please report it"), 70,
        "error: a bug in microfinish: KeyError: 'shot'\n"
        "hint: please report it"),
    InputError: (
        InputError("shot 12 wants 00:14:02:10-00:14:05:00, but the file ends at 00:14:04:03",
                   where=Where("episodes/ep007/edit.edl", 41),
                   hint="the camera file is 21 frames short; trim the event"), 2,
        "error: episodes/ep007/edit.edl:41: shot 12 wants 00:14:02:10-00:14:05:00, but the file "
        "ends at 00:14:04:03\n"
        "hint: the camera file is 21 frames short; trim the event"),
    ProblemsError: (
        ProblemsError((
            Problem('unknown key "treu_peak" in loudness', Where("tiktok.yaml", 4, 3),
                    'did you mean "true_peak"?', "  treu_peak: -1"),
            Problem("less than or equal to -5", Where("tiktok.yaml", 5, 11),
                    "use a value from -40 to -5", "  target: -1"),
        )), 2,
        'error: tiktok.yaml:4:3: unknown key "treu_peak" in loudness\n'
        "   4 |   treu_peak: -1\n"
        '     |   ^^^^^^^^^ did you mean "true_peak"?\n'
        "error: tiktok.yaml:5:11: less than or equal to -5\n"
        "   5 |   target: -1\n"
        "     |           ^^\n"
        "hint: use a value from -40 to -5\n"
        "2 problems"),
    EditedByHand: (
        EditedByHand("episodes/ep001/documents/grade.yaml was edited by hand",
                     where=Where("episodes/ep001/documents/grade.yaml"),
                     hint="make the change in grade.yaml"), 2,
        "error: episodes/ep001/documents/grade.yaml was edited by hand\n"
        "hint: make the change in grade.yaml"),
    ToolError: (
        ToolError("ffmpeg failed while rendering ep007 shot 3 (exit 187)",
                  detail=("[Parsed_lut3d_1] Unable to parse LUT: bad line 12",),
                  hint="rerun this one step: microfinish run ep007 --only master -vv"), 3,
        "error: ffmpeg failed while rendering ep007 shot 3 (exit 187)\n"
        "  [Parsed_lut3d_1] Unable to parse LUT: bad line 12\n"
        "hint: rerun this one step: microfinish run ep007 --only master -vv"),
    HeldError: (
        HeldError("ep003 is held by render-2 (process 4711) since 17:44",
                  hint="wait, or `microfinish unlock ep003`"), 4,
        "error: ep003 is held by render-2 (process 4711) since 17:44\n"
        "hint: wait, or `microfinish unlock ep003`"),
    LockedError: (
        LockedError("the picture is locked and event 3 changed",
                    hint="microfinish lock ep001 --relock"), 4,
        "error: the picture is locked and event 3 changed\n"
        "hint: microfinish lock ep001 --relock"),
    EnvironmentFault: (
        EnvironmentFault("no ffmpeg binary was found", hint="reinstall imageio-ffmpeg"), 5,
        "error: no ffmpeg binary was found\n"
        "hint: reinstall imageio-ffmpeg"),
    Interrupted: (
        Interrupted("stopped", hint="run again to continue"), 130,
        "error: stopped\n"
        "hint: run again to continue"),
}


@pytest.mark.parametrize("kind", SNAPSHOTS, ids=lambda kind: kind.__name__)
def test_an_error_reads_so_and_owns_its_exit_code(kind: type[MicrofinishError]) -> None:
    error, exit_code, text = SNAPSHOTS[kind]
    assert (exit_code, text) == (error.exit_code, shown(error))


def test_every_class_of_error_has_a_snapshot() -> None:
    classes = {value for value in vars(core).values()
               if isinstance(value, type) and issubclass(value, MicrofinishError)}
    assert classes == set(SNAPSHOTS)


def test_the_line_is_quoted_from_the_file_when_the_error_brings_none(tmp_path: Path) -> None:
    (tmp_path / "microfinish.yaml").write_text("title: Roof\nrate: fast\n", encoding="utf-8")
    error = InputError("'fast' is not a rate", where=Where("microfinish.yaml", 2, 7),
                       hint="write 25 or 24000/1001")
    assert shown(error, root=tmp_path) == (
        "error: microfinish.yaml:2:7: 'fast' is not a rate\n"
        "   2 | rate: fast\n"
        "     |       ^^^^\n"
        "hint: write 25 or 24000/1001")


def test_a_hint_that_fits_beside_no_caret_is_still_given() -> None:
    error = InputError("no such key", where=Where("gone.yaml", 2, 7), hint='did you mean "rate"?')
    assert shown(error).splitlines()[-1] == 'hint: did you mean "rate"?'


def test_the_same_advice_is_given_once_for_neighboring_problems() -> None:
    problems = tuple(Problem(f"no media for event {n}", Where("edit.edl", n), "copy the card again")
                     for n in (3, 4))
    assert shown(ProblemsError(problems)).count("hint:") == 1


def test_an_excerpt_that_brings_its_own_caret_is_left_as_it_is() -> None:
    excerpt = "   2 | rate: fast\n     |       ^^^^"
    error = ProblemsError((Problem("bad", Where("a.yaml", 2, 7), "", excerpt),))
    assert shown(error) == f"error: a.yaml:2:7: bad\n{excerpt}"


def test_a_very_long_line_is_quoted_around_the_place() -> None:
    line = "shots: {" + "a: 1, " * 200 + "exposre: 2}"
    column = line.index("exposre") + 1
    error = ProblemsError((Problem("unknown key", Where("g.yaml", 1, column), "", line),))
    quoted, caret = shown(error).splitlines()[1:3]
    assert quoted[caret.index("^"):].startswith("exposre")
    assert len(quoted) < 120


def test_an_episode_and_a_log_are_named() -> None:
    error = ToolError("ffmpeg failed")
    assert shown(error, episode="ep007", log=".microfinish/logs/x.log") == (
        "error: ep007: ffmpeg failed\nlog: .microfinish/logs/x.log")


def test_errors_go_to_stderr_and_are_plain_without_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_error(ToolError("ffmpeg failed", hint="look at the log"))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: ffmpeg failed\nhint: look at the log\n")


def test_no_color_wins_over_force_color(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    show_error(ToolError("a"))
    assert "\033[" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    show_error(ToolError("a"))
    assert "\033[" not in capsys.readouterr().err


def test_an_episode_is_not_named_twice(tmp_path: Path) -> None:
    error = InputError("bad", where=Where("episodes/ep007/grade.yaml", 2, 1))
    assert shown(error, episode="ep007") == "error: bad\n  from  episodes/ep007/grade.yaml:2:1"
    (tmp_path / "episodes/ep007").mkdir(parents=True)
    (tmp_path / "episodes/ep007/grade.yaml").write_text("a: 1\nb: 2\n")
    assert shown(error, episode="ep007", root=tmp_path).startswith(
        "error: episodes/ep007/grade.yaml:2:1: bad\n")
    other = InputError("bad", where=Where("microfinish.yaml", 1))
    assert shown(other, episode="ep007").startswith("error: ep007: bad")


def test_the_sum_of_several_problems_stands_below_them() -> None:
    error = ProblemsError((Problem("a.mov is 5 frames short"), Problem("b.mov is missing")),
                          detail=("file   frames", "a.mov  5", "b.mov  20"))
    assert shown(error).splitlines()[-3:] == ["  file   frames", "  a.mov  5", "  b.mov  20"]
