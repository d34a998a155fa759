"""Questionnaire answers with a known true score: the made-up instrument demo_empathy."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.session import Answers

INSTRUMENT = "demo_empathy"
SCALE = "empathic_understanding"
ITEMS = tuple(f"e{k:02d}" for k in range(1, 17))
REVERSED = frozenset(ITEMS[1::2])
CHOICES = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
CUTS = np.array([-1.8, -1.1, -0.4, 0.4, 1.2])
LOADING, SHIFT = 0.8, 0.4
SCORE_VALIDITY = 0.956
"""Correlation of the sum of items with the true score, from 400,000 simulated answers.

The noise of sixteen items alone would leave 0.983; rounding to six choices and the friendly
shift cost the rest. Mean and SD of the sum: 19.3 and 19.2.
"""


def empathy_items(
    rng: np.random.Generator, true_score: Array, *, loading: float = LOADING
) -> Array:
    """Answer sixteen items, given a standard normal true score.

    Each item is ``loading * true + sqrt(1 - loading**2) * noise + 0.4``, cut at -1.8, -1.1,
    -0.4, 0.4, 1.2 into -3, -2, -1, +1, +2, +3; every second item is turned round. All of
    these figures are choices: patients rate on the friendly side, items agree well.

    Parameters
    ----------
    rng : numpy.random.Generator
    true_score : ndarray of float64, shape (n_answers,)
        Mean 0, SD 1 in the population.
    loading : float, default 0.8
        Correlation of an item, before it is cut, with the true score.

    Returns
    -------
    ndarray of float64, shape (n_answers, 16)
        As ticked: reversed items are not yet turned back.

    Notes
    -----
    What noise and rounding cost: see ``SCORE_VALIDITY`` (0.956): the correlation of the
    sum of items with the true score, 0.983 before rounding.

    Examples
    --------
    >>> ticked = empathy_items(np.random.default_rng(1), np.zeros(3))
    >>> ticked.shape, 0.0 in ticked
    ((3, 16), False)
    """
    noise = rng.standard_normal((true_score.size, len(ITEMS)))
    latent = loading * true_score[:, None] + np.sqrt(1 - loading**2) * noise + SHIFT
    ticked: Array = CHOICES[np.searchsorted(CUTS, latent)]
    ticked[:, 1::2] *= -1
    return ticked


def empathy_sum(ticked: Array) -> Array:
    """Sum scale of ticked items: reversed ones turned back, -48 to +48.

    Parameters
    ----------
    ticked : ndarray of float64, shape (n_answers, 16)

    Returns
    -------
    ndarray of float64, shape (n_answers,)

    Examples
    --------
    >>> float(empathy_sum(np.tile([3.0, -3.0], (1, 8)))[0])
    48.0
    """
    sums: Array = ticked[:, 0::2].sum(axis=1) - ticked[:, 1::2].sum(axis=1)
    return sums


def empathy_answers(
    rng: np.random.Generator, true_score: float, *, person: str, about: str
) -> Answers:
    """One filled-in questionnaire about another person.

    Parameters
    ----------
    rng : numpy.random.Generator
    true_score : float
        Standard normal in the population.
    person, about : str
        Who answered, and about whom.

    Returns
    -------
    Answers
        Of instrument ``"demo_empathy"``, items e01 to e16.

    Examples
    --------
    >>> a = empathy_answers(np.random.default_rng(1), 0.0, person="P01", about="T01")
    >>> a.instrument, len(a.items)
    ('demo_empathy', 16)
    """
    ticked = empathy_items(rng, np.array([true_score]))[0]
    return Answers(
        instrument=INSTRUMENT,
        person=person,
        about=about,
        items=dict(zip(ITEMS, ticked.tolist(), strict=True)),
    )
