"""The encoded soundtracks of an episode, kept in the store beside what they measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microfinish.core.deliver import SoundSpec
from microfinish.core.mix import DIALOGUE, MUSIC, MixPlan
from microfinish.media.rendering import SegmentStore

SOUND_VERSION = 2
"""Raise when the same plan would now sound different: every soundtrack is made again."""


_ENOUGH_OVER_MUSIC = 0.95


@dataclass(frozen=True, slots=True)
class StoredSound:
    """A soundtrack in the store: ADTS for AAC, WAV for PCM."""

    path: Path
    integrated_lufs: float
    true_peak_dbtp: float
    dialogue_lufs: float | None = None
    dialogue_share: float | None = None
    limiter_db: float | None = None


def stored_soundtracks(
    specs: Iterable[SoundSpec], plan: MixPlan, root: Path, store: SegmentStore,
    key_of: Callable[[Any], str], notice: Callable[[str, str], None], rough: bool = False,
) -> dict[SoundSpec, StoredSound]:
    """Every spec's soundtrack, from the store where it is there, else mixed once for all of them.

    `root` is the project's folder; `notice` gets severity and text of what a mixer should read.
    A `rough` one, for a preview, is made in one pass and kept apart; a final one that is there
    is taken instead.
    """
    found: dict[SoundSpec, StoredSound] = {}
    mix: Any = None
    for spec in sorted(set(specs), key=repr):
        key = key_of(("soundtrack", SOUND_VERSION, plan, spec))
        sound = _stored(store, key, spec)
        if sound is None and rough:
            key = key_of(("rough soundtrack", SOUND_VERSION, plan, spec))
            sound = _stored(store, key, spec)
        if sound is None:
            from microfinish.media.mixdown import mixdown

            if mix is None:
                mix = mixdown(plan, root)
                if not rough:
                    _tell_of_mix(mix, plan, notice)
            sound = _make(mix, spec, store, key, notice, rough)
        found[spec] = sound
    return found


def _tell_of_mix(mix: Any, plan: MixPlan, notice: Callable[[str, str], None]) -> None:
    """Say what no loudness can mend: words under music, sides that cancel on a phone."""
    from microfinish.media.dialogue_level import separation
    from microfinish.media.fold_down import fold_down

    folded = fold_down(mix.mix)
    if not folded.sound:
        at = f" at {folded.out_of_phase[0][0]:.1f} s" if folded.out_of_phase else ""
        notice("warning", f"left and right cancel each other{at}: on one loudspeaker the mix loses "
                          f"{folded.loss_lu:.1f} LU; turn one side's polarity, or use one channel")
    if plan.ducking.enabled and {DIALOGUE, MUSIC} <= mix.stems.keys() and (
            mix.stems[MUSIC] is not mix.clean[MUSIC]):
        gap = separation(mix.stems[DIALOGUE], mix.stems[MUSIC], plan.ducking.separation_lu)
        if gap.share < _ENOUGH_OVER_MUSIC:
            notice("info", f"dialogue is {plan.ducking.separation_lu:g} LU over the music in "
                           f"{gap.share:.0%} of the speech only; lower the music's gain_db, or "
                           "allow a greater ducking: {max_depth_db: ...}")


def _suffix(spec: SoundSpec) -> str:
    return ".aac" if spec.codec == "aac" else ".wav"


def _stored(store: SegmentStore, key: str, spec: SoundSpec) -> StoredSound | None:
    path, notes = store.get(key, _suffix(spec)), store.get(key, ".json")
    if path is None or notes is None:
        return None
    try:
        measured = json.loads(notes.read_text(encoding="utf-8"))
        return StoredSound(path, float(measured["lufs"]), float(measured["dbtp"]),
                           measured["dialogue"], measured["share"], measured["limiter"])
    except (OSError, ValueError, KeyError):
        return None  # half a record is a miss; it is made again


def _make(mix: Any, spec: SoundSpec, store: SegmentStore, key: str,
          notice: Callable[[str, str], None], rough: bool) -> StoredSound:
    from microfinish.media.loudness import step_energies
    from microfinish.media.rough_sound import rough_soundtrack
    from microfinish.media.soundtrack import soundtrack

    with store.scratch() as folder:
        if rough:
            made = rough_soundtrack(mix.mix, spec, folder)
        else:
            dialogue = step_energies(mix.stems[DIALOGUE]) if DIALOGUE in mix.stems else None
            made = soundtrack(mix.mix, spec, folder, dialogue=dialogue)
        for finding in made.findings:
            notice(finding.severity,
                   f"{finding.message} ({finding.measured}, expected {finding.expected}); "
                   f"{finding.fix}")
        spoken = made.dialogue if made.dialogue and made.dialogue.share else None
        notes = folder / "sound.json"
        measured = {"lufs": made.integrated_lufs, "dbtp": made.true_peak_dbtp,
                    "passes": made.passes, "limiter": round(made.limiter_gain_reduction_db, 2),
                    "dialogue": round(spoken.lufs, 3) if spoken else None,
                    "share": round(spoken.share, 4) if spoken else None}
        notes.write_text(json.dumps(measured), encoding="utf-8")
        path = store.publish(made.path, key, _suffix(spec))
        store.publish(notes, key, ".json")
    return StoredSound(path, made.integrated_lufs, made.true_peak_dbtp, measured["dialogue"],
                       measured["share"], measured["limiter"])
