"""How an event reaches a target: what of it is sent, and where.

https://www.alibabacloud.com/help/en/doc-detail/185887.htm (event target parameters, read 2026-11)
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from localcloud.eventbridge.models import Event, Param, Target
from localcloud.texts import read_json
from localcloud.wire import ApiError

if TYPE_CHECKING:
    from localcloud.smq import Smq

TYPES = ("acs.mns.topic", "acs.mns.queue")
_ENDPOINT = re.compile(r"acs:mns:([^:]+):([^:]+):/?(topics|queues)/([^/]+)(?:/messages)?")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def problem_with(target: Target, region: str, account: str) -> str | None:
    """What is wrong with *target* on a bus of *region*, if anything."""
    if target.type not in TYPES:
        return f"targets of type {target.type} are not in the embedded cloud"
    found = _ENDPOINT.fullmatch(target.endpoint)
    if found is None or f"acs.mns.{found.group(3)[:-1]}" != target.type:
        return f"{target.endpoint} is no endpoint of {target.type}: write acs:mns:<region>:<account>:topics/<name>"
    if (found.group(1), found.group(2)) != (region, account):
        return f"{target.endpoint} is not in region {region} and account {account}, where the rule is"
    for param in target.params:
        if param.form == "TEMPLATE" and _paths(param) is None:
            return f"the Value of {param.key} is not a JSON object of texts, as a TEMPLATE's is"
    return None


def name_of(target: Target) -> str:
    """The topic's or queue's name."""
    return target.endpoint.rstrip("/").removesuffix("/messages").rpartition("/")[2]


def deliver(smq: "Smq", target: Target, region: str, event: Event) -> bool:
    """Send *event* to *target*; False when it cannot be reached, or what it should get can't be written."""
    name = name_of(target)
    try:
        body = _value(target.param("Body"), event)
        if target.type == "acs.mns.topic":
            smq.state.publish(smq.state.topic(region, name), body)
        else:
            encode = _value(target.param("IsBase64Encode"), event).lower() == "true"
            text = base64.b64encode(body.encode()).decode() if encode else body
            smq.state.send(smq.state.queue(region, name), text)
    except (ApiError, ValueError):
        return False
    return True


def _value(param: Param | None, event: Event) -> str:
    if param is None:
        return ""
    if param.form == "ORIGINAL":
        return json.dumps(event)
    if param.form == "JSONPATH":
        return _text(_at(event, param.value or "$"))
    if param.form == "TEMPLATE":
        paths = _paths(param) or {}
        return _VARIABLE.sub(lambda found: _text(_at(event, paths.get(found.group(1), ""))), param.template or "")
    return param.value or ""


def _paths(param: Param) -> Mapping[str, str] | None:
    """The path of each variable of a template; None when Value does not say them."""
    try:
        paths = read_json(param.value or "{}")
    except ValueError:
        return None
    return paths if isinstance(paths, dict) and all(isinstance(path, str) for path in paths.values()) else None


def _at(event: Event, path: str) -> object:
    """What *path*, such as ``$.data.imageId``, names; None when it is not there."""
    value: object = event
    for key in path.removeprefix("$").strip(".").split("."):
        if key:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
