"""Who a process is: host, number and start time, so that a reused number is not mistaken."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """`started` is the kernel's own start mark; 0 where this platform does not tell it."""

    host: str
    pid: int
    started: int = 0

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host.casefold() == host_name().casefold()

    def is_dead(self) -> bool:
        """True only if it is certain: on this host, and gone or replaced by another process."""
        if not self.is_here:
            return False
        if not _exists(self.pid):
            return True
        started = start_mark(self.pid)
        return bool(self.started and started and started != self.started)


def this_process() -> Process:
    """The running process."""
    return Process(host_name(), os.getpid(), start_mark(os.getpid()))


def host_name() -> str:
    """The machine's network name."""
    uname = getattr(os, "uname", None)
    return (uname().nodename if uname else os.environ.get("COMPUTERNAME", "")) or "localhost"


def start_mark(pid: int) -> int:
    """Clock ticks from boot to the process's start (Linux); 0 where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        # field 22; the command in parentheses before it may hold spaces and parentheses
        return int(stat.rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _exists(pid: int) -> bool:
    if os.name == "nt":
        return _exists_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    # killed, but its parent has not asked yet: it will never write again
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[:1] == [b"Z"]


def _exists_on_windows(pid: int) -> bool:
    # os.kill(pid, 0) would end the process there
    import ctypes

    query_limited, still_active = 0x1000, 259
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(query_limited, False, pid)
    if not handle:
        return bool(kernel.GetLastError() == 5)  # access denied: it is somebody else's
    try:
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        return code.value == still_active
    finally:
        kernel.CloseHandle(handle)
