"""How many seconds of a stretch two people were coded with each valence, counted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Bools, Ints
from syntony.core.errors import InputError
from syntony.link.codes import VALENCES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeCounts:
    """Both people's codes as running counts, so that any stretch is one subtraction.

    Attributes
    ----------
    before : ndarray of int64, shape (seconds + 1, 2, 3)
        ``[t, person, valence]``: coded seconds before second ``t``.
    """

    before: Ints

    @classmethod
    def of(cls, tracks: tuple[Ints, Ints]) -> CodeCounts:
        """Count the codes of two people.

        Parameters
        ----------
        tracks : (ndarray of int64, ndarray of int64), shape (seconds,)
            First and second person's valence in every second, from ``valence_track``.

        Raises
        ------
        InputError
            If the two tracks differ in length.

        Examples
        --------
        >>> counts = CodeCounts.of((np.array([0, 0, -1, 2]), np.array([1, 1, 1, 1])))
        >>> counts.between(np.array([1]), np.array([4])).tolist()
        [[[1, 0, 1], [0, 3, 0]]]
        """
        if tracks[0].shape != tracks[1].shape:
            raise InputError("tracks", [t.shape for t in tracks], "two tracks of one length")
        each = np.stack(tracks, axis=1)[..., None] == np.arange(len(VALENCES))
        before = np.zeros((each.shape[0] + 1, *each.shape[1:]), dtype=np.int64)
        np.cumsum(each, axis=0, out=before[1:])
        return cls(before=before)

    @property
    def is_coded(self) -> Bools:
        """Which of the two was coded at all, shape (2,)."""
        coded: Bools = self.before[-1].any(axis=1)
        return coded

    def between(self, first: Ints, stop: Ints) -> Ints:
        """Coded seconds of each valence from ``first`` to before ``stop``.

        Seconds after the end of the codes hold none.

        Parameters
        ----------
        first, stop : ndarray of int64, shape (n,)

        Returns
        -------
        ndarray of int64, shape (n, 2, 3)
        """
        last = len(self.before) - 1
        inside: Ints = self.before[np.minimum(stop, last)] - self.before[np.minimum(first, last)]
        return inside
