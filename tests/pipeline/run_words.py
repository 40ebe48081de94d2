"""A run in a process of its own, to be interrupted, killed and held by the tests beside it.

    run_words.py ROOT [kill-at-rename N | wait-in STAGE | deaf-in STAGE | shots-in STAGE]
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from word_stages import Season, standard_table

from microfinish.pipeline.events import Event, Progress
from microfinish.pipeline.run import run
from microfinish.pipeline.stage import Context, Options


def main() -> int:
    root, deed, detail = Path(sys.argv[1]), *(sys.argv[2:] or ["nothing", ""])
    season = Season(root, standard_table())
    if deed == "kill-at-rename":
        kill_at_rename(int(detail))
    elif deed != "nothing":
        season.replace(detail, work={"wait-in": wait, "deaf-in": deaf, "shots-in": shots}[deed])
    project = season.project()
    result = run(project, project.episodes(), options=Options(jobs=2), emit=tell,
                 table=season.table, command="microfinish run words")
    for episode in result.episodes:
        print(episode.episode, episode.outcome, episode.error, flush=True)
    return result.exit_code


def tell(event: Event) -> None:
    if isinstance(event, Progress):
        print(f"{event.done} of {event.total}", flush=True)


def kill_at_rename(nth: int) -> None:
    """Die, as by kill -9, right before the nth file gets its final name."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "os.rename":
            count += 1
            if count == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def wait(ctx: Context) -> None:
    print("waiting", flush=True)
    while not ctx.cancelled():
        time.sleep(0.02)


def deaf(ctx: Context) -> None:
    print("waiting", flush=True)
    time.sleep(60)


def shots(ctx: Context) -> None:
    def shot(number: int) -> None:
        (ctx.root / f"shot{number}").touch()
        time.sleep(0.05)

    ctx.map(shot, range(100), "shots")


if __name__ == "__main__":
    sys.exit(main())
