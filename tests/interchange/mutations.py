"""Damage as files really suffer it: values swapped, lines lost or doubled, bytes overwritten."""

import random
import re

VALUES = [b"", b"0s", b"-1s", b"1/0s", b"1e999s", b"9" * 30 + b"s", b"1/3s", b"86400s", b"nan",
          b"r1", b"m", b"-3", b"99999999999999999999"]


def mutated(data: bytes, seed: random.Random) -> bytes:
    """One to three damages: a value, a tag, a line, or raw bytes."""
    for _ in range(seed.randint(1, 3)):
        kind = seed.randrange(6)
        if kind == 0 and (values := list(re.finditer(rb'="([^"]*)"', data))):
            hit = seed.choice(values)
            data = data[:hit.start(1)] + seed.choice(VALUES) + data[hit.end(1):]
        elif kind == 1 and (values := list(re.finditer(rb'="([^"]*)"', data))):
            one, other = seed.choice(values), seed.choice(values)
            data = data[:one.start(1)] + other[1] + data[one.end(1):]
        elif kind == 2 and (names := list(re.finditer(rb"</?([a-z][a-z-]+)", data))):
            one, other = seed.choice(names), seed.choice(names)
            data = data.replace(b"<" + one[1] + b" ", b"<" + other[1] + b" ").replace(
                b"</" + one[1] + b">", b"</" + other[1] + b">")
        elif kind == 3:
            rows = data.split(b"\n")
            at = seed.randrange(len(rows))
            rows[at:at + seed.randint(1, 3)] = rows[at:at + 1] * seed.choice((0, 2, 3))
            data = b"\n".join(rows)
        elif kind == 4 and (names := list(re.finditer(rb' [a-zA-Z]+="[^"]*"', data))):
            hit = seed.choice(names)
            data = data[:hit.start()] + data[hit.end():]
        elif data:
            at = seed.randrange(len(data))
            data = data[:at] + seed.randbytes(seed.randint(0, 4)) + data[at + seed.randint(0, 9):]
    return data
