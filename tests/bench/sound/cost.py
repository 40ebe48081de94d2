"""CPU of a 90 s soundtrack with eight stems of files, and of the same again. Run by hand.

    python tests/bench/sound/cost.py [seconds=90] [kbps=128]

Writes eight recordings (one at 44.1 kHz, one with drift), mixes, ducks and encodes them through the
store, then asks the store again. CPU is that of the process and of ffmpeg.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import soxr
from generate import RATE, at_loudness, dialogue, effects, music

from microfinish.core.deliver import SoundSpec
from microfinish.core.mix import Bus, MixClip, MixPlan
from microfinish.documents.digest import digest
from microfinish.media.soundtracks import stored_soundtracks
from microfinish.media.wave import write_wave
from microfinish.project.store import Store


def write_stems(folder: Path, seconds: float) -> dict[str, int]:
    """Eight files and their sample rates."""
    rng = np.random.default_rng(8)
    stems = {
        "boom": dialogue(seconds, rng, "even")[:, None],
        "adr": dialogue(seconds, rng, "even")[:, None],
        "voiceover": dialogue(seconds, rng, "even")[:, None], "foley": effects(seconds, rng) * 0.1,
        "hits": effects(seconds, rng) * 0.2,
        "air": at_loudness(rng.standard_normal(round(seconds * RATE)), -50.0)[:, None],
        "score": music(seconds, rng) * 0.1, "source": music(seconds, rng) * 0.05,
    }
    rates = dict.fromkeys(stems, RATE)
    stems["score"] = soxr.resample(stems["score"], RATE, 44_100)
    rates["score"] = 44_100
    for name, sound in stems.items():
        write_wave(sound.astype(np.float32), folder / f"{name}.wav", rates[name])
    return rates


def cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(seconds: float, kbps: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        rates = write_stems(root, seconds)
        samples = round(seconds * RATE)
        buses = {"DX": ("boom", "adr", "voiceover"), "FX": ("foley", "hits", "air"),
                 "MX": ("score", "source")}
        plan = MixPlan(Fraction(25), samples * 25 // RATE, samples, tuple(
            Bus(bus, tuple(MixClip(f"{stem}.wav", stem, 0, rates[stem], Fraction(0), 0, samples,
                                   drift_ppm=50.0 if stem == "voiceover" else 0.0)
                           for stem in stems)) for bus, stems in buses.items()))
        told: list[str] = []
        spent = []
        for _ in range(2):
            before = cpu()
            made = stored_soundtracks([SoundSpec(bitrate_kbps=kbps)], plan, root,
                                      Store(root / "store"), digest,
                                      lambda severity, text: told.append(text))
            spent.append(cpu() - before)
    (sound,) = made.values()
    print(f"{seconds:g} s, 8 stems, {kbps} kbit/s: {sound.integrated_lufs:.2f} LUFS, "
          f"{sound.true_peak_dbtp:.2f} dBTP; {spent[0]:.2f} s CPU (6 allowed at 90 s), "
          f"again {spent[1]:.2f} s (0.5)")
    for text in told:
        print(f"  told: {text}")
    good = spent[0] <= 6.0 and spent[1] <= 0.5
    print("PASS" if good else "FAIL")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 90.0,
                  int(sys.argv[2]) if sys.argv[2:] else 128))
