"""What kernels take and give, one form for every input, and how kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_Array = TypeVar("_Array", bound=NDArray[Any])


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel that Python calls: kept on disk, without fast-math, on one core.

    Where neither the package's folder nor the user's cache can be written, it is compiled
    anew in every process.
    """
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no place for its cache
        return njit(nogil=True, error_model="numpy")(function)


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of a kernel, which Python never calls: without doors of its own."""
    compiled: Callable[..., Any] = njit(
        nogil=True,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,  # type: ignore[call-overload]
    )(function)
    return compiled


def readonly(values: _Array) -> _Array:
    """View as a read-only, contiguous array, so that a kernel is compiled for one form only.

    Examples
    --------
    >>> readonly(np.zeros(3)).flags.writeable
    False
    """
    view: Any = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view  # type: ignore[no-any-return]


@part
def copy_cells(values, out):  # type: ignore[no-untyped-def]
    """Copy a table into one of the same shape.

    An assignment of one array to another costs numba seconds to compile (it brings along the
    error message for shapes that do not match), and more in all that calls it.
    """
    for i in range(values.shape[0]):
        for k in range(values.shape[1]):
            out[i, k] = values[i, k]
