"""What the delivered sound of an episode is, measured for people: report, levels of a season."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

import numpy as np

from microfinish.core.deliver import Master, Masters, SoundSpec
from microfinish.core.mix import DIALOGUE, MUSIC, MixPlan
from microfinish.project.deliverables import platforms
from microfinish.project.episode import Episode
from microfinish.report.loudness_report import Curve, Reading, loudness_page

PROGRAMME_OUTLIER_LU, DIALOGUE_OUTLIER_LU = 0.5, 2.0
LEVEL_COLUMNS = ("episode", "file", "LUFS", "dBTP", "dialogue LUFS", "speech", "LDR", "limiter dB",
                 "outlier")


@dataclass(frozen=True, slots=True)
class Level:
    """A delivered file's levels, and how far they are from the season's usual ones."""

    episode: str
    master: Master
    outlier: str = ""

    @property
    def ldr_lu(self) -> float | None:
        """Loudness over dialogue: how much louder the programme is than its speech."""
        spoken = self.master.dialogue_lufs
        return None if spoken is None else self.master.integrated_lufs - spoken


def season_levels(masters: Sequence[tuple[str, Master]]) -> tuple[Level, ...]:
    """The levels of every file, those that stray from the median of their platform named."""
    found = []
    for episode, master in masters:
        like = [other for _, other in masters
                if (other.platform, other.language) == (master.platform, master.language)]
        usual = median(other.integrated_lufs for other in like)
        spoken = [other.dialogue_lufs for other in like if other.dialogue_lufs is not None]
        words = []
        if abs(off := master.integrated_lufs - usual) > PROGRAMME_OUTLIER_LU:
            words.append(f"programme {off:+.1f} LU")
        if master.dialogue_lufs is not None and (
                abs(off := master.dialogue_lufs - median(spoken)) > DIALOGUE_OUTLIER_LU):
            words.append(f"dialogue {off:+.1f} LU")
        found.append(Level(episode, master, ", ".join(words)))
    return tuple(found)


def level_rows(levels: Sequence[Level]) -> list[tuple[str, ...]]:
    """Rows for people, as `LEVEL_COLUMNS`."""
    def shown(value: float | None, form: str = ".1f") -> str:
        return "" if value is None else format(value, form)

    return [(level.episode, level.master.path.rpartition("/")[2],
             shown(level.master.integrated_lufs), shown(level.master.true_peak_dbtp),
             shown(level.master.dialogue_lufs), shown(level.master.dialogue_share, ".0%"),
             shown(level.ldr_lu, "+.1f"), shown(level.master.limiter_db), level.outlier)
            for level in levels]


def report_page(episode: Episode, masters: Masters, plan_of: Callable[[Master], MixPlan]) -> str:
    """The loudness report of an episode, every delivered sound measured once, as it decodes.

    `plan_of` gives the mix of a delivered file: a dub has its own.
    """
    specs = {platform.name: platform.sound for platform in platforms(episode)}
    seen: dict[tuple[object, ...], Master] = {}
    for master in masters.masters:
        seen.setdefault((specs.get(master.platform), master.language), master)
    readings = [_reading(episode, master, plan_of(master), specs.get(master.platform, SoundSpec()))
                for master in seen.values()]
    title = " ".join(filter(None, (episode.settings.title, episode.name, "loudness")))
    return loudness_page(title, readings)


def _reading(episode: Episode, master: Master, plan: MixPlan, spec: SoundSpec) -> Reading:
    from microfinish.media.dialogue_level import dialogue_level, separation
    from microfinish.media.dynamics import speech_windows, stretches
    from microfinish.media.fold_down import fold_down
    from microfinish.media.limiter import GRID, grid_peaks
    from microfinish.media.loudness import measure, short_term, step_energies
    from microfinish.media.mixdown import mixdown
    from microfinish.media.sound import read_stereo

    root = episode.project.root
    mix = mixdown(plan, root)
    heard = read_stereo(root / master.path)
    reading, folded = measure(heard), fold_down(heard)
    spoken = step_energies(mix.stems.get(DIALOGUE, np.zeros_like(heard)))
    level = dialogue_level(reading.energies, spoken)
    rows = [("integrated", _lufs(reading.integrated_lufs)),
            ("greatest short-term", _lufs(reading.max_short_term_lufs)),
            ("greatest momentary", _lufs(reading.max_momentary_lufs)),
            ("loudness range", f"{reading.range_lu:.1f} LU"),
            ("true peak", f"{reading.true_peak_dbtp:.1f} dBTP at "
                          f"{reading.true_peak_at_seconds:.2f} s"),
            ("dialogue", f"{_lufs(level.lufs)}, {level.share:.0%} of the programme"),
            ("mono", f"{folded.loss_lu:.1f} LU less"
                     f"{'' if folded.sound else ': left and right cancel'}")]
    if MUSIC in mix.stems and DIALOGUE in mix.stems:
        gap = separation(mix.stems[DIALOGUE], mix.stems[MUSIC], plan.ducking.separation_lu)
        if gap.windows:
            rows.append(("dialogue over music",
                         f"{plan.ducking.separation_lu:g} LU or more in {gap.share:.0%} of the "
                         f"speech; 95 % of it reach {gap.lowest_lu:.1f} LU"))
    return Reading(
        master.path, heard.shape[0] / 48_000, tuple(rows), short_term(reading.energies),
        _highest(20 * np.log10(np.maximum(grid_peaks(heard), 1e-9)), GRID / 48_000),
        tuple((a / 100, b / 100) for a, b in stretches(speech_windows(spoken))),
        spec.target_lufs, spec.max_true_peak_dbtp)


def _highest(peaks_db: Curve, step: float, count: int = 12) -> tuple[tuple[float, float], ...]:
    """The highest true peak of each of the loudest seconds."""
    width = round(1 / step)
    found = [(float(part.max()), (start + int(part.argmax())) * step)
             for start in range(0, peaks_db.size, width)
             if (part := peaks_db[start: start + width]).size]
    return tuple((at, level) for level, at in sorted(found, reverse=True)[:count]
                 if level > -60)


def _lufs(value: float) -> str:
    return f"{value:.1f} LUFS" if isfinite(value) else "none"
