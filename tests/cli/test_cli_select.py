"""Which episodes a line means."""

from __future__ import annotations

import pytest

from microfinish.cli.select import select, select_one
from microfinish.core.errors import InputError

SEASON = tuple(f"ep{n:03}" for n in range(1, 13))


@pytest.mark.parametrize(("asked", "expected"), [
    (None, SEASON),
    ([], SEASON),
    (["all"], SEASON),
    (["ep002"], ("ep002",)),
    (["EP002"], ("ep002",)),
    (["ep009..ep011"], ("ep009", "ep010", "ep011")),
    (["ep011.."], ("ep011", "ep012")),
    (["..ep002"], ("ep001", "ep002")),
    (["ep003", "ep001", "ep003"], ("ep001", "ep003")),
    (["episodes/ep004/"], ("ep004",)),
])
def test_words_select_episodes_in_the_order_of_the_season(
    asked: list[str] | None, expected: tuple[str, ...]
) -> None:
    assert expected == select(SEASON, asked)


def test_an_unknown_episode_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="there is no episode 'ep04'") as caught:
        select(SEASON, ["ep04"])
    assert caught.value.hint == "did you mean ep004? the season has 12: ep001 to ep012"


def test_a_backward_range_says_how_to_write_it() -> None:
    with pytest.raises(InputError) as caught:
        select(SEASON, ["ep005..ep002"])
    assert caught.value.hint == "write ep002..ep005"


def test_a_project_without_episodes_says_what_to_make() -> None:
    with pytest.raises(InputError, match="no episodes yet"):
        select((), None)


def test_one_episode_is_one() -> None:
    assert select_one(SEASON, "ep003") == "ep003"
    with pytest.raises(InputError, match="means 12 episodes"):
        select_one(SEASON, "all")
