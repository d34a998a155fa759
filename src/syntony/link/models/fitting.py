"""Fit a model of the list and look at it: the one way through."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import Any

from syntony.core.seeds import rng_for
from syntony.link.models.checks import checks_of
from syntony.link.models.confirm import confirm
from syntony.link.models.mixed import Answer
from syntony.link.models.registry import get
from syntony.link.models.values import Check, Fitted, Sessions, Term

ALPHA = 0.05


def fit_model(name: str, sessions: Sessions, *, seed: int = 20070301, **options: Any) -> Fitted:
    """Fit a model of the list, check its assumptions, and fit it again with statsmodels.

    Parameters
    ----------
    name : str
        See :func:`syntony.link.models.registry.models`.
    sessions : Sessions
        With the columns that the model reads.
    seed : int
        For permutations and draws.
    **options
        Those of the model.

    Returns
    -------
    Fitted

    Raises
    ------
    InputError
        If there is no such model, option or column.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> sync = rng.standard_normal(60)
    >>> some = Sessions(
    ...     dyad=tuple(f"d{k // 5}" for k in range(60)),
    ...     number=np.tile(np.arange(5.0), 12),
    ...     columns={"sync": sync, "outcome": sync + 0.5 * rng.standard_normal(60)},
    ... )
    >>> found = fit_model("within_between", some)
    >>> found.status, [t.name for t in found.terms if t.key]
    ('ok', ['sync_ws', 'sync_bd'])
    """
    entry = get(name)
    settled = entry.settle(options)
    return checked(entry.fit(sessions, rng_for(seed, "models", name), **settled))


def checked(fitted: Fitted) -> Fitted:
    """Look at the assumptions of every equation, and fit it again with statsmodels."""
    checks: list[Check] = []
    notes: list[str] = []
    told: list[str] = []
    for one in fitted.behind:
        if not isinstance(one, Answer) or one.ask is None or one.fit is None:
            continue
        found, said = checks_of(one.ask, one.names, one.fit)
        by, more = confirm(one.ask, one.names, one.fit)
        checks += found
        notes += [*more, *said]
        told.append(by)
    method = "; ".join([fitted.method, *dict.fromkeys(told)])
    return replace(
        fitted,
        checks=tuple(checks),
        notes=tuple(dict.fromkeys((*fitted.notes, *notes, *_apart(fitted.terms)))),
        method=method,
        behind=(),
    )


def _apart(terms: tuple[Term, ...]) -> list[str]:
    """Say where the two opinions on a term differ.

    Examples
    --------
    >>> _apart((Term(name="sync_ws", estimate=1.0, p=0.03, p_flip=0.2),))[0][:47]
    'sync_ws: p is 0.03 from t and 0.2 from turning '
    """
    return [
        f"{t.name}: p is {t.p:.2g} from t and {t.p_flip:.2g} from turning the signs of whole "
        "clusters. The two opinions differ, so take it as open."
        for t in terms
        if isfinite(t.p_flip) and (t.p <= ALPHA) != (t.p_flip <= ALPHA)
    ]
