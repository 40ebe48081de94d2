"""`show EP log`: a table, a CSV, and a contact sheet that shows the right picture in each cell."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from microfinish.report.contact_sheet import (
    COLUMNS,
    HEIGHT,
    ROWS,
    WIDTH,
    Cell,
    contact_sheets,
)

COLORS = {"A001C001": (200, 30, 30), "A001C002": (30, 180, 30), "B001C001": (30, 30, 200)}


def clip(path: Path, color: tuple[int, int, int], timecode: str) -> None:
    with av.open(str(path), "w") as container:
        container.metadata["timecode"] = timecode
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "threads=1"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        pixels = np.full((72, 128, 3), color, np.uint8)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.fixture
def season(tmp_path: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MICROFINISH_STORE", raising=False)
    (tmp_path / "media").mkdir()
    (tmp_path / "episodes/ep001").mkdir(parents=True)
    (tmp_path / "microfinish.yaml").write_text("title: Sheet\n")
    for number, (name, color) in enumerate(COLORS.items()):
        clip(tmp_path / f"media/{name}.mov", color, f"0{number}:00:00:00")
    assert typed("log", "-C", str(tmp_path), "-q").code == 0
    return tmp_path


def shown(page: Path, index: int) -> tuple[int, ...]:
    """The color in the middle of a cell."""
    with Image.open(page) as image:
        left, top = 16 + index * (WIDTH + 16), 2 * 16 + 20
        return image.convert("RGB").getpixel(  # type: ignore[return-value]
            (left + WIDTH // 2, top + HEIGHT // 2))


def test_the_table_names_timecode_in_and_out(season: Path, typed: Callable[..., Any]) -> None:
    answer = typed("show", "ep001", "log", "-C", str(season), "-q")
    assert answer.code == 0
    line = next(row for row in answer.out.splitlines() if "A001C002" in row)
    assert "01:00:00:00  01:00:00:05  5" in line
    assert "h264 128x72" in line


def test_the_csv_is_one_row_per_file(season: Path, typed: Callable[..., Any]) -> None:
    answer = typed("show", "ep001", "log", "--csv", "-C", str(season), "-q")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["file"] for row in rows] == [f"media/{name}.mov" for name in COLORS]
    assert rows[2]["timecode in"] == "02:00:00:00"


def test_each_cell_of_the_sheet_shows_its_file_even_with_an_empty_store(
    season: Path, typed: Callable[..., Any]
) -> None:
    for thumbnail in (season / ".microfinish/store").rglob("*.jpg"):
        thumbnail.unlink()
    page = season / "contact.png"
    assert typed("show", "ep001", "log", "--sheet", str(page), "-C", str(season)).code == 0
    for index, color in enumerate(COLORS.values()):
        assert max(abs(a - b) for a, b in zip(shown(page, index), color, strict=True)) < 30


@pytest.mark.parametrize(("words", "says"), [
    (("log", "--sheet", "sheet.jpg"), "not a PNG"),
    (("log", "--csv", "--json"), "exclude each other"),
    (("assemble", "--csv"), "--csv is for log"),
])
def test_what_cannot_be_written_is_refused(
    season: Path, typed: Callable[..., Any], words: tuple[str, ...], says: str
) -> None:
    answer = typed("show", "ep001", *words, "-C", str(season), "-q")
    assert answer.code == 2
    assert says in answer.err


def test_no_sheet_is_written_among_the_media(season: Path, typed: Callable[..., Any]) -> None:
    answer = typed("show", "ep001", "log", "--sheet", str(season / "media/a.png"), "-C",
                   str(season), "-q")
    assert answer.code == 2
    assert not (season / "media/a.png").exists()


def test_more_files_than_a_page_holds_go_on_the_next() -> None:
    cells = [Cell(None, (f"file {n}",)) for n in range(COLUMNS * ROWS + 1)]
    first, second = (Image.open(io.BytesIO(page)) for page in contact_sheets(cells, "x"))
    assert first.height > second.height


def test_a_camera_that_is_named_need_not_be_named_again(
    season: Path, typed: Callable[..., Any]
) -> None:
    with (season / "microfinish.yaml").open("a") as settings:
        settings.write('cameras: {"A*": sony-slog3-sgamut3cine}\n')
    answer = typed("show", "ep001", "log", "-C", str(season), "--json")
    fixes = {finding["file"]: finding.get("fix", "") for finding in answer.json["findings"]
             if finding["rule"] == "log.color-tags"}
    assert fixes == {"media/A001C001.mov": "", "media/A001C002.mov": "",
                     "media/B001C001.mov": "name its camera under `cameras` in microfinish.yaml"}
