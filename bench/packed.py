"""The functions as packed: the cold start of each with the layer, beside everything imported from plain sources.

`python -m bench.packed` builds the layer for the runtime (where this machine has no such Python: for the one that
runs), starts each function a few times in a clean interpreter, and prints medians.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from cli.demo import demo_world_and_request
from cli.embedded import INSTALL, embedded_install
from cli.packaging import OUT, Built, build, runtime
from cli.packaging.compiling import find_interpreter
from cli.packaging.project import ROOT
from shared.acceptance import accept

#: What a step's cold start may take with Tablestore and ECS: docs/laws.md.
MOST_SECONDS, MOST_MEGABYTES = 1.0, 110
_ROUNDS = 5
#: What functions use that are no part of one ordinary replication.
_BESIDES = {"start_replication": {"eventbridge"}, "api": {"eventbridge"}, "keep_dead_letter": set[str]()}
#: The order in which a function uses what it uses: its record, the cloud, then whoever comes next.
_ORDER = ("ots", "ecs", "vpc", "eventbridge", "smq")
_NOBODY = "http://127.0.0.1:9"
_ENVIRON = {
    "FERRY_INSTALL": INSTALL,
    "FERRY_HOME_REGION": "cn-beijing",
    "FERRY_STORE": "tablestore:ferry-bench",
    "FERRY_TABLESTORE_ENDPOINT": _NOBODY,
    "FERRY_SMQ_ENDPOINT": _NOBODY,
    "HTTPS_PROXY": _NOBODY,
    "https_proxy": _NOBODY,
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "bench",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "bench",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "bench",
}


@dataclass(frozen=True)
class Start:
    """The cold start of a function: medians after its store and ECS, and after all that it uses."""

    function: str
    step: tuple[float, float] | None
    whole: tuple[float, float]
    unused: tuple[str, ...]


def main() -> int:
    """Print sizes and cold starts; 1 if a figure does not hold."""
    console = Console(width=100, highlight=False)
    python = runtime() if find_interpreter(runtime()) else f"{sys.version_info.major}.{sys.version_info.minor}"
    built = build(python, ROOT / OUT, lambda _: None)
    _show_sizes(built, console)
    interpreter = find_interpreter(python)
    assert interpreter is not None
    command, layer = interpreter.command, ROOT / OUT / "layer" / "python"
    sizes = {function.name: function.size for function in built.functions}
    starts = [_start(command, layer, name, services) for name, services in sorted(_services().items())]
    naive = _naive(command, layer)
    console.print(f"cold start as packed, python{python}: processor time and most memory, medians of {_ROUNDS}")
    console.print(_table(starts, naive, sizes))
    wrong = list(_wrong(starts))
    for line in wrong:
        console.print(line, style="red")
    return 1 if wrong else 0


def _services() -> dict[str, list[str]]:
    """What each function uses, by the cloud's own log of one replication; all keep their record in Tablestore."""
    used = {path.parent.name: {"ots"} for path in (ROOT / "functions").glob("*/handler.py")}
    with tempfile.TemporaryDirectory() as folder:
        world, request = demo_world_and_request(Path(folder), None)
        target = request.target
        with embedded_install(
            world, home=target.region, seed=1, store=Path(folder) / "ferry.db", vswitch=target.vswitch
        ) as install:
            install.run_until_ended(accept(request, "bench", install.app).record.id, None, None)
            for call in install.cloud.cloud.calls:
                if call.function:
                    used[call.function.removeprefix(f"{INSTALL}-")].add(call.service)
    for function, services in _BESIDES.items():
        used[function] |= services
    return {function: [one for one in _ORDER if one in services] for function, services in used.items()}


def _start(command: tuple[str, ...], layer: Path, function: str, services: list[str]) -> Start:
    path = [str(ROOT / "functions" / function), str(layer)]
    rounds = [_cold(command, path, function, services) for _ in range(_ROUNDS)]
    medians = {mark: _medians([one["marks"][mark] for one in rounds]) for mark in rounds[0]["marks"]}
    unused = tuple(sorted(set(rounds[0]["loaded"]) - set(services)))
    return Start(function, medians.get("ecs"), list(medians.values())[-1], unused)


def _naive(command: tuple[str, ...], layer: Path) -> tuple[float, float]:
    """Every SDK, imported from sources without bytecode, as an unpacked package would be."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain"
        shutil.copytree(layer, plain, ignore=shutil.ignore_patterns("__pycache__"))
        path = [str(ROOT / "functions" / "create_image"), str(plain)]
        return _medians([_cold(command, path, "", [])["marks"]["all"] for _ in range(3)])


def _cold(
    command: tuple[str, ...], path: list[str], function: str, services: list[str]
) -> dict[str, dict[str, list[float]]]:
    order = json.dumps({"path": path, "function": function, "services": services, "environ": _ENVIRON})
    cold = Path(__file__).parent / "cold.py"
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "-I", "-S", "-B", str(cold), order],
        env={"PATH": os.defpath},
        stdout=subprocess.PIPE,
        stderr=None if function else subprocess.DEVNULL,
        check=True,
    )
    told: dict[str, dict[str, list[float]]] = json.loads(done.stdout)
    return told


def _medians(marks: list[list[float]]) -> tuple[float, float]:
    return median(mark[0] for mark in marks), median(mark[1] for mark in marks)


def _wrong(starts: list[Start]) -> Iterator[str]:
    for start in starts:
        if start.unused:
            yield f"{start.function} imports SDKs that it does not use: {', '.join(start.unused)}"
        if start.step and (start.step[0] > MOST_SECONDS or start.step[1] > MOST_MEGABYTES):
            yield f"{start.function} takes {start.step[0]:.2f} s and {start.step[1]:.0f} MB with Tablestore and ECS"


def _show_sizes(built: Built, console: Console) -> None:
    console.print(
        f"layer for python{built.python}: {built.size / 1e6:.1f} MB, {built.unpacked / 1e6:.1f} MB unpacked, "
        f"{len(built.packages)} packages, {'byte-compiled' if built.compiled else 'sources alone'}"
    )
    packages = sorted(built.packages, key=lambda package: (-package.size, package.name))
    console.print("  " + ", ".join(f"{package.name} {package.size / 1e6:.1f}" for package in packages) + " MB")


def _table(starts: list[Start], naive: tuple[float, float], sizes: Mapping[str, int]) -> Table:
    table = Table(box=None)
    for name in ("function", "its package", "Tablestore and ECS", "all that it uses"):
        table.add_column(name)
    for start in starts:
        table.add_row(start.function, f"{sizes[start.function]:,} bytes", _figures(start.step), _figures(start.whole))
    table.add_row("everything, plain sources", "", "", _figures(naive))
    return table


def _figures(figures: tuple[float, float] | None) -> str:
    return f"{figures[0]:.2f} s {figures[1]:4.0f} MB" if figures else ""


if __name__ == "__main__":
    sys.exit(main())
