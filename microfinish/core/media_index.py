"""The media by everything that an edit list may call them, indexed once for all its lines.

Names are compared without case, in NFC, without folders and extension. A file that was moved or
renamed answers to its former names as well.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from microfinish.core.media import Media

SHORT_REEL = 7
"""From this length on, an EDL's reel may be the start of a longer name: CMX cuts at 8."""
_LIKELY = 24
"""As many names as share the most letter pairs are compared closely for a suggestion."""


def folded(name: str) -> str:
    """A name as it is compared: no folder, no extension, NFC, no case."""
    last = re.split(r"[\\/]", name.strip())[-1]
    last = re.sub(r"\.[A-Za-z][A-Za-z0-9]{1,4}$", "", last) or last
    return unicodedata.normalize("NFC", last).casefold()


def whole(name: str) -> str:
    """A name without its folders, in NFC and without case, but with its extension."""
    return unicodedata.normalize("NFC", re.split(r"[\\/]", name.strip())[-1]).casefold()


def folded_path(path: str) -> str:
    """A path with forward slashes, in NFC and without case."""
    return unicodedata.normalize("NFC", path.strip().replace("\\", "/")).casefold()


def bare_id(identity: str) -> str:
    """An identifier as it is compared: a UMID's hex digits, whatever dots, dashes and prefixes
    it is written with. Empty for one that is all zeros: a field that nobody filled in."""
    text = identity.strip().casefold().removeprefix("urn:smpte:umid:").removeprefix("urn:uuid:")
    text = re.sub(r"[^0-9a-z]", "", text.removeprefix("0x"))
    return text if text.strip("0") else ""


class MediaIndex:
    """Media files by name, path ending, reel and identity. `files` keeps their order."""

    def __init__(self, files: Iterable[Media]) -> None:
        self.files = tuple(files)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_reel: dict[str, list[int]] = defaultdict(list)
        self._by_id: dict[str, list[int]] = defaultdict(list)
        for position, media in enumerate(self.files):
            for name in _names(media):
                self._by_name[name].append(position)
            if media.reel:
                self._by_reel[whole(media.reel)].append(position)
            for identity in (*media.ids, media.digest):
                if bare := bare_id(identity):
                    self._by_id[bare].append(position)
        self._starts = sorted({*self._by_name, *self._by_reel})
        self._pairs: dict[str, set[str]] | None = None
        self._nearest: dict[str, list[str]] = {}

    def _at(self, positions: Iterable[int]) -> list[Media]:
        return [self.files[position] for position in sorted(set(positions))]

    def named(self, *names: str) -> list[Media]:
        """Files that bear one of these folded or whole names."""
        return self._at(p for name in names for p in self._by_name.get(name, ()))

    def of_reel(self, reel: str) -> list[Media]:
        """Files whose tape or roll is `reel`."""
        return self._at(self._by_reel.get(whole(reel), ()))

    def of_path(self, path: str) -> list[Media]:
        """Files whose path ends like `path`, which names at least one folder."""
        wanted = folded_path(path).removeprefix("./")
        if "/" not in wanted:
            return []
        return [media for media in self.named(whole(wanted), folded(wanted))
                if any(_ends_path(folded_path(known), wanted)
                       for known in (media.path, *media.formerly))]

    def beginning(self, reel: str) -> list[Media]:
        """Files whose name or reel begins with a reel that may have been cut off."""
        start = whole(reel)
        if len(start) < SHORT_REEL:
            return []
        found: list[int] = []
        at = bisect_left(self._starts, start)
        while at < len(self._starts) and self._starts[at].startswith(start):
            name = self._starts[at]
            found += (*self._by_name.get(name, ()), *self._by_reel.get(name, ()))
            at += 1
        return self._at(found)

    def identified(self, identities: Iterable[str]) -> list[Media]:
        """Files that bear one of these UMIDs or content digests."""
        return self._at(p for identity in identities for p in self._by_id.get(
            bare_id(identity), ()))

    def nearest(self, name: str) -> list[str]:
        """Up to three names of media that look like `name`, the most alike first."""
        if name not in self._nearest:
            self._nearest[name] = get_close_matches(name, self._likely(name), 3, 0.6)
        return self._nearest[name]

    def _likely(self, name: str) -> list[str]:
        """The names with the most letter pairs in common: close comparison is slow."""
        if self._pairs is None:
            self._pairs = defaultdict(set)
            for media in self.files:
                for pair in _letter_pairs(media.name):
                    self._pairs[pair].add(media.name)
        shared = Counter(known for pair in _letter_pairs(name)
                         for known in sorted(self._pairs.get(pair, ())))
        return [known for known, _ in shared.most_common(_LIKELY)]


def _letter_pairs(name: str) -> set[str]:
    lower = name.casefold()
    return {lower[at:at + 2] for at in range(len(lower) - 1)}


def _names(media: Media) -> set[str]:
    paths = (media.path, *media.formerly)
    return {name for path in paths for name in (
        whole(path), folded(path), whole(path).rpartition(".")[0] or whole(path))}


def _ends_path(path: str, wanted: str) -> bool:
    return any(f"/{candidate}".endswith(f"/{wanted}")
               for candidate in (path, path.rpartition(".")[0]))
