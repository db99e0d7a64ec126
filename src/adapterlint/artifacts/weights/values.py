"""The values of single tensors as numpy arrays, for the few questions that facts cannot answer. Needs numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import LAYOUTS, byte_values
from adapterlint.artifacts.weights.header import open_regular, read_exactly
from adapterlint.artifacts.weights.kernels import widener
from adapterlint.model import Broken

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.header import Tensor

LIMIT = 1 << 30  # bytes; a factor of a low-rank update is a few megabytes


def read_values(tensor: Tensor) -> npt.NDArray[Any] | None:
    """The values in the tensor's shape, as float32 or float64; None where they are not looked at or cannot be read."""
    data = read_raw(tensor)
    if data is None:
        return None
    block = np.frombuffer(data, np.uint8)
    if tensor.dtype in LAYOUTS and tensor.dtype != "C64":
        return widener(tensor.dtype)(block).reshape(tensor.shape)
    if (table := byte_values(tensor.dtype)) is not None:
        return np.array(table)[block].reshape(tensor.shape)
    return None


def read_raw(tensor: Tensor) -> bytes | None:
    """The bytes of the values; None if they are no plain bytes of the file, too many, or gone."""
    if not tensor.readable or tensor.nbytes > LIMIT:
        return None
    opened = open_regular(tensor.file)
    if isinstance(opened, Broken):
        return None
    with opened as file:
        try:
            file.seek(tensor.start)
            data = read_exactly(file, tensor.nbytes)
        except OSError:
            return None
    return data if len(data) == tensor.nbytes else None
