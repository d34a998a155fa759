"""Event synchronisation: how many events of two people pair up, and who comes first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSynchronisation:
    """Strength ``q_strength`` and direction ``q_direction`` of two trains of events.

    ``times_s`` are the moments at which a pair was complete, ascending; ``count`` is 1 for each
    pair, ``direction`` 1 where the second followed, -1 where the first did, 0 at once.
    """

    q_strength: float
    q_direction: float
    times_s: Array
    count: Array
    direction: Array


def event_synchronisation(
    first_s: Array, second_s: Array, *, window_s: float | None = None
) -> EventSynchronisation:
    """Event synchronisation of Quian Quiroga, Kreuz and Grassberger.

    Parameters
    ----------
    first_s, second_s : ndarray of float64, shape (n_first,), (n_second,)
        Moments of the events of two people, seconds, ascending.
    window_s : float, optional
        Events up to this far apart belong together. Without it the window suits itself to each
        two events: half of the shortest time to a neighbour of either, at the ends to the one
        neighbour there is.

    Returns
    -------
    EventSynchronisation
        Strength: pairs / sqrt(n_first * n_second), 0 to 1 with the window that suits itself (an
        event exactly amid two of the other's pairs with both, so that few events can pass 1);
        direction: positive, the second follows the first. NaN without events on a side.

    Raises
    ------
    InputError
        If times do not ascend, or the window is not a number of seconds.

    Notes
    -----
    ``Q = (c(y|x) + c(x|y)) / sqrt(mx * my)`` and ``q = (c(y|x) - c(x|y)) / sqrt(mx * my)``;
    c(y|x) counts events of y that follow one of x by at most the window, two at once count
    half in either [1]_. SyncPy's ``EventSync(atype="tot", tau=1)`` gives Q and q, and with
    ``atype="tsl"`` the running sums of ``count`` and ``direction``, one sample later.

    References
    ----------
    .. [1] Quian Quiroga, Kreuz & Grassberger (2002), Physical Review E 66, 041904.
       https://doi.org/10.1103/PhysRevE.66.041904

    Examples
    --------
    >>> one = np.array([10.0, 20.0, 40.0])
    >>> found = event_synchronisation(one, one + 1.0)
    >>> found.q_strength, found.q_direction
    (1.0, 1.0)
    """
    a, b = (np.asarray(t, dtype=np.float64) for t in (first_s, second_s))
    for name, times in (("first_s", a), ("second_s", b)):
        if times.ndim != 1 or not (np.isfinite(times).all() and (np.diff(times) > 0).all()):
            raise InputError(name, times.shape, "one row of ascending times in seconds")
    if window_s is not None:
        check_seconds(window_s=window_s)
    if not (a.size and b.size):
        none = np.empty(0)
        nan = math.nan
        return EventSynchronisation(
            q_strength=nan, q_direction=nan, times_s=none, count=none, direction=none
        )
    after = b[None, :] - a[:, None]
    if window_s is None:
        i, j = np.nonzero(
            np.abs(after) <= np.minimum.outer(_nearest_neighbour(a), _nearest_neighbour(b)) / 2
        )
    else:
        i, j = np.nonzero(np.abs(after) <= window_s)
    times, direction = np.maximum(a[i], b[j]), np.sign(after[i, j])
    order = np.argsort(times, kind="stable")
    size = math.sqrt(a.size * b.size)
    return EventSynchronisation(
        q_strength=float(i.size / size),
        q_direction=float(direction.sum() / size),
        times_s=times[order],
        count=np.ones(i.size),
        direction=direction[order],
    )


def _nearest_neighbour(times: Array) -> Array:
    """Time to the nearer neighbour; infinite for a single event."""
    steps = np.concatenate(([np.inf], np.diff(times), [np.inf]))
    nearest: Array = np.minimum(steps[:-1], steps[1:])
    return nearest
