"""Who holds an episode: one lock file each, so that two runs never write the same episode."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from microfinish.core.errors import EnvironmentFault, HeldError
from microfinish.documents.atomic import flush_folder
from microfinish.project.layout import Layout
from microfinish.project.processes import Process, this_process

_HALF_WRITTEN_SECONDS = 5.0
"""A lock file without its content for longer than this belongs to a run that died in between."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an episode. `since` is local time with its offset; `token` tells runs apart."""

    process: Process
    command: str
    since: str
    token: str = ""

    def __str__(self) -> str:
        return (f"`{self.command}` (process {self.process.pid} on {self.process.host}, "
                f"since {self.since[:16].replace('T', ' ')})")


@dataclass(frozen=True, slots=True)
class Hold:
    """A held episode. `took_over` is the dead run whose lock was taken over, if any."""

    holder: Holder
    took_over: Holder | None = None


@contextlib.contextmanager
def hold(layout: Layout, episode: str, command: str) -> Iterator[Hold]:
    """Hold an episode for writing while the block runs.

    A lock left by a process that died on this host is taken over, and told in the `Hold`. Raises
    HeldError naming the holder where it lives, or is on another host and cannot be asked, and
    EnvironmentFault where the project's folder cannot be written.
    """
    path = layout.lock(episode)
    me = Holder(this_process(), command, datetime.now().astimezone().isoformat(timespec="seconds"),
                token_hex(8))
    took_over = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _create(path, me):
            took_over = _take_over(path, me, episode)
    except OSError as error:
        raise EnvironmentFault(f"cannot write {layout.shown(path)}: {error.strerror or error}",
                               hint="the project's folder must be writable") from None
    try:
        yield Hold(me, took_over)
    finally:
        if _read(path) == me:
            path.unlink(missing_ok=True)


def holder_of(layout: Layout, episode: str) -> Holder | None:
    """Who holds an episode now; None where nobody does, or only a dead process of this host."""
    found = _read(layout.lock(episode))
    return None if found is None or found.process.is_dead() else found


def release(layout: Layout, episode: str) -> Holder | None:
    """Remove an episode's lock, whoever holds it; gives who that was."""
    path = layout.lock(episode)
    found = _read(path)
    path.unlink(missing_ok=True)
    return found


def _create(path: Path, holder: Holder) -> bool:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    except PermissionError:
        # Windows, while the old file is still being removed
        if os.name == "nt":
            return False
        raise
    try:
        os.write(handle, _text(holder).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    flush_folder(path.parent)
    return True


def _take_over(path: Path, me: Holder, episode: str) -> Holder | None:
    """Replace a dead holder's lock by ours. Raises HeldError.

    The guard file lets one process at a time look and replace: without it, two that saw the same
    dead holder would each remove the other's fresh lock.
    """
    guard = path.with_suffix(".takeover")
    for _ in range(50):
        found = _read(path)
        if found is not None and not found.process.is_dead():
            raise _held(episode, found)
        if found is None and path.exists() and _age(path) < _HALF_WRITTEN_SECONDS:
            time.sleep(0.05)
            continue
        if not _create(guard, me):
            if _age(guard) > _HALF_WRITTEN_SECONDS:
                guard.unlink(missing_ok=True)
            time.sleep(0.05)
            continue
        try:
            if _read(path) == found:
                path.unlink(missing_ok=True)
                if _create(path, me):
                    return found
        finally:
            guard.unlink(missing_ok=True)
    raise HeldError(f"{episode} is being taken by another run", hint="try again in a moment")


def _held(episode: str, holder: Holder) -> HeldError:
    if holder.process.is_here:
        hint = f"wait for it, or stop it: its process is {holder.process.pid}"
    else:
        hint = (f"if nothing runs on {holder.process.host} any more: "
                f"`microfinish unlock {episode}`")
    return HeldError(f"{episode} is held by {holder}", hint=hint)


def _text(holder: Holder) -> str:
    return json.dumps({"host": holder.process.host, "pid": holder.process.pid,
                       "started": holder.process.started, "command": holder.command,
                       "since": holder.since, "token": holder.token})


def _read(path: Path) -> Holder | None:
    try:
        data = json.loads(path.read_bytes())
        process = Process(str(data["host"]), int(data["pid"]), int(data["started"]))
        return Holder(process, str(data["command"]), str(data["since"]), str(data["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
