"""One number per dyad: mean and interval over dyads, those that share people taken together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError

MIN_BLOCKS = 3


class Pooled(NamedTuple):
    """Mean over dyads with its 95 % interval; ``sd`` is that of the dyads.

    ``n`` counts dyads, ``blocks`` the groups of dyads that share nobody with each other.
    """

    value: float
    low: float
    high: float
    sd: float
    n: int
    blocks: int


def pooled(values: Array, *, blocks: Sequence[int] | None = None, level: float = 0.95) -> Pooled:
    """Mean of one value per dyad, with an interval that knows which dyads share people.

    Parameters
    ----------
    values : ndarray of float64, shape (n_dyads,)
        NaN is left out.
    blocks : sequence of int, length n_dyads, optional
        Dyads of one number share people (all dyads of a therapist, say). None: nobody is shared.
    level : float, default 0.95

    Returns
    -------
    Pooled
        The interval is NaN under 3 blocks, or where the dyads or the blocks do not vary.

    Raises
    ------
    InputError
        If there is not one block for each value.

    Notes
    -----
    With N dyads, n_g of them in block g, and S_g the sum over a block of value less mean, the
    standard error is the square root of ``sum_g S_g^2 / (1 - n_g / N) / N^2``. This is the
    cluster-robust CR2 of [1]_ for a mean, and unbiased where dyads are independent after all.
    Student's t has the degrees of freedom of [1]_ (see [2]_),
    ``N^2 / (sum_g n_g^2 + sum_{g != h} n_g^2 n_h^2 / ((N - n_g) (N - n_h)))``: the number of
    blocks less one where they are of one size, fewer where a few hold most dyads. Where every
    dyad is its own block, both are those of Student's interval.

    References
    ----------
    .. [1] Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181.
    .. [2] Pustejovsky & Tipton (2018), Journal of Business & Economic Statistics 36(4), 672-683.
       https://doi.org/10.1080/07350015.2016.1247004

    Examples
    --------
    >>> found = pooled(np.array([1.0, 2.0, 3.0, np.nan]))
    >>> found.value, round(found.low, 2), found.n
    (2.0, -0.48, 3)

    Six dyads of three therapists say less than six of six:

    >>> six = np.array([1.0, 1.2, 2.0, 2.2, 3.0, 3.2])
    >>> alone, shared = pooled(six), pooled(six, blocks=[0, 0, 1, 1, 2, 2])
    >>> round(alone.high - alone.low, 2), round(shared.high - shared.low, 2)
    (1.89, 4.97)
    """
    from scipy.special import stdtrit

    if blocks is not None and len(blocks) != values.size:
        raise InputError("blocks", len(blocks), f"one for each of the {values.size} values")
    has = np.isfinite(values)
    there = values[has]
    none = float("nan")
    if not there.size:
        return Pooled(none, none, none, none, 0, 0)
    mean = float(there.mean())
    sd = float(there.std(ddof=1)) if there.size > 1 else none
    own = np.arange(there.size) if blocks is None else np.asarray(blocks)[has]
    member = np.unique(own, return_inverse=True)[1]
    sizes = np.bincount(member).astype(np.float64)
    many = sizes.size
    if many < MIN_BLOCKS or not sd > 1e-12 * abs(mean):
        return Pooled(mean, none, none, sd, there.size, many)
    error, freedom = sd / sqrt(there.size), float(there.size - 1)
    if many < there.size:
        error, freedom = _robust(_sums(there - mean, member), sizes)
    if not error > 1e-12 * sd:
        return Pooled(mean, none, none, sd, there.size, many)
    half = float(stdtrit(freedom, (1 + level) / 2)) * error
    return Pooled(mean, mean - half, mean + half, sd, there.size, many)


def blocks_in(dyads: Sequence[str], block_of: Mapping[str, int] | None) -> list[int] | None:
    """Block of each of these dyads; None where nobody is shared.

    Examples
    --------
    >>> blocks_in(["d2", "d3"], {"d1": 0, "d2": 0, "d3": 1}), blocks_in(["d2"], None)
    ([0, 1], None)
    """
    return None if block_of is None else [block_of[d] for d in dyads]


def _sums(values: Array, member: Ints) -> Array:
    """Sum of every block."""
    out: Array = np.bincount(member, weights=values).astype(np.float64)
    return out


def _robust(sums: Array, sizes: Array) -> tuple[float, float]:
    """CR2 standard error of a mean, and its degrees of freedom; one entry per block."""
    n = float(sizes.sum())
    error = sqrt(float(np.sum(sums**2 / (1 - sizes / n)))) / n
    part = sizes**2 / (n - sizes)
    apart = float(part.sum()) ** 2 - float(np.sum(part**2))
    return error, n**2 / (float(np.sum(sizes**2)) + apart)
