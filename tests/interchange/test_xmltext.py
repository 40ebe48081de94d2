"""XML from anywhere: lines are known, nothing is expanded, nothing is fetched."""

import pytest

from microfinish.core.errors import InputError
from microfinish.interchange import xmltext
from microfinish.interchange.xmltext import parse_document, parse_xml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'


def test_elements_know_their_place_text_and_attributes() -> None:
    root = parse_xml((HEAD + '<a x="1">\n  <b>one<c/>two</b>\n  <b y="&lt;"/></a>').encode(), "e")
    assert (root.tag, root.get("x"), root.get("z", "-"), root.line) == ("a", "1", "-", 3)
    first, second = root.all("b")
    assert (first.text, first.words(), first.line, first.column) == ("one", "onetwo", 4, 3)
    assert (second.get("y"), second.line) == ("<", 5)
    assert root.value("b", "c") == "" and root.value("b") == "one"
    assert [element.tag for element in root.iter()] == ["a", "b", "c", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "utf-32", "iso-8859-1", "cp1252", "shift_jis"])
def test_every_encoding_reads_the_same(encoding: str) -> None:
    name = "日本" if encoding == "shift_jis" else "Café"
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><a n="{name}"/>'
    assert parse_xml(text.encode(encoding), "e").get("n") == name


def test_a_wrong_declaration_is_repaired_and_said() -> None:
    western = '<?xml version="1.0" encoding="UTF-8"?><a n="Café"/>'.encode("cp1252")
    document = parse_document(western, "e")
    assert document.root.get("n") == "Café" and "cp1252" in document.note
    wrong = parse_document('<?xml version="1.0" encoding="UTF-16"?><a n="Café"/>'.encode(), "e")
    assert wrong.root.get("n") == "Café"


@pytest.mark.parametrize("doctype", [
    '<!DOCTYPE a [<!ENTITY b "bbb">]>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost/x.dtd"> %p;]>',
    '<!DOCTYPE a SYSTEM "http://localhost/a.dtd">',
])
def test_entities_are_refused_with_their_line(doctype: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_xml(f"<?xml version='1.0'?>\n{doctype}\n<a>&b;</a>".encode(), "edit.xml")
    assert caught.value.where is not None and caught.value.where.line in (2, 3)


@pytest.mark.parametrize("text", ["", " \n", "plain", "<a>", "<a></b>", "<a><b></a>", "<a x=1/>",
                                  "<a>&nbsp;</a>", "<a/><b/>", "<?xml version='1.0'?>"])
def test_what_is_no_xml_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_xml(text.encode(), "edit.xml")
    assert caught.value.where is not None and caught.value.where.file == "edit.xml"
    assert caught.value.hint


def test_depth_number_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="deep"):
        parse_xml(b"<a>" * 300 + b"</a>" * 300, "e")
    monkeypatch.setattr(xmltext, "MAX_ELEMENTS", 10)
    with pytest.raises(InputError, match="more than 10"):
        parse_xml(b"<a>" + b"<b/>" * 20 + b"</a>", "e")
    monkeypatch.setattr(xmltext, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="larger"):
        parse_xml(b"<a>" + b"<b/>" * 20 + b"</a>", "e")
