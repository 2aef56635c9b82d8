"""All benches, one after the other; exit 1 if a figure that is asserted does not hold."""

import sys

from bench import calls, cloud, looks, packed, steps, store, storms


def main() -> int:
    """Run them all."""
    failed = 0
    for bench in (steps, looks, store, calls, cloud, packed, storms):
        print(f"\n== {bench.__name__}")  # noqa: T201 - a bench prints
        failed |= bench.main() or 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
