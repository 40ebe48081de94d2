"""Lines break where the script allows it, and come out even."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.line_breaks import TooWideError, pieces, wrap


def ten_px(text: str) -> float:
    return 10.0 * len(text)


def test_text_that_fits_stays_on_one_line():
    assert wrap("You came back.", ten_px, 140) == ("You came back.",)


def test_two_lines_are_balanced():
    text = "I never wanted you to see me like this"
    assert wrap(text, ten_px, 300) == ("I never wanted you", "to see me like this")


def test_the_authors_own_breaks_are_kept_where_they_fit():
    assert wrap("No.\nNot tonight, not ever", ten_px, 300) == ("No.", "Not tonight, not ever")


def test_dialogue_dashes_never_share_a_line():
    assert wrap("- Who sent you here tonight?\n- Nobody.", ten_px, 180) == (
        "- Who sent you", "here tonight?", "- Nobody.")


def test_a_word_wider_than_the_line_is_refused_with_its_width():
    with pytest.raises(TooWideError) as caught:
        wrap("a Donaudampfschifffahrt b", ten_px, 200)
    assert (caught.value.piece, caught.value.width) == ("Donaudampfschifffahrt", 210.0)


def test_chinese_breaks_between_characters_but_never_before_punctuation():
    assert wrap("你为什么要这样对我，我们不是朋友吗？", ten_px, 100) == (
        "你为什么要这样对我，", "我们不是朋友吗？")
    assert pieces("好，「走」吧") == ("好，", "「走」", "吧")


def test_small_kana_never_begin_a_line():
    assert pieces("ちょっと") == ("ちょっ", "と")


def test_thai_breaks_before_a_leading_vowel_only():
    assert pieces("มนุษย์เกิดมา") == ("มนุษย์", "เกิดมา")


def test_korean_breaks_at_spaces():
    assert pieces("모든 인간은") == ("모든 ", "인간은")


def test_an_accent_stays_on_its_letter():
    assert pieces("e\u0301 a") == ("e\u0301 ", "a")


@given(st.text(alphabet="ab -，。你好เมé\n", min_size=1, max_size=60), st.integers(60, 300))
def test_wrapping_loses_no_letter_and_no_line_is_too_wide(text, limit):
    try:
        lines = wrap(text, ten_px, limit) if text.strip() else ()
    except TooWideError:
        return
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(ten_px(line) <= limit for line in lines)
