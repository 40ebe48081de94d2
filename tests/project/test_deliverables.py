"""Platforms resolve to plain specifications, and say how far each demand can be trusted."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.deliver import (
    CERTAINTIES,
    LEVELS,
    EncodePreset,
    LoudnessPreset,
    Platform,
    PlatformPreset,
    Requirement,
    h264_level,
)
from microfinish.core.errors import ProblemsError
from microfinish.core.finding import QcPreset
from microfinish.core.frame import Raster
from microfinish.project.deliverables import platforms, qc_preset
from microfinish.project.episode import Episode
from microfinish.project.presets import Presets
from microfinish.project.project import Project

PHONES = ("tiktok", "instagram-reels", "youtube-shorts", "reelshort", "dramabox")
TYPES = {"platforms": PlatformPreset, "encodes": EncodePreset, "loudness": LoudnessPreset,
         "qc": QcPreset}


def episode(root: Path, settings: str, **presets: str) -> Episode:
    (root / "episodes/ep001").mkdir(parents=True)
    (root / "microfinish.yaml").write_text(settings, encoding="utf-8")
    for name, text in presets.items():
        folder, _, stem = name.partition("__")
        (root / "presets" / folder).mkdir(parents=True, exist_ok=True)
        (root / "presets" / folder / f"{stem}.yaml").write_text(text, encoding="utf-8")
    return Project.open(root).episode("ep001")


def one(root: Path, settings: str, **presets: str) -> Platform:
    return platforms(episode(root, settings, **presets))[0]


@pytest.mark.parametrize("folder", TYPES)
def test_every_built_in_preset_resolves(folder: str) -> None:
    presets = Presets()
    for info in presets.list(folder):
        assert presets.resolve(folder, info.name, TYPES[folder]).value.title, info.path


def test_platforms_for_phones_share_one_picture_and_one_sound(tmp_path: Path) -> None:
    found = platforms(episode(tmp_path, f"platforms: [{', '.join(PHONES)}]\n"))
    assert tuple(p.name for p in found) == PHONES
    assert len({p.picture for p in found}) == 1
    assert len({p.sound for p in found}) == 1
    assert {p.safe_area for p in found} == {"universal"}


def test_a_picture_never_depends_on_the_platforms_name(tmp_path: Path) -> None:
    own = "extends: tiktok\ntitle: Another name\n"
    a, b = platforms(episode(tmp_path, "platforms: [tiktok, ours]\n", platforms__ours=own))
    assert a.picture == b.picture
    assert (a.name, b.name, b.title) == ("tiktok", "ours", "Another name")


def test_the_mezzanine_is_textless_prores_with_pcm(tmp_path: Path) -> None:
    found = one(tmp_path, "platforms: [mezzanine-prores]\n")
    assert (found.container, found.extension, found.burn_subtitles) == ("mov", "mov", False)
    assert (found.picture.encoder, found.picture.pixel_format) == ("prores_ks", "yuv422p10le")
    assert dict(found.picture.options)["profile"] == "3"
    assert found.sound.codec == "pcm_s24le"
    assert found.requirements == ()


def test_every_documented_demand_names_its_source_and_date(tmp_path: Path) -> None:
    names = ", ".join(info.name for info in Presets().list("platforms"))
    for platform in platforms(episode(tmp_path, f"platforms: [{names}]\n")):
        for demand in platform.requirements:
            assert demand.level in LEVELS, (platform.name, demand)
            assert demand.certainty in CERTAINTIES, (platform.name, demand)
            assert demand.source and demand.checked_on, (platform.name, demand)


@pytest.mark.parametrize(("level", "certainty", "fails"), [
    ("must", "A", True), ("must", "B", True), ("must", "C", False), ("must", "K", False),
    ("must", "?", False), ("should", "A", False), ("house", "A", False)])
def test_only_a_documented_must_can_fail(level: str, certainty: str, fails: bool) -> None:
    assert Requirement("max_seconds", 90, level, certainty).fails is fails


def test_a_misspelled_level_is_refused_where_it_stands(tmp_path: Path) -> None:
    own = "extends: tiktok\nmax_seconds: {value: 90, level: Must, certainty: A}\n"
    with pytest.raises(ProblemsError) as caught:
        platforms(episode(tmp_path, "platforms: [tiktok]\n", platforms__tiktok=own))
    problem = caught.value.problems[0]
    assert str(problem.where) == "presets/platforms/tiktok.yaml:2"
    assert "'Must' is not a level" in problem.message and "must" in problem.hint


def test_apps_without_a_public_specification_cannot_fail(tmp_path: Path) -> None:
    for platform in platforms(episode(tmp_path, "platforms: [reelshort, dramabox]\n")):
        assert not [r for r in platform.requirements if r.fails]


def test_a_contract_can_make_a_demand_binding(tmp_path: Path) -> None:
    own = ("extends: reelshort\n"
           "max_kbps: {value: 12000, level: must, certainty: A, source: contract 7}\n")
    found = one(tmp_path, "platforms: [reelshort]\n", platforms__reelshort=own)
    demand = found.requirement("max_kbps")
    assert demand is not None
    assert (demand.value, demand.fails, demand.source) == (12000, True, "contract 7")


def test_the_seasons_loudness_wins(tmp_path: Path) -> None:
    found = one(tmp_path, "platforms: [tiktok]\nloudness: loudness/speech-anchor\n")
    assert found.sound.target_lufs == -16


def test_a_platform_that_must_have_its_loudness_keeps_it(tmp_path: Path) -> None:
    own = ("extends: tiktok\nloudness: {value: loudness/broadcast, level: must, certainty: A, "
           "source: the station}\n")
    found = one(tmp_path, "platforms: [ours]\nloudness: mobile-short\n", platforms__ours=own)
    assert found.sound.target_lufs == -23


def test_unknown_names_are_all_reported_where_they_stand(tmp_path: Path) -> None:
    ep = episode(tmp_path, "title: x\nplatforms:\n  - tiktock\n  - tiktok\n  - youtube-short\n")
    with pytest.raises(ProblemsError) as caught:
        platforms(ep)
    problems = caught.value.problems
    assert [str(p.where) for p in problems] == ["microfinish.yaml:3:5", "microfinish.yaml:5:5"]
    assert "tiktok" in problems[0].hint and "youtube-shorts" in problems[1].hint


def test_an_unknown_loudness_is_reported_at_its_own_line(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        platforms(episode(tmp_path, "platforms: [tiktok]\nloudness: mobile-shrt\n"))
    assert str(caught.value.problems[0].where) == "microfinish.yaml:2:11"
    assert "mobile-short" in caught.value.problems[0].hint


@pytest.mark.parametrize(("size", "rate", "level"), [
    ((1080, 1920), Fraction(25), "4.0"), ((1080, 1920), Fraction(30), "4.0"),
    ((1080, 1920), Fraction(60000, 1001), "4.2"), ((720, 1280), Fraction(30), "3.1"),
    ((216, 384), Fraction(25), "3.0"), ((2160, 3840), Fraction(30), "5.1")])
def test_the_level_holds_raster_and_rate(size: tuple[int, int], rate: Fraction,
                                         level: str) -> None:
    assert h264_level(Raster(*size), rate) == level


def test_the_level_follows_the_seasons_rate(tmp_path: Path) -> None:
    found = one(tmp_path, 'platforms: [tiktok]\nrate: "50"\n')
    assert dict(found.picture.options)["level"] == "4.2"


def test_a_season_chooses_its_own_qc_limits(tmp_path: Path) -> None:
    ep = episode(tmp_path, "options: {qc: house}\n",
                 qc__house="extends: default\nmax_black_frames: 5\n")
    assert qc_preset(ep) == QcPreset(title="Short drama for phones", max_black_frames=5)


README = Path(__file__).resolve().parents[2] / "presets/README.md"


def test_the_presets_page_names_every_folder() -> None:
    text = README.read_text(encoding="utf-8")
    assert [f for f in Presets().folders() if f"| `{f}/` |" not in text] == []


def test_the_examples_of_the_presets_page_work(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    tiktok, _, streamer, encode, *_, fades = blocks
    ep = episode(tmp_path, "platforms: [tiktok, streamer]\noptions: {qc: fades}\n",
                 platforms__tiktok=tiktok, platforms__streamer=streamer,
                 encodes__small=encode, qc__fades=fades)
    first, second = platforms(ep)
    assert (first.max_seconds, second.max_seconds) == (180, 120)
    assert first.sound.target_lufs == -14 and second.sound.target_lufs == -23
    assert first.picture == second.picture
    small = ep.project.presets.resolve("encodes", "small", EncodePreset).value
    assert small.picture.options["crf"] == 20 and "x264-params" in small.picture.options
    assert qc_preset(ep).max_black_tail_seconds == 2
