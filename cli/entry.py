"""What runs first: Ctrl-C leaves in one word even while the rest is being imported."""

import sys


def run() -> None:
    """The command `ferry`."""
    try:
        from cli.main import run as ferry
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(3)
    ferry()
