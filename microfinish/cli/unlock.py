"""`microfinish unlock`: release an episode that a dead run still holds."""

from __future__ import annotations

import typer

from microfinish.cli.arguments import Episode, Json
from microfinish.cli.session import session_of, tell


def command(ctx: typer.Context, episode: Episode, as_json: Json = False) -> int:
    """Release an episode that a dead run still holds.

    A run that died on this machine is noticed by itself; this is for one that died on another.
    Make sure that it is dead: two runs of one episode would overwrite each other's decisions.
    What a preview holds is released, too.
    The picture lock is another thing: see `microfinish lock`.
    """
    from microfinish.cli.output import emit_json
    from microfinish.cli.select import select_one
    from microfinish.core.errors import HeldError
    from microfinish.project import holder

    project = session_of(ctx).project()
    name = select_one(project.episodes(), episode)
    layouts = (project.layout, project.preview().layout)
    for layout in layouts:
        alive = holder.holder_of(layout, name)
        if alive is not None and alive.process.is_here:
            raise HeldError(f"{name} is held by {alive}, which is running on this machine",
                            hint="stop it with Ctrl-C or wait; then nothing needs to be unlocked")
    released = [holder.release(layout, name) for layout in layouts]
    if as_json:
        emit_json({"episode": name, "released": any(released)})
    else:
        tell(f"{name} is released" if any(released) else f"nobody held {name}")
    return 0
