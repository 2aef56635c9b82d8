"""The scripts that run inside a guest: POSIX sh, one file an act."""

from pathlib import Path

#: Digests a guest's disks.
DIGEST_DISKS = Path(__file__).parent / "digest_disks.sh"
#: How long a digest may run in a guest, in seconds.
TIME_LIMIT_SECONDS = 4 * 3600
#: Every script of ours.
SCRIPTS = (DIGEST_DISKS,)
