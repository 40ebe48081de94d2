"""`microfinish diff`: what changed, for people, for programs and for sound houses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.cli.app import main
from microfinish.core.change_words import sentences
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Timeline
from microfinish.documents import record
from microfinish.interchange.edl import read
from microfinish.stages.lock import LockStage, _with


def cut(*spans: tuple[str, int, int], sound: int = 0) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", f"media/{media}.mov", Span(start, end),
                            Span(at, at + end - start)))
        at += end - start
    if sound:
        events.append(Event("", "A1", "media/room.wav", Span(0, sound), Span(0, sound)))
    return Timeline(Fraction(25), tuple(events), start_frame=90_000)


FIRST = with_shot_ids(cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150), ("d", 0, 50), sound=90))
SECOND = with_shot_ids(cut(("a", 0, 90), ("b", 0, 100), ("x", 0, 30), ("d", 0, 50),
                           ("c", 50, 150), sound=80), FIRST)
Type = Callable[..., Any]


@pytest.fixture
def episode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Type:
    """An episode with two revisions, and a way to type at it; answers (exit code, stdout, stderr).
    """
    folder = ProjectFolder.make(tmp_path / "show")
    lock = _with(_with(PictureLock(()), FIRST, "first lock", {}), SECOND, "x <added>", {})
    path = folder.root / "episodes/ep001/documents/lock.yaml"
    path.parent.mkdir(parents=True)
    record.write(path, "lock", LockStage.version, {}, lock)

    def type_(*words: str) -> Any:
        capsys.readouterr()
        code = main(["-C", str(folder.root), *words])
        return (code, *capsys.readouterr())
    return type_


def test_json_lists_every_shot_with_its_records(episode: Type) -> None:
    code, out, _ = episode("diff", "ep001", "1", "2", "--json")
    answer = json.loads(out)
    assert (code, answer["from"], answer["to"]) == (0, 1, 2)
    assert answer["changes"] == [
        {"shot": "sh010", "kinds": ["trimmed"], "record_before": [0, 100],
         "record_after": [0, 90]},
        {"shot": "sh020", "kinds": ["unchanged"], "record_before": [100, 200],
         "record_after": [90, 190]},
        {"shot": "sh050", "kinds": ["inserted"], "record_before": None,
         "record_after": [190, 220]},
        {"shot": "sh040", "kinds": ["moved"], "record_before": [300, 350],
         "record_after": [220, 270]},
        {"shot": "sh030", "kinds": ["unchanged"], "record_before": [200, 300],
         "record_after": [270, 370]}]
    assert answer["sound"] == [
        {"track": "A1", "media": "media/room.wav", "kinds": ["trimmed"],
         "record_before": [0, 90], "record_after": [0, 80]}]


def test_one_revision_is_compared_with_the_newest(episode: Type) -> None:
    _, out, _ = episode("diff", "ep001", "1", "--json")
    assert json.loads(out)["to"] == 2


def test_people_see_both_cuts_and_what_changed(episode: Type) -> None:
    _, out, _ = episode("diff", "ep001", "1", "2")
    assert "5 shots: 2 unchanged, 1 moved, 1 trimmed, 1 inserted" in out
    lines = out.splitlines()
    bar = next(line for line in lines if line.startswith("revision 2"))
    marks = lines[lines.index(bar) + 1]
    assert bar.index("|sh040") == marks.index("M")
    assert bar.index("|sh050") == marks.index("+")
    row = next(line for line in lines if line.startswith("sh010"))
    assert row.split("  ")[-2:] == ["100 > 90", "tail -10 source frames"]
    assert "media/x.mov 0-30" in next(line for line in lines if line.startswith("sh050"))


def test_the_change_edl_makes_the_new_cut_from_the_old_one(episode: Type) -> None:
    _, out, _ = episode("diff", "ep001", "1", "2", "--edl")
    edit = read(out.encode(), "change.edl", Fraction(25))
    assert {loss.severity for loss in edit.losses} == {"info"}, "comments alone"
    events = [("BL" if line.black else line.reel, line.source_in, line.record)
              for line in edit.lines]
    assert events == [
        ("REV1", "01:00:00:00", Span(90_000, 90_090)),
        ("REV1", "01:00:04:00", Span(90_090, 90_190)),
        ("BL", "00:00:00:00", Span(90_190, 90_220)),
        ("REV1", "01:00:12:00", Span(90_220, 90_270)),
        ("REV1", "01:00:08:00", Span(90_270, 90_370))]
    assert "* CHANGE: sh050 inserted at 01:00:07:15" in out


def test_the_spreadsheet_holds_every_event(episode: Type) -> None:
    _, out, _ = episode("diff", "ep001", "1", "2", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["shot"], row["kinds"], row["tail"]) for row in rows][:2] == [
        ("sh010", "trimmed", "-10"), ("sh020", "unchanged", "0")]
    assert len(rows) == 6
    sources = [(row["source_in_before"], row["source_out_before"], row["source_in_after"],
                row["source_out_after"]) for row in rows]
    assert sources[0] == ("0", "100", "0", "90")
    assert sources[[row["kinds"] for row in rows].index("inserted")] == ("", "", "0", "30")


def test_a_new_take_is_shown_with_the_frames_of_both() -> None:
    before = with_shot_ids(cut(("a", 0, 50), ("b", 10, 60), ("c", 0, 50)))
    after = with_shot_ids(cut(("a", 0, 50), ("d", 100, 150), ("c", 0, 50)), before)
    said = "sh020 replaced at 01:00:02:00: media/d.mov 100-150 instead of media/b.mov 10-60"
    assert sentences(before, after) == (said,)


def test_the_page_stands_alone_and_escapes_what_people_wrote(
    episode: Type, tmp_path: Path
) -> None:
    page = tmp_path / "changes.html"
    code, out, _ = episode("diff", "ep001", "1", "2", "--html", "-o", str(page))
    text = page.read_text("utf-8")
    assert (code, out) == (0, "")
    links: list[str] = []
    rows: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            links.extend(value or "" for key, value in attrs if key in ("src", "href"))
            rows.extend(value or "" for key, value in attrs if key == "id" and tag == "tr")

    Links().feed(text)
    # every box leads to its row: by a click, or with the tab key
    assert {link[1:] for link in links} == set(rows) == {
        f"shot-sh{number:03}" for number in range(10, 60, 10)}
    assert "x &lt;added&gt;" in text and "x <added>" not in text
    assert text.count("<rect") == 4 + 5


@pytest.mark.parametrize(("words", "says"), [
    (("1", "9"), "no revision 9"), (("1", "two"), "'two' is not a revision"),
    (("--edl", "--csv"), "exclude each other"), (("1", "2", "-o", "x"), "-o writes"),
])
def test_what_makes_no_sense_is_said(episode: Type, words: tuple[str, ...], says: str) -> None:
    code, _, err = episode("diff", "ep001", *words)
    assert code == 2
    assert says in err


def test_revisions_are_listed_and_shown(episode: Type) -> None:
    _, out, _ = episode("lock", "ep001", "--show", "--json")
    listed = json.loads(out)["revisions"]
    assert [(row["revision"], row["shots"], row["note"]) for row in listed] == [
        (1, 4, "first lock"), (2, 5, "x <added>")]
    _, out, _ = episode("lock", "ep001", "--show", "1", "--json")
    assert [event["shot"] for event in json.loads(out)["timeline"]["events"]] == [
        "sh010", "sh020", "sh030", "sh040", ""]
    code, _, err = episode("lock", "ep001", "--show", "5")
    assert code == 2 and "no revision 5" in err


@pytest.mark.media
def test_a_season_is_cut_again_relocked_and_taken_back(tmp_path: Path) -> None:
    show = ProjectFolder.make(tmp_path / "show")
    for name in ("A001", "A002", "A003"):
        make_clip(show.root / "media" / f"{name}.mov", frames=50, size=(96, 64))

    def edit(*spans: tuple[str, int, int]) -> None:
        show.write("episodes/ep001/edit.yaml", "events:\n" + "".join(
            f"  - {{media: {media}, in: {start}, out: {end}}}\n" for media, start, end in spans))

    def revision() -> int:
        return show.json("lock", "ep001", "--show")["revisions"][-1]["revision"]

    edit(("A001", 0, 25), ("A002", 0, 25), ("A003", 10, 30))
    show.call("lock", "ep001")
    edit(("A001", 0, 20), ("A002", 0, 25), ("A003", 10, 30))
    refused = show.call("run", "ep001", "--to", "lock", expect=4)
    assert "sh010 trimmed" in refused.stderr and "sh020" not in refused.stderr
    assert show.json("diff", "ep001")["to"] == "edit"
    show.call("lock", "ep001", "--relock", "--note", "tighter")
    assert (revision(), show.json("diff", "ep001")["to"]) == (2, 2)
    show.call("lock", "ep001", "--back-to", "1")
    show.call("run", "ep001", "--to", "lock")
    assert revision() == 3
    same = show.json("diff", "ep001", "1", "3")["changes"]
    assert {tuple(change["kinds"]) for change in same} == {("unchanged",)}
    show.call("run", "ep001", "--to", "lock", "--relock")
    assert revision() == 4
    page = show.call("diff", "ep001", "1", "4", "--html").stdout
    assert "data:image/jpeg;base64," in page
