"""What was heard on the roof: voices by espeak-ng, air, a heartbeat of a theme."""

from __future__ import annotations

import io
import struct
import subprocess
import wave
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt
from soxr import resample
from story import LINES, RATE, Recording

SOUND_RATE = 48000
Wave = NDArray[np.float64]


def speak(text: str, voice: str, pitch: int) -> Wave:
    """A spoken line, mono at 48 kHz, peaking at 0.5."""
    done = subprocess.run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", "145", "--stdout",
                           text], capture_output=True, check=True)
    with wave.open(io.BytesIO(done.stdout)) as reader:
        rate = reader.getframerate()
        raw = np.frombuffer(reader.readframes(reader.getnframes()), "<i2") / 32768
    line = resample(raw, rate, SOUND_RATE)
    return line * (0.5 / np.abs(line).max())


def scene_dialogue(scene: int, seconds: float = 24.0) -> Wave:
    """Everything said in a scene, clean, from scene time 0."""
    sound = np.zeros(int(seconds * SOUND_RATE))
    for line in LINES.get(scene, ()):
        voice = speak(line.text, line.voice, line.pitch)
        if line.phone:
            band = butter(4, (400, 2800), "bandpass", fs=SOUND_RATE, output="sos")
            voice = np.tanh(3 * sosfilt(band, voice)) * 0.3
        start = round(line.at * SOUND_RATE)
        sound[start:start + voice.size] += voice
    return sound


def air(seconds: float, level: float, seed: int) -> Wave:
    """City far below: low noise, breathing slowly."""
    random = np.random.default_rng(seed)
    noise = sosfilt(butter(2, (60, 900), "bandpass", fs=SOUND_RATE, output="sos"),
                    random.normal(0, 1, int(seconds * SOUND_RATE)))
    time = np.arange(noise.size) / SOUND_RATE
    return level * noise * (1 + 0.3 * np.sin(2 * np.pi * 0.11 * time))


def camera_sound(dialogue: Wave, begins: float, seconds: float, seed: int) -> Wave:
    """The camera's own microphone: far away, a wall behind it, hiss on top."""
    start = round(begins * SOUND_RATE)
    heard = dialogue[start:start + round(seconds * SOUND_RATE)]
    random = np.random.default_rng(seed)
    room = np.zeros(SOUND_RATE // 5)
    room[0] = 1
    tail = np.arange(room.size) / SOUND_RATE
    room += 0.02 * random.normal(0, 1, room.size) * np.exp(-tail * 24)
    sound = 0.22 * fftconvolve(heard, room)[:heard.size]
    return sound + air(seconds, 0.012, seed)[:heard.size] + random.normal(0, 0.003, heard.size)


def recorder_sound(dialogue: Wave, recording: Recording, seed: int) -> Wave:
    """The boom: clean and close, on a clock that runs fast by `drift_ppm`."""
    rate = SOUND_RATE * (1 + recording.drift_ppm / 1e6)
    start = round(recording.begins * SOUND_RATE)
    clean = dialogue[start:start + round(recording.seconds * SOUND_RATE)]
    clean = 0.7 * clean + air(clean.size / SOUND_RATE, 0.0025, seed)[:clean.size]
    return resample(clean, SOUND_RATE, rate, quality="VHQ")


def write_broadcast_wave(path: Path, sound: Wave, recording: Recording) -> None:
    """16-bit mono WAV with a bext chunk whose time reference is the recorder's timecode."""
    hours, minutes, seconds, frames = (int(part) for part in recording.timecode.split(":"))
    frame = ((hours * 60 + minutes) * 60 + seconds) * RATE + frames + recording.slip_frames
    reference = frame * SOUND_RATE // RATE
    bext = struct.pack(
        "<256s32s32s10s8sQH64s190s", b"The Rooftop " + recording.name.encode(), b"microfinish",
        recording.name.encode(), b"2026-11-20", recording.timecode.replace(":", "-")[:8].encode(),
        reference, 1, b"", b"")
    ixml = (f"<?xml version=\"1.0\"?><BWFXML><SCENE>{recording.scene}</SCENE><TAKE>1</TAKE>"
            f"<SPEED><TIMECODE_RATE>{RATE}/1</TIMECODE_RATE><TIMECODE_FLAG>NDF</TIMECODE_FLAG>"
            f"</SPEED><TRACK_LIST><TRACK_COUNT>1</TRACK_COUNT><TRACK><CHANNEL_INDEX>1"
            f"</CHANNEL_INDEX><NAME>Boom</NAME></TRACK></TRACK_LIST></BWFXML>").encode()
    ixml += b" " * (len(ixml) % 2)
    data = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, SOUND_RATE, SOUND_RATE * 2, 2, 16)
    chunks = b"".join(name + struct.pack("<I", len(body)) + body for name, body in (
        (b"bext", bext), (b"fmt ", form), (b"iXML", ixml), (b"data", data)))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)


def theme(seconds: float = 24.0) -> Wave:
    """A held minor chord over a heartbeat that quickens: (samples, 2)."""
    time = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
    pad = np.zeros((time.size, 2))
    for step, hertz in enumerate((110.0, 130.81, 164.81, 220.0, 329.63)):
        for side in (0, 1):
            detune = 1 + (0.0012 if side else -0.0012) * (step + 1)
            swell = 0.6 + 0.4 * np.sin(2 * np.pi * (0.05 + 0.013 * step) * time + side)
            pad[:, side] += np.sin(2 * np.pi * hertz * detune * time) * swell / (step + 2)
    beat = np.zeros(time.size)
    now, gap = 0.5, 1.2
    while now < seconds - 0.5:
        for echo, level in ((0.0, 1.0), (0.22, 0.6)):
            start = int((now + echo) * SOUND_RATE)
            thump = np.arange(int(0.25 * SOUND_RATE)) / SOUND_RATE
            hit = level * np.sin(2 * np.pi * (52 + 30 * np.exp(-thump * 30)) * thump)
            hit *= np.exp(-thump * 16)
            beat[start:start + hit.size] += hit[:max(0, beat.size - start)]
        now, gap = now + gap, max(0.75, gap * 0.97)
    return 0.16 * pad * np.minimum(1, time / 2)[:, None] + 0.4 * beat[:, None]


def buzz() -> Wave:
    """A phone on stone: two bursts of a rattling motor, (samples, 2)."""
    time = np.arange(int(1.6 * SOUND_RATE)) / SOUND_RATE
    motor = np.sign(np.sin(2 * np.pi * 152 * time)) * np.sin(2 * np.pi * 76 * time)
    gate = ((time % 0.8) < 0.5).astype(float)
    gate = np.convolve(gate, np.ones(480) / 480, "same")
    rattle = sosfilt(butter(2, (100, 1800), "bandpass", fs=SOUND_RATE, output="sos"), motor * gate)
    return np.repeat(0.3 * rattle[:, None], 2, axis=1)


def sting() -> Wave:
    """The cliffhanger's hit: a low boom with a metal tail, (samples, 2)."""
    time = np.arange(int(2.4 * SOUND_RATE)) / SOUND_RATE
    random = np.random.default_rng(3)
    boom = np.sin(2 * np.pi * (38 + 60 * np.exp(-time * 9)) * time) * np.exp(-time * 2.2)
    ring = sum(np.sin(2 * np.pi * f * time) * np.exp(-time * d)
               for f, d in ((311, 3.0), (467, 3.6), (739, 4.5))) * 0.08
    crack = random.normal(0, 1, time.size) * np.exp(-time * 40) * 0.3
    return np.repeat((0.6 * boom + ring + crack)[:, None], 2, axis=1)


def write_m4a(path: Path, sound: Wave, kbps: int = 96) -> None:
    """Stereo AAC in an .m4a, so that the season stays small."""
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.bit_rate = kbps * 1000
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T.astype(np.float32)), format="fltp", layout="stereo")
        block.sample_rate, block.pts = SOUND_RATE, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
