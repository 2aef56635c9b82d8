"""The first boot of an instance made from an image: what cloud-init rewrites on its system disk."""

import os
import random
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template
from types import MappingProxyType

from localcloud.disks.tree import Ladder

_KEY = "${key} host key of ${instance_id} (embedded cloud)\n"

#: Path to content of each file that a first boot writes, where the directory is there. In a content stand
#: ${hostname}, ${private_ip}, ${instance_id}, and ${key}, which is as long as a machine's id and new in each file.
#: Source: cloud-init documentation, "Boot stages" and "Module reference" (set_hostname, update_etc_hosts, ssh,
#: resolv_conf), and help page "cloud-init" of ECS (read 2026-11).
FIRST_BOOT: Mapping[str, str] = MappingProxyType(
    {
        "/etc/hostname": "${hostname}\n",
        "/etc/hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost\n${private_ip}\t${hostname}\t${hostname}\n",
        "/etc/machine-id": "${key}\n",
        # The addresses of the VPC's own name servers (help page "Configure DNS", read 2026-11).
        "/etc/resolv.conf": "options timeout:2 attempts:3 rotate\nnameserver 100.100.2.136\nnameserver 100.100.2.138\n",
        "/etc/ssh/ssh_host_rsa_key": _KEY,
        "/etc/ssh/ssh_host_rsa_key.pub": _KEY,
        "/etc/ssh/ssh_host_ecdsa_key": _KEY,
        "/etc/ssh/ssh_host_ecdsa_key.pub": _KEY,
        "/etc/ssh/ssh_host_ed25519_key": _KEY,
        "/etc/ssh/ssh_host_ed25519_key.pub": _KEY,
        "/var/lib/cloud/data/instance-id": "${instance_id}\n",
        "/var/lib/cloud/data/previous-instance-id": "${instance_id}\n",
        "/var/log/cloud-init.log": "cloud-init: first boot of ${instance_id} as ${hostname}, boot ${key}\n",
        "/var/log/cloud-init-output.log": "Cloud-init finished: ${instance_id}, boot ${key}\n",
    }
)


def rewrite(root: Path, files: Mapping[str, str], facts: Mapping[str, str], draws: random.Random) -> tuple[str, ...]:
    """Write *files* below *root*, each only where its directory is there; the paths that were written.

    A file keeps the mode that it had. What is not a regular file stays, and no symbolic link is followed.
    """
    written = []
    for path, template in files.items():
        key = f"{draws.getrandbits(128):032x}"
        content = Template(template).safe_substitute(facts, key=key).encode(errors="surrogateescape")
        with _parent(root, path) as directory:
            if directory is not None and _write(directory, path.rpartition("/")[2], content):
                written.append(path)
    return tuple(written)


@contextmanager
def _parent(root: Path, path: str) -> Iterator[int | None]:
    """The directory that *path* lies in, or None when it is not there, or only behind a symbolic link."""
    with Ladder(root) as ladder:
        try:
            for part in path.split("/")[1:-1]:
                ladder.down(part)
        except OSError:
            yield None
            return
        yield ladder.fd


def _write(directory: int, name: str, content: bytes) -> bool:
    found = _found(directory, name)
    if found is not None and not stat.S_ISREG(found.st_mode):
        return False
    with _writable(directory):
        if found is not None:
            os.unlink(name, dir_fd=directory)  # its other names, if any, are other paths: they stay as they are
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=directory)
        try:
            os.write(fd, content)
            if found is not None and os.geteuid() == 0:
                os.fchown(fd, found.st_uid, found.st_gid)
            os.fchmod(fd, stat.S_IMODE(found.st_mode) if found else _new_mode(name))
        finally:
            os.close(fd)
    return True


def _found(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _new_mode(name: str) -> int:
    return 0o600 if name.endswith("_key") else 0o644


@contextmanager
def _writable(directory: int) -> Iterator[None]:
    """Let the owner write to a read-only directory for a moment: a guest's cloud-init is root."""
    mode = stat.S_IMODE(os.fstat(directory).st_mode)
    if mode & 0o300 == 0o300:
        yield
        return
    os.fchmod(directory, mode | 0o300)
    try:
        yield
    finally:
        os.fchmod(directory, mode)
