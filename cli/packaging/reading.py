"""A layer that was built before: what it says of itself, and whether that is what is wanted now."""

import io
import json
import zipfile
import zlib
from pathlib import Path

from cli.packaging.layout import MANIFEST, PYTHON
from cli.packaging.project import runtime_version
from cli.packaging.sources import digest_of_sources
from shared.problem import BadInput, Problem

_MANIFEST = f"{PYTHON}/{MANIFEST}"


def read_layer(path: Path, *, named: bool) -> bytes:
    """The zip's content; raises BadInput for no layer, and for one of another Python than s.yaml's.

    One that a person has *named* may come from other sources; one that was merely found may not.
    """
    place = "--layer" if named else str(path)
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
        python, sources = str(manifest["python"]), str(manifest["sources"])
    except KeyError:
        raise _bad(place, "no_layer", f"{path}: it has no {_MANIFEST} in it") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, TypeError) as error:
        raise _bad(place, "no_layer", f"{path}: {error}") from None
    runtime = runtime_version()
    if python != runtime:
        raise _bad(
            place,
            "other_python",
            f"{path} was built for python{python}; the functions of s.yaml run on python{runtime}",
        )
    if not named and sources != digest_of_sources(python):
        raise _bad(place, "stale", f"{path} was built from other sources than are here now")
    return content


def _bad(place: str, code: str, message: str) -> BadInput:
    fix = "build it again: ferry build"
    if code == "stale":
        fix = f"{fix}; or publish it as it is: --layer {place}"
    return BadInput((Problem(path=place, code=code, message=message, fix=fix),))
