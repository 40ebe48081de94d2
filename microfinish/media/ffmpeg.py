"""Find and run ffmpeg: one child in its own process group, no shell, errors in ffmpeg's words."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from microfinish.core.errors import EnvironmentFault, Interrupted, ToolError

_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
_NOISE = ("Conversion failed!", "Error opening output files", "Nothing was written into output",
          "Terminating thread with return code", "Task finished with error code",
          "Error while filtering", "Error sending frames to consumers")


@dataclass(frozen=True, slots=True)
class Output:
    """What a finished ffmpeg left on its two streams."""

    stdout: bytes
    stderr: str


@lru_cache(maxsize=1)
def ffmpeg_exe() -> str:
    """The ffmpeg in use: `MICROFINISH_FFMPEG`, else the binary of the imageio-ffmpeg wheel.

    Raises EnvironmentFault where neither exists.
    """
    named = os.environ.get("MICROFINISH_FFMPEG")
    if named:
        if not Path(named).is_file():
            raise EnvironmentFault(f"MICROFINISH_FFMPEG names {named}, which is not a file",
                                   hint="point it at an ffmpeg binary, or unset it")
        return named
    # Not imageio_ffmpeg.get_ffmpeg_exe(): it starts the binary to try it, 40 ms at every run.
    package = find_spec("imageio_ffmpeg")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for binary in sorted(Path(folder, "binaries").glob("ffmpeg-*")):
            if os.access(binary, os.X_OK):
                return str(binary)
    raise EnvironmentFault(
        "no ffmpeg binary was found",
        hint="reinstall imageio-ffmpeg, or set MICROFINISH_FFMPEG to an ffmpeg binary",
    )


def ffmpeg_identity() -> str:
    """Name and size of the binary in use: another ffmpeg renders anew. Starts no process."""
    binary = Path(ffmpeg_exe())
    return f"{binary.name} {binary.stat().st_size}"


@lru_cache(maxsize=1)
def ffmpeg_version() -> str:
    """The version word of the ffmpeg in use, such as `9.0.2-static`."""
    first = subprocess.run([ffmpeg_exe(), "-version"], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, check=False).stdout.split("\n", 1)[0]
    words = first.split()
    return words[2] if len(words) > 2 else "unknown"


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    on_progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    what: str = "ffmpeg",
) -> Output:
    """Run ffmpeg with `argv` (without the program's name) and wait for it.

    `on_progress` is called with the number of frames written so far. `cancelled` is asked five
    times a second; once it says yes the child is stopped and Interrupted is raised.
    Raises ToolError when ffmpeg fails; its message carries ffmpeg's own last meaningful line.
    """
    command = [ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "warning"]
    if on_progress:
        command += ["-progress", "pipe:1", "-stats_period", "0.5"]
    child = subprocess.Popen(
        [*command, *argv],
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **_own_group(),
    )
    assert child.stdout and child.stderr
    collected: dict[str, bytes] = {"out": b"", "err": b""}
    threads = [
        threading.Thread(target=_drain, args=(child.stdout, collected, "out", on_progress)),
        threading.Thread(target=_drain, args=(child.stderr, collected, "err", None)),
    ]
    if stdin is not None:
        assert child.stdin
        threads.append(threading.Thread(target=_feed, args=(child.stdin, stdin)))
    for thread in threads:
        thread.daemon = True
        thread.start()
    try:
        _wait(child, cancelled)
    except BaseException:
        _stop(child)
        raise
    finally:
        for thread in threads:
            thread.join(timeout=10)
    stderr = collected["err"].decode("utf-8", "replace")
    if child.returncode:
        lines = meaningful_lines(stderr)
        reason = lines[-1] if lines else "it said nothing"
        raise ToolError(f"{what} failed (exit {child.returncode}): {reason}",
                        detail=(*lines[-8:], "command: " + " ".join(command[:1] + list(argv))))
    return Output(collected["out"], stderr)


def meaningful_lines(stderr: str) -> list[str]:
    """ffmpeg's messages without addresses and without the lines that only repeat a failure."""
    lines = (_ADDRESS.sub("", line).strip() for line in stderr.splitlines())
    return [line for line in lines if line and not any(noise in line for noise in _NOISE)]


def _own_group() -> dict[str, Any]:
    # A group of its own: Ctrl-C in the terminal must reach us, not half of our children.
    if os.name == "nt":
        return {"creationflags": 0x00000200}  # CREATE_NEW_PROCESS_GROUP
    return {"start_new_session": True}


def _wait(child: subprocess.Popen[bytes], cancelled: Callable[[], bool] | None) -> None:
    while True:
        try:
            child.wait(timeout=0.2 if cancelled else None)
            return
        except subprocess.TimeoutExpired:
            if cancelled and cancelled():
                raise Interrupted("stopped") from None


def _stop(child: subprocess.Popen[bytes]) -> None:
    for kill in (child.terminate, lambda: _kill_group(child)):
        with contextlib.suppress(ProcessLookupError):
            kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=3)
            return


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)


def _drain(
    stream: IO[bytes],
    into: dict[str, bytes],
    key: str,
    on_progress: Callable[[int], None] | None,
) -> None:
    if on_progress is None:
        into[key] = stream.read()
        return
    for line in stream:
        if line.startswith(b"frame="):
            with contextlib.suppress(ValueError):
                on_progress(int(line[6:]))


def _feed(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.write(data)
    with contextlib.suppress(BrokenPipeError):
        stream.close()
