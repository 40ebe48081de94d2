"""MHL manifests are read with their lines, old and new; hostile ones stay outside the disk."""

from __future__ import annotations

import pytest

from microfinish.core.errors import InputError
from microfinish.core.mhl import c4_of, hash_bytes
from microfinish.interchange.mhl import read_chain, read_hash_list
from microfinish.interchange.mhl_ignore import ignored_by

V2 = b"""<?xml version="1.0"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo><creationdate>2020-01-16T09:15:00+00:00</creationdate><hostname>h</hostname>
    <tool version="1">t</tool></creatorinfo>
  <processinfo><process>transfer</process>
    <ignore><pattern>*.tmp</pattern></ignore></processinfo>
  <hashes>
    <hash><path size="5">a/b.mov</path><xxh64 action="original">0ea03b369a463d9d</xxh64></hash>
    <hash><path>../../etc/passwd</path><md5>00</md5></hash>
  </hashes>
</hashlist>"""


def test_a_manifest_says_what_it_holds_and_where():
    found = read_hash_list(V2, "0001.mhl")
    (entry,) = found.entries
    assert (entry.path, entry.hashes, entry.size) == (
        "a/b.mov", {"xxh64": "0ea03b369a463d9d"}, 5)
    assert (entry.action, entry.line) == ("original", 8)
    assert (found.process, found.ignore) == ("transfer", ("*.tmp",))


def test_a_path_that_leaves_the_folder_is_a_loss_not_a_file():
    (loss,) = read_hash_list(V2, "0001.mhl").losses
    assert loss.startswith("0001.mhl:9:")


def test_the_older_lists_of_copy_tools_are_read():
    text = b"""<hashlist version="1.1"><creatorinfo><tool>x</tool></creatorinfo>
      <hash><file>Clips\\A.mov</file><size>4</size><xxhash64be>7680E5F98F4A80FD</xxhash64be></hash>
      </hashlist>"""
    (entry,) = read_hash_list(text, "card.mhl").entries
    assert (entry.path, entry.hashes) == ("Clips/A.mov", {"xxh64": "7680e5f98f4a80fd"})


def test_other_xml_is_refused_in_words():
    with pytest.raises(InputError, match="no MHL manifest but <html>"):
        read_hash_list(b"<html/>", "x.mhl")
    with pytest.raises(InputError, match="no MHL chain"):
        read_chain(b"<hashlist/>", "ascmhl_chain.xml")


def test_a_c4_id_is_that_of_the_standard():
    # SMPTE ST 2114: the C4 ID of no data at all
    empty = ("c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEm"
             "Tc1sFT")
    assert c4_of(b"") == empty
    assert len(hash_bytes("c4", empty)) == 64


@pytest.mark.parametrize(("pattern", "path", "is_folder", "left_out"), [
    (".DS_Store", "a/b/.DS_Store", False, True),
    ("*.tmp", "a/x.tmp", False, True),
    ("*.tmp", "a/x.tmpx", False, False),
    ("/x.txt", "x.txt", False, True),
    ("/x.txt", "a/x.txt", False, False),
    ("proxy/", "a/proxy", True, True),
    ("proxy/", "a/proxy", False, False),
    ("a/*.mov", "a/b/c.mov", False, False),
    ("a/**/c.mov", "a/b/b/c.mov", False, True),
    ("clip[0-3].mov", "clip2.mov", False, True),
    ("clip[!0-3].mov", "clip2.mov", False, False),
    ("# note", "# note", False, False),
])
def test_patterns_leave_out_what_gitignore_would(pattern, path, is_folder, left_out):
    assert ignored_by([pattern])(path, is_folder) is left_out


def test_the_last_pattern_wins():
    assert not ignored_by(["*.mov", "!keep.mov"])("a/keep.mov", False)
