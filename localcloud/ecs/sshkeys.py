"""SSH keys: made from a seed, so that one seed gives one history; read from a line; and their fingerprints."""

import base64
import hashlib
import random

_EXPONENT = 65537
_BITS = 1024  # of each prime
_SMALL_PRIMES = tuple(number for number in range(3, 2000, 2) if all(number % part for part in range(3, number, 2)))
_KINDS = ("ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")


def make_pair(draws: random.Random) -> tuple[str, str]:
    """An RSA key pair of 2048 bits: the private key as PEM in PKCS#8, the public one as a line for authorized_keys.

    It is good for trying things out and for nothing else: who knows the seed knows the key.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import (
        RSAPrivateNumbers,
        RSAPublicNumbers,
        rsa_crt_dmp1,
        rsa_crt_dmq1,
        rsa_crt_iqmp,
    )
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    p, q = _prime(draws), _prime(draws)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    private = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(_EXPONENT, p * q),
    ).private_key()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return pem.decode(), line.decode()


def somebodys_key(draws: random.Random) -> str:
    """A public key of which nobody here has the private half."""
    blob = _field(b"ssh-ed25519") + _field(draws.randbytes(32))
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def fingerprint(line: str) -> str | None:
    """The MD5 of the key as RFC 4716 writes it; None for what is no public key."""
    kind, _, rest = line.strip().partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except ValueError:
        return None
    if kind not in _KINDS or not blob.startswith(_field(kind.encode())) or len(blob) <= len(_field(kind.encode())):
        return None
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")


def _field(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _prime(draws: random.Random) -> int:
    while True:
        number = draws.getrandbits(_BITS) | 3 << (_BITS - 2) | 1
        if (number - 1) % _EXPONENT and all(number % small for small in _SMALL_PRIMES) and _passes(number, draws):
            return number


def _passes(number: int, draws: random.Random) -> bool:
    """Miller and Rabin's test, eight times: at this size a mistake is beyond all odds."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_witnesses_none(number, odd, twos, draws.randrange(2, number - 1)) for _ in range(8))


def _witnesses_none(number: int, odd: int, twos: int, base: int) -> bool:
    power = pow(base, odd, number)
    return power == 1 or any(pow(power, 2**times, number) == number - 1 for times in range(twos))
