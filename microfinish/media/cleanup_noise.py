"""Steady sound under a voice: hum lines, room tone, and how much of them is taken away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import iirnotch, resample_poly, sosfiltfilt, stft, tf2sos

from microfinish.media.interpolation import Signal
from microfinish.media.loudness import Energies

NOTCH_HZ = 1.5
HARMONICS = 12
MAINS = (50.0, 60.0)
_PERSISTENT = 0.7
_NOISE_PEAK_DB = 5.0
"""What the highest of five bins of plain noise stands above the median of its neighbors."""
_ROOM_STEPS = 30
_LONGEST_ROOM = 200
_SILENCE = 1e-11
_ROOM_SPREAD_DB = 3.0
_SMOOTHING = 0.98
_WINDOW_SECONDS = 0.032


def hum_lines(signal: Signal, rate: int, over_db: float, mains: tuple[float, ...] = MAINS
              ) -> tuple[tuple[float, ...], float]:
    """(the frequencies of hum in Hz, how far the strongest stands above its neighbors in dB).

    Looked for at each mains frequency and its harmonics, in windows of one second, at least four;
    a line is there in 70 % of them, or it is a voice. A mains frequency needs two lines, or one
    at the fundamental.
    """
    power = _slow_power(signal, rate)
    if power is None:
        return (), 0.0
    best: tuple[tuple[float, ...], float] = ((), 0.0)
    for hertz in mains:
        lines = [line for k in range(1, HARMONICS + 1)
                 if (line := _line(power, hertz * k, over_db)) is not None]
        enough = len(lines) > 1 or (lines and lines[0][0] < hertz * 1.5)
        strongest = max((over for _, over in lines), default=0.0)
        if enough and strongest > best[1]:
            best = tuple(round(at, 2) for at, _ in lines), strongest
    return best


def _slow_power(signal: Signal, rate: int) -> NDArray[np.float64] | None:
    """Power up to 1 kHz in bins of 0.5 Hz, (bins, windows of a second); None under 2.5 s."""
    if signal.size < 2.5 * rate:
        return None
    down = max(1, rate // 2400)
    slow, pace = resample_poly(signal, 1, down), rate / down
    size = round(pace)
    _, _, spectrum = stft(slow, pace, window="blackmanharris", nperseg=size,
                          noverlap=size // 2, nfft=2 * size, boundary=None, padded=False)
    power: NDArray[np.float64] = np.abs(spectrum) ** 2 + 1e-16
    return power


def _line(power: NDArray[np.float64], hertz: float, over_db: float) -> tuple[float, float] | None:
    """(its exact frequency, dB over its neighbors) of a steady line near `hertz`."""
    center = round(hertz * 2)
    near = power[center - 2: center + 3]
    sides = np.concatenate((power[center - 24: center - 7], power[center + 8: center + 25]))
    each = 10 * np.log10(near.max(axis=0) / np.median(sides, axis=0))
    over = float(10 * np.log10(np.median(near.max(axis=0)) / np.median(sides))) - _NOISE_PEAK_DB
    if over < over_db or float(np.mean(each > over_db)) < _PERSISTENT:
        return None
    middle = np.median(near, axis=1)
    at = int(np.argmax(middle))
    if not 0 < at < 4:
        return hertz, over
    left, top, right = np.log(middle[at - 1: at + 2])
    shift = 0.5 * (left - right) / (left - 2 * top + right)
    return (center - 2 + at + float(shift)) / 2, over


def hum_level_db(signal: Signal, rate: int, lines: tuple[float, ...]) -> float | None:
    """How far the strongest of `lines` stands above its neighbors, in dB, not below 0; None
    where there are none, or less than 2.5 s to measure them in."""
    power = _slow_power(signal, rate) if lines else None
    if power is None:
        return None
    found = [line[1] for hertz in lines if (line := _line(power, hertz, -60.0)) is not None]
    return max(0.0, *found) if found else 0.0


def notched(signal: Signal, rate: int, lines: tuple[float, ...]) -> Signal:
    """`signal` without its hum lines, phase kept: each notch is 1.5 Hz wide."""
    sections = np.concatenate([tf2sos(*iirnotch(hz, hz / NOTCH_HZ, fs=rate)) for hz in lines
                               if hz < rate / 2])
    padding = min(signal.size - 1, rate // 2)
    out: Signal = sosfiltfilt(sections, signal, padlen=padding)
    return out


def room_tone(energies: Energies, speech: float | None) -> tuple[int, int] | None:
    """(first, exclusive last 10 ms step) of the quietest steady third of a second of a stretch,
    with all around it that sounds like it, up to two seconds.

    None where there is none: digital silence, speech without a pause, or a level that moves.
    `speech` is the energy while somebody speaks.
    """
    if energies.size < _ROOM_STEPS:
        return None
    mean = uniform_filter1d(energies, _ROOM_STEPS, mode="nearest")
    low, high = _ROOM_STEPS // 2, energies.size - _ROOM_STEPS // 2
    level = 10 * np.log10(np.maximum(energies, _SILENCE / 100))
    spread = np.sqrt(np.maximum(uniform_filter1d(level ** 2, _ROOM_STEPS, mode="nearest")
                                - uniform_filter1d(level, _ROOM_STEPS, mode="nearest") ** 2, 0))
    steady = (spread < _ROOM_SPREAD_DB) & (mean > _SILENCE)
    steady[:low], steady[high:] = False, False
    if speech is not None:
        steady &= mean < speech / 10
    if not steady.any():
        return None
    at = int(np.argmin(np.where(steady, mean, np.inf)))
    return _grown(energies, at - low, at - low + _ROOM_STEPS)


def _grown(energies: Energies, start: int, end: int) -> tuple[int, int]:
    """A stretch with its neighbors of the same level: repeated, it is the less of a pattern."""
    smooth = uniform_filter1d(energies, 10, mode="nearest")
    usual = float(energies[start:end].mean())
    alike = (smooth < usual * 1.6) & (smooth > usual / 2.5)
    while start > 0 and end - start < _LONGEST_ROOM and alike[start - 1]:
        start -= 1
    while end < energies.size and end - start < _LONGEST_ROOM and alike[end]:
        end += 1
    return start, end


def denoised(signal: Signal, room: Signal, rate: int, depth_db: float) -> Signal:
    """`signal` with the noise of `room` taken down by at most `depth_db`.

    A Wiener gain per time and frequency with the decision-directed a priori SNR of Ephraim and
    Malah (1984), whose slow memory keeps single bins from ringing; never below the depth.
    """
    size = 2 * round(_WINDOW_SECONDS * rate / 2)
    hop = size // 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    noise = _noise_power(room, size, window)
    frames = -(-signal.size // hop) + 1
    padded = np.zeros((frames + 1) * hop)
    padded[hop: hop + signal.size] = signal
    view = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectra = np.fft.rfft(view * window, axis=1)
    spectra *= _gains(np.abs(spectra) ** 2 / noise, 10 ** (-depth_db / 20))
    parts = np.fft.irfft(spectra, size, axis=1) * window
    out = np.zeros((parts.shape[0] + 1, hop))
    out[:-1] += parts[:, :hop]
    out[1:] += parts[:, hop:]
    whole: Signal = out.reshape(-1)[hop: hop + signal.size]
    return whole


def _noise_power(room: Signal, size: int, window: Signal) -> Signal:
    """The mean power spectrum of room tone, smoothed over neighboring bins."""
    count = max(1, (room.size - size) // (size // 4) + 1)
    parts = [np.abs(np.fft.rfft(np.resize(room[k * size // 4: k * size // 4 + size], size)
                                * window)) ** 2 for k in range(count)]
    power: Signal = uniform_filter1d(np.mean(parts, axis=0), 5, mode="nearest") + 1e-14
    return power


def _gains(posterior: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    gains = np.empty_like(posterior)
    before = np.zeros(posterior.shape[1])
    for index, seen in enumerate(posterior):
        prior = _SMOOTHING * before + (1 - _SMOOTHING) * np.maximum(seen - 1, 0)
        gain = np.maximum(prior / (1 + prior), floor)
        before = gain * gain * seen
        gains[index] = gain
    return gains
