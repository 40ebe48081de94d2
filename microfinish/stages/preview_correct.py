"""correct, as a preview has it: what runs have found, and nothing measured anew.

Matching cameras costs more than all the pictures of a preview. A shot of a set-up that a run has
measured is corrected as that set-up is; others are not, and the preview says so.
"""

from __future__ import annotations

from dataclasses import replace

from microfinish.core.color import Balance, Corrections, ShotCorrection
from microfinish.core.errors import InputError
from microfinish.core.media import MediaLog
from microfinish.core.settings import CorrectSettings
from microfinish.core.timeline import PictureLock
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode
from microfinish.stages.correct import CorrectStage, set_up

NOT_MEASURED = "not measured for a preview"
_OF_THE_CUT = ("log", "lock")


class PreviewCorrectStage(CorrectStage):
    """Takes every correction from the last run."""

    def inputs(self, episode: Episode) -> Inputs:
        inputs = super().inputs(episode)
        document = (episode.finished or episode).document("correct", Corrections)
        try:
            header = document.header
        except InputError:  # edited by hand: a run says so
            header = None
        now = inputs.digests()
        if (header is None or header.version != self.version
                or _others(header.inputs) != _others(now)):
            return inputs.extended(known=Corrections("off", ()))
        if header.inputs == now:
            return inputs  # of today: it is taken over whole
        return inputs.extended(known=Input(document.digest, document.load))

    def run(self, inputs: Inputs, ctx: Context) -> Corrections:
        settings: CorrectSettings = inputs["settings_correct"]
        if settings.mode == "off" or "known" not in inputs:
            return super().run(inputs, ctx)
        known: Corrections = inputs["known"]
        log: MediaLog = inputs["log"]
        lock: PictureLock = inputs["lock"]
        own = known.by_shot()
        by_set_up = {each.group: each for each in
                     sorted(known.shots, key=lambda each: each.confidence)}
        found: dict[str, ShotCorrection] = {}
        for event in lock.current.timeline.shots():
            media = log.by_path().get(event.media)
            if media is None or media.picture is None or event.shot in found:
                continue
            group = set_up(media)
            mine = own.get(event.shot)
            same = mine if mine and mine.group == group else by_set_up.get(group)
            found[event.shot] = (replace(same, shot=event.shot) if same
                                 else ShotCorrection(event.shot, Balance(), NOT_MEASURED, 0.0,
                                                     "abstained", group))
        return Corrections(settings.mode, tuple(found.values()))


def not_matched(corrections: Corrections) -> tuple[str, ...]:
    """The shots of a preview whose color no run has measured, though a master's will be."""
    if corrections.mode != "apply":
        return ()
    return tuple(each.shot for each in corrections.shots if each.evidence == NOT_MEASURED)


def _others(digests: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in digests.items() if name not in _OF_THE_CUT}
