"""What kernels take and give: names of the types, and one form for every input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def readonly(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """View as a read-only, contiguous array, so that a kernel is compiled for one form only.

    Examples
    --------
    >>> readonly(np.zeros(3)).flags.writeable
    False
    """
    view = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view
