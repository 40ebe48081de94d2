"""Exact time: labels, rates and samples, at every rate there is."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.errors import InputError
from microfinish.core.time import (
    STANDARD_RATES,
    Span,
    allows_drop_frame,
    format_rate,
    format_timecode,
    nominal_fps,
    parse_rate,
    parse_timecode,
    sample_position,
    snap_rate,
)

R2997, R5994, R11988 = (Fraction(n * 1000, 1001) for n in (30, 60, 120))
RATES = st.sampled_from(STANDARD_RATES)
DROP_RATES = st.sampled_from([R2997, R5994, R11988])


def frames_per_day(rate: Fraction, drop: bool) -> int:
    """By construction: labels per day, less those that drop-frame skips."""
    fps = nominal_fps(rate)
    return fps * 86_400 - (fps // 15 * (1440 - 144) if drop else 0)


@given(RATES, st.integers(0, 10**9))
def test_a_printed_label_reads_back_as_the_same_frame(rate: Fraction, number: int) -> None:
    frame = number % frames_per_day(rate, False)
    assert parse_timecode(format_timecode(frame, rate), rate) == frame


@given(DROP_RATES, st.integers(0, 10**9))
def test_a_drop_frame_label_reads_back_as_the_same_frame(rate: Fraction, number: int) -> None:
    frame = number % frames_per_day(rate, True)
    label = format_timecode(frame, rate, drop=True)
    assert ";" in label
    assert parse_timecode(label, rate) == frame


@given(DROP_RATES, st.integers(0, 10**9))
def test_drop_frame_never_prints_a_dropped_label(rate: Fraction, number: int) -> None:
    label = format_timecode(number, rate, drop=True)
    minute, second, frame = int(label[3:5]), int(label[6:8]), int(label[9:])
    assert not (minute % 10 and second == 0 and frame < nominal_fps(rate) // 15)


@given(DROP_RATES, st.integers(0, 10**9))
def test_consecutive_frames_have_consecutive_labels(rate: Fraction, number: int) -> None:
    """The non-drop number of the label grows by one, or by one and the skipped labels."""
    day = frames_per_day(rate, True)
    first, second = (
        parse_timecode(format_timecode(n, rate, drop=True).replace(";", ":"), rate)
        for n in (number % (day - 1), number % (day - 1) + 1))
    assert second - first in (1, 1 + nominal_fps(rate) // 15)


@pytest.mark.parametrize(("label", "rate", "frame"), [
    ("01:00:00;00", R2997, 107_892),
    ("01:00:00;00", R5994, 215_784),
    ("00:01:00;02", R2997, 1800),
    ("00:00:59;29", R2997, 1799),
    ("00:10:00;00", R2997, 17_982),
    ("00:09:59;29", R2997, 17_981),
    ("01:00:00:00", Fraction(25), 90_000),
    ("02:00:00:00", Fraction(24000, 1001), 172_800),
    ("23:59:59:24", Fraction(25), 2_159_999),
])
def test_known_labels_have_their_known_frames(label: str, rate: Fraction, frame: int) -> None:
    assert parse_timecode(label, rate) == frame
    assert format_timecode(frame, rate, drop=";" in label) == label


def test_a_day_of_drop_frame_is_within_three_frames_of_the_clock() -> None:
    seconds = frames_per_day(R2997, True) / R2997
    assert abs(seconds - 86_400) < 3 / R2997


@pytest.mark.parametrize(("label", "rate"), [
    ("00:01:00;00", R2997), ("00:01:00;01", R2997), ("00:11:00;03", R5994),
    ("00:00:00:25", Fraction(25)), ("00:60:00:00", Fraction(25)), ("00:00:60:00", Fraction(25)),
    ("24:00:00:00", Fraction(25)), ("01:00:00;00", Fraction(25)),
    ("01:00:00;00", Fraction(24000, 1001)), ("1:2:3:4", Fraction(25)), ("", Fraction(25)),
    ("01:00:00", Fraction(25)), ("-1:00:00:00", Fraction(25)),
])
def test_labels_that_do_not_exist_are_refused(label: str, rate: Fraction) -> None:
    with pytest.raises(InputError) as caught:
        parse_timecode(label, rate)
    assert caught.value.hint


@pytest.mark.parametrize("minute", [0, 10, 20, 50])
def test_every_tenth_minute_drops_nothing(minute: int) -> None:
    assert parse_timecode(f"00:{minute:02}:00;00", R2997) == minute // 10 * 17_982


def test_an_fcm_line_overrides_the_separator() -> None:
    assert parse_timecode("01:00:00:00", R2997, drop=True) == 107_892
    assert parse_timecode("01:00:00;00", R2997, drop=False) == 108_000


def test_drop_frame_is_printed_only_where_it_exists() -> None:
    assert format_timecode(90_000, Fraction(25), drop=True) == "01:00:00:00"


@pytest.mark.parametrize(("text", "rate"), [
    ("25", Fraction(25)), (25, Fraction(25)), ("23.976", Fraction(24000, 1001)),
    ("23.98", Fraction(24000, 1001)), (29.97, R2997), ("24000/1001", Fraction(24000, 1001)),
    ("59.94", R5994), ("47.952", Fraction(48000, 1001)),
    ("87169000/2905633", Fraction(30)),
])
def test_rates_are_read_exactly(text: str | int | float, rate: Fraction) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-25", "1001", "25/0", "nan", "inf"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_rate(text)


@given(RATES)
def test_a_rate_printed_for_people_reads_back_exactly(rate: Fraction) -> None:
    assert parse_rate(format_rate(rate)) == rate


@given(RATES, st.integers(-199, 199))
def test_a_measured_rate_snaps_to_its_standard(rate: Fraction, ppm: int) -> None:
    assert snap_rate(rate * (1 + Fraction(ppm, 1_000_000))) == rate


def test_24_and_23976_are_never_confused() -> None:
    assert snap_rate(Fraction(24)) != snap_rate(Fraction(24000, 1001))
    assert not allows_drop_frame(Fraction(30))


def test_samples_per_frame_at_2997_follow_the_five_frame_cycle() -> None:
    starts = [sample_position(n, R2997, 48_000) for n in range(6)]
    assert [b - a for a, b in itertools.pairwise(starts)] == [
        1602, 1601, 1602, 1601, 1602]


@given(RATES, st.sampled_from([44_100, 48_000, 96_000]),
       st.lists(st.integers(1, 500), min_size=1, max_size=40))
def test_samples_of_all_cuts_add_up_to_the_whole(rate: Fraction, hertz: int,
                                                 lengths: list[int]) -> None:
    ends = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    samples = [sample_position(b, rate, hertz) - sample_position(a, rate, hertz)
               for a, b in itertools.pairwise(ends)]
    assert sum(samples) == sample_position(ends[-1], rate, hertz)
    assert abs(sample_position(ends[-1], rate, hertz) - ends[-1] * hertz / rate) <= Fraction(1, 2)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_the_overlap_of_two_spans_holds_exactly_the_common_frames(
    a: int, length_a: int, b: int, length_b: int
) -> None:
    one, two = Span(a, a + length_a), Span(b, b + length_b)
    common = one.overlap(two)
    assert set(common or ()) == set(one) & set(two)


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends at 3 before it starts at 4"):
        Span(4, 3)
