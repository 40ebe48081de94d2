"""Cleanup does the least that is asked, and levels clips by people, within bounds."""

from __future__ import annotations

from microfinish.core.cleanup import Cleanup, Figures, leveled, proposed

ALL = Cleanup(hum=True, declip=True, declick=True, denoise_db=12, deess_db=6, level_db=6)
ROOM = (1000, 14_400)


def test_noise_goes_down_only_as_far_as_the_voice_needs():
    near = proposed(Figures(speech_lufs=-25, room_lufs=-50), (), ROOM, ALL)
    assert near.denoise_db == 5.0
    far = proposed(Figures(speech_lufs=-25, room_lufs=-40), (), ROOM, ALL)
    assert far.denoise_db == 12.0
    assert not proposed(Figures(speech_lufs=-25, room_lufs=-60), (), ROOM, ALL).denoise_db


def test_what_may_be_voice_is_not_taken_for_noise():
    assert not proposed(Figures(speech_lufs=-25, room_lufs=-33), (), ROOM, ALL).denoise_db
    assert not proposed(Figures(speech_lufs=-25, room_lufs=-45), (), None, ALL).denoise_db


def test_clips_are_leveled_to_the_middle_within_the_bound():
    spoken = [("anna", -23.0, 4.0), ("anna", -24.0, 4.0), ("ben", -35.0, 2.0), ("ben", -19.0, 2.0)]
    assert leveled(spoken, ALL) == [0.0, 0.0, 6.0, -5.0]
    assert leveled(spoken, Cleanup()) == [0.0] * 4


def test_a_breath_goes_with_the_other_clips_of_who_breathes():
    spoken = [("anna", -23.0, 9.0), ("ben", -28.0, 2.0), ("ben", -50.0, 0.1)]
    assert leveled(spoken, ALL) == [0.0, 5.0, 5.0]
