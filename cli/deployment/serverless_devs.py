"""The Serverless Devs command `s`, which deploys what s.yaml names."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cli.deployment.place import ROOT, Place

COMMAND = "s"
FIX = "install it with Node.js 14.14 or newer: npm install --global @serverless-devs/s"
#: `s` takes a key from any variable that ends so, as JSON, under the variable's own name; this way a temporary key's
#: token is taken, too, and nothing is written to ~/.s/access.yaml.
#: @serverless-devs/credential 0.0.10, lib/actions/get-all.js
_ACCESS = "ferry_serverless_devs_key"
#: A pair of these would be preferred, and has no place for a token: lib/actions/get.js, getEnvKeyPair.
_PREFERRED = ("AccountID", "AccessKeyID", "AccessKeySecret")
_KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")


def find() -> Path | None:
    """Where `s` is; None when it is not on PATH."""
    found = shutil.which(COMMAND)
    return Path(found) if found else None


def deploy(command: Path, place: Place, layer: str, component: str | None, *, quiet: bool) -> int:
    """Run `s deploy` on s.yaml and wait for its end; its exit code.  Its output is shown, on stderr if *quiet*."""
    done = subprocess.run(  # noqa: S603 - the command that the user's PATH names
        [command, "deploy", "-y", "--template", ROOT / "s.yaml", "--access", _ACCESS],
        cwd=ROOT,
        env=environment(place, layer, component),
        stdin=subprocess.DEVNULL,
        stdout=2 if quiet else None,
        check=False,
    )
    return done.returncode


def environment(place: Place, layer: str, component: str | None) -> dict[str, str]:
    """What `s` is told: the install's settings, its layer, and the key as it takes one."""
    own = {name: value for name, value in os.environ.items() if name not in (*_PREFERRED, *_KEYS)}
    told = {name: value for name, value in place.environ.items() if name.startswith("FERRY_")}
    key = {
        "AccountID": place.site.account,
        "AccessKeyID": place.environ[_KEYS[0]],
        "AccessKeySecret": place.environ[_KEYS[1]],
    }
    if token := place.environ.get(_KEYS[2]):
        key["SecurityToken"] = token
    chosen: Mapping[str, str] = {"FC3_COMPONENT": component} if component else {}
    return {**own, **told, **chosen, "FERRY_LAYER_ARN": layer, _ACCESS: json.dumps(key)}
