"""The change list against edits whose operations are known, since the test made them itself."""

from bench.lock.score import score

PAIRS = 150
"""`python tests/bench/lock/score.py 1000` is the whole measurement."""


def test_every_operation_is_told_as_what_was_done() -> None:
    total = score(range(5000, 5000 + PAIRS))
    told = {kind: total.f1(kind)[2] for kind in total.kinds}
    assert len(told) == 11, "the sample holds every kind but recolored"
    assert {kind: f1 for kind, f1 in told.items() if f1 < 0.99} == {}, "\n".join(total.wrong)
    assert total.falsely_replaced == 0
    assert total.same_shot / total.shots > 0.999
