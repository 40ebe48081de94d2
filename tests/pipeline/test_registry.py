"""Names become stages; a wrong name or order is told with its way out."""

from __future__ import annotations

from typing import Any

import pytest

from microfinish.core.errors import InputError
from microfinish.core.settings import BUILT_IN_STAGES
from microfinish.pipeline.registry import BUILT_IN, known_names, stages_for


def test_the_table_lists_the_default_chain_in_order() -> None:
    assert tuple(BUILT_IN) == BUILT_IN_STAGES
    assert known_names()[:12] == BUILT_IN_STAGES


def test_a_chain_keeps_the_listed_order(season: Any) -> None:
    names = ("script", "scenes", "cast", "movie")
    assert names == tuple(stage.name for stage in stages_for(names, season.table))


def test_an_unknown_stage_is_told_with_its_nearest_names(season: Any) -> None:
    with pytest.raises(InputError, match='no stage "sceens"') as caught:
        stages_for(["script", "sceens"], season.table)
    assert "did you mean scenes" in caught.value.hint


@pytest.mark.parametrize(("names", "message", "hint"), [
    (("cast", "script"), "stands before it", 'move "cast" below "script"'),
    (("script", "movie"), '"cast" is not listed', 'add "cast" to stages'),
    (("script", "script"), "listed twice", "microfinish.yaml"),
])
def test_a_chain_out_of_order_is_refused_with_the_way_out(
    season: Any, names: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        stages_for(names, season.table)
    assert hint in caught.value.hint
