"""Make the example season's media: `python make_season.py`. Needs microfinish and espeak-ng.

Writes media/, music/, sfx/, the edits and subtitles of both episodes and `truth.yaml` into the
season folder beside it. Deterministic but for the encoders' and espeak-ng's versions.
"""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import PyOpenColorIO as ocio
import sound
import yaml
from numpy.typing import NDArray
from scenery import JON, MIA, Light, person, phone, rooftop
from sound import SOUND_RATE
from story import (
    CAMERAS,
    EPISODES,
    LINES,
    RATE,
    RECORDINGS,
    TAKES,
    Camera,
    Take,
    record_frames,
    source_frames,
    take,
)

SEASON = Path(__file__).resolve().parents[1]
CONFIG = "studio-config-v5.0.0_aces-v2.1_ocio-v2.6"
DAY_FRAMES = 24 * 3600 * RATE


def main() -> None:
    for folder in ("media", "music", "sfx"):
        (SEASON / folder).mkdir(exist_ok=True)
    speech = {scene: sound.scene_dialogue(scene) for scene in (0, 1, 2)}
    speech[0][round(1.0 * SOUND_RATE):][:sound.buzz().shape[0]] += sound.buzz()[:, 0]
    for recording in RECORDINGS:
        sound.write_broadcast_wave(
            SEASON / "media" / f"{recording.name}.WAV",
            sound.recorder_sound(speech[recording.scene], recording, seed=70 + recording.scene),
            recording)
    with ProcessPoolExecutor() as pool:
        for each, made in [
            (each, pool.submit(write_take, each, CAMERAS[each.name[0]], speech[each.scene],
                               sound.camera_sound(speech[each.scene], each.begins, each.seconds,
                                                  seed=number)))
            for number, each in enumerate(TAKES)
        ]:
            made.result()
            print("made", each.name, flush=True)
    sound.write_m4a(SEASON / "music" / "theme.m4a", sound.theme())
    sound.write_m4a(SEASON / "sfx" / "buzz.m4a", sound.buzz())
    sound.write_m4a(SEASON / "sfx" / "sting.m4a", sound.sting())
    write_edits()
    write_truth()


@lru_cache(maxsize=8)
def _set(width: int, height: int, blur: float) -> Light:
    return rooftop(width, height, 0, blur)


def see(each: Take, frame: int, voice: NDArray[np.float64]) -> Light:
    """What stands before the camera at a frame, half size, in linear Rec.709."""
    now = each.begins + frame / RATE
    sway = 2.2 * math.sin(0.9 * now) + 1.3 * math.sin(1.7 * now + 1)
    if each.framing == "phone":
        glow = 0.15 + 0.85 * min(1.0, max(0.0, (frame / RATE - 0.9) * 5))
        shake = 1.5 * math.sin(frame * 2.4) if 1.0 < frame / RATE < 2.6 else 0.0
        return phone(960, 540, glow, shake)
    tall = each.framing.startswith("close")
    width, height = (540, 960) if tall else (960, 540)
    moved = np.array([[1, 0, sway], [0, 1, 0.6 * sway]], np.float32)
    canvas = cv2.warpAffine(_set(width, height, 12.0 if tall else 2.5), moved, (width, height),
                            borderMode=cv2.BORDER_REFLECT)
    breath = 1.5 * math.sin(2 * math.pi * 0.28 * now)
    for who, x, y, size, turn in _cast(each.framing, now):
        person(canvas, who, x + sway, y + breath, size,
               mouth=_mouth(voice, now) if _speaks(each.scene, who is MIA, now) else 0.0,
               blink=(now + (0 if who is MIA else 1.3)) % 3.1 < 0.12,
               turn=turn + 0.12 * math.sin(0.8 * now))
    return canvas


def _cast(framing: str, now: float) -> list[tuple]:
    if framing == "close-mia":
        return [(MIA, 275, 400, 165, -0.2)]
    if framing == "close-jon":
        return [(JON, 268, 395, 160, 0.25)]
    if framing == "wide":
        walked = 40 * min(1.0, max(0.0, (now - 11.2) / 2.5))
        return [(MIA, 590 + walked, 235, 62, -0.3)]
    return [(JON, 395, 205, 60, 0.4), (MIA, 545, 225, 60, -0.4)]


def _speaks(scene: int, is_mia: bool, now: float) -> bool:
    who = "MIA" if is_mia else "JON"
    return any(line.who == who and line.at <= now < line.at + 2.6 for line in LINES.get(scene, ()))


def _mouth(voice: NDArray[np.float64], now: float) -> float:
    start = round(now * SOUND_RATE)
    window = voice[start:start + SOUND_RATE // RATE]
    return float(min(1.0, 5 * np.sqrt(np.mean(window**2)))) if window.size else 0.0


@lru_cache(maxsize=2)
def _encoder(space: str) -> ocio.CPUProcessor:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    return config.getProcessor(ocio.ColorSpaceTransform(
        "Linear Rec.709 (sRGB)", space)).getDefaultCPUProcessor()


def shoot(light: Light, camera: Camera, random: np.random.Generator) -> NDArray[np.uint16]:
    """The camera's ten-bit 4:2:2 planes, stacked flat: its light, its curve, its code range."""
    seen = np.clip(light, 0, None) * (np.array(camera.gains, np.float32) * 2.0**camera.stops)
    seen = np.ascontiguousarray(seen, np.float32)
    _encoder(camera.space).applyRGB(seen)
    full = cv2.resize(seen, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    grain = camera.noise * random.standard_normal(full.shape[:2], np.float32)
    full += grain[..., None]
    # Sony's published codes lie on the whole 0..1023 axis; ARRI's ProRes is scaled into 64..940.
    signal = full if camera.legal else (full * 1023 - 64) / 876
    luma = signal @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    blue = (signal[..., 2] - luma) / 1.8556
    red = (signal[..., 0] - luma) / 1.5748
    planes = [64 + 876 * luma] + [512 + 896 * (c[:, 0::2] + c[:, 1::2]) / 2 for c in (blue, red)]
    return [np.clip(np.round(plane), 4, 1019).astype(np.uint16) for plane in planes]


def write_take(each: Take, camera: Camera, voice: NDArray[np.float64],
               heard: NDArray[np.float64]) -> None:
    path = SEASON / "media" / f"{each.name}.mov"
    tall = each.framing.startswith("close")
    made = path.with_name(f"flat-{path.name}") if tall else path
    random = np.random.default_rng(abs(hash(each.begins)) % 1000)
    with av.open(str(made), "w") as container:
        container.metadata["timecode"] = each.timecode
        video = container.add_stream("libx264", rate=RATE, options={
            "crf": "20", "preset": "medium", "tune": "film", "threads": "1"})
        video.width, video.height, video.pix_fmt = 1920, 1080, "yuv422p10le"
        for name, value in (("color_range", 1), ("colorspace", 1), ("color_primaries", 1),
                            ("color_trc", 2)):
            setattr(video.codec_context, name, value)
        audio = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        audio.bit_rate = 96000
        for number in range(round(each.seconds * RATE)):
            planes = shoot(see(each, number, voice), camera, random)
            if tall:  # the camera stands on its side: stored lying, with a matrix to turn it
                planes = _lying(planes)
            container.mux(video.encode(_frame(planes, number)))
        container.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(heard.astype(np.float32)[None, :], format="fltp",
                                           layout="mono")
        block.sample_rate, block.pts = SOUND_RATE, 0
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    if tall:
        from microfinish.media.ffmpeg import run

        run(["-y", "-display_rotation", "-90", "-i", str(made), "-map", "0:v", "-map", "0:a",
             "-c", "copy", "-metadata", f"timecode={each.timecode}", str(path)])
        made.unlink()


def _lying(planes: list[NDArray[np.uint16]]) -> list[NDArray[np.uint16]]:
    """Turn upright 4:2:2 counterclockwise; chroma changes its halved direction."""
    luma = np.rot90(planes[0])
    chroma = [np.rot90(np.repeat(plane, 2, axis=1)) for plane in planes[1:]]
    halved = [((c[:, 0::2].astype(np.uint32) + c[:, 1::2]) // 2).astype(np.uint16) for c in chroma]
    return [np.ascontiguousarray(luma), *map(np.ascontiguousarray, halved)]


def _frame(planes: list[NDArray[np.uint16]], number: int) -> av.VideoFrame:
    frame = av.VideoFrame(1920, 1080, "yuv422p10le")
    for target, values in zip(frame.planes, planes, strict=True):
        padded = np.zeros((values.shape[0], target.line_size // 2), np.uint16)
        padded[:, :values.shape[1]] = values
        target.update(padded.tobytes())
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def _timecode(frame: int) -> str:
    seconds, frames = divmod(frame % DAY_FRAMES, RATE)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def _start_frame(each: Take) -> int:
    hours, minutes, seconds, frames = (int(part) for part in each.timecode.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * RATE + frames


def write_edits() -> None:
    """ep001 as a CMX3600 EDL, ep002 as edit.yaml, and both episodes' subtitles."""
    for episode, cuts in EPISODES.items():
        folder = SEASON / "episodes" / episode
        (folder / "subtitles").mkdir(parents=True, exist_ok=True)
        text = _edl(cuts) if episode == "ep001" else _edit_yaml(cuts)
        (folder / ("edit.edl" if episode == "ep001" else "edit.yaml")).write_text(text)
        (folder / "subtitles" / "en.srt").write_text(_subtitles(cuts))


def _edl(cuts: tuple) -> str:
    hour = 3600 * RATE
    lines = ["TITLE: THE ROOFTOP EP001", "FCM: NON-DROP FRAME", ""]
    for number, (cut, (begins, ends)) in enumerate(
            zip(cuts, record_frames(cuts), strict=True), 1):
        base = _start_frame(take(cut.take))
        first, end = (base + frame for frame in source_frames(cut))
        span = " ".join(map(_timecode, (first, end, hour + begins, hour + ends)))
        reel = cut.take[:4]
        if cut.dissolve:
            before = cuts[number - 2]
            out = _timecode(_start_frame(take(before.take)) + source_frames(before)[1])
            at = _timecode(hour + begins)
            lines.append(f"{number:03}  {before.take[:4]:8} V     C        {out} {out} {at} {at}")
            lines.append(f"{number:03}  {reel:8} V     D    {cut.dissolve:03} {span}")
            lines += [f"* FROM CLIP NAME: {before.take}.mov", f"* TO CLIP NAME: {cut.take}.mov"]
        else:
            lines.append(f"{number:03}  {reel:8} V     C        {span}")
            if cut.speed != 1:
                lines.append(f"M2   {reel:8}       {RATE * cut.speed:05.1f}                "
                             f"{_timecode(first)}")
            lines.append(f"* FROM CLIP NAME: {cut.take}.mov")
    return "\n".join(lines) + "\n"


def _edit_yaml(cuts: tuple) -> str:
    lines = ["# The same kind of edit as ep001's EDL, by hand: source in and out by timecode.",
             "events:"]
    for cut in cuts:
        base = _start_frame(take(cut.take))
        first, end = (_timecode(base + frame) for frame in source_frames(cut))
        extra = f", dissolve: {cut.dissolve}" if cut.dissolve else ""
        lines.append(f'  - {{media: {cut.take}, in: "{first}", out: "{end}"{extra}}}')
    return "\n".join(lines) + "\n"


def _subtitles(cuts: tuple) -> str:
    cues = []
    for cut, (begins, _) in zip(cuts, record_frames(cuts), strict=True):
        for line in LINES.get(take(cut.take).scene, ()):
            if cut.begins - 0.4 <= line.at < cut.ends:
                voice = sound.speak(line.text, line.voice, line.pitch)
                start = begins / RATE + max(0.0, line.at - cut.begins)
                end = start + max(1.0, voice.size / SOUND_RATE + 0.25)
                cues.append((start, end, line.text))
    return "\n".join(f"{n}\n{_clock(a)} --> {_clock(b)}\n{text}\n"
                     for n, (a, b, text) in enumerate(cues, 1))


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths:03}"


def write_truth() -> None:
    """What is true of the season by construction."""
    cameras = {name: {"space": c.space, "white_gains": list(c.gains), "exposure_stops": c.stops}
               for name, c in CAMERAS.items()}
    sync = []
    for each in TAKES:
        recording = next((r for r in RECORDINGS if r.scene == each.scene), None)
        if recording:
            rate = SOUND_RATE * (1 + recording.drift_ppm / 1e6)
            sync.append({"camera": each.name, "sound": recording.name,
                         "offset_samples": round((each.begins - recording.begins) * rate, 2),
                         "drift_ppm": recording.drift_ppm})
    episodes = {
        name: [{"media": cut.take, "source": list(source_frames(cut)), "record": list(span),
                "speed": cut.speed, "dissolve": cut.dissolve}
               for cut, span in zip(cuts, record_frames(cuts), strict=True)]
        for name, cuts in EPISODES.items()}
    truth = {"rate": RATE, "cameras": cameras, "sync": sync, "episodes": episodes,
             "rotated": sorted(t.name for t in TAKES if t.framing.startswith("close"))}
    (SEASON / "truth.yaml").write_text(
        "# What is true of this season by construction; written by make/make_season.py.\n"
        + yaml.safe_dump(truth, sort_keys=False, default_flow_style=None, width=100))


if __name__ == "__main__":
    main()
