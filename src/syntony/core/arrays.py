"""The one kind of array inside: float64, read-only once it belongs to a value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syntony.core.errors import InputError

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def frozen_array(field: str, values: ArrayLike | Array, ndim: int | None = 1) -> Array:
    """Copy to read-only float64; refuse infinities and a wrong number of dimensions.

    What is read-only already, down to the array that owns the memory, is kept without a copy.

    Examples
    --------
    >>> frozen_array("values", [1, 2]).flags.writeable
    False
    """
    out: NDArray[Any] = (
        values if _is_frozen(values) else np.array(values, dtype=np.float64)  # type: ignore[assignment]
    )
    if ndim is not None and out.ndim != ndim:
        raise InputError(field, out.shape, f"{ndim} dimension(s)", "Make one value per channel.")
    if np.isinf(out).any():
        raise InputError(field, "inf", "finite numbers or NaN", "Mark saturated samples as NaN.")
    out.flags.writeable = False
    return out


def _is_frozen(values: object) -> bool:
    """Whether nobody can write to this float64 array any more."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float64 or values.flags.writeable:
        return False
    owner = values if values.base is None else values.base
    return isinstance(owner, np.ndarray) and owner.base is None and not owner.flags.writeable
