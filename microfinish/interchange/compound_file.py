"""Microsoft compound files, in which AAF is stored: checked before a library follows their chains.

pyaaf2 trusts every count and every link: a chain that bites its own tail, or an index that counts
more entries than it holds, fills the memory of the machine. So all of them are followed here first
(MS-CFB 3.1; AAF stored format specification 1.0.1, 2.3 for the indexes).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_END, _NONE = 0xFFFFFFFE, 0xFFFFFFFF
_HEADER = struct.Struct("<8s16sHHHHH6xIIIIIIIII109I")
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
_MINI_SECTOR = 64
_INDEX = " index".encode("utf-16-le")
_INDEX_ENTRY = 4
"""Bytes. An index holds a local key at least for each of what it counts."""


class Damaged(Exception):
    """What is wrong with a compound file, in words."""


def check(data: bytes) -> str:
    """What is wrong with a compound file's structure; "" where nothing is."""
    try:
        _Container(data).check()
    except Damaged as damage:
        return str(damage)
    return ""


class _Container:
    def __init__(self, data: bytes) -> None:
        if data[:8] != MAGIC or len(data) < _HEADER.size:
            raise Damaged("it is no AAF, or cut off")
        (_, _, _, _, order, shift, mini, directory_count, fat_count, self.directory, _,
         self.cutoff, self.minifat, minifat_count, difat, difat_count,
         *first) = _HEADER.unpack_from(data)
        if order != 0xFFFE or shift not in (9, 12) or mini != 6:
            raise Damaged("its header states sizes that do not exist")
        self.data = data
        self.size: int = 1 << shift
        self.sectors = max(0, -(-len(data) // self.size) - 1)
        if max(directory_count, fat_count, minifat_count, difat_count) > self.sectors:
            raise Damaged("its header counts more sectors than the file has")
        self.fat = self._fat(first, difat, difat_count)

    def _fat(self, first: Sequence[int], sector: int, count: int) -> Sequence[int]:
        tables = [number for number in first if number < _LAST_SECTOR]
        for _ in range(count):
            if sector >= _LAST_SECTOR:
                break
            row = self._numbers(sector)
            tables += [number for number in row[:-1] if number < _LAST_SECTOR]
            sector = row[-1]
        if len(tables) > self.sectors or len(set(tables)) < len(tables):
            raise Damaged("its allocation table names a sector twice")
        fat = array("I")
        for table in tables:
            fat.extend(self._numbers(table))
        return fat

    def _numbers(self, sector: int) -> Sequence[int]:
        at = (sector + 1) * self.size
        if sector >= self.sectors:
            raise Damaged("it refers to a sector beyond its end")
        count = self.size // 4
        return struct.unpack(f"<{count}I", self.data[at:at + self.size].ljust(self.size, b"\0"))

    def check(self) -> None:
        directory = self._chain(self.directory, self.fat)
        minifat = array("I")
        for sector in self._chain(self.minifat, self.fat):
            minifat.extend(self._numbers(sector))
        entries = b"".join(self.data[(s + 1) * self.size:(s + 2) * self.size] for s in directory)
        count = len(entries) // _ENTRY.size
        if not count:
            raise Damaged("it has no directory")
        self._tree(entries, count)
        steps = 0
        root = _ENTRY.unpack_from(entries)
        roots = self._chain(root[11] if root[12] else _END, self.fat)
        for index in range(count):
            fields = _ENTRY.unpack_from(entries, index * _ENTRY.size)
            kind, start, length = fields[2], fields[11], fields[12]
            if kind not in (2, 5) or not length or start == _NONE:
                continue
            if length > len(self.data):
                raise Damaged("a stream is longer than the file")
            small = kind == 2 and length < self.cutoff
            chain = self._chain(start, minifat if small else self.fat)
            steps += len(chain)
            if steps > 4 * (self.sectors + len(minifat)):
                raise Damaged("its streams share sectors")
            name = fields[0][:max(0, fields[1] - 2)]
            if kind == 2 and chain and name.endswith(_INDEX):
                self._index(name, self._place(chain[0], roots if small else None), length)

    def _index(self, name: bytes, at: int, length: int) -> None:
        """An index begins with the count of what it lists."""
        head = self.data[at:at + 4]
        if len(head) < 4 or int.from_bytes(head, "little") * _INDEX_ENTRY > length:
            shown = name.decode("utf-16-le", "replace")
            raise Damaged(f"{shown!r} counts more entries than it holds")

    def _place(self, sector: int, roots: Sequence[int] | None) -> int:
        """Where a stream's first byte lies; small ones lie in the root's stream, `roots`."""
        if roots is None:
            return (sector + 1) * self.size
        big, rest = divmod(sector * _MINI_SECTOR, self.size)
        if big >= len(roots):
            raise Damaged("a small stream leads out of the file")
        return (roots[big] + 1) * self.size + rest

    def _chain(self, start: int, links: Sequence[int]) -> list[int]:
        """The sectors from `start` on; nothing where there is none."""
        found: list[int] = []
        here = start
        while here != _END and here != _NONE:
            if here >= len(links):
                raise Damaged("a chain of sectors leads out of the file")
            found.append(here)
            if len(found) > len(links):
                raise Damaged("a chain of sectors bites its own tail")
            here = links[here]
        return found

    def _tree(self, entries: bytes, count: int) -> None:
        """Every entry is reached once at most: siblings left and right, children below."""
        seen = {0}
        stack = [0]
        while stack:
            fields = _ENTRY.unpack_from(entries, stack.pop() * _ENTRY.size)
            for link in fields[4:7]:
                if link == _NONE:
                    continue
                if link >= count or link in seen:
                    raise Damaged("its directory leads in a circle")
                seen.add(link)
                stack.append(link)
