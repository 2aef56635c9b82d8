"""Why no answer came, in a few words: what the HTTP libraries say runs to hundreds of characters."""

import re

_HOST = re.compile(r"host=\\*'([^'\\]+)\\*'")
#: What stands in a library's words, and what it means to a person; the first that is found counts.
_CAUSES = (
    ("ProxyError", "the proxy can't be reached: is https_proxy right?"),
    ("NameResolutionError", "its name is not known: is there a network, and is the region right?"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate can't be verified"),
    ("Connection refused", "it refuses the connection"),
    ("ConnectTimeout", "no connection in time"),
    ("timed out", "no answer in time"),
)
_LONGEST = 200


def why_lost(lost: object) -> str:
    """Which host did not answer, and why, as far as *lost* tells."""
    text = str(lost)
    host = _HOST.search(text)
    cause = next((means for words, means in _CAUSES if words in text), text[:_LONGEST])
    return f"{host[1]}: {cause}" if host else cause
