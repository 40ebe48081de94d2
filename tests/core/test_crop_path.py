"""The crop is as large as it can be, has the delivered aspect, and never leaves the picture."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.crop_path import (
    PEAK_SPEED,
    Sighting,
    centre,
    crop_size,
    follow,
    hold,
    position,
    through,
)
from microfinish.core.frame import PathKey, Raster

VERTICAL = Raster(1080, 1920)
SQUARE = Fraction(1)
HD = (1920, 1080)


@pytest.mark.parametrize(("picture", "aspect", "expected"), [
    (HD, SQUARE, (608, 1080)),
    ((3840, 2160), SQUARE, (1216, 2160)),
    ((1080, 1920), SQUARE, (1080, 1920)),
    ((2160, 3840), SQUARE, (2160, 3840)),
    ((540, 960), SQUARE, (540, 960)),
    ((1280, 720), SQUARE, (400, 712)),
    ((1080, 2340), SQUARE, (1080, 1920)),
    ((1440, 1080), Fraction(4, 3), (456, 1080)),
])
def test_the_crop_has_the_delivered_aspect_and_a_width_in_eights(picture, aspect, expected):
    assert crop_size(picture, aspect, VERTICAL) == expected


@given(st.integers(320, 8192), st.integers(320, 8192),
       st.sampled_from([SQUARE, Fraction(4, 3), Fraction(2, 3), Fraction(64, 45)]))
def test_the_crop_fits_the_picture_and_the_frame(width, height, aspect):
    crop = crop_size((width, height), aspect, VERTICAL)
    assert crop[0] <= width and crop[1] <= height
    assert crop[0] % 2 == 0 and crop[1] % 2 == 0
    shown = Fraction(crop[0], crop[1]) * aspect
    assert abs(shown / Fraction(9, 16) - 1) <= Fraction(1, 50)


@given(st.integers(960, 8192), st.integers(960, 8192))
def test_large_pictures_lose_almost_nothing_and_stretch_by_less_than_a_quarter_percent(w, h):
    crop = crop_size((w, h), SQUARE, VERTICAL)
    ideal = min(Fraction(w), h * Fraction(9, 16))
    assert abs(Fraction(*crop) / Fraction(9, 16) - 1) <= Fraction(1, 200)
    assert Fraction(crop[0] * crop[1]) >= Fraction(95, 100) * ideal * ideal * Fraction(16, 9)


def test_the_centre_is_the_centre():
    assert centre((608, 1080), HD) == (PathKey(0, 656.0, 0.0),)


def test_a_point_at_the_edge_moves_the_crop_inside():
    assert hold((1910, 0), (608, 1080), HD) == (PathKey(0, 1312.0, 0.0),)


def test_a_face_that_stays_is_held_in_one_position():
    seen = [Sighting(f, 1200 + (f % 3) * 15, 400) for f in range(0, 75, 8)]
    path = follow(seen, (608, 1080), HD, 75, Fraction(25))
    assert path == (PathKey(0, 912.0, 0.0),)


def test_one_stray_detection_starts_no_pan():
    seen = [Sighting(f, 600, 400) for f in range(0, 80, 8)]
    seen[4] = Sighting(32, 1700, 400)
    path = follow(seen, (608, 1080), HD, 80, Fraction(25))
    assert len(path) == 1
    assert abs(path[0].x + 304 - 600) <= 2


def test_a_face_that_crosses_the_picture_gets_one_pan_that_ends_on_it():
    seen = [Sighting(f, 500 + 900 * f / 100, 400) for f in range(0, 101, 10)]
    path = follow(seen, (608, 1080), HD, 101, Fraction(25))
    xs = [key.x for key in path]
    assert xs == sorted(xs)
    assert len(path) > 2
    for sighting in seen:
        x, _ = position(path, sighting.frame)
        assert x + 80 < sighting.x < x + 608 - 80, sighting


def test_a_face_that_goes_and_comes_back_is_not_chased():
    seen = [Sighting(f, 900 + 500 * (1 - abs(f - 50) / 50), 400) for f in range(0, 101, 10)]
    assert len(follow(seen, (608, 1080), HD, 101, Fraction(25))) == 1


def test_eyes_stand_a_third_down_where_there_is_room():
    tall = (1080, 2340)
    path = follow([Sighting(f, 540, 900) for f in range(0, 50, 5)], (1080, 1920), tall, 50,
                  Fraction(25))
    assert path[0].y == pytest.approx(900 - 1920 / 3, abs=2)


def test_a_drawn_path_passes_through_its_points():
    path = through([Sighting(50, 1000, 540), Sighting(0, 500, 540)], (608, 1080), HD)
    assert path == (PathKey(0, 196.0, 0.0), PathKey(50, 696.0, 0.0))
    assert position(path, 25) == (446.0, 0.0)


sightings = st.lists(st.builds(Sighting, st.integers(0, 200), st.floats(-100, 5000),
                               st.floats(-100, 5000)), min_size=1, max_size=12)


@given(sightings, st.integers(400, 4096), st.integers(400, 4096), st.integers(1, 200),
       st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(60)]))
def test_the_path_always_stays_inside_the_picture_and_below_its_speed(seen, w, h, frames, rate):
    crop = crop_size((w, h), SQUARE, VERTICAL)
    path = follow(seen, crop, (w, h), frames, rate)
    places = [position(path, frame) for frame in range(frames)]
    for x, y in places:
        assert 0 <= x <= w - crop[0]
        assert 0 <= y <= h - crop[1]
    assert [key.frame for key in path] == sorted({key.frame for key in path})
    # Corners are even whole pixels: two pixels of rounding over the shortest step.
    fastest = PEAK_SPEED * crop[0] / float(rate)
    for (x0, _), (x1, _) in pairwise(places):
        assert abs(x1 - x0) <= fastest * 1.1 + 2
