"""Damage as files really suffer it: values swapped, lines lost or doubled, bytes overwritten."""

import random
import re

VALUES = [b"", b"0s", b"-1s", b"1/0s", b"1e999s", b"9" * 30 + b"s", b"1/3s", b"86400s", b"nan",
          b"r1", b"m", b"-3", b"99999999999999999999"]
NUMBERS = [b"0", b"-1", b"1", b"25", b"1e999", b"-0.0", b"3.999999", b"9" * 30, b"null", b"true",
           b'"x"', b"[]", b"{}", b"1001", b"2147483648"]
_NUMBER = re.compile(rb"(?<=[:>(\s])-?\d+(?:\.\d+)?(?=[\s,<)}\]])")
_NAME = re.compile(rb'"[A-Za-z_.0-9 ]+"')


def mutated(data: bytes, seed: random.Random) -> bytes:
    """One to three damages: a value, a tag, a number, a name, a line, or raw bytes."""
    binary = data[:4] == b"\xd0\xcf\x11\xe0"
    for _ in range(seed.randint(1, 3)):
        kind = 8 if binary and seed.random() < 0.9 else seed.randrange(8)
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
        elif kind == 5 and (numbers := list(_NUMBER.finditer(data))):
            hit = seed.choice(numbers)
            new = seed.choice((seed.choice(NUMBERS), seed.choice(numbers)[0]))
            data = data[:hit.start()] + new + data[hit.end():]
        elif kind == 6 and (names := list(_NAME.finditer(data))):
            one, other = seed.choice(names), seed.choice(names)
            data = data[:one.start()] + other[0] + data[one.end():]
        elif kind == 8:
            # in place: what shifts in a binary file makes all of it unreadable
            at = seed.randrange(len(data))
            new = seed.choice((seed.randbytes(seed.randint(1, 8)), b"\0" * 4, b"\xff" * 4))
            data = data[:at] + new + data[at + len(new):]
        elif data:
            at = seed.randrange(len(data))
            data = data[:at] + seed.randbytes(seed.randint(0, 4)) + data[at + seed.randint(0, 9):]
    return data
