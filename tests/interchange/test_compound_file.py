"""Compound files: links that lead in circles are found before a library follows them."""

import struct
from fractions import Fraction

import pytest

from microfinish.core.errors import InputError
from microfinish.interchange.aaf import read
from microfinish.interchange.compound_file import MAGIC, check

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def entry(kind: int, start: int, length: int, left: int = FREE, right: int = FREE,
          child: int = FREE, name: str = "e") -> bytes:
    spelled = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16sIQQIQ", spelled, len(spelled) + 2, kind, 1, left, right,
                       child, b"", 0, 0, 0, start, length)


def container(links: tuple[int, ...] = (FAT, END, 3, END), *, header: dict[int, int] | None = None,
              entries: tuple[bytes, ...] = (entry(5, END, 0, child=1), entry(2, 2, 5000))) -> bytes:
    """Sector 0 is the allocation table, 1 the directory, 2 to 11 a stream of 5000 bytes."""
    links = (FAT, END, *range(3, 12), END) if links == (FAT, END, 3, END) else links
    fields = {44: 1, 48: 1, 56: 4096, 60: END, 68: END, 76: 0, **(header or {})}
    head = bytearray(512)
    head[:8] = MAGIC
    struct.pack_into("<HHHHH", head, 24, 62, 3, 0xFFFE, 9, 6)
    for at in range(76, 512, 4):
        struct.pack_into("<I", head, at, FREE)
    for at, value in fields.items():
        struct.pack_into("<I", head, at, value)
    table = struct.pack("<128I", *links, *[FREE] * (128 - len(links)))
    return bytes(head) + table + b"".join(entries).ljust(512, b"\0") + bytes(512 * 10)


def test_a_sound_container_has_nothing_wrong() -> None:
    assert check(container()) == ""


@pytest.mark.parametrize(("data", "says"), [
    (b"RIFF" * 200, "no AAF"),
    (container((FAT, END, 3, 2)), "bites its own tail"),
    (container((FAT, 1)), "bites its own tail"),
    (container((FAT, END, 3, 199)), "leads out of the file"),
    (container(header={44: 10**6}), "counts more sectors"),
    (container(header={76: 500}), "beyond its end"),
    (container(header={80: 0}), "a sector twice"),
    (container(entries=(entry(5, END, 0, child=1), entry(2, 2, 10**9))), "longer than the file"),
    (container(entries=(entry(5, END, 0, child=1), entry(1, END, 0, child=1))), "in a circle"),
    (container(entries=(entry(5, END, 0, child=9),)), "in a circle"),
])
def test_damage_is_named_and_nothing_is_followed_for_ever(data: bytes, says: str) -> None:
    assert says in check(data)


@pytest.mark.parametrize(("count", "says"), [
    (1250, ""), (1251, "'Slots index' counts more entries"), (2**32 - 1, "counts more entries")])
def test_an_index_counts_no_more_than_it_holds(count: int, says: str) -> None:
    data = bytearray(container(entries=(entry(5, END, 0, child=1),
                                        entry(2, 2, 5000, name="Slots index"))))
    struct.pack_into("<I", data, 512 * 3, count)
    assert says in check(bytes(data)) if says else not check(bytes(data))


def test_a_small_index_is_looked_up_in_the_root_stream() -> None:
    links = (FAT, END, *range(3, 11), END, END)
    parts = (entry(5, 2, 5000, child=1), entry(2, 1, 64, name="Slots index"))
    data = bytearray(container(links, header={60: 11, 64: 1}, entries=parts))
    data[512 * 12:512 * 13] = struct.pack("<128I", END, END, *[FREE] * 126)
    assert not check(bytes(data))
    struct.pack_into("<I", data, 512 * 3 + 64, 17)
    assert "'Slots index' counts more" in check(bytes(data))


def test_an_aaf_that_bites_its_tail_is_refused_by_name() -> None:
    pytest.importorskip("otio_aaf_adapter")
    with pytest.raises(InputError, match="bites its own tail") as caught:
        read(container((FAT, END, 3, 2)), "edit.aaf", Fraction(25))
    assert caught.value.where and caught.value.where.file == "edit.aaf"
