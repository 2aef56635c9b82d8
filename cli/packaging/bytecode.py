"""Byte-compiles a folder; a program for the interpreter of the target version, which knows nothing of Ferry.

``python -I -S -B bytecode.py FOLDER MOUNTED``: one process, the files in order: how an object is marshalled depends on
what else lives in the process, https://github.com/python/cpython/issues/78274.  It does not depend on the hash seed,
since 3.11: https://github.com/python/cpython/issues/81777.
"""

import json
import py_compile
import sys
from pathlib import Path


def main(folder: Path, mounted: str) -> None:
    """Compile every module; those that can't be are named on stdout."""
    failed = []
    for file in sorted(folder.rglob("*.py")):
        name = file.relative_to(folder).as_posix()
        try:
            # Unchecked: no time and no source is looked at when a module is imported, unpacked whenever and however.
            py_compile.compile(
                str(file),
                dfile=f"{mounted}/{name}",
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        except py_compile.PyCompileError:
            failed.append(name)
    sys.stdout.write(json.dumps(failed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
