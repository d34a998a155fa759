"""Many made studies whose truth is known: how often an interval holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from syntony.body.features import prepare
from syntony.config import Body
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Session
from syntony.link.dyadic import _pearson, fisher_interval, pearson
from syntony.link.instruments.registry import instruments
from syntony.link.intervals import bca_interval
from syntony.link.scoring import score
from syntony.simulate.study import demo_setup, make_study
from syntony.surrogates.effects import d_of_weights, drawn_dyads, effect_d
from syntony.synchrony.many_draws import first_statistic


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What was measured of the dyads of one study.

    Attributes
    ----------
    score : ndarray of float64, shape (n_dyads,)
        Sum of the questionnaire.
    index : ndarray of float64, shape (n_dyads, n_dyads)
        ``[i, j]``: index of the first person of dyad i beside the second of dyad j; the real
        dyads are on the diagonal.
    """

    score: Array
    index: Array

    def parts(self, n: int) -> list[Measured]:
        """Take studies of ``n`` dyads, as many as can be without a dyad in two of them."""
        rows = [slice(k * n, (k + 1) * n) for k in range(self.score.size // n)]
        return [Measured(score=self.score[some], index=self.index[some, some]) for some in rows]


def measured(seed: int, *, dyads: int, minutes: float = 15.0) -> Measured:
    """Make a coupled study of strangers to each other and measure all its pairs.

    Every dyad has a therapist of its own. Devices start with the session, and all recordings are
    cut to the shortest (one sample, where a clock runs slow), so that a pseudo-dyad and a real
    one are of one length.

    Parameters
    ----------
    seed : int
    dyads : int
    minutes : float

    Returns
    -------
    Measured

    Examples
    --------
    >>> found = measured(1, dyads=3, minutes=5.0)
    >>> found.index.shape, found.score.shape
    ((3, 3), (3,))
    """
    setup = demo_setup(seed=seed, dyads=dyads, minutes=minutes)
    sessions = make_study(replace(setup, therapists=None, clock_start_s=0.0)).sessions
    prepared = [prepare(s, (s.people[0], s.people[1]), "eda", Body()) for s in sessions]
    n = min(p.first.values.size for p in prepared)
    rate_hz = prepared[0].first.rate_hz
    first, second = (
        np.stack([getattr(p, side).values[:n] for p in prepared]) for side in ("first", "second")
    )
    index = np.stack([first_statistic("marci", x, second, rate_hz=rate_hz) for x in first])
    return Measured(score=np.array([_rated(session) for session in sessions]), index=index)


def _rated(session: Session) -> float:
    """Sum scale of the session's questionnaire."""
    answers = session.answers[0]
    instrument = instruments()[answers.instrument]
    return score(answers, instrument, session=session.id, dyad=session.dyad)[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What to expect of the measured index: over all dyads of many studies.

    ``r`` of index and score; ``d``, real beside pseudo-dyads in SDs of the pseudo-dyads.
    """

    r: float
    d: float
    dyads: int
    pairs: int


def truth_of(studies: Sequence[Measured]) -> Truth:
    """Pool all dyads and all pseudo-dyads."""
    if not studies:
        raise InputError("studies", 0, "at least one study")
    real = np.concatenate([np.diag(s.index) for s in studies])
    score = np.concatenate([s.score for s in studies])
    away = [s.index[~np.eye(len(s.index), dtype=bool)] for s in studies]
    pseudo = np.concatenate(away)
    d = float((real.mean() - pseudo.mean()) / pseudo.std(ddof=1))
    return Truth(r=pearson(real, score), d=d, dyads=real.size, pairs=pseudo.size)


INTERVALS = ("r_fisher", "r_bootstrap", "d_bootstrap", "d_percentile")


def intervals_of(study: Measured, seed: int, *, bootstrap: int = 2000) -> dict[str, Array]:
    """Value and 95 % interval of everything that a report gives an interval of.

    Parameters
    ----------
    study : Measured
    seed : int
        For the bootstrap.
    bootstrap : int, default 2000

    Returns
    -------
    dict of str to ndarray, shape (3,)
        Value, low, high, by the names of ``INTERVALS``; ``d_percentile`` is the plain percentile
        interval, which the report does not give.
    """
    real = np.diag(study.index)
    pseudo = study.index.copy()
    np.fill_diagonal(pseudo, np.nan)
    r = pearson(real, study.score)
    both = np.stack([real, study.score], axis=1)
    bca = bca_interval(both, _pearson, rng_for(seed, "coverage", "r"), draws=bootstrap)
    d, low, high = effect_d(real, pseudo, rng_for(seed, "coverage", "d"), bootstrap)
    _, samples, _ = drawn_dyads(
        real, pseudo, rng_for(seed, "coverage", "d"), bootstrap, d_of_weights
    )
    return {
        "r_fisher": np.array([r, *fisher_interval(r, real.size)]),
        "r_bootstrap": np.array([r, *bca]),
        "d_bootstrap": np.array([d, low, high]),
        "d_percentile": np.array([d, *np.quantile(samples, [0.025, 0.975])]),
    }
