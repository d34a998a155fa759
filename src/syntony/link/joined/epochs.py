"""Epochs of a class against random epochs of the same lengths in the same session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.link.intervals import beside
from syntony.link.joined.seconds import runs

_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EpochTest:
    """Synchrony in the epochs of one class beside random epochs.

    Attributes
    ----------
    name : str
    epochs, seconds : int
        How many, and how long together, inside the stretch that has synchrony.
    value : float
        Mean over their seconds.
    null : ndarray of float64, shape (draws,)
        The same mean in random epochs: as many, as long, none over another.
    status : str
        ``"ok"``, or why there is no test.
    """

    name: str
    epochs: int
    seconds: int
    value: float
    null: Array
    status: str = "ok"

    def to_row(self, *, session: str, dyad: str, step: int) -> dict[str, Any]:
        """Make a row of ``epochs.parquet``."""
        chance = beside(self.value, self.null)
        return {
            "session": session,
            "dyad": dyad,
            "step": step,
            "class": self.name,
            "epochs": self.epochs,
            "seconds": float(self.seconds),
            "mean": self.value,
            "null_mean": chance.mean,
            "low": chance.low,
            "high": chance.high,
            "z_surrogate": chance.z,
            "p_one": chance.p_one,
            "p_two": chance.p_two,
            "draws": self.null.size,
            "status": self.status,
        }


def random_epochs(
    lengths: Ints, room: int, rng: np.random.Generator, draws: int
) -> tuple[Ints, Ints]:
    """Lay epochs of these lengths anywhere in a stretch, in any order, none over another.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n,)
        In seconds.
    room : int
        Seconds of the stretch.
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    starts, stops : ndarray of int64, shape (draws, n)
        A second at least lies between two, so that every draw has the same epochs.

    Examples
    --------
    >>> starts, stops = random_epochs(np.array([3, 1]), 5, np.random.default_rng(3), 2)
    >>> [sorted(zip(a, b)) for a, b in zip(starts.tolist(), stops.tolist())]
    [[(0, 1), (2, 5)], [(0, 3), (4, 5)]]
    """
    n = lengths.size
    free = room - int(lengths.sum()) - (n - 1)
    order = rng.permuted(np.broadcast_to(lengths, (draws, n)), axis=1)
    before = np.sort(rng.integers(0, free, size=(draws, n), endpoint=True), axis=1)
    starts: Ints = before + np.cumsum(order, axis=1) - order + np.arange(n)
    return starts, starts + order


def compare_epochs(
    name: str,
    z: Array,
    inside: Bools,
    rng: np.random.Generator,
    *,
    draws: int = 999,
    min_class_s: float = 10.0,
) -> EpochTest:
    """Compare synchrony in the epochs of a class with random epochs of the same session.

    Parameters
    ----------
    name : str
    z : ndarray of float64, shape (seconds,)
        Synchrony on the scale on which it is averaged; NaN where missing.
    inside : ndarray of bool, shape (seconds,)
        Seconds of the class.
    rng : numpy.random.Generator
    draws : int, default 999
    min_class_s : float, default 10
        A mean needs this many seconds of synchrony, the observed one as every draw.

    Returns
    -------
    EpochTest

    Notes
    -----
    Random epochs keep how many epochs there are and how long each lasts, and lose where they
    lie *and how they crowd*. Rotated codes keep the crowding. Where a class comes in crowds
    and synchrony drifts slowly, random epochs spread more evenly than the real ones, their
    means vary too little, and p is too small; rotated codes stand beside it for that reason.

    Examples
    --------
    >>> inside = np.zeros(600, dtype=bool)
    >>> inside[100:130] = inside[400:430] = True
    >>> found = compare_epochs("shared_positive", inside * 0.5, inside, np.random.default_rng(1))
    >>> found.epochs, found.seconds, found.value, found.to_row(session="", dyad="", step=0)["p_one"]
    (2, 60, 0.5, 0.001)
    """
    there = np.flatnonzero(np.isfinite(z))
    none = np.empty(0)
    if not there.size:
        why = "not testable: no synchrony in this session"
        return EpochTest(name=name, epochs=0, seconds=0, value=np.nan, null=none, status=why)
    first, room = int(there[0]), int(there[-1] - there[0] + 1)
    starts, stops = runs(inside[first : first + room])
    lengths = stops - starts
    part = z[first : first + room]
    known = np.isfinite(part)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, part, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])

    def mean_of(a: Ints, b: Ints) -> Array:
        many = (count[b] - count[a]).sum(axis=-1)
        summed = (total[b] - total[a]).sum(axis=-1)
        enough = many >= max(1.0, min_class_s)
        out = np.divide(summed, many, out=np.full(many.shape, np.nan), where=enough)
        return np.asarray(np.round(out, _DIGITS))

    value = float(mean_of(starts[None], stops[None])[0]) if lengths.size else np.nan
    seconds = int(lengths.sum())
    facts: dict[str, Any] = {
        "name": name,
        "epochs": lengths.size,
        "seconds": seconds,
        "value": value,
    }
    if not np.isfinite(value):
        why = f"not testable: {seconds} s of the class found, {min_class_s:g} s are needed"
        return EpochTest(**facts, null=none, status=why)
    if seconds + lengths.size > room:
        why = "not testable: the class fills the session, nothing is left to place epochs in"
        return EpochTest(**facts, null=none, status=why)
    return EpochTest(**facts, null=mean_of(*random_epochs(lengths, room, rng, draws)))
