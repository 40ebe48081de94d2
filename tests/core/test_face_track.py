"""The face a shot is about is the large one that stays; chance detections are not faces."""

from microfinish.core.face_track import Face, main_face

ACTOR = Face(0.6, 0.2, 0.1, 0.18)
EXTRA = Face(0.1, 0.2, 0.05, 0.09)
LEAF = Face(0.85, 0.7, 0.06, 0.1)


def test_the_large_persistent_face_wins():
    track = main_face([(EXTRA, ACTOR)] * 8)
    assert track is not None
    assert {face for _, face in track.seen} == {ACTOR}


def test_a_face_seen_in_a_few_samples_is_chance():
    assert main_face([(LEAF,), (), (), (), (LEAF,), (), (), ()]) is None


def test_a_larger_chance_detection_does_not_win():
    samples = [(ACTOR,)] * 9 + [(ACTOR, Face(0.0, 0.5, 0.3, 0.5))]
    track = main_face(samples)
    assert track is not None and len(track.seen) == 10


def test_a_moving_face_is_one_track():
    samples = [(Face(0.1 + 0.05 * i, 0.2, 0.1, 0.18),) for i in range(10)]
    track = main_face(samples)
    assert track is not None and len(track.seen) == 10


def test_a_face_hidden_for_a_while_is_still_itself():
    track = main_face([(ACTOR,), (ACTOR,), (), (), (ACTOR,), (ACTOR,)])
    assert track is not None and [number for number, _ in track.seen] == [0, 1, 4, 5]


def test_no_samples_no_face():
    assert main_face([]) is None
