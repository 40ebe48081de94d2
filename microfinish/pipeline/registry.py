"""Which class stands behind a stage's name: a literal table, then installed plug-ins."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from microfinish.core.errors import EnvironmentFault, InputError
from microfinish.pipeline.stage import Stage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "microfinish.stages"

Maker = str | Callable[[], Stage]
"""Where a stage comes from: `package.module:Class`, or the class itself."""

BUILT_IN: Mapping[str, Maker] = {
    "log": "microfinish.stages.log:LogStage",
    "sync": "microfinish.stages.sync:SyncStage",
    "assemble": "microfinish.stages.assemble:AssembleStage",
    "lock": "microfinish.stages.lock:LockStage",
    "vfx": "microfinish.stages.vfx:VfxStage",
    "correct": "microfinish.stages.correct:CorrectStage",
    "grade": "microfinish.stages.grade:GradeStage",
    "reframe": "microfinish.stages.reframe:ReframeStage",
    "title": "microfinish.stages.title:TitleStage",
    "mix": "microfinish.stages.mix:MixStage",
    "master": "microfinish.stages.master:MasterStage",
    "qc": "microfinish.stages.qc:QcStage",
}
"""The stages every installation has, in the order of a default chain."""


def stages_for(names: Iterable[str], table: Mapping[str, Maker] = BUILT_IN) -> tuple[Stage, ...]:
    """The stages of a chain, in the given order.

    Installed plug-ins are searched only for a name that `table` does not know. Raises InputError
    for an unknown name, a name listed twice, and a stage that stands before one it reads.
    """
    chain = tuple(_stage(name, table) for name in names)
    check_order(chain)
    return chain


def chains(table: Mapping[str, Maker] = BUILT_IN) -> Callable[[Iterable[str]], tuple[Stage, ...]]:
    """`stages_for`, made once per list of names: most episodes have the season's."""
    known: dict[tuple[str, ...], tuple[Stage, ...]] = {}

    def chain_of(names: Iterable[str]) -> tuple[Stage, ...]:
        key = tuple(names)
        if key not in known:
            known[key] = stages_for(key, table)
        return known[key]

    return chain_of


def known_names(table: Mapping[str, Maker] = BUILT_IN) -> tuple[str, ...]:
    """Every stage name that can be listed in `microfinish.yaml`, plug-ins last."""
    return (*table, *sorted(name for name in _plug_ins() if name not in table))


def origin(name: str, table: Mapping[str, Maker] = BUILT_IN) -> str:
    """Where a stage comes from, in words: `built in`, or the distribution that brings it."""
    if name in table:
        return "built in"
    point = _plug_ins().get(name)
    if point is None:
        raise _unknown(name, table)
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def check_order(chain: tuple[Stage, ...]) -> None:
    """Raise InputError unless every stage stands once, and after all the stages it reads."""
    earlier: set[str] = set()
    listed = {stage.name for stage in chain}
    for stage in chain:
        if stage.name in earlier:
            raise InputError(f'stage "{stage.name}" is listed twice', hint=_LIST_HINT)
        for needed in stage.after:
            if needed in earlier:
                continue
            if needed in listed:
                raise InputError(
                    f'stage "{stage.name}" reads what "{needed}" decides, but stands before it',
                    hint=f'in microfinish.yaml, move "{stage.name}" below "{needed}"',
                )
            raise InputError(
                f'stage "{stage.name}" reads what "{needed}" decides, but "{needed}" is not listed',
                hint=f'in microfinish.yaml, add "{needed}" to stages, above "{stage.name}"',
            )
        earlier.add(stage.name)


_LIST_HINT = "see stages in microfinish.yaml; `microfinish stages` lists the names"


def _stage(name: str, table: Mapping[str, Maker]) -> Stage:
    maker = table.get(name)
    if maker is None:
        return _from_plug_in(name, table)
    return _load(maker)() if isinstance(maker, str) else maker()


def _load(target: str) -> Callable[[], Stage]:
    module, _, attribute = target.partition(":")
    return cast(Callable[[], Stage], getattr(importlib.import_module(module), attribute))


def _from_plug_in(name: str, table: Mapping[str, Maker]) -> Stage:
    point = _plug_ins().get(name)
    if point is None:
        raise _unknown(name, table)
    try:
        stage = cast(Callable[[], Stage], point.load())()
    except Exception as error:  # a stranger's module may fail in any way while it is imported
        raise EnvironmentFault(
            f'the plug-in for stage "{name}" does not load: {type(error).__name__}: {error}',
            hint=f"it comes from {origin(name, table)}; update or reinstall it",
        ) from error
    lacking = [part for part in _PARTS if not hasattr(stage, part)]
    if lacking or stage.name != name:
        what = f"it lacks {', '.join(lacking)}" if lacking else f'it calls itself "{stage.name}"'
        raise EnvironmentFault(
            f'the plug-in for stage "{name}" is not a stage: {what}',
            hint="its author can run the contract tests of microfinish.testing",
        )
    return stage


_PARTS = ("name", "version", "after", "body", "inputs", "run", "missing")


@lru_cache(maxsize=1)
def _plug_ins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # with its own imports half as slow as typer's

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _unknown(name: str, table: Mapping[str, Maker]) -> InputError:
    near = difflib.get_close_matches(name, known_names(table), n=3)
    return InputError(
        f'there is no stage "{name}"',
        hint=f"did you mean {' or '.join(near)}?" if near else
        f"known are {', '.join(known_names(table))}; a plug-in must be installed to be listed",
    )
