"""Evidence: an observed statistic beside what chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, frozen_array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """An observed statistic beside its values under one null.

    Attributes
    ----------
    observed : float
    null : ndarray of float64, shape (n_draws,)
        NaN marks a draw without a value; it counts against the finding.
    p_one : float
        Share of draws, the observed one included, that reach the observed value.
    p_two : float
        Twice the smaller of the two one-sided values, at most 1.
    z : float
        (observed - mean of draws) / SD of draws; NaN where the draws do not vary.
    surrogate : str
    seed : int
    """

    observed: float
    null: Array
    p_one: float
    p_two: float
    z: float
    surrogate: str
    seed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "null", frozen_array("null", self.null))

    @property
    def band(self) -> tuple[float, float]:
        """Central 95 % of the draws; NaN where there are none."""
        there = self.null[np.isfinite(self.null)]
        if not there.size:
            return float("nan"), float("nan")
        low, high = np.quantile(there, [0.025, 0.975])
        return float(low), float(high)
