"""What the calls of Cloud Assistant have in common: how a command's script and limits are read, and pages."""

import base64
import re

from localcloud.ecs import errors
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import commands as refusals
from localcloud.texts import whole

TYPES = ("RunShellScript", "RunPowerShellScript", "RunBatScript")
#: What a custom parameter may be called.
PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Content and parameters together, as base64 (SDK 7.11.8, RunCommand, CommandContent).
_MOST_CONTENT = 24 * 1024
_LONGEST_TIMEOUT = 86400
_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_MOST_PARAMETERS = 20
#: Parameters that Cloud Assistant fills in by itself (help page CreateCommand, CommandContent, read 2026-11).
_BUILT_IN = frozenset(
    f"acs::{name}" for name in ("regionid", "accountid", "instanceid", "instancename", "invokeid", "commandid")
)


def read_content(params: Params, parameters: str = "", *, encoded: bool) -> str:
    """CommandContent, out of base64 when it is *encoded*; *parameters*: what is sent along with it."""
    content = params.need("CommandContent")
    raw = content.encode()
    if encoded:
        try:
            raw = base64.b64decode(content, validate=True)
            content = raw.decode()
        except ValueError:
            raise errors.COMMAND_CONTENT.error() from None
    if too_long(raw, parameters):
        raise errors.COMMAND_TOO_LONG.error()
    return content


def too_long(content: bytes, parameters: str) -> bool:
    """Whether a script and its custom parameters are more than Cloud Assistant takes."""
    return len(base64.b64encode(content + parameters.encode())) > _MOST_CONTENT


def parameters_of(content: str) -> tuple[str, ...]:
    """The custom parameters of a script, ``{{name}}``: 20 at most, the same in small letters and in capitals."""
    names: dict[str, str] = {}
    for found in _PLACE.findall(content):
        name = found.strip()
        if name.lower() in _BUILT_IN:
            continue
        if not name:
            raise errors.COMMAND_PARAMETER_KEY.error()
        if len(name.encode()) > 64:
            raise refusals.PARAMETER_NAME_TOO_LONG.error()
        if not PARAMETER.fullmatch(name):
            raise errors.COMMAND_PARAMETER_NAME.error()
        names.setdefault(name.lower(), name)
    if len(names) > _MOST_PARAMETERS:
        raise refusals.PARAMETERS_TOO_MANY.error()
    return tuple(names.values())


def read_name(params: Params, default: str = "") -> str:
    """Name: 128 characters at most."""
    if len(params.text("Name")) > 128:
        raise errors.COMMAND_NAME.error()
    return params.text("Name", default)


def read_description(params: Params, beyond: errors.Refusal, default: str = "") -> str:
    """Description: 512 characters at most, or *beyond*."""
    if len(params.text("Description")) > 512:
        raise beyond.error()
    return params.text("Description", default)


def read_working_dir(params: Params, default: str = "") -> str:
    """WorkingDir: 200 characters at most."""
    if len(params.text("WorkingDir")) > 200:
        raise refusals.WORKING_DIR.error()
    return params.text("WorkingDir", default)


def read_launcher(params: Params, default: str = "") -> str:
    """Launcher: 1 KB at most."""
    if len(params.text("Launcher").encode()) > 1024:
        raise refusals.LAUNCHER.error()
    return params.text("Launcher", default)


def read_timeout(params: Params, default: int = 60, beyond: errors.Refusal | None = None) -> int:
    """Timeout: from 10 seconds (help page InvokeCommand, read 2026-11) to a day (UNVERIFIED); *beyond*: longer."""
    if beyond and whole(params.text("Timeout"), _LONGEST_TIMEOUT + 1, 10**18) is not None:
        raise beyond.error()
    return params.whole("Timeout", default, 10, _LONGEST_TIMEOUT)


def read_page(params: Params, no_number: errors.Refusal, no_size: errors.Refusal) -> tuple[int, int]:
    """Number and size of a page, which Cloud Assistant refuses with codes of its own."""
    number, size = whole(params.text("PageNumber", "1"), 1, 10**6), whole(params.text("PageSize", "10"), 1, 50)
    if number is None:
        raise no_number.error()
    if size is None:
        raise no_size.error()
    return number, size


def encoded(content: bytes, *, encode: bool) -> str:
    """A script or an output as it is shown: in base64, or as it is."""
    return base64.b64encode(content).decode() if encode else content.decode(errors="replace")
