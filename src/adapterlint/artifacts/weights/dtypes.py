"""The dtypes of tensor files: sizes and bit layouts. No numpy: headers are read without it.

Names are those of the safetensors format. Layouts of the 8-bit floats: OCP 8-bit Floating Point Specification 1.0
(E4M3, E5M2), arXiv:2206.02915 (the FNUZ forms) and OCP Microscaling Formats 1.0 (E8M0).
"""

from __future__ import annotations

from typing import NamedTuple

BITS = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of one element, for every dtype of safetensors 0.8."""

TORCH = {
    "float64": "F64",
    "double": "F64",
    "float32": "F32",
    "float": "F32",
    "float16": "F16",
    "half": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "int64": "I64",
    "long": "I64",
    "int32": "I32",
    "int": "I32",
    "int16": "I16",
    "short": "I16",
    "int8": "I8",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
    "complex64": "C64",
    "cfloat": "C64",
}
"""Names of torch dtypes as they stand in pickles, to the names used here."""

STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
    "ComplexFloatStorage": "C64",
    "UntypedStorage": "U8",
}
"""Storage classes of torch pickles, to the dtype of one of their elements."""


class Layout(NamedTuple):
    """How a float is made of bits. `sign` masks the sign bit; magnitudes from `limit` up are not finite."""

    bits: int
    sign: int
    limit: int


LAYOUTS = {
    "F64": Layout(64, 1 << 63, 0x7FF << 52),
    "F32": Layout(32, 1 << 31, 0xFF << 23),
    "C64": Layout(32, 1 << 31, 0xFF << 23),  # two F32 in a row: the parts are looked at one by one
    "BF16": Layout(16, 1 << 15, 0xFF << 7),
    "F16": Layout(16, 1 << 15, 0x1F << 10),
}


def byte_values(dtype: str) -> tuple[float, ...] | None:
    """What each of the 256 bytes means in a one-byte dtype; None for other dtypes. Not a number is `nan`."""
    if dtype in ("U8", "BOOL"):
        return tuple(float(byte) for byte in range(256))
    if dtype == "I8":
        return tuple(float(byte - 256 if byte > 127 else byte) for byte in range(256))
    if dtype == "F8_E8M0":
        return (*(2.0 ** (byte - 127) for byte in range(255)), float("nan"))
    forms = {"F8_E4M3": (3, 7), "F8_E5M2": (2, 15), "F8_E4M3FNUZ": (3, 8), "F8_E5M2FNUZ": (2, 16)}
    if dtype not in forms:
        return None
    mantissa, bias = forms[dtype]
    return tuple(_minifloat(byte, dtype, mantissa, bias) for byte in range(256))


def _minifloat(byte: int, dtype: str, mantissa: int, bias: int) -> float:
    magnitude = byte & 0x7F
    if dtype.endswith("FNUZ"):
        if byte == 0x80:  # there is no negative zero: its byte is the only NaN
            return float("nan")
    elif dtype == "F8_E4M3":
        if magnitude == 0x7F:
            return float("nan")
    elif magnitude >= 0x7C:
        return float("nan") if magnitude > 0x7C else float("-inf" if byte > 127 else "inf")
    exponent, fraction = magnitude >> mantissa, magnitude & ((1 << mantissa) - 1)
    value = fraction / (1 << mantissa) * 2.0 ** (1 - bias)
    if exponent:
        value = (1 + fraction / (1 << mantissa)) * 2.0 ** (exponent - bias)
    return -value if byte > 127 else value
