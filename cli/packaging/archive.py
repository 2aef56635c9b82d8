"""Zips whose bytes follow from the files' names and contents alone."""

from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

#: The earliest moment that a zip can name.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644
_LEVEL = 6
_CACHE = "__pycache__"


def pack(folder: Path, into: Path | IO[bytes], *, with_bytecode: bool = False) -> None:
    """Write the files of *folder*, named from there, to a zip; caches only if *with_bytecode*."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with ZipFile(into, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, path in sorted(files.items()):
            if with_bytecode or _CACHE not in path.parts:
                archive.writestr(_entry(name), path.read_bytes())


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _MOMENT)
    entry.create_system, entry.external_attr = _UNIX, _MODE << 16
    entry.compress_type = ZIP_DEFLATED
    return entry
