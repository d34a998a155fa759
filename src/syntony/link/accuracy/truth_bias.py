"""Truth and bias: what a perceiver's rating owes to the target and to the perceiver's own state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array

TERMS = ("directional_bias", "truth_force", "bias_force")
PER_PREDICTOR = 10  # independent pieces that a fit needs for each coefficient


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthBias:
    """Coefficients of one session; NaN where it could not be fitted.

    Attributes
    ----------
    directional_bias : float
        Intercept: the perceiver's mean rating less the target's own, in units of the scale.
    truth_force : float
        Change of the perceiver's rating for one unit of the target's own.
    bias_force : float
        Change for one unit of the perceiver's own state (assumed similarity), the truth held
        constant; NaN where the own state was not rated.
    samples : int
    status : str
        ``"ok"``, or why there is no fit.
    """

    directional_bias: float = float("nan")
    truth_force: float = float("nan")
    bias_force: float = float("nan")
    samples: int = 0
    status: str = "ok"


def truth_and_bias(
    perceived: Array, truth: Array, own: Array | None = None, *, least: int = 60
) -> TruthBias:
    """Fit the truth-and-bias model to one session by least squares.

    ``perceived - mean(truth) = b0 + t (truth - mean(truth)) + s (own - mean(own)) + error``:
    perceived and truth are centred on the mean of the truth [1]_, and the perceiver's own state
    on its own mean, so that b0 is the mean difference whatever else is in the model.

    Parameters
    ----------
    perceived, truth : ndarray of float64, shape (n_samples,)
        On one scale; NaN where missing.
    own : ndarray of float64, shape (n_samples,), optional
        The perceiver's rating of themself.
    least : int
        Fewer joint samples are not fitted.

    Returns
    -------
    TruthBias
        No standard errors: neighbouring seconds are not independent, so that uncertainty comes
        from the dyads (:func:`syntony.link.accuracy.pooling.pooled`).

    References
    ----------
    .. [1] West & Kenny (2011), Psychological Review 118(2), 357-378.
       https://doi.org/10.1037/a0022936

    Examples
    --------
    >>> t, o = np.sin(np.arange(400) / 9), np.cos(np.arange(400) / 17)
    >>> found = truth_and_bias(0.5 * t + 0.2 * o + 1, t, o)
    >>> [round(v, 2) for v in (found.truth_force, found.bias_force)]
    [0.5, 0.2]
    """
    columns = [perceived, truth] if own is None else [perceived, truth, own]
    there = np.isfinite(np.stack(columns)).all(axis=0)
    n = int(there.sum())
    if n < max(least, PER_PREDICTOR * (len(columns) - 1)):
        return TruthBias(samples=n, status=f"{n} joint samples, at least {least} are needed")
    middle = truth[there].mean()
    parts = [truth[there] - middle, *([] if own is None else [own[there] - own[there].mean()])]
    design = np.column_stack([np.ones(n), *parts])
    found = _least_squares(design, perceived[there] - middle)
    if found is None:
        return TruthBias(samples=n, status="a rating that does not vary, or two that are the same")
    return TruthBias(
        directional_bias=float(found[0]),
        truth_force=float(found[1]),
        bias_force=float(found[2]) if own is not None else float("nan"),
        samples=n,
    )


def _least_squares(design: Array, outcome: Array) -> Array | None:
    """Coefficients by ordinary least squares; None where columns depend on each other.

    By the pseudo-inverse and with the rank rule of ``numpy.linalg.matrix_rank``, as in
    statsmodels, which takes two seconds to load.
    """
    left, sizes, right = np.linalg.svd(design, full_matrices=False)
    if sizes.min() <= sizes.max() * max(design.shape) * np.finfo(np.float64).eps:
        return None
    found: Array = np.dot(right.T, (1.0 / sizes)[:, None] * left.T) @ outcome
    return found
