"""FCPXML at every rate: duration, every in and out, transitions and speed maps, to the frame."""

import random
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from fcpxml_oracle import Leaf, Oracle, source_frame

from microfinish.core.edit import EditLine
from microfinish.core.sampling import curve_frame
from microfinish.interchange.fcpxml import read
from microfinish.interchange.fcpxml_time import written

RATES = {"23.976": Fraction(24000, 1001), "24": Fraction(24), "25": Fraction(25),
         "29.97": Fraction(30000, 1001), "29.97 DF": Fraction(30000, 1001), "30": Fraction(30),
         "47.952": Fraction(48000, 1001), "50": Fraction(50), "59.94": Fraction(60000, 1001),
         "59.94 DF": Fraction(60000, 1001), "60": Fraction(60)}
MEDIA_START = 3_600


class Story:
    """A random spine at one rate: clips of two cameras, dissolves, ramps of up to four points."""

    def __init__(self, rate: Fraction, drop: bool, seed: int) -> None:
        self.rate, self.drop = rate, drop
        self.chance = random.Random(seed)
        self.frames = 0

    def time(self, frames: int) -> str:
        return written(frames / self.rate)

    def text(self) -> str:
        other = self.chance.choice([rate for rate in RATES.values() if rate != self.rate])
        start = self.chance.choice([0, round(3600 * self.rate)])
        spine, position, mixed = "", start, False
        for index in range(self.chance.randint(3, 8)):
            length = self.chance.randint(30, 90)
            if index and self.chance.random() < 0.4 and not mixed:
                half = self.chance.randint(1, 12)
                spine += (f'<transition offset="{self.time(position - half)}" duration="'
                          f'{self.time(half + self.chance.randint(0, 12))}">'
                          '<filter-video ref="x"/></transition>')
                mixed = True
            else:
                mixed = False
            spine += self.clip(position, length)
            position += length
        self.frames = position - start
        mode = "DF" if self.drop else "NDF"
        return (f'<fcpxml version="1.11"><resources><format id="r1" frameDuration="'
                f'{written(1 / self.rate)}"/><format id="r2" frameDuration="{written(1 / other)}"/>'
                f'<asset id="a1" name="a1" src="a1.mov" start="{MEDIA_START}s" duration="400s" '
                'hasVideo="1" format="r1"/><asset id="a2" name="a2" src="a2.mov" start="0s" '
                'duration="400s" hasVideo="1" format="r2"/><effect id="x" name="Cross Dissolve"/>'
                f'</resources><project name="p"><sequence format="r1" tcStart="{self.time(start)}" '
                f'tcFormat="{mode}" duration="{self.time(self.frames)}"><spine>{spine}</spine>'
                "</sequence></project></fcpxml>")

    def clip(self, position: int, length: int) -> str:
        asset = self.chance.choice(["a1", "a1", "a2"])
        base = Fraction(MEDIA_START if asset == "a1" else 0)
        first = base + self.chance.randint(2000, 4000) / self.rate
        speed = self.ramp(base, first, length) if self.chance.random() < 0.5 else ""
        return (f'<asset-clip ref="{asset}" offset="{self.time(position)}" srcEnable="video" '
                f'start="{written(first)}" duration="{self.time(length)}">{speed}</asset-clip>')

    def ramp(self, base: Fraction, first: Fraction, length: int) -> str:
        """Points before, inside and behind the clip: forward, backward and standing still."""
        inner = sorted(self.chance.sample(range(1, length), self.chance.randint(0, 3)))
        times = [first - 20, *(first + frame / self.rate for frame in inner), first + 20]
        value, points = base + 200, []
        for time in times:
            points.append(f'<timept time="{written(time)}" value="{written(value)}" '
                          'interp="linear"/>')
            value += self.chance.choice([2, 1, Fraction(1, 2), 0, -1]) * self.chance.randint(0, 20)
        return f"<timeMap>{''.join(points)}</timeMap>"


def entry(line: EditLine, rate: Fraction) -> int:
    """The source in as a frame from the file's start; its label counted by hand."""
    if isinstance(line.source_in, int):
        return line.source_in
    assert line.source_in is not None
    hours, minutes, seconds, frames = (int(part) for part in line.source_in.split(":"))
    nominal = -(-rate.numerator // rate.denominator)
    label = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    return label - round(MEDIA_START * rate)


def shown(line: EditLine, frame: int, rate: Fraction, start: int) -> int:
    assert line.record is not None
    return entry(line, rate) + curve_frame(line.retime, frame + start - line.record.start)


def nearly(leaf: Leaf, oracle: Oracle) -> bool:
    """Whether the oracle's verdict on rounding decides the frame."""
    begin = MEDIA_START if leaf.asset.get("name") == "a1" else 0
    position = (leaf.media - begin) * oracle.rate_of(leaf.asset.get("format"))
    return 0 < abs(position - round(position)) <= Fraction(1, 50)


@pytest.mark.parametrize("name", RATES)
def test_every_in_out_and_ramp_is_exact_at_every_rate(name: str) -> None:
    rate, ramps = RATES[name], 0
    for seed in range(6):
        story = Story(rate, "DF" in name, seed)
        text = story.text()
        edit = read(text.encode(), "p/edit.fcpxml", rate)
        tree = ET.fromstring(text)
        sequence = tree.find("project/sequence")
        assert sequence is not None
        oracle = Oracle(tree, sequence, "video")
        start = edit.start_frame or 0
        lines = [line for line in edit.lines if line.record]
        assert (edit.rate, edit.drop) == (rate, "DF" in name)
        assert max(line.record.end for line in lines if line.record) - start == story.frames
        assert sum(line.record.length for line in lines if line.record) == story.frames
        for line in lines:
            assert line.record is not None
            own = line.source_rate or rate
            for frame in (line.record if line.retime else (line.record.start,)):
                leaf = oracle.at(frame - start)[-1]
                assert leaf.asset.get("name") in line.names
                wanted = source_frame(leaf, oracle)
                if line.retime:
                    # inside, only a position a hair before a border may read as the frame before
                    got = shown(line, frame - start, own, start)
                    assert got == wanted or nearly(leaf, oracle), (seed, frame, line)
                    ramps += got == wanted
                else:
                    assert entry(line, own) == wanted, (seed, line)
                    assert line.speed == leaf.pace
            mix = oracle.at(line.record.start - start)[-1].fade
            assert (line.transition.frames if line.transition else 0) == (
                round(mix[2] * rate) if mix and line.record.start != start else 0)
    assert ramps > 200
