"""Which shots moved: as few as possible, and those that a person would say."""

from microfinish.core.change_order import in_order, moves


def steady(order: str, lengths: str = "") -> str:
    """The letters that stayed, out of a new order of letters; their lengths as digits."""
    keys = [(ord(letter), 0) for letter in order]
    frames = [int(digit) for digit in lengths] or [1] * len(order)
    return "".join(order[index] for index in in_order(keys, frames))


def test_one_shot_that_passes_two_was_moved_however_long_it_is() -> None:
    assert steady("bca", "119") == "bc"


def test_two_shots_that_changed_places_around_a_third_leave_it_where_it_was() -> None:
    assert steady("abedcfg") == "abdfg"
    assert steady("abedcfg", "1191111") == "abdfg"


def test_of_two_neighbors_that_changed_places_the_shorter_moved() -> None:
    assert steady("acbd", "1291") == "abd"
    assert steady("acbd", "1921") == "acd"


def test_a_block_that_moves_together_is_told_as_its_shots() -> None:
    assert steady("abfgcdeh") == "abcdeh"


def test_moves_are_counted_as_the_fewest() -> None:
    assert [moves(list(map(ord, order))) for order in ("abc", "cab", "edcba", "")] == [0, 1, 4, 0]
