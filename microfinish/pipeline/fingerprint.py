"""Compares what a stage reads now with what its document was made from, and says why in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ABSENT = "absent"
"""The digest of a human file or document that is not there."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step runs, or cannot.

    `kind` is one of never, version, input, missing, forced, upstream, error. `key` names the
    input, file or stage meant; `text` says it all in words.
    """

    kind: str
    key: str
    text: str

    def __str__(self) -> str:
        return self.text


NEVER = Reason("never", "", "never made")
FORCED = Reason("forced", "", "forced")


def differences(
    made_by: int,
    version: int,
    before: Mapping[str, str],
    now: Mapping[str, str],
    documents: tuple[str, ...] = (),
    stage: str = "",
) -> tuple[Reason, ...]:
    """Why a document made by version `made_by` from the hashes `before` no longer holds.

    Empty exactly when the version and every input, its name included, are the same. `documents`
    are the input names that stand for documents of earlier stages; an input named `sheet` is the
    human file named after `stage`.
    """
    reasons = []
    if made_by != version:
        reasons.append(Reason("version", "", f"stage version {made_by} -> {version}"))
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if old != new:
            named = f"{stage}_yaml" if key == "sheet" and stage else key
            subject = f"documents/{key}.yaml" if key in documents else words(named)
            reasons.append(Reason("input", key, f"{subject} {_verb(old, new)}"))
    return tuple(reasons)


def missing_file(path: str) -> Reason:
    """The reason for a promised file that is not there."""
    return Reason("missing", path, f"{path} is missing")


def words(key: str) -> str:
    """An input's name as an editor knows it: `grade_yaml` is the file `grade.yaml`.

    >>> words("grade_yaml"), words("settings_look"), words("media/A001.mov"), words("edit_list")
    ('grade.yaml', 'settings.look', 'media/A001.mov', 'edit list')
    """
    if "." in key or "/" in key:
        return key
    if key.endswith("_yaml"):
        return key.removesuffix("_yaml") + ".yaml"
    if key.startswith("settings_"):
        return "settings." + key.removeprefix("settings_")
    return key.replace("_", " ")


def _verb(old: str | None, new: str | None) -> str:
    if old in (None, ABSENT):
        return "is new"
    if new in (None, ABSENT):
        return "is gone"
    return "changed"
