"""Codes under chance: both people's tracks of a session rotated together."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Ints
from syntony.core.errors import InputError
from syntony.surrogates.registry import Surrogate, add

LEAST_SHIFT_S = 60.0


def rotate(
    tracks: NDArray[Any],
    rng: np.random.Generator,
    *,
    min_shift_s: float = LEAST_SHIFT_S,
    rate_hz: float = 1.0,
) -> tuple[NDArray[Any], float]:
    """Rotate the code tracks of all people of a session by one random offset.

    The tracks stay aligned with each other, so shared and unshared seconds stay what they
    were, in the same number and order; only their place on the synchrony is lost.

    Parameters
    ----------
    tracks : ndarray, shape (n_people, n_samples) or (n_samples,)
        Codes on an even grid over the session, of any type; uncoded samples are carried along.
    rng : numpy.random.Generator
    min_shift_s : float, default 60
        Smallest offset in seconds, forwards and backwards; at least 60.
    rate_hz : float, default 1
        Samples of the tracks per second.

    Returns
    -------
    rotated : ndarray, shape and type of ``tracks``
    offset_s : float
        How far codes moved later, in seconds, from ``min_shift_s`` to duration - ``min_shift_s``.

    Raises
    ------
    InputError
        If the session is too short to rotate (see :func:`rotation_count`).

    Examples
    --------
    >>> import numpy as np
    >>> tracks = np.arange(200) + np.array([[0], [1000]])
    >>> rotated, offset_s = rotate(tracks, np.random.default_rng(4))
    >>> bool((rotated[1] - rotated[0] == 1000).all()), 60 <= offset_s <= 140
    (True, True)
    """
    tracks = np.asarray(tracks)
    offset = int(
        rotation_offsets(tracks.shape[-1], 1, rng, min_shift_s=min_shift_s, rate_hz=rate_hz)[0]
    )
    return np.roll(tracks, offset, axis=-1), offset / rate_hz


def rotation_offsets(
    n_samples: int,
    count: int,
    rng: np.random.Generator,
    *,
    min_shift_s: float = LEAST_SHIFT_S,
    rate_hz: float = 1.0,
) -> Ints:
    """Draw the offsets of many rotations of one session, in samples.

    Parameters
    ----------
    n_samples : int
        Length of the tracks.
    count : int
        How many rotations.
    rng : numpy.random.Generator
    min_shift_s, rate_hz : float
        As in :func:`rotate`.

    Returns
    -------
    ndarray of int64, shape (count,)
        For ``np.roll(tracks, offset, axis=-1)``; each possible offset equally likely, with
        replacement.

    Raises
    ------
    InputError
        If no rotation is possible; says how long the session must be.

    Examples
    --------
    >>> import numpy as np
    >>> offsets = rotation_offsets(300, 999, np.random.default_rng(4))
    >>> int(offsets.min()), int(offsets.max())
    (60, 240)
    """
    if rotation_count(n_samples, min_shift_s=min_shift_s, rate_hz=rate_hz) == 0:
        raise InputError(
            "tracks",
            f"{n_samples / rate_hz:g} s",
            f"more than {2 * min_shift_s:g} s",
            f"Codes are rotated by at least {min_shift_s:g} s either way: leave this session out.",
        )
    least = _least(min_shift_s, rate_hz)
    return rng.integers(least, n_samples - least, size=count, endpoint=True)


def rotation_count(
    n_samples: int, *, min_shift_s: float = LEAST_SHIFT_S, rate_hz: float = 1.0
) -> int:
    """Count the rotations a session has; 0 where it lasts ``2 * min_shift_s`` or less.

    Examples
    --------
    >>> rotation_count(120), rotation_count(121)
    (0, 2)
    """
    least = _least(min_shift_s, rate_hz)
    return max(0, n_samples - 2 * least + 1) if n_samples > 2 * least else 0


def _least(min_shift_s: float, rate_hz: float) -> int:
    """Smallest offset in samples, rounded up."""
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if not (np.isfinite(min_shift_s) and min_shift_s >= LEAST_SHIFT_S):
        raise InputError("min_shift_s", min_shift_s, f"at least {LEAST_SHIFT_S:g} s")
    return ceil(min_shift_s * rate_hz - 1e-9)


add(
    Surrogate(
        name="rotation",
        title="Codes rotated within sessions",
        keeps="both signals and their synchrony, the codes of both people beside each other, how "
        "long each stretch of a code lasts and what follows what",
        destroys="which moment of the session a code falls on",
        question="Is synchrony higher in the seconds of this emotion than when the same codes lie "
        "somewhere else in the session?",
        pitfall="It takes for granted that a session is alike throughout: where synchrony and "
        "codes both change from start to end, such as more positive emotion and more synchrony at "
        "the end, that shared course passes for a link. A session of 120 s or less cannot be "
        "rotated. Codes of one person alone must not be rotated: what is shared would change.",
        cites=("Moulder2018",),
        draw=rotate,
        acts_on="codes",
    )
)
