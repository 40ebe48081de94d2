"""The end of the color chain: what turns graded light into the picture of a display."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

OutputName = Literal["aces2-rec709", "rec709"]


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """The show's own OpenColorIO config as output: a file of the project, a display and a view.

    The view must give Rec.709 for a BT.1886 display, which is what the masters say they are. The
    config needs the role `aces_interchange`, through which the chain meets it.
    """

    config: str
    display: str
    view: str


@dataclass(frozen=True, slots=True)
class OwnOutput:
    """A resolved `OutputChoice`: identified by the content of the config and of its LUTs.

    `config` is where it lies now, relative to the project; it counts for nothing.
    """

    digest: str
    display: str
    view: str
    config: str = field(compare=False, default="")
