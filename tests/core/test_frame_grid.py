"""Frame grids: nominal rates and exact frames from timestamps as containers really store them."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.frame_grid import frame_grid, picture_at
from microfinish.core.time import STANDARD_RATES

MS, MPEG, PHONE = Fraction(1, 1000), Fraction(1, 90_000), Fraction(1, 600)
RATES = st.sampled_from([r for r in STANDARD_RATES if 10 <= r <= 60])


def stamps(rate: Fraction, base: Fraction, count: int, first: int = 0) -> list[int]:
    return [first + round(Fraction(n) / rate / base) for n in range(count)]


TICKS = st.sampled_from([MPEG, Fraction(1, 30_000), Fraction(1, 24_000), Fraction(1, 15_360)])


@given(RATES, TICKS, st.integers(2, 400), st.integers(0, 10**6))
def test_a_constant_file_has_its_rate_and_every_picture(
    rate: Fraction, base: Fraction, count: int, first: int
) -> None:
    grid = frame_grid(stamps(rate, base, count, first), base, stated=rate)
    assert (grid.frames, grid.variable) == (count, False)
    assert grid.rate == rate or count < 40


@given(st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001),
                        Fraction(30), Fraction(50), Fraction(60)]), st.integers(100, 400))
def test_millisecond_timestamps_still_tell_2997_from_30(rate: Fraction, count: int) -> None:
    times = stamps(rate, MS, count)
    grid = frame_grid(times, MS)
    assert (grid.rate, grid.frames, grid.variable) == (rate, count, False)
    assert [picture_at(times, MS, grid.rate, n) for n in range(count)] == [*range(count)]


def test_a_tick_as_long_as_a_frame_is_exact() -> None:
    times = [*range(50)]
    assert frame_grid(times, Fraction(1, 25)).rate == 25
    assert [picture_at(times, Fraction(1, 25), Fraction(25), n) for n in range(50)] == times


def test_a_missing_picture_makes_a_file_variable_and_is_bridged_by_the_one_before() -> None:
    times = [t for n, t in enumerate(stamps(Fraction(25), MPEG, 50)) if n != 20]
    grid = frame_grid(times, MPEG)
    assert (grid.rate, grid.frames, grid.variable) == (Fraction(25), 50, True)
    assert [picture_at(times, MPEG, grid.rate, n) for n in (19, 20, 21)] == [19, 19, 20]


def test_a_phone_at_2987_is_variable_on_a_standard_grid() -> None:
    grid = frame_grid([n * 3013 for n in range(36)], MPEG, 3013)
    assert (grid.rate, grid.variable, grid.frames) == (Fraction(30000, 1001), True, 36)
    assert abs(grid.measured - Fraction(90_000, 3013)) == 0


def test_changing_rates_keep_time() -> None:
    """A second at 30 and a second at 15: two seconds on the grid of the more frequent step."""
    times = [n * 3000 for n in range(30)] + [90_000 + n * 6000 for n in range(15)]
    grid = frame_grid(times, MPEG, 6000)
    assert (grid.rate, grid.variable, grid.frames) == (Fraction(30), True, 60)
    assert picture_at(times, MPEG, grid.rate, 31) == 30


def test_jitter_below_a_tenth_of_a_frame_is_no_variable_rate() -> None:
    times = [n * 20 + (1 if n % 3 else 0) for n in range(90)]
    assert not frame_grid(times, PHONE).variable


def test_one_picture_is_one_frame() -> None:
    assert frame_grid([0], MPEG).frames == 1


@given(st.lists(st.integers(1, 12_000), min_size=1, max_size=60))
def test_a_frame_never_shows_a_picture_of_the_future(steps: list[int]) -> None:
    times = [0]
    for step in steps:
        times.append(times[-1] + step)
    grid = frame_grid(times, MPEG, 3000)
    tick = 1
    for n in range(grid.frames):
        index = picture_at(times, MPEG, grid.rate, n)
        at = n / grid.rate / MPEG
        assert times[index] <= at + tick
        if index + 1 < len(times):
            assert times[index + 1] > at
