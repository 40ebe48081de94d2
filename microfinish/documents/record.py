"""Stages' documents on disk: a header that says what the body was made from, and the body.

The header keeps the hash of the body's text, so a document that was edited by hand, or half
merged, is never mistaken for a decision that a stage made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from microfinish.core.errors import EditedByHand, InputError, Where
from microfinish.documents import atomic, emit
from microfinish.documents.digest import bytes_digest
from microfinish.documents.plain import plain

T = TypeVar("T")

FORMAT = 1
_NOTICE = ("# Written by microfinish, and written again when its inputs change: "
           "do not edit by hand.\n")
_HUMAN_FILE = {
    "assemble": "the edit list in the episode's folder",
    "correct": "grade.yaml",
    "grade": "grade.yaml",
    "reframe": "reframe.yaml",
    "title": "subtitles/ or titles.yaml",
    "mix": "mix.yaml",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a document was made from: one digest per input, by name, and the body's hash."""

    kind: str
    version: int
    inputs: dict[str, str] = field(default_factory=dict)
    body: str = ""


def body_text(body: Any) -> str:
    """A body's text: the same noun always gives the same text."""
    data = plain(body, drop_defaults=True)
    if not isinstance(data, dict):
        raise TypeError(f"a document's body is a noun, not a {type(body).__name__}")
    return emit.emit(data)


def body_digest(text: str) -> str:
    """The hash of a body's text, as the header states it."""
    # surrogatepass cannot be needed: the emitter escapes what UTF-8 cannot hold
    return bytes_digest(text.encode("utf-8"))


def write(path: Path, kind: str, version: int, inputs: dict[str, str], body: Any) -> Header:
    """Write a document in one step and give back its header. The write is atomic."""
    text = body_text(body)
    header = Header(kind, version, dict(sorted(inputs.items())), body_digest(text))
    atomic.write_text(path, header_text(header) + text)
    atomic.sweep(path)
    return header


def header_text(header: Header) -> str:
    """The header's text, with one line per input so that a diff shows what changed."""
    fields = {"format": FORMAT, "kind": header.kind, "version": header.version,
              "body": header.body, "inputs": dict(header.inputs)}
    return _NOTICE + emit.emit({"microfinish": fields})


def read_header(path: Path, shown: str) -> Header | None:
    """The header of the document at `path`; None where there is no such file.

    `shown` is the name for messages. The body is hashed, not parsed. Raises EditedByHand where
    the body is not what the header says, InputError where the file is not a document.
    """
    parts = _read(path, shown)
    return parts[0] if parts else None


def read_body(path: Path, type_: type[T], shown: str) -> T:
    """The body of the document at `path` as a noun. Raises InputError, EditedByHand."""
    from pydantic_core import ValidationError

    from microfinish.documents.shape import validator_of

    parts = _read(path, shown)
    if parts is None:
        raise InputError(f"{shown} is not there", where=Where(shown),
                         hint="`microfinish run` makes it")
    try:
        body: T = validator_of(type_).validate_python(emit.read(parts[1]))
    except (ValueError, ValidationError, IndexError) as error:
        raise InputError(f"{shown} was written by another version of microfinish",
                         where=Where(shown), hint="delete it to have it made anew",
                         detail=tuple(str(error).splitlines()[:3])) from None
    return body


def _read(path: Path, shown: str) -> tuple[Header, str] | None:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror or error}",
                         where=Where(shown)) from None
    # a checkout on Windows may have turned the line ends
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    split = _body_start(data)
    try:
        header = _header(emit.read(data[data.index(b"microfinish:"):split].decode("utf-8")))
    except (ValueError, KeyError, TypeError, IndexError):
        _refuse_conflict(data, shown)
        raise InputError(f"{shown} is not a document of microfinish, or its header is damaged",
                         where=Where(shown, 1), hint="delete it to have it made anew") from None
    if bytes_digest(data[split:]) != header.body:
        _refuse_conflict(data, shown)
        raise edited_by_hand(header.kind, shown)
    return header, data[split:].decode("utf-8")


def _refuse_conflict(data: bytes, shown: str) -> None:
    """Raise InputError at the first place where a merge of two versions left both."""
    line = next((number for number, text in enumerate(data.split(b"\n"), 1)
                 if text.startswith(b"<<<<<<< ")), 0)
    if not line:
        return
    if b'  kind: "lock"' in data or b"  kind: lock" in data:
        way = (f"keep one side, such as `git checkout --theirs -- {shown}`, whole; then "
               "`microfinish lock EP --relock` makes a revision of the merged edit. Do not delete "
               "it: it holds every revision")
    else:
        way = "delete it to have it made anew"
    raise InputError(f"{shown.rpartition('/')[2]} holds both sides of a merge that is not resolved",
                     where=Where(shown, line), hint=way)


def _body_start(data: bytes) -> int:
    """Where the body begins: at the first line after `microfinish:` that is not indented."""
    at = data.find(b"\n", max(0, data.find(b"microfinish:"))) + 1
    while at and data[at:at + 1] == b" ":
        at = data.find(b"\n", at) + 1
    return at or len(data)


def _header(data: dict[str, Any]) -> Header:
    fields = data["microfinish"]
    inputs = fields["inputs"]
    told = isinstance(inputs, dict) and all(isinstance(v, str) for v in inputs.values())
    if fields["format"] != FORMAT or not told:
        raise ValueError("unknown header")
    return Header(str(fields["kind"]), int(fields["version"]), inputs, str(fields["body"]))


def edited_by_hand(kind: str, shown: str) -> EditedByHand:
    """The error for a document that no stage wrote as it stands."""
    if kind == "lock":
        way = "re-cuts are locked by `microfinish lock EP --relock`"
    elif kind in _HUMAN_FILE:
        way = f"make the change in {_HUMAN_FILE[kind]}"
    else:
        way = "nothing in it is yours to change"
    return EditedByHand(f"{shown} was edited by hand", where=Where(shown),
                        hint=f"{way}; delete {shown} to have it made anew")
