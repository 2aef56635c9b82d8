"""The checksum that FC and OSS give of a package: CRC-64 by ECMA-182, reflected, as .xz files bear it.

Nothing in the standard library computes it, and a loop over bytes takes seconds for a layer.  So a package is cut into
lanes, all lanes are read at once, a byte of each at a time, and their registers are joined: the CRC is linear.
"""

from collections.abc import Sequence
from functools import reduce
from operator import xor

_POLYNOMIAL = 0xC96C5795D7870F42
_ONES = (1 << 64) - 1
_LANES = 4096


def crc64(content: bytes) -> int:
    """The CRC-64 of *content*."""
    length = len(content) // _LANES
    register = _ONES
    if length:
        skip = _Skip(length)
        for lane in _lanes(content, length):
            register = skip(register) ^ lane
    return _read(register, content[length * _LANES :]) ^ _ONES


def _byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = [_byte(value) for value in range(256)]
#: The table, cut into bytes: what bytes.translate() takes.
_PLANES = [bytes(entry >> 8 * place & 0xFF for entry in _TABLE) for place in range(8)]


def _read(register: int, content: bytes) -> int:
    for byte in content:
        register = _TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return register


def _lanes(content: bytes, length: int) -> Sequence[int]:
    """The register of every lane of *length* bytes, each begun with zero; a plane holds one byte of all registers."""
    planes = [0] * 8
    for place in range(length):
        column = int.from_bytes(content[place : length * _LANES : length]) ^ planes[0]
        index = column.to_bytes(_LANES)
        looked_up = [int.from_bytes(index.translate(plane)) for plane in _PLANES]
        planes = [one ^ next_ for one, next_ in zip(looked_up, [*planes[1:], 0], strict=True)]
    registers = zip(*(plane.to_bytes(_LANES) for plane in planes), strict=True)
    return [int.from_bytes(bytes(register), "little") for register in registers]


class _Skip:
    """What a number of zero bytes makes of a register."""

    def __init__(self, count: int) -> None:
        step, whole = [_read(1 << bit, b"\0") for bit in range(64)], [1 << bit for bit in range(64)]
        while count:
            if count & 1:
                whole = [_times(step, column) for column in whole]
            step = [_times(step, column) for column in step]
            count >>= 1
        self._tables = [[_times(whole, value << 8 * place) for value in range(256)] for place in range(8)]

    def __call__(self, register: int) -> int:
        return reduce(xor, (table[register >> 8 * place & 0xFF] for place, table in enumerate(self._tables)))


def _times(matrix: Sequence[int], vector: int) -> int:
    """The matrix, by columns, times a vector of bits."""
    product = 0
    while vector:
        product ^= matrix[(vector & -vector).bit_length() - 1]
        vector &= vector - 1
    return product
