"""What editors call their transitions: dissolves, dips, and what becomes one of the two."""

from __future__ import annotations

import re

_DIP = re.compile(r"dip|fade.?(?:to|through).?(?:colou?r|black|white)|fade.?in.?fade.?out",
                  re.IGNORECASE)
_PLAIN = re.compile(r"dissolve|cross ?fade|constant", re.IGNORECASE)
_OTHER = re.compile(r"additive|dither", re.IGNORECASE)


def kind_of(name: str) -> tuple[str, str]:
    """(kind, what is lost) of a transition by its name; nothing is lost of a plain one."""
    if _DIP.search(name):
        if re.search("white", name, re.IGNORECASE):
            return "dip-white", ""
        black = re.search("black|fade.?in", name, re.IGNORECASE)
        return "dip-black", "" if black else f"the color of {name} is taken to be black"
    if not name or (_PLAIN.search(name) and not _OTHER.search(name)):
        return "dissolve", ""
    return "dissolve", f"{name} becomes a dissolve of the same length"
