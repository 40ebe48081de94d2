"""`microfinish run --preview`: a look at the cut as it is, before anybody locks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from microfinish.cli.session import Session, tell

if TYPE_CHECKING:
    from microfinish.core.timeline import PictureLock
    from microfinish.project.episode import Episode


def make_previews(session: Session, episodes: Sequence[str] | None, revision: int, jobs: int,
                  as_json: bool) -> int:
    """Make the previews, print their names, and list what is offline or not final in them."""
    from microfinish.cli.output import emit_json
    from microfinish.cli.work import work
    from microfinish.pipeline.plan import Selection
    from microfinish.pipeline.stage import Options
    from microfinish.stages.preview import preview_table

    project = session.project().preview()
    result = work(session, episodes, Selection(last="master"), Options(jobs), project,
                  preview_table(revision))
    made = [_answer(project.episode(each.episode)) for each in result.episodes
            if each.outcome == "done"]
    if as_json:
        emit_json({**result.report(), "previews": made})
        return result.exit_code
    for answer in made:
        print(answer["file"])
        for line in (*_offline(answer), *_not_matched(answer)):
            tell(line)
    return result.exit_code


def _answer(episode: Episode) -> dict[str, Any]:
    """What a preview shows: its file, the cut, and every slug."""
    from microfinish.core.slug import slugs
    from microfinish.core.time import format_timecode
    from microfinish.core.timeline import PictureLock

    lock: PictureLock = episode.document("lock", PictureLock).load()
    timeline = lock.current.timeline

    def label(frame: int) -> str:
        return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)

    return {"episode": episode.name,
            "file": episode.layout.shown(episode.layout.preview(episode.name)),
            "cut": _cut_name(lock), "not_matched": list(_unmatched(episode)),
            "offline": [{"clip": slug.clip, "track": slug.track,
                         "record": [slug.record.start, slug.record.end],
                         "from": label(slug.record.start), "to": label(slug.record.end)}
                        for slug in slugs(timeline)]}


def _cut_name(lock: PictureLock) -> str:
    from microfinish.stages.preview import cut_name

    return cut_name(lock.current)


def _unmatched(episode: Episode) -> tuple[str, ...]:
    from microfinish.core.color import Corrections
    from microfinish.stages.preview_correct import not_matched

    document = episode.document("correct", Corrections)
    return not_matched(document.load()) if document.exists else ()


def _not_matched(answer: dict[str, Any]) -> list[str]:
    """What of the color a run still has to measure, as a line; none where all is measured."""
    count = len(answer["not_matched"])
    if not count:
        return []
    return [f"{answer['episode']}: the color of {count} shot{'s' * (count != 1)} is not matched "
            "yet: no run has measured it"]


def _offline(answer: dict[str, Any]) -> list[str]:
    """The list of what is offline, as lines; none where everything is there."""
    rows = answer["offline"]
    if not rows:
        return []
    count = len({row["clip"] for row in rows})
    lines = [f"{answer['episode']}: {count} clip{'s' * (count != 1)} offline, a slug or silence "
             "instead; a master will refuse"]
    return lines + [f"  {row['from']}-{row['to']}  {row['track']:<3} {row['clip']}"
                    for row in rows]
