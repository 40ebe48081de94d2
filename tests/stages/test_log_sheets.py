"""log and its sheets: a camera report, slates in file names, and cameras of mixed color."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.media import Media, Picture
from microfinish.core.media_findings import mixed_color
from microfinish.core.media_sheet import camera_words, lens_words
from microfinish.interchange.ale import read_ale
from microfinish.media.identity import kept_tags, reel_of, slate_of


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    """Three clips behind a link, a report that knows two of them, and one named by hand."""
    root = tmp_path_factory.mktemp("day")
    project = ProjectFolder.make(root / "show")
    card = root / "card"
    (card / "reports").mkdir(parents=True)
    for number, name in enumerate(("A001C001", "B001C001", "SC12A_TK3")):
        make_clip(card / f"{name}.mov", frames=5, size=(96, 64), timecode=f"0{number + 1}:00:00:00")
    (card / "reports/day1.csv").write_text(
        "File Name,Scene,Take,Camera,Lens,Focal Length,Price\n"
        "A001C001.mov,12A,3,A,Cooke S4,40,9\nB001C001.mov,2,1,B,,85,9\n")
    (card / "budget.csv").write_text("Item,Sum\nlight,3\n")
    (root / "show/media/day1").symlink_to(card, target_is_directory=True)
    project.call("log")
    return project


def test_a_report_behind_a_link_says_scene_take_camera_and_lens(day: ProjectFolder) -> None:
    shown = day.call("show", "ep001", "log").stdout
    two, twelve = shown.index("scene 2: 1 take, 1 file"), shown.index("scene 12A: 1 take, 2 files")
    assert two < twelve
    rows = {line.split()[0].rpartition("/")[2]: line
            for line in shown.splitlines() if ".mov" in line}
    assert "Cooke S4 40 mm" in rows["A001C001.mov"]
    assert rows["B001C001.mov"].endswith("85 mm")
    assert "12A" in rows["SC12A_TK3.mov"]


def test_what_a_report_says_beyond_is_named_and_other_csv_files_are_left_alone(
    day: ProjectFolder
) -> None:
    said = {finding["file"]: finding for finding in day.json("show", "ep001", "log")["findings"]
            if finding["rule"] == "log.sheet"}
    assert "1 column is not used: Price" in said["media/day1/reports/day1.csv"]["message"]
    assert said["media/day1/budget.csv"]["severity"] == "info"


def test_the_log_goes_out_as_an_avid_log(day: ProjectFolder) -> None:
    text = day.call("show", "ep001", "log", "--ale").stdout
    found = read_ale(text.encode(), "log.ale")
    said = [(row.values["Name"], row.values["Start"], row.first("scene")) for row in found.rows]
    assert said == [
        ("A001C001", "01:00:00:00", "12A"), ("B001C001", "02:00:00:00", "2"),
        ("SC12A_TK3", "03:00:00:00", "12A")]
    assert "--json" in day.call("show", "ep001", "log", "--ale", "--json", expect=2).stderr


def test_the_contact_sheet_has_a_row_per_scene(day: ProjectFolder, tmp_path: Path) -> None:
    day.call("show", "ep001", "log", "--sheet", str(tmp_path / "sheet.png"))
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.height > 2 * 192 + 100
        blue = [y for y in range(image.height) if any(
            image.convert("RGB").getpixel((x, y)) == (142, 201, 255) for x in range(16, 90))]
    assert blue
    assert blue[-1] - blue[0] > 192  # headings above both rows


@pytest.mark.parametrize(("name", "slate"), [
    ("SC12A_TK3.mov", ("12A", "3")), ("scene 7 take 012.mov", ("7", "12")),
    ("12A-T003.wav", ("12A", "3")), ("7T02_boom.wav", ("7", "2")),
    ("A001C003_261120_R1AB.mov", ("", "")), ("IMG_0012.MOV", ("", "")), ("T01.WAV", ("", "")),
    ("DISC4_T2.mov", ("", "")), ("20261120_T1000.mp4", ("", ""))])
def test_slates_in_file_names(name: str, slate: tuple[str, str]) -> None:
    assert slate_of(f"media/{name}", {}, None) == slate


def test_what_the_camera_wrote_into_the_file_wins_over_its_name() -> None:
    arri = {"com.arri.camera.scenename": "31", "com.arri.camera.takename": "4",
            "com.arri.camera.lenstype": "Signature Prime 40", "com.arri.camera.cameraindex": "B"}
    assert slate_of("media/SC12A_TK3.mov", arri, None) == ("31", "4")
    assert reel_of("media/x.mov", {"com.arri.camera.reelname": "B007"}, None) == "B007"
    media = Media("media/x.mov", "x", 1, tags=kept_tags(arri, None),
                  picture=Picture("prores", 320, 180, Fraction(25), 9))
    assert (camera_words(media), lens_words(media)) == ("B", "Signature Prime 40")
    phone = {"com.blackmagic-design.camera.lenstype": "iPhone 16 Pro 24mm",
             "com.apple.quicktime.model": "iPhone 16 Pro", "com.apple.proapps.scene": "2"}
    media = Media("media/y.mov", "y", 1, tags=kept_tags(phone, None))
    assert (camera_words(media), lens_words(media)) == ("iPhone 16 Pro", "iPhone 16 Pro 24mm")
    assert slate_of("media/y.mov", phone, None) == ("2", "")


def test_a_camera_whose_files_are_tagged_in_two_ways_is_named() -> None:
    def clip(name: str, transfer: str) -> Media:
        return Media(f"media/{name}.mov", name, 1, name[:4], picture=Picture(
            "hevc", 320, 180, 25, 50, transfer=transfer, primaries="bt709", matrix="bt709",
            code_range="tv"))

    files = [clip("A001C001", "bt709"), clip("A001C002", "bt709"), clip("A001C003", "arib-std-b67"),
             clip("B001C001", "arib-std-b67")]
    (found,) = mixed_color(files)
    assert (found.rule, found.severity, found.file) == (
        "log.mixed-color", "warning", "media/A001C003.mov")
    assert "camera A: 1 of 3 files" in found.message
    assert mixed_color(files[:2]) == ()


def test_what_is_odd_about_files_is_found_and_told_once(tmp_path: Path) -> None:
    """Variable rate, rotation, mixed color, copies and damage in one folder."""
    project = ProjectFolder.make(tmp_path)
    media = tmp_path / "media"
    make_clip(media / "A001C001.mov", frames=20, size=(96, 64))
    (media / "backup").mkdir()
    (media / "backup/A001C001.mov").write_bytes((media / "A001C001.mov").read_bytes())
    make_clip(media / "IMG_0001.mp4", frames=12, size=(64, 96), rotation=90,
              pts=[0, 4000, 7000, 11000, 14600, 18000, 22000, 25000, 29000, 32000, 36000, 40000],
              time_base=Fraction(1, 90000))
    whole = (media / "A001C001.mov").read_bytes()
    (media / "A001C002.mov").write_bytes(whole[: len(whole) // 2])
    project.call("log")
    told = [(item["rule"], item["severity"], item["file"]) for item in
            project.json("show", "ep001", "log")["findings"]]
    assert ("log.variable-rate", "warning", "media/IMG_0001.mp4") in told
    assert ("log.rotation", "info", "media/IMG_0001.mp4") in told
    assert ("log.copies", "info", "media/A001C001.mov") in told
    assert ("log.damaged", "error", "media/A001C002.mov") in told
    assert len(told) == len(set(told))
