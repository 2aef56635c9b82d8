"""SMQ's XML: https://www.alibabacloud.com/help/en/mns/developer-reference/ (API reference, read 2026-11)."""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from localcloud.smq.errors import malformed_xml

#: More elements than any request has, of 16 messages with their properties: what has more is refused.
_MOST_ELEMENTS = 10_000
#: A parser is fed so much at a time: what is refused is not read to its end.
_CHUNK = 64 * 1024
NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"
Fields = Mapping[str, object]


def read(body: bytes) -> tuple[str, list[dict[str, str]]]:
    """The root's name and its records: one for a flat document, one a child for a list of records."""
    root = _root(body)
    children = list(root)
    if children and all(len(child) for child in children):
        return _plain(root.tag), [_fields(child) for child in children]
    return _plain(root.tag), [_fields(root)]


def read_list(body: bytes) -> list[str]:
    """The texts of the root's children."""
    return [child.text or "" for child in _root(body)]


def one(name: str, fields: Fields) -> bytes:
    """A document of one record."""
    return _text(_element(name, fields))


def many(name: str, item: str, records: Iterable[Fields], **beside: object) -> bytes:
    """A document of many records, and what stands beside them."""
    root = _element(name, beside)
    for fields in records:
        root.append(_element(item, fields))
    return _text(root)


class _Tree(ElementTree.TreeBuilder):
    """Builds what is no larger than a request, and has no type declaration: entities, which grow, come with one."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise ValueError(f"it has more than {_MOST_ELEMENTS} elements")
        return super().start(tag, attrs)

    def doctype(self, name: str, *_: object) -> None:
        raise ValueError(f"the document type {name} is declared")


def _root(body: bytes) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Tree())  # noqa: S314 - _Tree takes no entities
    try:
        for begin in range(0, len(body), _CHUNK):
            parser.feed(body[begin : begin + _CHUNK])
        root: ElementTree.Element = parser.close()
    # The latter two: its encoding is not known, or _Tree takes no such thing.
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise malformed_xml() from error
    return root


def _element(name: str, fields: Fields) -> ElementTree.Element:
    element = ElementTree.Element(name)
    for key, value in fields.items():
        ElementTree.SubElement(element, key).text = str(value)
    return element


def _text(root: ElementTree.Element) -> bytes:
    root.set("xmlns", NAMESPACE)
    text = ElementTree.tostring(root).replace(b"\r", b"&#13;")  # a reader would take a plain one for a line's end
    return b'<?xml version="1.0" encoding="utf-8"?>' + text


def _fields(element: ElementTree.Element) -> dict[str, str]:
    return {_plain(child.tag): child.text or "" for child in element}


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]
