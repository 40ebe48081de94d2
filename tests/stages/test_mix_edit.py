"""The sound edit of `mix.yaml`, heard: ADR, room tone, shots, buses, markers, cleanup, cuts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microfinish.core.cleanup import Cleanup
from microfinish.core.errors import ProblemsError
from microfinish.core.markers import MarkerSheet
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.mix import MixPlan, MixSheet
from microfinish.core.sync import SyncTable
from microfinish.core.time import Span, sample_position
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.documents.validate import load_text
from microfinish.media.mixdown import mixdown
from microfinish.media.wave import write_wave
from microfinish.pipeline.stage import Inputs
from microfinish.stages.mix import MixStage

RATE = 48_000
PAL = Fraction(25)
FRAME = 1920


def talk(seconds: float, seed: int, room_db: float = -60.0) -> np.ndarray:
    """Words of a third of a second with pauses between them, over room noise: mono float64."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    time = np.arange(n) / RATE
    tone = sum(np.sin(2 * np.pi * (140 + 20 * seed) * k * (time + 0.002 * np.sin(9 * time))) / k
               for k in range(1, 12))
    words = np.clip(np.sin(2 * np.pi * 1.1 * time), 0, 1)
    return 0.1 * tone * words + rng.standard_normal(n) * 10 ** (room_db / 20)


def media(name: str, sound: np.ndarray, root: Path, rate: Fraction = PAL) -> Media:
    write_wave(np.repeat(sound[:, None], 2, axis=1).astype(np.float32), root / f"{name}.wav")
    return Media(f"{name}.wav", f"digest-{name}", 1,
                 sounds=(Sound(0, "pcm_s24le", RATE, 2, sound.size),),
                 picture=Picture("h264", 64, 64, rate, int(sound.size / RATE * rate)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def event(name: str, source: int, record: tuple[int, int]) -> Event:
    return replace(Event(f"{name}@{source}", "V1", f"{name}.wav",
                         Span(source, source + record[1] - record[0]), Span(*record)),
                   shot=f"sh{name}")


def planned(root: Path, sheet: str, *events: Event, media: tuple[Media, ...],
            rate: Fraction = PAL, cleanup: Cleanup | None = None, markers: str = "{}",
            later: tuple[Event, ...] = (), counted: list[str] | None = None) -> MixPlan:
    parsed = load_text(sheet, "episodes/ep001/mix.yaml", MixSheet)
    digest = Inputs.of(sheet=parsed).digests()["sheet"]
    cuts = [Timeline(rate, cut) for cut in (events, later) if cut]
    lock = PictureLock(tuple(Revision(k, "", "", "", "", cut, human={"mix.yaml": digest})
                             for k, cut in enumerate(cuts, 1)))
    files = {cue.file: cue.file if (root / cue.file).is_file() else "absent"
             for _, cues in parsed.cues() for cue in cues}

    def get(kind: str, version: int, key: str, compute: Any) -> Any:
        if counted is not None:
            counted.append(kind)
        return compute()

    context = SimpleNamespace(episode="ep001", path=lambda name: root / name, emit=lambda e: None,
                              map=lambda work, jobs, label: [work(job) for job in jobs],
                              facts=SimpleNamespace(get=get))
    return MixStage().run(Inputs.of(
        log=MediaLog(media), sync=SyncTable(()), lock=lock, sheet=parsed, files=files,
        cleanup=cleanup or Cleanup(), conform="time",
        markers=load_text(markers, "markers.yaml", MarkerSheet)), context)


def level(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-15))


def wave(root: Path, name: str, sound: np.ndarray) -> None:
    write_wave(np.repeat(sound[:, None], 2, axis=1).astype(np.float32), root / name)


def test_adr_is_heard_alone_where_it_replaces_a_line(root: Path) -> None:
    a = media("a", talk(6, 1), root)
    line = 0.2 * np.sin(2 * np.pi * 700 * np.arange(RATE) / RATE)
    wave(root, "line.wav", line)
    cut = event("a", 0, (0, 100))
    before = mixdown(planned(root, "{}", cut, media=(a,)), root)
    plan = planned(root, 'adr: [{file: line.wav, at: "00:00:01:00", replaces: "00:00:01:10"}]',
                   cut, media=(a,))
    (dip,) = plan.dips
    assert (dip.start, dip.end) == (25 * FRAME, 60 * FRAME)
    made = mixdown(plan, root)
    assert set(made.stems) == {"DX", "MX", "FX"}
    assert np.allclose(made.stems["DX"][25 * FRAME: 50 * FRAME, 0], line, atol=1e-6)
    assert not made.stems["DX"][50 * FRAME: 60 * FRAME].any()
    assert np.array_equal(made.mix[: 24 * FRAME], before.mix[: 24 * FRAME])
    assert np.array_equal(made.mix[61 * FRAME:], before.mix[61 * FRAME:])


def test_adr_of_a_whole_shot_follows_it_through_a_recut(root: Path) -> None:
    files = (media("a", talk(6, 1), root), media("b", talk(6, 2), root))
    wave(root, "line.wav", np.full(RATE // 2, 0.1))
    sheet = "adr: [{file: line.wav, at: shb, replaces: shb, under_db: -20}]"
    plan = planned(root, sheet, event("a", 0, (0, 50)), event("b", 0, (50, 100)), media=files,
                   later=(event("b", 0, (0, 50)), event("a", 0, (50, 100))))
    assert [(dip.start, dip.end, dip.gain_db) for dip in plan.dips] == [(0, 50 * FRAME, -20)]
    assert plan.bus("ADR").clips[0].start == 0


def test_room_tone_fills_gaps_and_what_adr_muted_at_its_own_level(root: Path) -> None:
    a = media("a", talk(8, 1), root)
    wave(root, "line.wav", np.zeros(RATE // 2))
    sheet = ('dialogue: {room_tone: true}\n'
             'adr: [{file: line.wav, at: "00:00:01:00", replaces: "00:00:01:00"}]')
    cut = (event("a", 0, (0, 75)), event("a", 90, (120, 170)))
    made = mixdown(planned(root, sheet, *cut, media=(a,)), root).stems["DX"]
    for first, last in ((26, 49), (77, 118)):
        parts = made[first * FRAME: last * FRAME, 0].reshape(-1, FRAME)
        assert level(parts) == pytest.approx(-60, abs=1.5)
        assert max(level(part) for part in parts) < -57  # no bump and no hole where it repeats
        assert min(level(part) for part in parts) > -63


def test_a_shot_has_its_own_gain_fades_and_silence(root: Path) -> None:
    files = (media("a", talk(6, 1), root), media("b", talk(6, 2), root))
    sheet = "shots: {sha: {gain_db: -6, fade_in: 10}, shb: {mute: true}}"
    plan = planned(root, sheet, event("a", 0, (0, 50)), event("b", 0, (50, 100)), media=files)
    (clip,) = plan.bus("DX").clips
    assert (clip.gain_db, clip.fade_in, clip.end) == (-6.0, 10 * FRAME, 50 * FRAME)


def test_keys_of_shots_follow_a_recut_and_are_parked(root: Path) -> None:
    files = (media("a", talk(6, 1), root), media("b", talk(6, 2), root))
    plan = planned(root, "shots: {sha: {gain_db: -6}, shb: {gain_db: 3}}",
                   event("a", 0, (0, 50)), event("b", 0, (50, 100)), media=files,
                   later=(event("b", 0, (0, 50)),))
    assert [clip.gain_db for clip in plan.bus("DX").clips] == [3.0]
    assert [finding.rule for finding in plan.findings] == ["mix.parked"]


def test_each_bus_goes_into_its_stem(root: Path) -> None:
    a = media("a", np.zeros(6 * RATE), root)
    for name in ("vo", "steps", "wind", "door"):
        wave(root, f"{name}.wav", np.full(RATE, 0.1))
    plan = planned(root, "voice_over: [{file: vo.wav}]\nfoley: [{file: steps.wav}]\n"
                         "backgrounds: [{file: wind.wav}]\neffects: [{file: door.wav}]",
                   event("a", 0, (0, 50)), media=(a,))
    assert [bus.name for bus in plan.buses] == ["DX", "MX", "FX", "VO", "FOL", "BG"]
    made = mixdown(plan, root)
    assert np.allclose(made.stems["DX"][1000], 0.1)
    assert np.allclose(made.stems["FX"][1000], 0.3)
    assert np.array_equal(made.mix, sum(made.stems.values()))


def test_a_stinger_stands_at_its_marker_and_an_unknown_marker_is_named(root: Path) -> None:
    a = media("a", talk(6, 1), root)
    wave(root, "hit.wav", np.full(4800, 0.1))
    markers = 'markers: [{at: "00:00:01:15", text: Cliffhanger}]'
    cut = event("a", 0, (0, 100))
    plan = planned(root, "music: [{file: hit.wav, at: marker cliffhanger}]", cut, media=(a,),
                   markers=markers)
    assert plan.bus("MX").clips[0].start == 40 * FRAME
    with pytest.raises(ProblemsError, match="kiss"):
        planned(root, "music: [{file: hit.wav, at: marker kiss}]", cut, media=(a,),
                markers=markers)


def test_music_is_brought_to_its_length_on_bars(root: Path) -> None:
    a = media("a", np.zeros(40 * RATE), root)
    beat = np.zeros(20 * RATE)
    beat[::RATE // 2] = 0.5  # 120 bpm
    wave(root, "theme.wav", beat)
    plan = planned(root, 'music: [{file: theme.wav, length: "00:00:12:00", bpm: 120}]',
                   event("a", 0, (0, 900)), media=(a,))
    heard = mixdown(plan, root).stems["MX"][:, 0]
    hits = np.flatnonzero(heard > 0.3)
    assert np.array_equal(np.unique(np.round(hits / (RATE / 2)) * RATE / 2 - hits), [0])
    assert hits.size == 24
    assert any("12.00 s instead of 20.00 s" in notice for notice in plan.notices)
    loop = planned(root, 'music: [{file: theme.wav, length: "00:00:30:00", bpm: 120, loop: true}]',
                   event("a", 0, (0, 900)), media=(a,))
    hits = np.flatnonzero(mixdown(loop, root).stems["MX"][:, 0] > 0.3)
    assert hits.size == 60


def test_cleanup_treats_the_noisy_clip_alone_and_says_by_how_much(root: Path) -> None:
    files = (media("a", talk(6, 1), root), media("b", talk(6, 2, room_db=-42), root))
    cut = (event("a", 10, (0, 100)), event("b", 10, (100, 200)))
    found = Cleanup("found", hum=True, declip=True, declick=True, denoise_db=12)
    plain = planned(root, "{}", *cut, media=files)
    plan = planned(root, "{}", *cut, media=files, cleanup=found)
    clean, noisy = plan.bus("DX").clips
    assert clean.treatment.sounds_same and noisy.treatment.denoise_db > 4
    first, second = plan.cleaned
    assert first.before == first.after
    assert second.after.room_lufs < second.before.room_lufs - 4
    heard, was = mixdown(plan, root).mix, mixdown(plain, root).mix
    assert np.array_equal(heard[: 99 * FRAME], was[: 99 * FRAME])
    bypassed = planned(root, "shots: {shb: {bypass: [denoise]}}", *cut, media=files, cleanup=found)
    assert np.array_equal(mixdown(bypassed, root).mix, was)


def test_quiet_clips_are_raised_toward_the_others_within_the_bound(root: Path) -> None:
    files = (media("a", talk(6, 1), root), media("b", 0.25 * talk(6, 1), root))
    cut = (event("a", 10, (0, 140)), event("b", 10, (140, 220)))
    plan = planned(root, "{}", *cut, media=files, cleanup=Cleanup("level", level_db=6))
    assert [clip.treatment.level_db for clip in plan.bus("DX").clips] == [0.0, 6.0]


def test_nothing_is_measured_where_nothing_is_asked(root: Path) -> None:
    counted: list[str] = []
    a = media("a", talk(3, 1), root)
    planned(root, "{}", event("a", 0, (0, 50)), media=(a,), counted=counted)
    assert "cleanup" not in counted


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), PAL, Fraction(30000, 1001)])
def test_sixty_cuts_do_not_click_and_every_beep_is_at_its_sample(root: Path, rate: Fraction
                                                                 ) -> None:
    rng = np.random.default_rng(4)
    frames, cuts = 900, 60
    sound = talk(40, 3, room_db=-50)
    files = (media("a", sound, root, rate),)
    events, at = [], 0
    for _ in range(cuts):
        length = int(rng.integers(6, 14))
        events.append(event("a", int(rng.integers(5, frames - 20)), (at, at + length)))
        at += length
    plan = planned(root, "{}", *events, media=files, rate=rate)
    heard = mixdown(plan, root).mix[:, 0].astype(np.float64)
    steps = np.abs(np.diff(heard))
    for cut in events[1:]:
        border = sample_position(cut.record.start, rate, RATE)
        near = np.sort(steps[border - 2400: border + 2400])
        assert steps[border - 3: border + 3].max() <= near[int(0.99 * near.size)]
    beep = np.zeros(40 * RATE)
    for cut in events:
        beep[sample_position(cut.source.start + 3, rate, RATE)] = 0.9
    files = (media("a", beep, root, rate),)
    heard = mixdown(planned(root, "{}", *events, media=files, rate=rate), root).mix[:, 0]
    for cut in events:
        wanted = sample_position(cut.record.start + 3, rate, RATE)
        found = wanted - 20 + int(np.argmax(np.abs(heard[wanted - 20: wanted + 20])))
        assert abs(found - wanted) <= 1
