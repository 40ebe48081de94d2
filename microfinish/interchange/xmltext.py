"""XML that anybody may have sent: text to elements that know their line, and nothing fetched.

Entities are never expanded and nothing outside the file is ever read (CWE-611, CWE-776): a
DOCTYPE's name is accepted, since FCPXML and xmeml both carry one, a declaration inside it is not.
Size, depth and number of elements are bounded, so that a hostile file fails early and plainly.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from microfinish.core.errors import InputError, Where

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 200
MAX_ELEMENTS = 3_000_000

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
         (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))
_ENTITY_HINT = "export the file again from the editor; none of them writes entities"


@dataclass(slots=True)
class Element:
    """One element. `text` is its own character data, without that of its children, stripped of
    nothing; `tail` is what follows it inside its parent. `comments` are the comments directly in
    it. `line` and `column` count from 1."""

    tag: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list)
    text: str = ""
    tail: str = ""
    comments: list[str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """An attribute's value."""
        return self.attributes.get(name, default)

    def first(self, tag: str) -> Element | None:
        """The first child of that tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def all(self, *tags: str) -> list[Element]:
        """The children of these tags, in order."""
        return [child for child in self.children if child.tag in tags]

    def value(self, *path: str) -> str:
        """The stripped text of the element at `path` below this one; "" where there is none."""
        here: Element | None = self
        for tag in path:
            here = here.first(tag) if here else None
        return here.text.strip() if here else ""

    def iter(self) -> Iterator[Element]:
        """This element and everything below it, in document order."""
        stack = [self]
        while stack:
            here = stack.pop()
            yield here
            stack.extend(reversed(here.children))

    def words(self) -> str:
        """All character data in and below this element, in document order."""
        return self.text + "".join(child.words() + child.tail for child in self.children)

    def shown(self, limit: int = 100) -> str:
        """The start tag as it was written, for a message."""
        text = f"<{self.tag}" + "".join(f' {k}="{v}"' for k, v in self.attributes.items()) + ">"
        text = " ".join(text.split())
        return text if len(text) <= limit else text[:limit - 3] + "..."


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `doctype` is the DOCTYPE's name; `note` says where its text was repaired."""

    root: Element
    encoding: str
    doctype: str = ""
    note: str = ""


def parse_xml(data: bytes, file: str) -> Element:
    """The root element of an XML file's bytes; `file` is its name in messages.

    Raises InputError, with line and column, for what is no XML, declares entities or is beyond
    the bounds.
    """
    return parse_document(data, file).root


def parse_document(data: bytes, file: str) -> Document:
    """`parse_xml`, with the encoding that was found and the DOCTYPE's name."""
    if len(data) > MAX_BYTES:
        raise InputError(f"the XML file is larger than {MAX_BYTES >> 20} MiB", where=Where(file),
                         hint="is it the edit list? one episode is far smaller")
    text, encoding, note = _decode(data)
    if not text.strip("\0 \t\r\n"):
        raise InputError("the XML file is empty", where=Where(file), hint="export it again")
    builder = _Builder(file)
    builder.parse(text.encode("utf-8", "replace"))
    if builder.root is None:
        raise InputError("the XML file holds no element", where=Where(file),
                         hint="export it again")
    return Document(builder.root, encoding, builder.doctype, note)


def _decode(data: bytes) -> tuple[str, str, str]:
    """(text, encoding, note). A byte order mark wins over the declaration (XML 1.0, 4.3.3)."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding, ""
            except UnicodeDecodeError:
                return data.decode(encoding, "replace"), encoding, (
                    f"damaged {encoding} text: unreadable characters were replaced")
    if b"\0" in data[:4]:
        order = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(order, "replace"), order, ""
    declared = _DECLARED.match(data[:400])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name.startswith(("utf-16", "utf16", "ucs-2", "utf-32")):
        # some Windows programs save as UTF-8 and leave the declaration of UTF-16 standing
        name = "utf-8"
    for encoding in dict.fromkeys((name, "utf-8", "cp1252")):
        try:
            note = "" if encoding == name else f"the text is not {name}; read as {encoding}"
            return data.decode(encoding), encoding, note
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1"), "latin-1", f"the text is not {name}; read as latin-1"


class _Builder:
    """Expat's callbacks, gathering elements."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Element | None = None
        self.doctype = ""
        self._open: list[Element] = []
        self._count = 0
        self._text: list[str] = []
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.CommentHandler = self._comment
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped
        parser.ExternalEntityRefHandler = self._external
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser = parser

    def parse(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise InputError(
                f"this is not well-formed XML: {expat.ErrorString(error.code)}",
                where=Where(self.file, error.lineno, error.offset + 1),
                hint="the file may have been cut off or changed in transfer; "
                     "export it again") from None

    def _where(self) -> Where:
        return Where(self.file, self._parser.CurrentLineNumber,
                     self._parser.CurrentColumnNumber + 1)

    def _flush(self) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if self._open:
            here = self._open[-1]
            if here.children:
                here.children[-1].tail += text
            else:
                here.text += text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            what = (f"elements more than {MAX_DEPTH} deep" if self._count <= MAX_ELEMENTS
                    else f"more than {MAX_ELEMENTS} elements")
            raise InputError(f"the XML has {what}", where=self._where(),
                             hint="no editor writes that; export the file again")
        element = Element(tag, attributes, self._parser.CurrentLineNumber,
                          self._parser.CurrentColumnNumber + 1)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._flush()
        self._open.pop()

    def _comment(self, text: str) -> None:
        if self._open:
            self._open[-1].comments.append(text)

    def _doctype(self, name: str, system: str | None, public: str | None, subset: bool) -> None:
        self.doctype = name

    def _entity(self, name: str, *declaration: object) -> None:
        raise InputError(f"the XML declares the entity {name}; entities are not expanded",
                         where=self._where(), hint=_ENTITY_HINT)

    def _skipped(self, name: str, is_parameter: bool) -> None:
        raise InputError(f"the XML uses the entity {name}, which it does not define",
                         where=self._where(), hint=_ENTITY_HINT)

    def _external(self, context: str, base: str | None, system: str | None,
                  public: str | None) -> int:
        raise InputError("the XML refers to another file; nothing outside it is read",
                         where=self._where(), hint=_ENTITY_HINT)
