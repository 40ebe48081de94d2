"""Who holds an episode: one run at a time, the dead do not count, strangers are not touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from microfinish.core.errors import EnvironmentFault, HeldError
from microfinish.project.holder import hold, holder_of, release
from microfinish.project.layout import Layout
from microfinish.project.processes import Process, start_mark, this_process

HOLDING = """
import sys, time
from pathlib import Path
from microfinish.project.holder import hold
from microfinish.project.layout import Layout
with hold(Layout(Path(sys.argv[1])), "ep001", "microfinish run ep001"):
    print("held", flush=True)
    time.sleep(60)
"""
RACING = """
import sys, time
from pathlib import Path
from microfinish.core.errors import HeldError
from microfinish.project.holder import hold
from microfinish.project.layout import Layout
root = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
try:
    with hold(Layout(root), "ep001", "race"):
        (root / "inside").open("x").close()
        time.sleep(1.5)
        (root / "inside").unlink()
    print("won", flush=True)
except HeldError:
    print("held", flush=True)
"""


def python(program: str, root: Path) -> subprocess.Popen[str]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen([sys.executable, "-c", program, str(root)], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": path})


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_an_episode_is_free_before_and_after(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert holder_of(layout, "ep001") is None
    with hold(layout, "ep001", "microfinish run") as held:
        assert held.took_over is None
        assert holder_of(layout, "ep001") == held.holder
        with hold(layout, "ep002", "microfinish run"):
            pass
    assert holder_of(layout, "ep001") is None
    assert not list(layout.locks.iterdir())


def test_a_second_run_is_refused_and_told_who_holds(tmp_path: Path) -> None:
    first = python(HOLDING, tmp_path)
    try:
        assert line(first) == "held"
        with pytest.raises(HeldError) as caught, hold(Layout(tmp_path), "ep001", "other"):
            pass
        assert "microfinish run ep001" in str(caught.value)
        assert str(first.pid) in str(caught.value)
        assert "wait for it" in caught.value.hint
        assert caught.value.exit_code == 4
    finally:
        first.kill()
        first.communicate()


def test_a_killed_holders_lock_is_taken_over_and_told(tmp_path: Path) -> None:
    first = python(HOLDING, tmp_path)
    assert line(first) == "held"
    first.kill()
    first.communicate()
    assert Layout(tmp_path).lock("ep001").exists()
    assert holder_of(Layout(tmp_path), "ep001") is None
    with hold(Layout(tmp_path), "ep001", "other") as held:
        assert held.took_over is not None
        assert held.took_over.process.pid == first.pid


def test_of_many_that_find_a_dead_holder_exactly_one_wins(tmp_path: Path) -> None:
    dead = python(HOLDING, tmp_path)
    assert line(dead) == "held"
    dead.kill()
    dead.communicate()
    racers = [python(RACING, tmp_path) for _ in range(5)]
    assert [line(racer) for racer in racers] == ["ready"] * 5
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = sorted(racer.communicate()[0].strip() for racer in racers)
    assert said == ["held"] * 4 + ["won"]


def test_a_reused_process_number_is_not_the_old_holder(tmp_path: Path) -> None:
    me = this_process()
    if not me.started:
        pytest.skip("this platform does not tell when a process started")
    assert Process(me.host, me.pid, me.started - 1).is_dead()
    assert not me.is_dead()
    assert start_mark(me.pid) == me.started


def write_lock(root: Path, host: str, pid: int) -> None:
    path = Layout(root).lock("ep001")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"host": host, "pid": pid, "started": 1, "token": "t",
                                "command": "microfinish run all",
                                "since": "2026-11-20T17:44:55+01:00"}))


def test_another_hosts_lock_holds_until_it_is_unlocked(tmp_path: Path) -> None:
    write_lock(tmp_path, "farm-07.example", 4711)
    with pytest.raises(HeldError) as caught, hold(Layout(tmp_path), "ep001", "other"):
        pass
    assert str(caught.value) == ("ep001 is held by `microfinish run all` (process 4711 on "
                                 "farm-07.example, since 2026-11-20 17:44)")
    assert "farm-07.example" in caught.value.hint
    released = release(Layout(tmp_path), "ep001")
    assert released is not None and released.process.host == "farm-07.example"
    with hold(Layout(tmp_path), "ep001", "other") as held:
        assert held.took_over is None


def test_a_half_written_lock_is_waited_for_and_then_taken(tmp_path: Path) -> None:
    path = Layout(tmp_path).lock("ep001")
    path.parent.mkdir(parents=True)
    path.touch()
    old = time.time() - 60
    os.utime(path, (old, old))
    with hold(Layout(tmp_path), "ep001", "other") as held:
        assert held.took_over is None


def test_a_run_never_removes_a_lock_that_is_not_its_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with hold(layout, "ep001", "first"):
        release(layout, "ep001")
        write = layout.lock("ep001")
        write.write_text(json.dumps({"host": "other", "pid": 1, "started": 1, "token": "t",
                                     "command": "c", "since": "s"}))
    assert layout.lock("ep001").exists()


def test_threads_of_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    refused: list[HeldError] = []

    def other() -> None:
        try:
            with hold(Layout(tmp_path), "ep001", "second"):
                pass
        except HeldError as error:
            refused.append(error)

    with hold(Layout(tmp_path), "ep001", "first"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / ".microfinish").write_text("a file where the folder should be")
    with pytest.raises(EnvironmentFault, match=r"cannot write \.microfinish/locks/ep001\.lock"), \
            hold(Layout(tmp_path), "ep001", "run"):
        pass
