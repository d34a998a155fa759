"""Smoothers of evenly spaced values as matrices: one product smooths every row at once.

Local regression and the cubic spline are linear in the values, and their weights depend on the
places alone. On a fixed axis they are computed once, however many rows and draws follow.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats

_CELL = 0.2  # R's: a cell holds at most floor(span * n * cell) points
_MARGIN = 0.005  # R's: the outer vertices lie this share of the range beyond the ends
_NEAR, _FAR = 1e-3, 0.999  # R's: shares of the bandwidth that count as 0 and as 1


def neighbours(n: int, span: float) -> int:
    """How many nearest points a local fit takes.

    Examples
    --------
    >>> neighbours(41, 0.25)
    10
    """
    return math.floor(n * span + 1e-5)


def loess_matrix(n: int, span: float) -> Floats:
    """Local quadratic regression at every point of an even axis, as a matrix.

    Parameters
    ----------
    n : int
        Points of the axis.
    span : float
        Share of the points that a local fit takes, at most 1; four points at least.

    Returns
    -------
    ndarray of float64, shape (n, n)
        Its product with n values gives the n smoothed values. Each row adds up to 1.

    Notes
    -----
    At a point, the ``floor(n * span)`` nearest points are weighted by
    ``(1 - (d / h)**3)**3`` with distance d and h the largest of these distances; the value of
    the weighted least-squares parabola is taken.

    References
    ----------
    .. [1] Cleveland (1979), Journal of the American Statistical Association 74, 829-836.

    Examples
    --------
    A parabola is left as it is:

    >>> t = np.arange(12.0)
    >>> bool(np.allclose(loess_matrix(12, 0.5) @ t**2, t**2))
    True
    """
    x, q = np.arange(n, dtype=np.float64), neighbours(n, span)
    return np.array([_local_fit(x, at, q, 0.0, 1.0)[0] for at in x])


def interpolated_loess_matrix(n: int, span: float) -> Floats:
    """Local quadratic regression as R's ``loess`` does it by default, as a matrix.

    Parameters, Returns
        As :func:`loess_matrix`.

    Notes
    -----
    The regression is not taken at every point. The axis, 0.5 % longer at both ends, is halved at
    the lower median point of a cell until a cell holds no more than ``floor(n * span / 5)``
    points. Value and slope of the local parabola are taken at the borders of the cells, and
    cubics with these values and slopes lie between. In the weights a distance under 0.001 h
    counts as 0, one over 0.999 h as h. Halving at the *lower* median makes the result of a
    reversed axis slightly other than the reversed result.

    References
    ----------
    .. [1] Cleveland, Devlin & Grosse (1988), Journal of Econometrics 37, 87-114.
    .. [2] Cleveland & Grosse (1991), Statistics and Computing 1, 47-62.
    """
    x, q = np.arange(n, dtype=np.float64), neighbours(n, span)
    margin = _MARGIN * (n - 1)
    inner: list[int] = []
    _halve(0, n - 1, max(1, math.floor(n * span * _CELL)), inner)
    vertices = np.array([-margin, *sorted(inner), n - 1 + margin])
    fits = [_local_fit(x, at, q, _NEAR, _FAR) for at in vertices]
    values, slopes = (np.array([fit[k] for fit in fits]) for k in (0, 1))
    right = np.clip(np.searchsorted(vertices, x), 1, vertices.size - 1)
    width = vertices[right] - vertices[right - 1]
    s = (x - vertices[right - 1]) / width
    blend = (
        ((1 + 2 * s) * (1 - s) ** 2, values[right - 1]),
        (s * (1 - s) ** 2 * width, slopes[right - 1]),
        (s**2 * (3 - 2 * s), values[right]),
        (s**2 * (s - 1) * width, slopes[right]),
    )
    made: Floats = sum((w[:, None] * of for w, of in blend), np.zeros((n, n)))
    return made


def _halve(first: int, last: int, most: int, cuts: list[int]) -> None:
    """Collect the points at which a cell, and its halves, are cut."""
    if last - first + 1 <= most:
        return
    middle = (first + last) // 2
    cuts.append(middle)
    _halve(first, middle, most, cuts)
    _halve(middle + 1, last, most, cuts)


def _local_fit(x: Floats, at: float, q: int, near: float, far: float) -> tuple[Floats, Floats]:
    """Weights of all values in the value, and in the slope, of the local parabola at a place."""
    d = np.abs(x - at)
    h = np.partition(d, q - 1)[q - 1]
    share = d / h
    inside = share < far
    share = np.where(share > near, share, 0.0)[inside]
    root = np.sqrt((1.0 - share**3) ** 3)
    u = (x[inside] - at) / h
    solved = np.linalg.pinv(np.vander(u, 3, increasing=True) * root[:, None]) * root
    value, slope = np.zeros(x.size), np.zeros(x.size)
    value[inside], slope[inside] = solved[0], solved[1] / h
    return value, slope


def half_steps_matrix(n: int) -> Floats:
    """Cubic spline through n even points, read at every point and half-way between, as a matrix.

    Parameters
    ----------
    n : int
        Points of the axis, four or more.

    Returns
    -------
    ndarray of float64, shape (2 * n - 1, n)

    Notes
    -----
    At each end the third derivative is that of the cubic through the four outer points
    (the ends of Forsythe, Malcolm & Moler [1]_, R's default).

    References
    ----------
    .. [1] Forsythe, Malcolm & Moler (1977), Computer Methods for Mathematical Computations.

    Examples
    --------
    A cubic is met exactly:

    >>> t = np.arange(6.0)
    >>> half = half_steps_matrix(6) @ t**3
    >>> float(np.abs(half - np.arange(0, 5.5, 0.5) ** 3).max()) < 1e-12
    True
    """
    bend, jump = np.zeros((n, n)), np.zeros((n, n))  # bend @ second derivatives = jump @ values
    for i in range(1, n - 1):
        bend[i, i - 1 : i + 2] = 1.0, 4.0, 1.0
        jump[i, i - 1 : i + 2] = 6.0, -12.0, 6.0
    bend[0, :2] = bend[-1, -2:] = -1.0, 1.0
    jump[0, :4] = jump[-1, -4:] = -1.0, 3.0, -3.0, 1.0
    second = np.linalg.solve(bend, jump)
    made: Floats = np.zeros((2 * n - 1, n))
    made[::2] = np.eye(n)
    made[1::2] = (made[:-2:2] + made[2::2]) / 2 - (second[:-1] + second[1:]) / 16
    return made
