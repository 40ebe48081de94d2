"""The program answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
