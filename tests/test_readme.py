"""The README is executed: every command runs in a copy of the example, every shown line appears.

In README.md, ```sh blocks hold the set-up commands and ```console blocks a story that is told from
top to bottom in the example season: `$ ` starts a command, the other lines are what it must print.
`...` stands for any number of lines, or for the rest of a line; measured times and parts per
million are not compared. A comment above a block says `<!-- file: PATH -->` for what the reader
writes into a file, `<!-- exit: N -->` for an exit code.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from synth.project import REPOSITORY, ProjectFolder
from synth.rooftop import finished_season

README = REPOSITORY / "README.md"
_BLOCK = re.compile(r"(?:<!-- (?P<said>[^\n]*?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```", re.S)
_MEASURED = re.compile(r"(\d+ (h|min) )*\d+(\.\d+)?(?= (s|min|h|ms|ppm)\b)")


@dataclass(frozen=True)
class Block:
    """A fenced block; `said` is the comment above it."""

    kind: str
    text: str
    said: str

    def told(self, key: str) -> str:
        """The value of `key: value` in the comment, or ""."""
        head, _, value = self.said.partition(": ")
        return value if head == key else ""


@dataclass(frozen=True)
class Command:
    """A command line of a console block and what must follow it."""

    line: str
    shown: tuple[str, ...]
    exit_code: int


def blocks() -> list[Block]:
    return [Block(m["kind"], m["text"], m["said"] or "")
            for m in _BLOCK.finditer(README.read_text(encoding="utf-8"))]


def story() -> list[Block | Command]:
    """What the reader does after the set-up, in order: files written, commands typed."""
    told: list[Block | Command] = []
    for block in blocks():
        if block.told("file"):
            told.append(block)
        elif block.kind == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
                line, *shown = part.rstrip().splitlines()
                told.append(Command(line, tuple(shown), int(block.told("exit") or 0)))
    return told


def set_up() -> list[list[str]]:
    """The steps of the one-line commands for Linux and macOS."""
    return [[step.strip() for step in block.text.strip().split("&&")]
            for block in blocks() if block.kind == "sh"]


def in_passing() -> list[str]:
    """Commands that sentences mention."""
    return re.findall(r"`(microfinish [^`]+)`", _BLOCK.sub("", README.read_text(encoding="utf-8")))


def type_(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as typed in `folder`, with this interpreter in the place of the environment's."""
    words = shlex.split(line)
    assert words[0] == "microfinish", f"the README types something else: {line}"
    return subprocess.run(
        [sys.executable, "-m", "microfinish", *words[1:]], cwd=folder, capture_output=True,
        text=True, stdin=subprocess.DEVNULL, check=False, timeout=600,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"})


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """Lines that the README shows and that did not appear in this order."""
    lines = iter([_plain(line) for line in printed.splitlines()])
    return [line for line in shown
            if line.strip() != "..." and not any(_fits(line, real) for real in lines)]


def _fits(shown: str, real: str) -> bool:
    wanted = _plain(shown)
    if wanted.endswith("..."):
        return real.startswith(wanted.removesuffix("...").rstrip())
    return real == wanted


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", _MEASURED.sub("N", line)).strip()


def test_the_two_commands_set_everything_up_by_themselves() -> None:
    finish, test = set_up()
    assert finish[0] == test[0] == "python3 -m venv .venv"
    assert finish[1:] == [".venv/bin/pip install -q -e .",
                          ".venv/bin/microfinish -C examples/the-rooftop run"]
    assert test[1:] == ['.venv/bin/pip install -q -e ".[test]"',
                        ".venv/bin/python -m pytest -n auto"]


def test_the_first_step_makes_an_environment(tmp_path: Path) -> None:
    # Without pip: the test is about the spelling, and packages come over the network.
    subprocess.run([sys.executable, *set_up()[0][0].split()[1:], "--without-pip"], cwd=tmp_path,
                   check=True)
    assert (tmp_path / ".venv" / "pyvenv.cfg").is_file()


def test_the_test_command_is_one_that_pytest_takes() -> None:
    words = shlex.split(set_up()[1][-1])[1:]
    done = subprocess.run([sys.executable, *words, "--collect-only", "tests/test_readme.py"],
                          cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_continuous_integration_finds_the_test_command() -> None:
    text = README.read_text(encoding="utf-8")
    between = text[text.index("<!-- test command -->"):text.index("<!-- end -->")]
    lines = [x for x in between.splitlines() if not x.startswith(("<!--", "```"))]
    assert lines == [" && ".join(set_up()[1])]


def test_every_file_and_folder_that_is_linked_exists() -> None:
    for page in (README, REPOSITORY / "microfinish/README.md", REPOSITORY / "examples/README.md",
                 REPOSITORY / "examples/the-rooftop/README.md"):
        text = page.read_text(encoding="utf-8")
        targets = re.findall(r"\]\(([^)#\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
        lost = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
        assert lost == [], page


def test_every_module_that_the_tour_names_is_there() -> None:
    package = REPOSITORY / "microfinish"
    text = (package / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:core|documents|project|interchange|render|media|pipeline|stages|"
                           r"rules|cli)/\w+\.py)`", text))
    assert len(named) > 20
    assert sorted(name for name in named if not (package / name).is_file()) == []


def test_every_stage_and_every_command_is_in_the_tables() -> None:
    from microfinish.cli.table import COMMANDS
    from microfinish.core.settings import BUILT_IN_STAGES

    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, flags=re.M)
    assert [row for row in rows if row in BUILT_IN_STAGES] == list(BUILT_IN_STAGES)
    unknown = {word for word in re.findall(r"`microfinish (\w+)", text) if word not in COMMANDS}
    assert unknown == set()


@pytest.mark.media
def test_the_story_of_the_readme_happens_as_told(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    season = ProjectFolder(tmp_path / "the-rooftop")
    shutil.copytree(finished_season(tmp_path_factory).root, season.root)
    typed = 0
    for step in story():
        if isinstance(step, Block):
            path = season.root / step.told("file")
            path.write_text(step.text, encoding="utf-8")
            continue
        done = type_(step.line, season.root)
        said = done.stdout + done.stderr
        assert done.returncode == step.exit_code, f"$ {step.line}\n{said}"
        both = missing_lines(step.shown, done.stdout + done.stderr)
        assert both == [], f"$ {step.line}\nprinted:\n{said}\nbut the README shows:\n{both}"
        typed += 1
    assert typed >= 8
    for line in in_passing():
        done = type_(line, season.root)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_the_settings_that_are_shown_are_those_of_the_example() -> None:
    shown = next(b for b in blocks() if b.told("sample") == "microfinish.yaml")
    real = REPOSITORY / "examples/the-rooftop/microfinish.yaml"
    assert yaml.safe_load(shown.text) == yaml.safe_load(real.read_text(encoding="utf-8"))


def test_the_other_samples_are_valid() -> None:
    from microfinish.core.mix import MixSheet
    from microfinish.documents.validate import load_text

    (printed,) = [b for b in blocks() if b.told("sample").endswith(" in mix.yaml")]
    assert load_text(printed.text, "mix.yaml", MixSheet).printed[0].revision == 1
