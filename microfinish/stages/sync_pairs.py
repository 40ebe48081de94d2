"""What sync measures, once per pair of contents: the waveforms of a camera and a recorder."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from microfinish.core.errors import InputError
from microfinish.core.media import Media
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context

if TYPE_CHECKING:
    from microfinish.media.voice import Voice

WAVEFORM_VERSION = 4
VOICE_VERSION = 1
SEARCH_SECONDS = 2
_KEPT_SAMPLES = 40_000_000
"""About 80 minutes at 8 kHz, with their transforms 0.5 GB at the very most."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the waveforms of a pair said. `seconds` into the recorder is the camera's frame 0.

    `stretches` are (begin in camera seconds, seconds, drift in ppm) where the lag steps.
    """

    seconds: Fraction
    drift_ppm: float
    confidence: float
    accepted: bool
    reason: str
    stretches: tuple[tuple[Fraction, Fraction, float], ...] = ()


class Ears:
    """Listens for one run of the stage: what was heard last stays in memory, all of it on disk."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._mutex = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._voices: OrderedDict[str, Voice] = OrderedDict()

    def compare(self, one: Media, other: Media, near: Fraction | None = None) -> Heard:
        """Where `one` lies in `other`; only within two seconds of `near`, where that is given."""
        key = f"{one.digest}:{other.digest}:{near}"
        fact: Any = self._ctx.facts.get("waveform-sync", WAVEFORM_VERSION, key,
                                        lambda: self._measured(one, other, near))
        return Heard(Fraction(fact["seconds"]), fact["drift_ppm"], fact["confidence"],
                     fact["accepted"], fact["reason"],
                     tuple((Fraction(begin), Fraction(seconds), drift)
                           for begin, seconds, drift in fact["stretches"]))

    def _measured(self, one: Media, other: Media, near: Fraction | None) -> dict[str, Any]:
        from microfinish.media.waveform_sync import find_voice

        start, there = one.sounds[0].start, other.sounds[0].start
        try:
            # What is compared are first samples; what is told are first frames.
            found = find_voice(self._voice(one), self._voice(other),
                               near=None if near is None else near + start - there,
                               within_seconds=SEARCH_SECONDS)
        except InputError as error:
            return {"seconds": "0", "drift_ppm": 0.0, "confidence": 0.0, "accepted": False,
                    "reason": error.message, "stretches": []}

        def from_frame(seconds: Fraction, drift_ppm: float) -> str:
            pace = 1 + Fraction(drift_ppm).limit_denominator(10**6) / 1_000_000
            return str((seconds - start * pace + there).limit_denominator(10**9))

        return {"seconds": from_frame(found.seconds, found.drift_ppm),
                "drift_ppm": found.drift_ppm, "confidence": found.confidence,
                "accepted": found.accepted, "reason": found.reason,
                "stretches": [[str(part.begin + start), from_frame(part.seconds, part.drift_ppm),
                               part.drift_ppm] for part in found.stretches]}

    def _voice(self, media: Media) -> Voice:
        with self._mutex:
            known = self._voices.get(media.digest)
            if known:
                self._voices.move_to_end(media.digest)
                return known
            turn = self._turns.setdefault(media.digest, threading.Lock())
        with turn:
            known = self._voices.get(media.digest) or _listened(media, self._ctx)
        with self._mutex:
            self._voices[media.digest] = known
            while (len(self._voices) > 2 and sum(voice.sound.size for voice in
                                                 self._voices.values()) > _KEPT_SAMPLES):
                self._voices.popitem(last=False)
        return known


def _listened(media: Media, ctx: Context) -> Voice:
    """A file as sync hears it, out of the store if it was heard before."""
    from microfinish.media.voice import Voice, listen_file

    key = digest(("voice", VOICE_VERSION, media.digest))
    kept = ctx.store.get(key, ".npz")
    if kept:
        try:
            return Voice.load(kept)
        except (OSError, ValueError, KeyError):
            pass  # damaged: hear it again
    stream = media.sounds[0]
    voice = listen_file(ctx.path(media.path), 0, stream.samples, stream.sample_rate)
    with ctx.store.scratch() as folder:
        tmp = folder / "voice.npz"
        voice.save(tmp)
        ctx.store.publish(tmp, key, ".npz")
    return voice
