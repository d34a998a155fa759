"""Which choice matters most: how far paths lie apart that differ in one choice alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.trials.multiverse_paths import NOT_HERE


@dataclass(frozen=True, kw_only=True)
class ChoiceShare:
    """What one choice does to the effects.

    Attributes
    ----------
    choice : str
    values : int
        How many it takes.
    paths : int
        Paths that have a twin which differs in this choice alone.
    share : float
        Share of the variance of these paths' effects that lies between such twins: what would
        be left to this choice once all others are made. Shares of several choices may add up
        to more than 1, where one choice matters for some values of another.
    alone : float
        Share between the means of the choice's values: eta squared, taken over the twins that
        have the same values (the balanced parts of the grid) and put together.
    spread : float
        Root mean square distance of twins from their mean, in units of the effect.
    """

    choice: str
    values: int
    paths: int
    share: float
    alone: float
    spread: float


def choice_shares(effects: Array, choices: Sequence[Mapping[str, str]]) -> list[ChoiceShare]:
    """Split the variance of the effects by choice, the most important first.

    Parameters
    ----------
    effects : ndarray of float64, shape (n_paths,)
        NaN is left out.
    choices : sequence of mapping, length n_paths
        Value of each choice on each path; all with the same keys.

    Returns
    -------
    list of ChoiceShare

    Notes
    -----
    Twins are paths that agree in all choices but one. In a full grid ``share`` is the total
    effect index of variance-based sensitivity analysis and ``alone`` the first-order index.

    References
    ----------
    .. [1] Saltelli et al. (2010), Computer Physics Communications 181(2), 259-270.
       https://doi.org/10.1016/j.cpc.2009.09.018

    Examples
    --------
    >>> effects = np.array([0.0, 1.0, 0.1, 1.1])
    >>> told = [{"window": w, "step": s} for s in "ab" for w in ("8", "15")]
    >>> [(c.choice, round(c.share, 2)) for c in choice_shares(effects, told)]
    [('window', 0.99), ('step', 0.01)]
    """
    there = np.flatnonzero(np.isfinite(effects))
    names = list(choices[0]) if len(choices) else []
    found = [_share_of(name, names, effects, choices, there.tolist()) for name in names]
    return sorted(
        (f for f in found if f is not None), key=lambda f: (-f.share, names.index(f.choice))
    )


def _share_of(
    name: str,
    names: list[str],
    effects: Array,
    choices: Sequence[Mapping[str, str]],
    there: list[int],
) -> ChoiceShare | None:
    """Look at the twins in one choice."""
    twins: dict[tuple[str, ...], list[int]] = {}
    for k in there:
        if choices[k][name] != NOT_HERE:
            twins.setdefault(tuple(choices[k][n] for n in names if n != name), []).append(k)
    sets = [members for members in twins.values() if len(members) > 1]
    if not sets:
        return None
    used = effects[[k for members in sets for k in members]]
    within = sum(float(((effects[m] - effects[m].mean()) ** 2).sum()) for m in sets)
    total = float(((used - used.mean()) ** 2).sum())
    values = sorted({choices[k][name] for members in sets for k in members})
    return ChoiceShare(
        choice=name,
        values=len(values),
        paths=used.size,
        share=within / total if total > 0 else 0.0,
        alone=_alone(name, effects, choices, sets),
        spread=float(np.sqrt(within / used.size)),
    )


def _alone(
    name: str, effects: Array, choices: Sequence[Mapping[str, str]], sets: list[list[int]]
) -> float:
    """Eta squared over twins that have the same values of the choice, group by group."""
    groups: dict[tuple[str, ...], list[list[int]]] = {}
    for members in sets:
        ordered = sorted(members, key=lambda k: choices[k][name])
        groups.setdefault(tuple(choices[k][name] for k in ordered), []).append(ordered)
    between = total = 0.0
    for rows in groups.values():
        table = effects[np.array(rows)]
        middle = table.mean()
        total += float(((table - middle) ** 2).sum())
        between += len(table) * float(((table.mean(axis=0) - middle) ** 2).sum())
    return between / total if total > 0 else 0.0
