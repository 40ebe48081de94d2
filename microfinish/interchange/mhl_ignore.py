"""Which files a manifest leaves out: patterns in the manner of .gitignore, as ASC MHL has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def ignored_by(patterns: Iterable[str]) -> Callable[[str, bool], bool]:
    """A test for (relative path with slashes, is it a folder); the last pattern that fits wins.

    Whoever walks a tree leaves out what lies below an ignored folder.
    """
    rules = [rule for pattern in patterns if (rule := _rule(pattern))]

    def ignored(path: str, is_folder: bool) -> bool:
        left_out = False
        for expression, only_folders, keeps in rules:
            if (is_folder or not only_folders) and expression.fullmatch(path):
                left_out = not keeps
        return left_out

    return ignored


def _rule(pattern: str) -> tuple[re.Pattern[str], bool, bool] | None:
    text = pattern.strip()
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text[1:] if keeps else text
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    anywhere = "/" not in text
    text = text.lstrip("/")
    if not text:
        return None
    expression = "".join(_part(piece) for piece in re.findall(
        r"\*\*/|/\*\*|\*|\?|\[!?\]?[^\]/]*\]|\\.|.", text))
    try:
        return re.compile(("(?:.*/)?" if anywhere else "") + expression), only_folders, keeps
    except re.error:
        return re.compile(re.escape(text)), only_folders, keeps


def _part(piece: str) -> str:
    fixed = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece.startswith("[") and len(piece) > 2:
        inner = piece[1:-1].replace("\\", r"\\")
        return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
    return re.escape(piece[1:] if piece.startswith("\\") and len(piece) == 2 else piece)
