"""What a model is given and what it gives: sessions as rows, terms with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools, frozen_array
from syntony.core.errors import InputError

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sessions:
    """Sessions of a study as rows: who met, when, and what was measured.

    Attributes
    ----------
    dyad : tuple of str
        Dyad of each session.
    number : ndarray of float64, shape (n_sessions,)
        Which session of the dyad it is; 1 is the first.
    therapist : tuple of str
        Whoever several dyads may share; empty where nobody is known to be shared.
    columns : mapping of str to ndarray of float64, shape (n_sessions,)
        What was measured, NaN where missing.
    """

    dyad: tuple[str, ...]
    number: Array
    therapist: tuple[str, ...] = ()
    columns: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", frozen_array("number", self.number))
        held = {k: frozen_array(k, v) for k, v in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(held))
        n = len(self.dyad)
        if self.therapist and len(self.therapist) != n:
            raise InputError("therapist", len(self.therapist), f"one for each of {n} sessions")
        for name, values in {"number": self.number, **held}.items():
            if values.size != n:
                raise InputError(name, values.size, f"one value for each of {n} sessions")
        homes: dict[str, str] = {}
        for dyad, therapist in zip(self.dyad, self.therapist, strict=False):
            if homes.setdefault(dyad, therapist) != therapist:
                raise InputError("therapist", therapist, f"one therapist for dyad {dyad}")

    def __len__(self) -> int:
        return len(self.dyad)

    def column(self, name: str) -> Array:
        """Look a column up by name.

        Examples
        --------
        >>> Sessions(dyad=("d",), number=[1.0], columns={"sync": [0.2]}).column("score")
        Traceback (most recent call last):
        syntony.core.errors.InputError: column='score': expected one of ['sync'].
        """
        if name not in self.columns:
            raise InputError("column", name, f"one of {sorted(self.columns)}")
        return self.columns[name]

    def complete(self, *names: str) -> Sessions:
        """Keep the sessions in which every column named has a value, ordered as they were."""
        keep = np.ones(len(self), dtype=bool)
        for name in names:
            keep &= np.isfinite(self.column(name))
        return self.where(keep)

    def where(self, keep: Bools) -> Sessions:
        """Keep some sessions."""
        rows = np.flatnonzero(keep)
        return Sessions(
            dyad=tuple(self.dyad[i] for i in rows),
            number=self.number[rows],
            therapist=tuple(self.therapist[i] for i in rows) if self.therapist else (),
            columns={k: v[rows] for k, v in self.columns.items()},
        )

    def with_columns(self, **columns: Array) -> Sessions:
        """Add columns, or put others in their place."""
        return Sessions(
            dyad=self.dyad,
            number=self.number,
            therapist=self.therapist,
            columns={**self.columns, **columns},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient of a model.

    ``low`` and ``high`` are its 95 % interval, ``p`` is two-sided with ``df`` degrees of freedom,
    ``p_flip`` that of the second opinion, which turns the signs of whole dyads (or of all dyads
    of a therapist together) and assumes no distribution. ``boot_low`` and ``boot_high`` are the
    interval of drawing dyads anew, where the model has one; ``spread`` is the standard deviation
    of the predictor over the rows. ``key`` marks what the model was asked. ``status`` is "ok", or
    "not testable: why"; then the numbers that rest on a test are NaN.
    """

    name: str
    estimate: float
    se: float = NAN
    df: float = NAN
    low: float = NAN
    high: float = NAN
    p: float = NAN
    p_flip: float = NAN
    boot_low: float = NAN
    boot_high: float = NAN
    spread: float = NAN
    key: bool = False
    status: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One assumption that was looked at: its number, its p where it has one, what it says."""

    name: str
    value: float
    p: float = NAN
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A model that was fitted, or says why it could not be.

    Attributes
    ----------
    terms : tuple of Term
    status : str
        "ok", or "not testable: why".
    method : str
        How it was fitted, and what it came to beside another program.
    random : mapping of str to float
        Variances (and covariances) of the random part.
    checks : tuple of Check
    notes : tuple of str
        What cannot be told apart, what was left out, what to mind.
    script, data
        The same analysis in R, and the rows that it reads.
    behind : tuple
        The equations that were fitted, for :func:`syntony.link.models.fitting.checked`.
    """

    n_sessions: int
    n_dyads: int
    n_therapists: int = 0
    terms: tuple[Term, ...] = ()
    status: str = "ok"
    method: str = ""
    random: Mapping[str, float] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    script: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    behind: tuple[Any, ...] = ()

    def term(self, name: str) -> Term:
        """Look a term up by name."""
        for one in self.terms:
            if one.name == name:
                return one
        raise InputError("term", name, f"one of {[t.name for t in self.terms]}")


def not_testable(sessions: Sessions, why: str, *notes: str) -> Fitted:
    """Say that a model could not be fitted: no number that pretends."""
    return Fitted(
        n_sessions=len(sessions),
        n_dyads=len(set(sessions.dyad)),
        n_therapists=len(set(sessions.therapist)),
        status=f"not testable: {why}",
        notes=notes,
    )
