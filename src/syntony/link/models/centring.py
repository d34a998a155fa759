"""Within-dyad, between-dyad and between-therapist parts of a predictor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.values import Sessions

FLAT = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centred:
    """A predictor taken apart.

    Attributes
    ----------
    parts : mapping of str to ndarray, shape (n_sessions,)
        ``<name>_ws``, ``<name>_bd``, ``<name>_bt``: those that can be told apart.
    nested : bool
        Whether some therapist has several dyads and there are several therapists.
    notes : tuple of str
        What cannot be told apart, and why.
    """

    parts: Mapping[str, Array]
    nested: bool
    notes: tuple[str, ...]


def centre(sessions: Sessions, name: str) -> Centred:
    """Take a predictor apart into what varies within dyads, between dyads, between therapists.

    ``ws`` is a session less the mean of its dyad, ``bd`` the dyad's mean less that of its
    therapist, ``bt`` the therapist's mean (of the means of the dyads) less the mean of the
    therapists. Means are over the sessions given, so give those that are analysed.

    Parameters
    ----------
    sessions : Sessions
        With the column ``name``, finite.
    name : str

    Returns
    -------
    Centred

    Examples
    --------
    >>> some = Sessions(dyad=("a", "a", "b"), number=[1, 2, 1], columns={"sync": [1, 3, 5]})
    >>> found = centre(some, "sync")
    >>> {k: v.tolist() for k, v in found.parts.items()}
    {'sync_ws': [-1.0, 1.0, 0.0], 'sync_bd': [-1.5, -1.5, 1.5]}
    """
    values = sessions.column(name)
    dyads = list(dict.fromkeys(sessions.dyad))
    place = _places(sessions.dyad, dyads)
    of_dyad = _means(values, place, len(dyads))
    parts = {f"{name}_ws": values - of_dyad[place]}
    notes = []
    if np.abs(parts[f"{name}_ws"]).max(initial=0.0) <= FLAT * max(
        1.0, np.abs(values).max(initial=0.0)
    ):
        del parts[f"{name}_ws"]
        why = "one session per dyad" if len(dyads) == len(sessions) else "no dyad varies"
        notes.append(f"{why}: there is no within-dyad part of {name}.")
    homes = dict(zip(sessions.dyad, sessions.therapist, strict=False))
    people = list(dict.fromkeys(homes.values()))
    if not 1 < len(people) < len(dyads):
        parts[f"{name}_bd"] = (of_dyad - of_dyad.mean())[place]
        notes += _why_not_nested(name, len(people), len(dyads))
        return Centred(parts=parts, nested=False, notes=tuple(notes))
    home = _places([homes[d] for d in dyads], people)
    of_person = _means(of_dyad, home, len(people))
    parts[f"{name}_bd"] = (of_dyad - of_person[home])[place]
    parts[f"{name}_bt"] = (of_person - of_person.mean())[home][place]
    return Centred(parts=parts, nested=True, notes=tuple(notes))


def _why_not_nested(name: str, people: int, dyads: int) -> list[str]:
    """Say what a part holds where dyads and therapists are one, or the therapist is only one."""
    if people == 1 and dyads > 1:
        return ["One therapist: nothing is said about differences between therapists."]
    if people == dyads > 1:
        return [
            "Every dyad has a therapist of its own: what differs between dyads and what differs "
            f"between therapists cannot be told apart, and {name}_bd holds both."
        ]
    return []


def _places(values: Sequence[object], names: Sequence[object]) -> np.ndarray:
    """Place of every value among the names."""
    at = {n: k for k, n in enumerate(names)}
    return np.array([at[v] for v in values], dtype=np.int64)


def _means(values: Array, place: np.ndarray, count: int) -> Array:
    """Mean of every group."""
    total = np.bincount(place, weights=values, minlength=count)
    return np.asarray(total / np.bincount(place, minlength=count), dtype=np.float64)
