"""Damage edit lists at random and look for tracebacks: `fuzz.py N [SEED] [EXTENSION ...]`.

Reads the real lists below $MICROFINISH_TESTDATA. Prints one line per format with the number of
files that were read and refused, the slowest file and every traceback once, and ends with 1 where
there was any. N is divided evenly among the formats.
"""

import os
import random
import sys
import time
import traceback
from collections import Counter
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "interchange"))
sys.path.insert(0, str(Path(__file__).parents[3]))

from mutations import mutated

from microfinish.core.errors import InputError
from microfinish.interchange.readers import READERS, read_edit_list

RATES = tuple(Fraction(text) for text in ("24", "25", "30", "24000/1001", "30000/1001"))


def fuzz(extension: str, sources: list[bytes], count: int, seed: int) -> int:
    """Read `count` damaged files of a format; the number of tracebacks."""
    chance = random.Random(f"{seed}{extension}")
    results: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest, begun = 0.0, time.perf_counter()
    for number in range(count):
        data = mutated(chance.choice(sources), chance)
        before = time.perf_counter()
        try:
            read_edit_list(data, f"episodes/ep001/edit{extension}", chance.choice(RATES))
            results["read"] += 1
        except InputError as error:
            results["refused"] += 1
            if not error.message:
                faults["an error without words"] += 1
        except Exception:
            lines = traceback.format_exc().strip().splitlines()
            fault = f"{lines[-1][:160]}\n    {lines[-3].strip()}"
            if not faults[fault]:
                Path(f"fuzz{extension}.{number}").write_bytes(data)
            faults[fault] += 1
        slowest = max(slowest, time.perf_counter() - before)
    print(f"{extension:8} {count} files: {results['read']} read, {results['refused']} refused, "
          f"{sum(faults.values())} tracebacks; slowest {slowest:.2f} s, "
          f"all {time.perf_counter() - begun:.0f} s", flush=True)
    for fault, times in faults.most_common():
        print(f"  {times} x {fault}")
    return sum(faults.values())


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 1000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    folder = Path(os.environ["MICROFINISH_TESTDATA"]) / "interchange"
    found = {extension: [path.read_bytes() for path in sorted(folder.glob(f"**/*{extension}"))
                         if path.stat().st_size < 300_000]
             for extension in arguments[2:] or READERS}
    listed = {extension: sources for extension, sources in found.items() if sources}
    faults = [fuzz(extension, sources, count // len(listed), seed)
              for extension, sources in listed.items()]
    return 1 if any(faults) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
