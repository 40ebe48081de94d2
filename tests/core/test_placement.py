"""Where a picture over a picture lies: on the canvas, and in an output of another shape."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.frame import Raster
from microfinish.core.placement import covers, inset
from microfinish.core.timeline import Placement

WIDE = Fraction(16, 9)
HD, TALL = Raster(1920, 1080), Raster(1080, 1920)


@pytest.mark.parametrize(("placement", "full"), [
    (None, True), (Placement(), True), (Placement(scale=1.2), True),
    (Placement(opacity=0.99), False), (Placement(scale=0.99), False),
    (Placement(x=0.6, scale=1.1), False), (Placement(crop=(0, 0.01, 0, 0)), False),
    (Placement(rotation_degrees=5), False), (Placement(x=0.55, scale=1.1), True)])
def test_only_what_hides_all_beneath_covers(placement: Placement | None, full: bool) -> None:
    assert covers(placement) is full


def test_a_picture_of_another_shape_than_the_canvas_leaves_bars() -> None:
    assert not covers(Placement(), aspect=9 / 16, canvas=16 / 9)
    assert covers(Placement(scale=3.17), aspect=9 / 16, canvas=16 / 9)


def test_on_a_canvas_of_the_outputs_shape_a_place_is_taken_directly() -> None:
    found = inset(Placement(x=0.75, y=0.25, scale=0.5), WIDE, (1920, 1080), HD)
    assert found is not None
    assert (found.x, found.y, found.width, found.height) == (960, 0, 960, 540)


def test_crop_takes_off_the_picture_and_leaves_the_rest_where_it_was() -> None:
    found = inset(Placement(x=0.5, y=0.5, crop=(0.25, 0, 0, 0.5)), WIDE, (1920, 1080), HD)
    assert found is not None
    assert (found.x, found.y, found.width, found.height) == (480, 0, 1440, 540)
    assert (found.part.left, found.part.top, found.part.right, found.part.bottom) == (
        0.25, 0, 1, 0.5)


def test_what_hangs_over_the_edge_is_cut_off_in_the_picture_too() -> None:
    found = inset(Placement(x=0.0, y=0.5, scale=0.5), WIDE, (1920, 1080), HD)
    assert found is not None
    assert (found.x, found.width, found.part.left, found.part.width) == (0, 480, 0.5, 0.5)


def test_what_lies_off_the_frame_is_not_seen() -> None:
    assert inset(Placement(x=2.0, scale=0.5), WIDE, (1920, 1080), HD) is None


def test_a_wide_edit_finished_tall_keeps_width_and_center() -> None:
    found = inset(Placement(x=0.7, y=0.25, scale=0.4), WIDE, (1920, 1080), TALL)
    assert found is not None
    # 0.4 of 1080 wide, 16:9 in itself, its center at 0.7 and 0.25 of the frame
    assert (found.x, found.y, found.width, found.height) == (540, 358, 432, 244)
    assert "another shape" in found.how


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(0.05, 3),
       st.sampled_from([WIDE, Fraction(9, 16), Fraction(1)]))
def test_in_another_shape_a_picture_stays_wholly_inside_and_in_shape(
        x: float, y: float, scale: float, aspect: Fraction) -> None:
    found = inset(Placement(x=x, y=y, scale=scale), aspect, (1920, 1080), TALL)
    assert found is not None
    assert found.x >= 0 and found.y >= 0
    assert found.x + found.width <= 1080 and found.y + found.height <= 1920
    assert (found.part.width, found.part.height) == pytest.approx((1, 1))
    assert abs(found.width - found.height * aspect) <= 1 + aspect
