"""Studies drawn from pools: what each would claim, and what that says about power."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Ints
from syntony.link.dyadic import pearson, permuted_r
from syntony.link.intervals import mean_there
from syntony.pipeline.plan import STRANGERS
from syntony.surrogates.decision import p_values
from syntony.surrogates.study import study_test
from syntony.trials.power_pools import Pool, PoolTask, ratings, read_pool, rng_of
from syntony.trials.power_setup import PowerSetup

FOUND, WRONG, NOTHING, UNTESTED = 1, -1, 0, -2
EMPATHY, EMOTION = "empathy", "emotion"
RATED_AGAIN = 40
_NORMAL = NormalDist()


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """What the studies drawn from one pool claimed.

    Attributes
    ----------
    outcome : dict of str to ndarray of int8, shape (n_sizes, n_studies)
        By question: 1 found, 0 not found, -1 found with the wrong sign, -2 not testable.
    z_of_index : float
        Mean Fisher z of index and rating over the whole pool; NaN where it cannot be told.
    session_share : dict of str to float
        Share of single sessions whose one-sided p is at most alpha, by surrogate.
    """

    outcome: dict[str, Ints]
    z_of_index: float
    session_share: dict[str, float]


def questions(recipe: Recipe) -> tuple[str, ...]:
    """What is asked of every study, in order: synchrony by surrogate, empathy, emotion."""
    return (*(f"synchrony/{s.name}" for s in recipe.surrogates), EMPATHY, EMOTION)


def do_studies(task: PoolTask) -> Tally:
    """Draw the studies of one pool, of every size, and judge them."""
    return tally(read_pool(task), task.setup, task.recipe, task.pool)


def tally(pool: Pool, setup: PowerSetup, recipe: Recipe, number: int) -> Tally:
    """Draw studies of every size from a pool and test each as a run would.

    Parameters
    ----------
    pool : Pool
    setup : PowerSetup
    recipe : Recipe
    number : int
        Of the pool: decides the streams.

    Returns
    -------
    Tally
    """
    shape = (len(setup.sizes), setup.studies_per_pool)
    outcome = {q: np.full(shape, UNTESTED, dtype=np.int64) for q in questions(recipe)}
    for row, size in enumerate(setup.sizes):
        for study in range(setup.studies_per_pool):
            rng = rng_of(setup, number, size, study)
            chosen = draw_dyads(pool, size, rng)
            found = judge(pool, chosen, setup, recipe, rng)
            for question, value in found.items():
                outcome[question][row, study] = value
    share = {
        name: float(np.mean(p[np.isfinite(p)] <= setup.alpha)) if np.isfinite(p).any() else np.nan
        for name, p in pool.session_p.items()
    }
    z = _z_of_index(pool, setup, recipe, rng_of(setup, number, "rated again"))
    return Tally(outcome=outcome, z_of_index=z, session_share=share)


def draw_dyads(pool: Pool, size: int, rng: np.random.Generator) -> Ints:
    """Draw a study: therapists at random, each with all dyads, the last perhaps with fewer.

    Returns
    -------
    ndarray of int64, shape (size,)
        Places of the dyads in the pool, each once.
    """
    order = rng.permutation(int(pool.second.max()) + 1)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return np.argsort(place[pool.second], kind="stable")[:size].astype(np.int64)


def judge(
    pool: Pool, chosen: Ints, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator
) -> dict[str, int]:
    """Test one study: what it claims at alpha for every question.

    Synchrony counts as found towards more only; empathy and emotion are tested on both sides
    and count as found with the planted sign (with either where nothing is planted).
    """
    found = {}
    for item in recipe.surrogates:
        if item.name == STRANGERS:
            p = _p_of_strangers(pool, chosen, setup, recipe, rng)
        else:
            p = _p_of_draws(pool.own[item.name][chosen])[1]
        found[f"synchrony/{item.name}"] = _claim(p, setup.alpha, 1, 1)
    is_coupled = setup.share > 0
    r, p = _p_of_rating(pool, chosen, setup, recipe, rng)
    found[EMPATHY] = _claim(p, setup.alpha, r, setup.effect_r if is_coupled else 0)
    contrast, _, p = _p_of_draws(pool.emotion[chosen])
    found[EMOTION] = _claim(p, setup.alpha, contrast, setup.emotion_effect if is_coupled else 0)
    return found


def _claim(p: float, alpha: float, value: float, planted: float) -> int:
    """Name what a study says: found, not found, found the wrong way, not testable."""
    if not np.isfinite(p):
        return UNTESTED
    if p > alpha:
        return NOTHING
    return FOUND if planted == 0 or np.sign(value) == np.sign(planted) else WRONG


def _p_of_strangers(
    pool: Pool, chosen: Ints, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator
) -> float:
    """One-sided p of the study's mean index beside re-pairings of its people."""
    here = np.ix_(chosen, chosen)
    found = study_test(
        pool.real[chosen],
        pool.pseudo[here],
        pool.real_cut[here],
        pool.allowed[here],
        rng,
        draws=setup.draws,
        bootstrap=0,
        min_dyads=recipe.corpus.min_dyads,
        people=(_ids(pool.first[chosen]), _ids(pool.second[chosen])),
    )
    return found.p_one


def _ids(numbers: Ints) -> list[str]:
    """Ids of people who are numbers."""
    return [str(k) for k in numbers.tolist()]


def _p_of_draws(rows: Array) -> tuple[float, float, float]:
    """Mean over dyads, and its one-sided and two-sided p beside the same mean of the draws."""
    there = rows[np.isfinite(rows[:, 0])]
    if not len(there):
        return np.nan, np.nan, np.nan
    level = mean_there(there)
    high, _, two = p_values(float(level[0]), level[1:])
    return float(level[0]), float(high), float(two)


def _p_of_rating(
    pool: Pool, chosen: Ints, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator
) -> tuple[float, float]:
    """Pearson r of index and rating over dyads, and its two-sided p by permutation."""
    x, y = _rated(pool, setup, recipe, rng)
    x, y = x[chosen], y[chosen]
    there = np.isfinite(x)
    r = pearson(x[there], y[there]) if there.sum() >= 4 else np.nan
    if not np.isfinite(r):
        return np.nan, np.nan
    null = permuted_r(x[there], y[there], rng, setup.draws_two)
    return r, float(p_values(round(r, 12), null)[2])


def _rated(
    pool: Pool, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Index and freshly drawn rating of every dyad, over the sessions that have an index."""
    rated = np.where(np.isfinite(pool.index), ratings(pool, setup, recipe, rng), np.nan)
    return mean_there(pool.index.T), mean_there(rated.T)


def _z_of_index(pool: Pool, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator) -> float:
    """Mean Fisher z of index and rating over the pool, ratings drawn many times."""
    found = []
    there = np.isfinite(pool.index).any(axis=1)
    if there.sum() < 4:
        return float("nan")
    for _ in range(RATED_AGAIN):
        x, y = _rated(pool, setup, recipe, rng)
        r = pearson(x[there], y[there])
        found.append(np.arctanh(r) if np.isfinite(r) and abs(r) < 1 else np.nan)
    return float(np.mean(found))


def t_cut(pools: int, level: float = 0.95) -> float:
    """Student's t for an interval from so many pools."""
    from scipy.special import stdtrit

    return float(stdtrit(pools - 1, (1 + level) / 2))


def power_interval(
    by_pool: Array, *, studies: int, apart: int, level: float = 0.95
) -> tuple[float, float]:
    """Interval of a power from the powers of independent pools.

    Wilson's interval with Student's t of the pools. Its number of studies is what independent
    studies would have to be to differ as much as the pools do: ``p (1 - p) / var(mean)``, at
    most all drawn, at least those that have no dyad in common. These differ no more than
    independent studies do (Hoeffding 1948), so their number is known, and normal quantiles do.

    Parameters
    ----------
    by_pool : ndarray of float64, shape (n_pools,)
        Power in each pool.
    studies : int
        Studies drawn in all.
    apart : int
        Studies without a common dyad that all pools hold together.
    level : float, default 0.95

    Returns
    -------
    low, high : float

    References
    ----------
    .. [1] Wilson (1927), Journal of the American Statistical Association 22, 209-212.
       https://doi.org/10.1080/01621459.1927.10502953
    .. [2] Hoeffding (1948), The Annals of Mathematical Statistics 19, 293-325, theorem 5.2.
       https://doi.org/10.1214/aoms/1177730196

    Examples
    --------
    >>> low, high = power_interval(np.array([0.7, 0.9, 0.8, 0.8]), studies=400, apart=8)
    >>> round(low, 2), round(high, 2)
    (0.64, 0.9)
    """
    p, cut = float(by_pool.mean()), t_cut(by_pool.size, level)
    variance = float(by_pool.var(ddof=1)) / by_pool.size
    n = min(float(studies), p * (1 - p) / variance if variance > 0 else 0.0)
    if n <= min(apart, studies):
        n, cut = min(apart, studies), _NORMAL.inv_cdf((1 + level) / 2)
    middle = (p + cut**2 / (2 * n)) / (1 + cut**2 / n)
    half = cut * np.sqrt(p * (1 - p) / n + (cut / (2 * n)) ** 2) / (1 + cut**2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def rising(power: Array) -> Array:
    """Least-squares fit of power that never falls with the number of dyads (all sizes alike).

    Parameters
    ----------
    power : ndarray of float64, shape (..., n_sizes)

    Returns
    -------
    ndarray of float64, same shape

    Examples
    --------
    >>> rising(np.array([0.2, 0.5, 0.4, 0.9])).round(2).tolist()
    [0.2, 0.45, 0.45, 0.9]
    """
    n = power.shape[-1]
    total = np.concatenate([np.zeros((*power.shape[:-1], 1)), np.cumsum(power, axis=-1)], axis=-1)
    out = np.empty_like(power)
    for i in range(n):
        best = np.full(power.shape[:-1], -np.inf)
        for j in range(i + 1):
            means = [(total[..., k + 1] - total[..., j]) / (k + 1 - j) for k in range(i, n)]
            best = np.maximum(best, np.min(means, axis=0))
        out[..., i] = best
    return out


def dyads_at(sizes: Array, power: Array, wanted: float, studies: int) -> Array:
    """Number of dyads at which a power that never falls reaches the wanted one.

    Between two sizes, the normal quantile of power is drawn straight over the root of the
    number of dyads, which it is where a test compares a mean with its standard error.

    Parameters
    ----------
    sizes : ndarray of float64, shape (n_sizes,)
    power : ndarray of float64, shape (n_draws, n_sizes)
    wanted : float
    studies : int
        Powers of 0 and 1 count as half a study away from there.

    Returns
    -------
    ndarray of float64, shape (n_draws,)
        Not rounded; -inf where the smallest size has it, inf where the largest has not.

    Examples
    --------
    >>> found = dyads_at(np.array([16.0, 36.0]), np.array([[0.6, 0.9], [0.1, 0.2]]), 0.8, 400)
    >>> found.round(1).tolist()
    [26.5, inf]
    """
    edge = 0.5 / studies
    z = np.vectorize(_NORMAL.inv_cdf)(np.clip(power, edge, 1 - edge))
    goal = _NORMAL.inv_cdf(min(max(wanted, edge), 1 - edge))
    reached = power >= wanted
    last = np.argmax(reached, axis=1)
    out = np.where(reached.any(axis=1), -np.inf, np.inf)
    for row in np.flatnonzero(reached.any(axis=1) & (last > 0)):
        k = last[row]
        low, high = z[row, k - 1], z[row, k]
        part = 1.0 if high <= low else float(np.clip((goal - low) / (high - low), 0.0, 1.0))
        root = np.sqrt(sizes[k - 1]) + part * (np.sqrt(sizes[k]) - np.sqrt(sizes[k - 1]))
        out[row] = root**2
    return out


def needed(
    sizes: tuple[int, ...],
    by_pool: Array,
    *,
    wanted: float,
    studies: int,
    rng: np.random.Generator,
    replicates: int = 1999,
) -> tuple[float, float, float]:
    """Number of dyads for the wanted power, with an interval over pools.

    Parameters
    ----------
    sizes : tuple of int
    by_pool : ndarray of float64, shape (n_pools, n_sizes)
        Power in each pool.
    wanted : float
    studies : int
        Studies drawn in all for each size.
    rng : numpy.random.Generator
    replicates : int, default 1999
        Bootstrap samples of pools.

    Returns
    -------
    n, low, high : float
        Whole numbers; -inf: already at the smallest size; inf: not at the largest. The
        interval is the percentile interval, widened for the number of pools (Student's t and
        n / (n - 1), Hesterberg 2015).

    References
    ----------
    .. [1] Hesterberg (2015), The American Statistician 69, 371-386.
       https://doi.org/10.1080/00031305.2015.1089789
    """
    pools = len(by_pool)
    x = np.array(sizes, dtype=np.float64)
    value = float(dyads_at(x, rising(by_pool.mean(axis=0))[None], wanted, studies)[0])
    rows = rng.integers(pools, size=(replicates, pools))
    again = dyads_at(x, rising(by_pool[rows].mean(axis=1)), wanted, studies)
    tail = _NORMAL.cdf(-t_cut(pools) * np.sqrt(pools / (pools - 1)))
    low, high = np.quantile(again, [tail, 1 - tail], method="nearest")
    return tuple(float(np.ceil(v - 1e-9)) for v in (value, low, high))  # type: ignore[return-value]
