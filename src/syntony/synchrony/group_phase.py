"""Phases of several people: how close together they are, and how constant their distances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError


def order_parameter(phases: Array) -> Array:
    """Kuramoto's order parameter: how close together the phases are at every instant.

    Parameters
    ----------
    phases : ndarray of float64, shape (n_people, n_samples)
        Radians; NaN marks missing samples.

    Returns
    -------
    ndarray, shape (n_samples,)
        0 to 1; NaN where one person is missing, because the value to be expected of people who
        have nothing in common depends on how many they are.

    References
    ----------
    .. [1] Frank & Richardson (2010), Physica D 239, 2084-2092.

    Examples
    --------
    >>> order_parameter(np.array([[0.0, 0.0], [0.0, np.pi]])).round(12).tolist()
    [1.0, 0.0]
    """
    r: Array = np.hypot(np.cos(phases).mean(axis=0), np.sin(phases).mean(axis=0))
    return np.minimum(r, 1.0)


@dataclass(frozen=True, slots=True)
class WeakNull:
    """Whether groups keep closer phases than people who have nothing in common.

    ``mean_square`` is expected to be ``1 / n_people`` by chance; ``p_one`` is the share of
    Student's t beyond ``t`` with ``groups - 1`` degrees of freedom.
    """

    mean_square: float
    expected: float
    t: float
    p_one: float
    groups: int


def kuramoto_weak_null(groups: Sequence[Array], *, ddof: int = 1) -> WeakNull:
    """Test the order parameters of several groups against independent phases.

    Parameters
    ----------
    groups : sequence of ndarray, shape (n_people, n_samples)
        Phases in radians of the people of each group; all groups of one size. NaN marks
        missing samples, left out for all people of that group.
    ddof : {1, 0}
        Divisor of the spread over groups: n - 1, or n as in multiSyncPy, whose t is too large.

    Returns
    -------
    WeakNull

    Raises
    ------
    InputError
        If there are fewer than two groups, or their sizes differ.

    Notes
    -----
    ``y = mean over time of r**2`` of each group, ``t = (mean(y) - 1 / N) / (s / sqrt(G))`` with
    N people in each of G groups, one-sided [1]_. It holds for phases that are uniform and
    independent. Filtered signals of one band are that only over many cycles: compare with
    pseudo-groups where sessions are short.

    References
    ----------
    .. [1] Frank & Richardson (2010), Physica D 239, 2084-2092.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> alone = [rng.uniform(-np.pi, np.pi, (4, 500)) for _ in range(8)]
    >>> kuramoto_weak_null(alone).p_one > 0.05
    True
    """
    sizes = {g.shape[0] for g in groups}
    if len(groups) < 2 or len(sizes) != 1:
        raise InputError("groups", [g.shape for g in groups], "at least two groups of one size")
    from scipy.stats import t as student

    n, count = sizes.pop(), len(groups)
    y = np.array([_mean(order_parameter(g) ** 2) for g in groups])
    spread = float(y.std(ddof=ddof))
    excess = float(y.mean()) - 1.0 / n
    t = excess / (spread / math.sqrt(count)) if spread > 0 else math.nan
    p = float(student.sf(t, count - 1)) if t == t else math.nan
    return WeakNull(float(y.mean()), 1.0 / n, t, p, count)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterPhase:
    """How constantly a group keeps its phases to each other.

    ``group`` : degree at every instant, shape (n_samples,). ``rho`` : its mean.
    ``person`` : how constantly each person keeps its distance to the group, shape (n_people,).
    ``relative_rad`` : each person's mean distance to the group's phase, radians.
    """

    group: Array
    rho: float
    person: Array
    relative_rad: Array


def cluster_phase(phases: Array) -> ClusterPhase:
    """Cluster phase of a group: the degree to which people keep constant phases to each other.

    Parameters
    ----------
    phases : ndarray of float64, shape (n_people, n_samples)
        Radians; NaN marks missing samples, left out for everybody.

    Returns
    -------
    ClusterPhase
        NaN where a sample, or everything, is missing.

    Notes
    -----
    With the group's phase ``q(t) = arg mean_k exp(i theta_k)`` and ``phi_k = theta_k - q``,
    ``rho_k = |mean_t exp(i phi_k)|`` and ``rho(t) = |mean_k exp(i (phi_k - mean phi_k))|`` [1]_.
    Unlike the order parameter it is not lowered by people who keep a constant distance.

    References
    ----------
    .. [1] Richardson, Garcia, Frank, Gergor & Marsh (2012), Frontiers in Physiology 3, 405.
       https://doi.org/10.3389/fphys.2012.00405

    Examples
    --------
    A third of a cycle apart, but always:

    >>> t = np.linspace(0, 20, 200)
    >>> round(cluster_phase(np.array([t, t - 2.0])).rho, 12)
    1.0
    """
    whole = np.isfinite(phases).all(axis=0)
    turns = np.exp(1j * phases[:, whole])
    n = phases.shape[0]
    group = np.full(phases.shape[1], np.nan)
    if not whole.any():
        return ClusterPhase(group, math.nan, np.full(n, np.nan), np.full(n, np.nan))
    together = turns.mean(axis=0)
    size = np.abs(together)
    relative = turns * np.conj(np.where(size > 0, together / np.where(size > 0, size, 1.0), 1.0))
    mean = relative.mean(axis=1)
    group[whole] = np.abs((relative * np.exp(-1j * np.angle(mean))[:, None]).mean(axis=0))
    return ClusterPhase(group, _mean(group), np.abs(mean), np.angle(mean))


def _mean(values: Array) -> float:
    """Mean of what is there; NaN where nothing is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else math.nan
