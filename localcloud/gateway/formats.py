"""An answer's form: JSON or XML, as the call wants it.

https://www.alibabacloud.com/help/en/ecs/developer-reference/common-parameters (Format: "JSON or XML.  Default value:
XML"; read 2026-11).  Calls that are signed by version 3 have no Format; they say it in the header Accept.
"""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from localcloud.gateway import errors
from localcloud.texts import speakable
from localcloud.wire import Response, json_response

_XML_TYPE = {"Content-Type": "text/xml;charset=utf-8"}


def wants_xml(sent: Mapping[str, str], accept: str, *, version3: bool) -> bool:
    """Whether a call wants XML; refused when it wants what there is not."""
    wanted = sent.get("Format", "").upper()
    if wanted in ("JSON", "XML"):
        return wanted == "XML"
    if wanted:
        raise errors.invalid("Format")
    if "json" in accept.lower():
        return False
    return "xml" in accept.lower() or not version3


def response(status: int, body: Mapping[str, object], *, root: str, xml: bool) -> Response:
    """*body* as an answer; *root* is the name of an XML document's element."""
    if not xml:
        return json_response(status, body)
    inner = "".join(_elements(body.items()))
    text = f"<?xml version='1.0' encoding='UTF-8'?><{root}>{inner}</{root}>"
    return Response(status, text.encode(), _XML_TYPE)


def _elements(fields: Iterable[tuple[str, object]]) -> Iterable[str]:
    for name, value in fields:
        for one in value if isinstance(value, (list, tuple)) else (value,):
            yield f"<{name}>{_content(one)}</{name}>"


def _content(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(_elements(value.items()))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else escape(speakable(str(value)), {"\r": "&#13;"})
