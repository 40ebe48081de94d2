"""A noun that gains an optional field keeps its digests: nothing renders again for an upgrade."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from fractions import Fraction

from microfinish.core.frame import Raster
from microfinish.core.limits import IF_SET
from microfinish.documents.digest import digest
from microfinish.render.segment import Layer, Overlay, Pick, Segment


@dataclass(frozen=True)
class Grown:
    name: str
    extra: tuple[int, ...] = field(default=(), metadata=IF_SET)


def test_a_field_that_counts_if_set_does_not_count_by_default() -> None:
    before = make_dataclass("Grown", ["name"], frozen=True)("a")
    assert digest(Grown("a")) == digest(before)


def test_a_field_that_counts_if_set_counts_when_set() -> None:
    assert digest(Grown("a", (1,))) != digest(Grown("a"))
    assert digest(Grown("a", (1,))) != digest(Grown("a", (2,)))


def test_segments_without_overlays_keep_the_keys_they_had() -> None:
    pick = Pick(3, 9, 7, Fraction(1), Fraction(0))
    segment = Segment(Fraction(25), Raster(1080, 1920), 7, (Layer("media", pick),))
    old_pick = make_dataclass("Pick", ["first", "last", "count", "step", "phase"])(
        3, 9, 7, Fraction(1), Fraction(0))
    old_layer = make_dataclass("Layer", [
        "media", "pick", "picture", "fit", "width", "height", "path", "lut", "code_range",
        "matrix"])("media", old_pick, None, "crop", 0, 0, (), "", "limited", "bt709")
    old = make_dataclass("Segment", ["rate", "raster", "frames", "layers", "mix_start",
                                     "mix_frames"])(
        Fraction(25), Raster(1080, 1920), 7, (old_layer,), 0, 0)
    assert digest(segment) == digest(old)
    over = Overlay(Layer("other", pick), 0, 0, 10, 10)
    assert digest(segment) != digest(Segment(segment.rate, segment.raster, 7, segment.layers,
                                             overlays=(over,)))
