"""ASC MHL manifests and chains as text: read with their lines, written to the standard's schema.

Version 2.0 (`urn:ASC:MHL:v2.0`); the older `hashlist version="1.x"` that copy tools still leave on
cards is read too.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from microfinish.core.errors import InputError, Where
from microfinish.core.mhl import (
    FORMATS,
    ChainLink,
    DirectoryHash,
    HashEntry,
    HashList,
    Reference,
)
from microfinish.interchange.xmltext import Element, parse_xml

_LEGACY_FORMATS = {"md5": "md5", "sha1": "sha1", "xxhash64be": "xxh64", "c4": "c4"}


def read_hash_list(data: bytes, file: str) -> HashList:
    """The manifest in `data`; `file` names it. Raises InputError where it is no hash list."""
    root = parse_xml(data, file)
    if _name(root) != "hashlist":
        raise InputError(f"this is no MHL manifest but <{_name(root)}>",
                         where=Where(file, root.line, root.column),
                         hint="a manifest begins with <hashlist>")
    if root.get("version").startswith("1."):
        return _legacy(root, file)
    creator, process = _first(root, "creatorinfo"), _first(root, "processinfo")
    tool = _first(creator, "tool")
    entries: list[HashEntry] = []
    directories: list[DirectoryHash] = []
    losses: list[str] = []
    for item in _children(_first(root, "hashes")):
        if _name(item) == "hash":
            entry = _entry(item)
            if _is_inside(entry.path):
                entries.append(entry)
            else:
                losses.append(f"{file}:{item.line}: the path {entry.path!r} leaves the folder")
        elif _name(item) == "directoryhash":
            directories.append(_directory(item))
    whole = _first(process, "roothash")
    if whole is not None:
        directories.append(_directory(whole, "."))
    return HashList(
        file, _text(creator, "creationdate"), _text(creator, "hostname"), _text(creator, "tool"),
        tool.get("version") if tool else "", _text(process, "process") or "in-place",
        tuple(entries), tuple(directories),
        tuple(Reference(_text(item, "path"), _text(item, "c4"))
              for item in _children(_first(root, "references"))),
        tuple(item.text.strip() for item in _children(_first(process, "ignore"))),
        _text(creator, "comment"), tuple(losses))


def read_chain(data: bytes, file: str) -> tuple[ChainLink, ...]:
    """The generations that `ascmhl_chain.xml` vouches for, oldest first."""
    root = parse_xml(data, file)
    if _name(root) != "ascmhldirectory":
        raise InputError(f"this is no MHL chain but <{_name(root)}>",
                         where=Where(file, root.line, root.column))
    links = [ChainLink(_whole(item.get("sequencenr")) or 0, _text(item, "path"), _text(item, "c4"),
                       item.line)
             for item in _children(root) if _name(item) == "hashlist"]
    return tuple(sorted(links, key=lambda link: link.number))


def write_hash_list(found: HashList) -> bytes:
    """The manifest as UTF-8 XML, valid against ASCMHL.xsd."""
    created = found.created
    lines = ['<?xml version="1.0" encoding="UTF-8"?>',
             '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">',
             "  <creatorinfo>",
             f"    <creationdate>{_shown(created)}</creationdate>",
             f"    <hostname>{_shown(found.host)}</hostname>",
             f"    <tool version={_attribute(found.tool_version)}>{_shown(found.tool)}</tool>"]
    if found.comment:
        lines.append(f"    <comment>{_shown(found.comment)}</comment>")
    lines += ["  </creatorinfo>", "  <processinfo>",
              f"    <process>{_shown(found.process)}</process>"]
    whole = next((item for item in found.directories if item.path == "."), None)
    if whole:
        lines += ["    <roothash>", *_containers(whole, created, "      "), "    </roothash>"]
    if found.ignore:
        lines += ["    <ignore>",
                  *(f"      <pattern>{_shown(pattern)}</pattern>" for pattern in found.ignore),
                  "    </ignore>"]
    lines.append("  </processinfo>")
    body = [*_hash_lines(found.entries, created),
            *(line for item in found.directories if item is not whole
              for line in _directory_lines(item, created))]
    if body:
        lines += ["  <hashes>", *body, "  </hashes>"]
    if found.references:
        lines.append("  <references>")
        for reference in found.references:
            lines += ["    <hashlistreference>", f"      <path>{_shown(reference.path)}</path>",
                      f"      <c4>{_shown(reference.c4)}</c4>", "    </hashlistreference>"]
        lines.append("  </references>")
    return ("\n".join([*lines, "</hashlist>"]) + "\n").encode()


def write_chain(links: Iterable[ChainLink]) -> bytes:
    """`ascmhl_chain.xml` as UTF-8 XML, valid against ASCMHLDirectory.xsd."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>',
             '<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">']
    for link in links:
        lines += [f'  <hashlist sequencenr="{link.number}">',
                  f"    <path>{_shown(link.path)}</path>", f"    <c4>{_shown(link.c4)}</c4>",
                  "  </hashlist>"]
    return ("\n".join([*lines, "</ascmhldirectory>"]) + "\n").encode()


def _hash_lines(entries: Iterable[HashEntry], created: str) -> Iterable[str]:
    for entry in entries:
        size = f' size="{entry.size}"' if entry.size is not None else ""
        date = f" lastmodificationdate={_attribute(entry.modified)}" if entry.modified else ""
        yield "    <hash>"
        yield f"      <path{size}{date}>{_shown(entry.path)}</path>"
        action = f" action={_attribute(entry.action)}" if entry.action else ""
        for format_ in FORMATS:
            if format_ in entry.hashes:
                yield (f"      <{format_}{action} hashdate={_attribute(created)}>"
                       f"{_shown(entry.hashes[format_])}</{format_}>")
        if entry.previous:
            yield f"      <previousPath>{_shown(entry.previous)}</previousPath>"
        yield "    </hash>"


def _directory_lines(item: DirectoryHash, created: str) -> Iterable[str]:
    date = f" lastmodificationdate={_attribute(item.modified)}" if item.modified else ""
    yield "    <directoryhash>"
    yield f"      <path{date}>{_shown(item.path)}</path>"
    yield from _containers(item, created, "      ")
    yield "    </directoryhash>"


def _containers(item: DirectoryHash, created: str, indent: str) -> Iterable[str]:
    for name, hashes in (("content", item.content), ("structure", item.structure)):
        yield f"{indent}<{name}>"
        for format_ in FORMATS:
            if format_ in hashes:
                yield (f"{indent}  <{format_} hashdate={_attribute(created)}>"
                       f"{_shown(hashes[format_])}</{format_}>")
        yield f"{indent}</{name}>"


def _shown(text: str) -> str:
    return escape("".join(char for char in text if char >= " "))


def _attribute(text: str) -> str:
    return quoteattr("".join(char for char in text if char >= " "))


def _entry(item: Element) -> HashEntry:
    path = _first(item, "path")
    hashes = {_name(child): child.text.strip() for child in item.children
              if _name(child) in FORMATS and child.text.strip()}
    actions = [child.get("action") for child in item.children if _name(child) in FORMATS]
    action = "failed" if "failed" in actions else next(iter(actions), "")
    return HashEntry(path.text.strip() if path else "", hashes,
                     _whole(path.get("size")) if path else None, action,
                     path.get("lastmodificationdate") if path else "",
                     _text(item, "previousPath"), item.line)


def _directory(item: Element, path: str = "") -> DirectoryHash:
    return DirectoryHash(path or _text(item, "path"), _formats(_first(item, "content")),
                         _formats(_first(item, "structure")))


def _formats(item: Element | None) -> dict[str, str]:
    return {_name(child): child.text.strip() for child in _children(item)}


def _legacy(root: Element, file: str) -> HashList:
    """MHL 1.x: <hash><file>path</file><size/><md5/>...</hash>, straight below the root."""
    creator = _first(root, "creatorinfo")
    entries = []
    for item in _children(root):
        hashes = {_LEGACY_FORMATS[_name(child)]: child.text.strip().lower()
                  for child in item.children if _name(child) in _LEGACY_FORMATS}
        path = _text(item, "file").replace("\\", "/")
        if _name(item) == "hash" and hashes and _is_inside(path):
            entries.append(HashEntry(path, hashes, _whole(_text(item, "size")), "original",
                                     _text(item, "lastmodificationdate"), "", item.line))
    return HashList(file, _text(creator, "finishdate"), _text(creator, "hostname"),
                    _text(creator, "tool"), entries=tuple(entries))


def _is_inside(path: str) -> bool:
    """A manifest may have come from anybody: a path must stay below its folder."""
    return bool(path) and not path.startswith("/") and ":" not in path[:2] and \
        ".." not in path.split("/")


def _name(element: Element) -> str:
    return element.tag.rpartition(":")[2]


def _children(element: Element | None) -> list[Element]:
    return element.children if element else []


def _first(element: Element | None, name: str) -> Element | None:
    return next((child for child in _children(element) if _name(child) == name), None)


def _text(element: Element | None, name: str) -> str:
    found = _first(element, name)
    return found.text.strip() if found else ""


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
