"""The program answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from microfinish.cli.app import main

HEAVY = ("numpy", "cv2", "av", "colour", "PyOpenColorIO", "pydantic", "yaml", "scipy", "rich",
         "ffmpeg", "pydub")


def imported_by(*argv: str) -> tuple[int, set[str]]:
    program = (
        "import sys\n"
        f"sys.argv = ['microfinish', *{list(argv)!r}]\n"
        "from microfinish.__main__ import main\n"
        "code = 0\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code or 0\n"
        "print('\\n' + ' '.join(sorted(sys.modules)), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=False)
    return done.returncode, set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("argv", [("--version",), ("--help",), ("run", "--help"),
                                  ("doctor", "--help"), ("gade",)])
def test_nothing_heavy_is_imported_to_say_what_the_program_is(argv: tuple[str, ...]) -> None:
    _, modules = imported_by(*argv)
    assert set() == modules & set(HEAVY)


def test_the_version_is_answered_before_the_command_line_is_imported() -> None:
    code, modules = imported_by("--version")
    assert code == 0
    assert "typer" not in modules


def test_help_imports_no_command() -> None:
    code, modules = imported_by("--help")
    assert code == 0
    assert set() == {name for name in modules if name.startswith("microfinish.cli.")
                     and name.rpartition(".")[2] in {"run", "show", "doctor", "stage"}}


def test_values_on_the_line_are_taken_without_pydantic(tmp_path: Path) -> None:
    """pydantic_core reads settings; pydantic itself, four times as slow, is only typer's."""
    for argv in (("-C", str(tmp_path), "run", "ep001..ep002", "--to", "log", "-j", "2"),
                 ("-C", str(tmp_path), "presets", "list", "looks"),
                 ("-C", str(tmp_path), "cache", "prune", "--max-size", "50G")):
        _, modules = imported_by(*argv)
        assert "pydantic" not in modules, argv
        assert f"microfinish.cli.{argv[2]}" in modules


@pytest.mark.parametrize(("typed", "said"), [
    (("run", "-j", "two"), "valid integer"),
    (("run", "-j", "-1"), "greater than or equal to 0"),
    (("qc", "--format", "cake"), "table"),
])
def test_a_wrong_value_is_still_told_in_the_librarys_words(
    typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(typed)) == 2
    assert said in capsys.readouterr().err
