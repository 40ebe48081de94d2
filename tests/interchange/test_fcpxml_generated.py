"""Generated stories, nested and retimed at random, against the oracle at every frame."""

import random
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from fcpxml_oracle import Oracle, source_frame

from microfinish.interchange.fcpxml import read

RESOURCES = """<format id="r1" frameDuration="1/25s"/>
<asset id="a0" name="a0" src="a0.mov" start="0s" duration="400s" hasVideo="1" hasAudio="1"
 format="r1"/>
<asset id="a1" name="a1" src="a1.mov" start="100s" duration="400s" hasVideo="1" format="r1"/>
<asset id="a2" name="a2" src="a2.wav" start="0s" duration="400s" hasAudio="1"/>
<effect id="x" name="Cross Dissolve"/>"""
MIX = ('<transition offset="{}/25s" duration="{}/25s"><filter-video ref="x"/>'
       '<filter-audio ref="x"/></transition>')


class Writer:
    """A random but valid story. All ends lie on frames; handles are everywhere."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.media: list[str] = []

    def text(self) -> str:
        spine = self.row(self.chance.randint(2, 6), 90_000, 3)
        return (f'<fcpxml version="1.11"><resources>{RESOURCES}{"".join(self.media)}</resources>'
                f'<project name="p"><sequence format="r1" tcStart="3600s"><spine>{spine}</spine>'
                "</sequence></project></fcpxml>")

    def row(self, count: int, origin: int, depth: int) -> str:
        """Clips one after the other, some with a transition between them."""
        position, parts, mixed = origin, [], False
        lengths = [self.chance.randint(20, 40) for _ in range(count)]
        for index, length in enumerate(lengths):
            if self.chance.random() < 0.3 and index:
                half = self.chance.randint(1, 6)
                parts.append(MIX.format(position - half, half + self.chance.randint(0, 6)))
                mixed = True
            parts.append(self.clip(f'offset="{position}/25s"', length, depth, not mixed))
            position += length
        return "".join(parts)

    def clip(self, place: str, length: int, depth: int, gaps: bool) -> str:
        kind = self.chance.choice(["asset", "asset", "asset", "gap", "ref", "sync", "off"])
        start = self.chance.randint(1000, 2000)
        if kind == "gap" and gaps:
            return (f'<gap {place} start="3600s" duration="{length}/25s">'
                    f"{self.connected(90_000, depth)}</gap>")
        if kind == "ref" and depth > 1:
            name = f"m{len(self.media)}"
            self.media.append("")
            inside = self.row(2, 250, depth - 1)
            self.media[int(name[1:])] = (
                f'<media id="{name}"><sequence format="r1" tcStart="10s" duration="4000/25s">'
                f"<spine>{inside}</spine></sequence></media>")
            start, speed = self.chance.choice([(255, ""), (250, ""), (500, self.map(0, 1000, 2))])
            return (f'<ref-clip ref="{name}" {place} start="{start}/25s" duration="{length}/25s">'
                    f"{speed}{self.connected(start, depth)}</ref-clip>")
        if kind == "sync" and depth > 1:
            inside = self.row(2, start - 5, depth - 1)
            return (f'<sync-clip {place} start="{start}/25s" duration="{length}/25s">{inside}'
                    f"{self.connected(start, depth)}</sync-clip>")
        asset = self.chance.choice(["a0", "a1"])
        base = 2500 if asset == "a1" else 0
        first = base + start
        speed = ""
        if self.chance.random() < 0.3:
            pace = self.chance.choice([Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(3, 5)])
            speed = self.map(base, base + 10_000, pace)
        off = ' enabled="0"' if kind == "off" else ""
        return (f'<asset-clip ref="{asset}" {place} start="{first}/25s"{off} '
                f'duration="{length}/25s">{speed}{self.connected(first, depth)}</asset-clip>')

    def map(self, begin: int, end: int, pace: Fraction | int) -> str:
        values = (begin, end) if pace > 0 else (end, begin)
        last = begin + Fraction(end - begin) / abs(pace)
        return (f'<timeMap><timept time="{begin}/25s" value="{values[0]}/25s"/><timept time='
                f'"{last.numerator}/{last.denominator * 25}s" value="{values[1]}/25s"/></timeMap>')

    def connected(self, start: int, depth: int) -> str:
        """Clips and storylines above and below; none inside containers that are too deep."""
        found = []
        for lane in self.chance.sample([-2, -1, 1, 2, 3], self.chance.choice([0, 0, 1, 2])):
            offset = f'lane="{lane}" offset="{start + self.chance.randint(0, 25)}/25s"'
            if depth < 1:
                continue
            if self.chance.random() < 0.3:
                inside = self.row(self.chance.randint(1, 2), 0, 0)
                found.append(f"<spine {offset}>{inside}</spine>")
            elif self.chance.random() < 0.3:
                found.append(f'<asset-clip ref="a2" {offset} start="4s" duration="17/25s"/>')
            else:
                found.append(self.clip(offset, self.chance.randint(5, 50), 0, True))
        return "".join(found)


@pytest.mark.parametrize("part", range(4))
def test_a_generated_story_reads_as_the_oracle_sees_and_hears_it(part: int) -> None:
    for seed in range(part * 1000, part * 1000 + 15):
        text = Writer(seed).text()
        edit = read(text.encode(), "ep/edit.fcpxml", Fraction(25))
        tree = ET.fromstring(text)
        sequence = tree.find("project/sequence")
        assert sequence is not None
        for kind in ("video", "audio"):
            oracle = Oracle(tree, sequence, kind)
            lines = [line for line in edit.lines
                     if (line.tracks == ("V",)) is (kind == "video") and not line.black]
            end = max(line.record.end for line in edit.lines if line.record) - 90_000
            for frame in range(end):
                leaves = [leaf for leaf in oracle.at(frame) if leaf.asset is not None]
                leaves = leaves[-1:] if kind == "video" else leaves
                there = [line for line in lines if line.record and frame + 90_000 in line.record]
                expected = sorted((leaf.asset.get("name"), leaf.pace) for leaf in leaves)
                assert sorted((line.names[1], line.speed) for line in there) == expected, (
                    seed, kind, frame)
                firsts = [line for line in there if line.record
                          and line.record.start == frame + 90_000]
                frames = [source_frame(leaf, oracle) for leaf in leaves]
                for line in firsts:
                    label = line.source_in
                    if isinstance(label, str):
                        clock = [int(number) for number in label.split(":")]
                        label = ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 25 + clock[3] - 2500
                    assert label in frames, (seed, kind, frame, line)
