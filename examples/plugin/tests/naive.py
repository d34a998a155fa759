"""The definition in loops; imports nothing of the package."""

import numpy as np


def sign_agreement(x, y, start, window, change, min_coverage):
    """One window: count changes in the same and in opposite directions."""
    same = opposite = present = 0
    for t in range(start, start + window - change):
        a, b = x[t + change] - x[t], y[t + change] - y[t]
        if np.isnan(a) or np.isnan(b):
            continue
        present += 1
        same += (a > 0 and b > 0) or (a < 0 and b < 0)
        opposite += (a > 0 and b < 0) or (a < 0 and b > 0)
    if present < min_coverage * (window - change) or same + opposite == 0:
        return np.nan
    return (same - opposite) / (same + opposite)
