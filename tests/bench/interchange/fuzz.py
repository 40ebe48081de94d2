"""Damage real files at random and look for tracebacks: `fuzz.py N [SEED] [EXTENSION ...]`.

Reads the real lists below $MICROFINISH_TESTDATA. Prints one line per format: how many files were
read and refused, tracebacks (each kind once, the first file kept in the working folder), hangs
(over 2 s), the slowest file and the peak memory. Ends with 1 where there was any traceback or
hang. N is divided among the formats, AAF a sixteenth of the others' share since it is so slow; the
seed makes a run repeatable.
"""

import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).parents[2] / "interchange"))
sys.path.insert(0, str(Path(__file__).parents[3]))

from mutations import mutated

from microfinish.core.errors import MicrofinishError
from microfinish.interchange.ale import read_ale
from microfinish.interchange.readers import READERS, read_edit_list

RATES = tuple(Fraction(text) for text in ("24", "25", "30", "24000/1001", "30000/1001"))
FORMATS = (*READERS, ".ale")
SLOW_S = 2.0
STOPPED_S = 20
LARGEST = 500_000
"""Bytes. Larger real files say nothing that smaller ones do not."""


class Hang(BaseException):
    """A file that is stopped; no `except Exception` may catch it."""


def stop(number: int, frame: FrameType | None) -> None:
    raise Hang


def reader(extension: str, chance: random.Random) -> Callable[[bytes], object]:
    """What reads a format's bytes, at a rate of chance."""
    if extension == ".ale":
        return lambda data: read_ale(data, "episodes/ep001/log.ale")
    rate = chance.choice(RATES)
    return lambda data: read_edit_list(data, f"episodes/ep001/edit{extension}", rate)


def fuzz(extension: str, sources: list[bytes], count: int, seed: int) -> int:
    """Read `count` damaged files of a format; the number of tracebacks and hangs."""
    chance = random.Random(f"{seed}{extension}")
    results: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest, begun = 0.0, time.perf_counter()
    for number in range(count):
        data = mutated(chance.choice(sources), chance)
        read, before = reader(extension, chance), time.process_time()
        fault = ""
        signal.alarm(STOPPED_S)
        try:
            read(data)
            results["read"] += 1
        except MicrofinishError as error:
            results["refused"] += 1
            fault = "" if getattr(error, "message", "") else "an error without words"
        except Hang:
            fault = f"stopped after {STOPPED_S} s"
        except Exception:
            lines = traceback.format_exc().strip().splitlines()
            fault = f"{lines[-1][:160]}\n    {lines[-3].strip()}"
        finally:
            signal.alarm(0)
        taken = time.process_time() - before
        slowest = max(slowest, taken)
        if taken > SLOW_S and not fault:
            fault = f"over {SLOW_S:g} s"
        if fault:
            if not faults[fault]:
                Path(f"fuzz{extension}.{number}").write_bytes(data)
            faults[fault] += 1
    hangs = sum(times for fault, times in faults.items() if fault.startswith(("over", "stopped")))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{extension:8} {count} files: {results['read']} read, {results['refused']} refused, "
          f"{sum(faults.values()) - hangs} tracebacks, {hangs} hangs; slowest {slowest:.2f} s, "
          f"all {time.perf_counter() - begun:.0f} s, peak {memory:.0f} MB", flush=True)
    for fault, times in faults.most_common():
        print(f"  {times} x {fault}", flush=True)
    return sum(faults.values())


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 1000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    folder = Path(os.environ["MICROFINISH_TESTDATA"]) / "interchange"
    found = {extension: [path.read_bytes() for path in sorted(folder.glob(f"**/*{extension}"))
                         if path.stat().st_size < LARGEST]
             for extension in arguments[2:] or FORMATS}
    listed = {extension: sources for extension, sources in found.items() if sources}
    signal.signal(signal.SIGALRM, stop)
    weights = {extension: 1 if extension == ".aaf" else 16 for extension in listed}
    shares = {extension: count * weight // sum(weights.values())
              for extension, weight in weights.items()}
    shares[next(iter(shares))] += count - sum(shares.values())
    faults = [fuzz(extension, sources, shares[extension], seed)
              for extension, sources in listed.items()]
    print(f"{count} files in all: {sum(faults)} tracebacks and hangs")
    return 1 if any(faults) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
