"""Chance from one seed: a stream of its own for each purpose, so that a new draw shifts no other."""

import hashlib
import random

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def stream(seed: int, *purpose: object) -> random.Random:
    """The random stream for *purpose*; the same seed and purpose give the same draws."""
    text = ":".join(str(part) for part in (seed, *purpose))
    return random.Random(hashlib.sha256(text.encode()).digest())


def new_id(seed: int, prefix: str, number: int) -> str:
    """The *number*th id with this *prefix*, in the cloud's form: ``i-`` and 20 characters."""
    draws = stream(seed, "id", prefix, number)
    return prefix + "".join(draws.choice(_ALPHABET) for _ in range(20))
