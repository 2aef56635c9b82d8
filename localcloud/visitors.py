"""Who may come in over HTTP: programs on this machine, and no page in a browser."""

import re

from localcloud.wire import Request, Response

#: A name, as long as DNS has them, with or without its last dot, and a port.
_HOST = re.compile(r"(?P<name>[a-z0-9.-]{1,253}?)\.?(?::[0-9]{1,5})?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def refusal(request: Request) -> Response | None:
    """What a browser's request is answered, or one for another host's name; None for a program's.

    A page of any site can have its browser send a request here; its own script can't leave out these headers.
    """
    named = _HOST.fullmatch(request.host.lower())
    host = named["name"] if named else ""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        return Response(403, b"The embedded cloud takes no request from a browser.\n")
    if host not in _LOOPBACK and not host.endswith(".aliyuncs.com"):
        return Response(403, b"The embedded cloud takes no request for this host.\n")
    return None
