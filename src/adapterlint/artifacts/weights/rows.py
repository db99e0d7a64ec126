"""Single rows of a tensor as numpy arrays, so that a look at a base model of many gigabytes costs a few reads."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from adapterlint.artifacts.weights.dtypes import LAYOUTS
from adapterlint.artifacts.weights.header import open_regular, read_exactly
from adapterlint.artifacts.weights.kernels import widener
from adapterlint.model import Broken

if TYPE_CHECKING:
    from adapterlint.artifacts.weights.header import Tensor

LIMIT = 1 << 24  # bytes read for one question


def read_rows(tensor: Tensor, numbers: Sequence[int]) -> npt.NDArray[Any] | None:
    """The rows `numbers` of a tensor, flattened: (rows, elements of a row), float32 or float64.

    None where they are no plain floats of a safetensors file, more than LIMIT bytes, or cannot be read.
    """
    layout = LAYOUTS.get(tensor.dtype)
    if layout is None or tensor.dtype == "C64" or len(tensor.shape) < 2 or not tensor.readable:
        return None
    if not tensor.file.endswith(".safetensors"):  # a pickle may describe a view whose rows do not lie side by side
        return None
    size = prod(tensor.shape[1:]) * layout.bits // 8
    if not 0 < size * len(numbers) <= LIMIT or not all(0 <= number < tensor.shape[0] for number in numbers):
        return None
    opened = open_regular(tensor.file)
    if isinstance(opened, Broken):
        return None
    data = b""
    with opened as file:
        try:
            for number in numbers:
                file.seek(tensor.start + number * size)
                data += read_exactly(file, size)
        except OSError:
            return None
    if len(data) != size * len(numbers):
        return None
    return widener(tensor.dtype)(np.frombuffer(data, np.uint8)).reshape(len(numbers), -1)
