"""AAF through its adapter: the events by hand, and what the adapter drops is reported."""

import random
import sys
from fractions import Fraction

import pytest
from real_lists import CORPUS, lists, needs_corpus

from microfinish.core.edit import EditList
from microfinish.core.errors import EnvironmentFault, InputError, MicrofinishError
from microfinish.core.time import Span
from microfinish.core.timeline import Transition
from microfinish.interchange.aaf import read

RATE = Fraction(24)
FOLDER = CORPUS / "OpenTimelineIO__otio-aaf-adapter/tests/sample_data"


@pytest.fixture
def adapter() -> None:
    pytest.importorskip("otio_aaf_adapter", reason="the aaf extra is not installed")


def real(name: str) -> EditList:
    return read((FOLDER / name).read_bytes(), name, RATE)


def test_a_missing_adapter_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.partition(".")[0] == "otio_aaf_adapter":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "otio_aaf_adapter", None)
    with pytest.raises(EnvironmentFault) as error:
        read(b"", "edit.aaf", RATE)
    assert "microfinish[aaf]" in error.value.hint


def test_what_is_no_aaf_is_refused_in_words(adapter: None) -> None:
    with pytest.raises(InputError, match="the AAF cannot be read"):
        read(b"not an AAF", "edit.aaf", RATE)


@needs_corpus
@pytest.mark.parametrize(("name", "counts"), [
    ("2997fps.aaf", {"V": 2, "A1": 2, "A2": 2}), ("linear_speed_effects.aaf", {"V": 20}),
    ("misc_speed_effects.aaf", {"V": 10}), ("multiple_markers.aaf", {"V": 12}),
    ("multitrack.aaf", {"V": 5, "A1": 8, "A2": 8}),
    ("one_clip.aaf", {"V": 1, "A1": 1}), ("simple.aaf", {"V": 5, "A1": 5, "A2": 5}),
    ("timecode_test.aaf", {"V": 2}), ("trims.aaf", {"V": 5, "A1": 5, "A2": 5}),
    ("utf8.aaf", {"V": 1, "A1": 1})])
def test_a_real_file_has_so_many_events(adapter: None, name: str, counts: dict[str, int]) -> None:
    edit = real(name)
    assert {track: sum(track in line.tracks for line in edit.lines) for track in counts} == counts


@needs_corpus
def test_timecode_and_record_are_those_of_the_sequence(adapter: None) -> None:
    edit = real("timecode_test.aaf")
    assert [(line.source_in, line.record) for line in edit.lines] == [
        (24, Span(86_400, 86_424)), ("01:00:01:00", Span(86_424, 86_448))]


@needs_corpus
def test_drop_frame_comes_from_the_file_s_own_timecode(adapter: None) -> None:
    edit = read((FOLDER / "2997fps-DFTC.aaf").read_bytes(), "e.aaf", Fraction(30000, 1001))
    assert (edit.rate, edit.drop, edit.start_frame) == (Fraction(30000, 1001), True, 539_460)
    assert not real("2997fps.aaf").drop


@needs_corpus
def test_constant_speeds_freezes_and_reverse_are_kept(adapter: None) -> None:
    speeds = [line.speed for line in real("misc_speed_effects.aaf").lines]
    assert speeds[:6] == [1, 0, 2, Fraction(1, 2), 3, Fraction(3, 8)]
    assert speeds[8] == -1
    linear = [line.speed for line in real("linear_speed_effects.aaf").lines]
    assert linear[:7] == [1, Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), 2, 1, Fraction(2, 3)]


@needs_corpus
def test_a_speed_that_changes_is_an_error_in_the_losses(adapter: None) -> None:
    found = [loss for loss in real("misc_speed_effects.aaf").losses if loss.severity == "error"]
    assert len(found) == 1
    assert "the speed changes inside the clip" in found[0].reason


@needs_corpus
def test_transitions_keep_their_place_and_a_dip_is_named(adapter: None) -> None:
    edit = real("transitions.aaf")
    picture = [(line.record, line.transition, line.black) for line in edit.lines
               if line.tracks == ("V",)]
    assert picture[:2] == [(Span(86_400, 86_469), Transition("dissolve", 12), False),
                           (Span(86_469, 86_582), Transition("dissolve", 48), False)]
    assert [loss.reason for loss in edit.losses] == ["Dip_2 becomes a dissolve"]


@needs_corpus
def test_every_real_file_is_read_or_refused_in_words(adapter: None) -> None:
    for path in lists("aaf"):
        try:
            read(path.read_bytes(), path.name, RATE)
        except MicrofinishError as error:
            assert path.name == "test_muted_clip.aaf", error


@needs_corpus
def test_a_broken_file_is_refused_or_read_and_never_a_crash(adapter: None) -> None:
    dice = random.Random(13)
    whole = (FOLDER / "2997fps-DFTC.aaf").read_bytes()
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(512, len(data))] = dice.randrange(256)
        try:
            read(bytes(data[:dice.choice((len(data), len(data), len(data) // 2))]), "e.aaf", RATE)
        except MicrofinishError:
            continue
