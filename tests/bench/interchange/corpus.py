"""What every real edit list gives: `corpus.py [-v]` prints one row per file.

Reads the files below $MICROFINISH_TESTDATA/interchange. A row names the events, those with a
speed, a variable speed, a transition, a placement or a role, and the losses by severity; `-v` adds
every loss with its line. Ends with 1 where a file gives a traceback.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from microfinish.core.edit import EditList
from microfinish.core.errors import InputError, ProblemsError
from microfinish.core.timeline import Loss
from microfinish.interchange.fcpxml import projects, read_project
from microfinish.interchange.readers import READERS, read_edit_list
from microfinish.interchange.xmltext import parse_document

RATES = tuple(Fraction(text) for text in ("24", "25", "30000/1001", "60", "24000/1001"))


def files() -> list[Path]:
    """Every file of the corpus that is an edit list by its extension."""
    folder = Path(os.environ["MICROFINISH_TESTDATA"]) / "interchange"
    return [path for path in sorted(folder.rglob("*"))
            if path.suffix.lower() in READERS and path.name != "ascmhl_chain.xml"]


def edits(path: Path) -> Iterator[tuple[str, EditList | InputError]]:
    """(name, what the file reads as) for a file, or for each project of one with several."""
    data = path.read_bytes()
    try:
        yield "", at_its_rate(data, path.name)
    except InputError as error:
        if path.suffix != ".fcpxml" or "projects" not in error.message:
            yield "", error
            return
        document = parse_document(data, path.name)
        for project in projects(document, path.name):
            try:
                yield project.name, read_project(document, path.name, RATES[1], project)
            except InputError as refused:
                yield project.name, refused


def at_its_rate(data: bytes, name: str) -> EditList:
    """The edit list at its own rate; an EDL states none, so the first at which all labels exist."""
    found: InputError | None = None
    for rate in RATES:
        try:
            edit = read_edit_list(data, name, rate)
        except ProblemsError as error:
            found = error
            continue
        # a list that states its rate has nothing to compare it with here
        return edit if edit.rate == rate or name.endswith(".edl") else read_edit_list(
            data, name, edit.rate)
    assert found is not None
    raise found


def row(name: str, edit: EditList) -> str:
    """One line of the table."""
    lines = edit.lines
    count = Counter(loss.severity for loss in edit.losses)
    return (f"{name[:46]:46} {len(lines):5} {sum(line.speed != 1 for line in lines):5} "
            f"{sum(bool(getattr(line, 'retime', ())) for line in lines):6} "
            f"{sum(line.transition is not None for line in lines):5} "
            f"{sum(getattr(line, 'placement', None) is not None for line in lines):6} "
            f"{sum(bool(line.role) for line in lines):5} "
            f"{count['error']:5} {count['warning']:5} {count['info']:5}")


def shown(loss: Loss) -> str:
    """A loss as an editor reads it."""
    return f"    {loss.severity:7} line {loss.line:5}: {loss.reason}  | {loss.text[:70]}"


def main(arguments: list[str]) -> int:
    faults = 0
    print(f"{'file':46} {'event':>5} {'speed':>5} {'retime':>6} {'mixes':>5} {'placed':>6} "
          f"{'roles':>5} {'error':>5} {'warn':>5} {'info':>5}")
    for path in files():
        try:
            for name, edit in edits(path):
                title = f"{path.name} {name}".strip()
                if isinstance(edit, InputError):
                    print(f"{title[:46]:46} refused: {edit.message[:90]}")
                    continue
                print(row(title, edit))
                for loss in edit.losses if "-v" in arguments else ():
                    print(shown(loss))
        except Exception as error:
            faults += 1
            print(f"{path.name[:46]:46} TRACEBACK {type(error).__name__}: {error}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
