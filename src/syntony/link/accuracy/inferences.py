"""Discrete empathic accuracy: inferred thoughts and feelings, judged for likeness at stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.io.inferences import MOST, Judgement
from syntony.link.accuracy.raters import FEW, step_up
from syntony.link.agreement.alpha import alpha_of, coincidences
from syntony.link.agreement.icc import intraclass
from syntony.link.questionnaires.clusters import MIN_CLUSTERS, Weighted, clustered_interval

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceScore:
    """Accuracy of one perceiver about one target in one session.

    Attributes
    ----------
    session, perceiver, target : str
    percent : float
        Sum of the judges' mean points over stops, by what could be reached: ``sum / (2 n) x
        100 %`` [1]_.
    low, high : float
        Central 95 % over resampled stops; NaN under 5 stops.
    stops, judges : int
        Stops that somebody judged; judges.
    baseline : float
        The same from re-paired stops, in per cent; NaN where none was judged.
    baseline_pairs : int
        Re-paired inferences that were judged.
    agreement : float
        Mean correlation over pairs of judges across stops; NaN for one judge.
    exact : float
        Share of pairs of judgements of one inference that are equal.

    References
    ----------
    .. [1] Ickes, Stinson, Bissonnette & Garcia (1990), Journal of Personality and Social
       Psychology 59(4), 730-742. https://doi.org/10.1037/0022-3514.59.4.730
    """

    session: str
    perceiver: str
    target: str
    percent: float
    low: float
    high: float
    stops: int
    judges: int
    baseline: float
    baseline_pairs: int
    agreement: float
    exact: float


def score_inferences(
    judged: Sequence[Judgement], rng: np.random.Generator, *, bootstrap: int = 2000
) -> tuple[InferenceScore, ...]:
    """Score judged inferences, one number a perceiver, target and session.

    Parameters
    ----------
    judged : sequence of Judgement
        Points that are NaN are left out: a stop counts with the judges it has, and one that
        nobody judged does not count.
    rng : numpy.random.Generator
        For the interval over stops.
    bootstrap : int, default 2000

    Returns
    -------
    tuple of InferenceScore

    Examples
    --------
    >>> rows = [Judgement(session="s1", perceiver="T", target="P", stop=str(k), thought_of=str(k),
    ...                   judge="j", points=p) for k, p in enumerate((2, 1, 0, 1))]
    >>> score_inferences(rows, np.random.default_rng(1))[0].percent
    50.0
    """
    groups: dict[tuple[str, str, str], list[Judgement]] = {}
    for one in judged:
        if np.isfinite(one.points):
            groups.setdefault((one.session, one.perceiver, one.target), []).append(one)
    return tuple(_score(key, rows, rng, bootstrap) for key, rows in groups.items())


def _score(
    key: tuple[str, str, str], rows: list[Judgement], rng: np.random.Generator, bootstrap: int
) -> InferenceScore:
    """Score of one perceiver."""
    real = _table([r for r in rows if r.is_real])
    wrong = _table([r for r in rows if not r.is_real])
    points = _over_judges(real)
    low = high = NAN
    if points.size >= 5:
        drawn = points[rng.integers(points.size, size=(bootstrap, points.size))].mean(axis=1)
        low, high = (float(q) for q in _percent(np.quantile(drawn, [0.025, 0.975])))
    agreement, exact = judge_agreement(real)
    chance = _over_judges(wrong)
    return InferenceScore(
        session=key[0],
        perceiver=key[1],
        target=key[2],
        percent=float(_percent(points.mean())) if points.size else NAN,
        low=low,
        high=high,
        stops=points.size,
        judges=real.shape[1],
        baseline=float(_percent(chance.mean())) if chance.size else NAN,
        baseline_pairs=chance.size,
        agreement=agreement,
        exact=exact,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeAgreement:
    """How far the judges of inferences agree over a study, each with its 95 % interval.

    Attributes
    ----------
    inferences, judges, groups : int
        Inferences that two judges or more judged; judges; dyads that share nobody.
    alpha, icc_2_1, icc_2_k : (float, float, float)
        Value, low, high: Krippendorff's alpha of the ordered points, with what each judge gave;
        ICC of one judge and of the mean of all, over inferences that all of them judged.
        Intervals come from drawing dyads, not inferences; NaN under 4.
    status : str
        ``"ok"``, that they are few, or why there is no number.
    """

    inferences: int
    judges: int
    groups: int
    alpha: tuple[float, float, float]
    icc_2_1: tuple[float, float, float]
    icc_2_k: tuple[float, float, float]
    status: str


def agreement_of_judges(
    judged: Sequence[Judgement],
    group_of: Mapping[str, int],
    rng: np.random.Generator,
    *,
    bootstrap: int = 1000,
) -> JudgeAgreement:
    """Krippendorff's alpha and intra-class correlations of judges over all sessions.

    Parameters
    ----------
    judged : sequence of Judgement
        Those beside the thought of another stop are left aside.
    group_of : mapping of str to int
        Of each session: the group that it is drawn with (dyad, or dyads that share people).
    rng : numpy.random.Generator
    bootstrap : int, default 1000

    Examples
    --------
    >>> rows = [Judgement(session=f"s{k % 5}", perceiver="T", target="P", stop=str(k),
    ...                   thought_of=str(k), judge=j, points=float((k + (j == "b" and k < 3)) % 3))
    ...         for k in range(20) for j in "ab"]
    >>> groups = {f"s{k}": k for k in range(5)}
    >>> found = agreement_of_judges(rows, groups, np.random.default_rng(1))
    >>> found.inferences, round(found.alpha[0], 2), round(found.icc_2_1[0], 2)
    (20, 0.77, 0.78)
    """
    real = [r for r in judged if r.is_real and np.isfinite(r.points)]
    table, sessions = _over_sessions(real)
    groups = np.array([group_of[s] for s in sessions], dtype=np.int64)
    numbers = np.unique(groups, return_inverse=True)[1].ravel()
    count = int(numbers.max()) + 1 if numbers.size else 0
    shared = int((np.isfinite(table).sum(axis=1) > 1).sum())
    if table.shape[1] < 2 or not shared:
        nan3 = (NAN, NAN, NAN)
        why = "not testable: no inference was judged by two"
        return JudgeAgreement(
            inferences=shared, judges=table.shape[1], groups=count, alpha=nan3, icc_2_1=nan3,
            icc_2_k=nan3, status=why,
        )  # fmt: skip
    one = clustered_interval(_weighted_icc(table, numbers), count, rng, draws=bootstrap)
    k = table.shape[1]
    several = (_stepped(one[0], k), _stepped(one[1], k), _stepped(one[2], k))
    status = "ok" if count >= FEW else f"only {count} independent dyads"
    if count < MIN_CLUSTERS:
        status = f"no interval: {count} independent dyads, at least {MIN_CLUSTERS} are needed"
    return JudgeAgreement(
        inferences=shared,
        judges=k,
        groups=count,
        alpha=clustered_interval(_weighted_alpha(table, numbers), count, rng, draws=bootstrap),
        icc_2_1=one,
        icc_2_k=several,
        status=status,
    )


def _over_sessions(rows: Sequence[Judgement]) -> tuple[Array, list[str]]:
    """Points by inference and judge over all sessions, and the session of each inference."""
    judges = sorted({r.judge for r in rows})
    place = {key: k for k, key in enumerate(dict.fromkeys((r.session, r.stop) for r in rows))}
    table = np.full((len(place), len(judges)), np.nan)
    for r in rows:
        table[place[r.session, r.stop], judges.index(r.judge)] = r.points
    return table, [session for session, _ in place]


def _weighted_alpha(table: Array, groups: Ints) -> Weighted:
    """Alpha of coincidences added up, as often as each group is in."""
    kinds = np.unique(table[np.isfinite(table)])
    counts = np.stack([(table == kind).sum(axis=1) for kind in kinds], axis=1)
    each = np.stack([coincidences(counts[groups == g]) for g in range(groups.max() + 1)])
    return lambda w: alpha_of(np.tensordot(w, each, axes=1), "ordinal", kinds)


def _weighted_icc(table: Array, groups: Ints) -> Weighted:
    """ICC(2,1) of the inferences, as often as each group is in."""

    def value(weights: Array) -> Array:
        often = weights.astype(np.int64)[:, groups]
        drawn = (np.repeat(table, row, axis=0) for row in often)
        return np.array([intraclass(rows)["icc_2_1"].value for rows in drawn])

    return value


def _stepped(value: float, judges: int) -> float:
    """ICC of the mean of the judges; NaN where it has none."""
    return step_up(value, judges) if np.isfinite(value) else NAN


def _table(rows: Sequence[Judgement]) -> Array:
    """Points by inference and judge, NaN where one gave none; shape (n_inferences, n_judges)."""
    pairs = list(dict.fromkeys((r.stop, r.thought_of) for r in rows))
    judges = sorted({r.judge for r in rows})
    table = np.full((len(pairs), len(judges)), np.nan)
    for r in rows:
        table[pairs.index((r.stop, r.thought_of)), judges.index(r.judge)] = r.points
    return table


def _over_judges(table: Array) -> Array:
    """Mean points of each inference over the judges it has."""
    there = np.isfinite(table)
    total = np.where(there, table, 0.0).sum(axis=1)
    out: Array = total / np.maximum(there.sum(axis=1), 1)
    return out


def _percent(points: Array | float) -> Array:
    """Points as a share of what could be reached."""
    return np.asarray(points) / MOST * 100.0


def judge_agreement(table: Array) -> tuple[float, float]:
    """Mean correlation over pairs of judges, and share of equal judgements.

    Parameters
    ----------
    table : ndarray of float64, shape (n_inferences, n_judges)
        NaN where a judge gave none.

    Returns
    -------
    correlation, exact : float
        NaN for one judge; the correlation also where no pair shares three inferences that vary.

    Examples
    --------
    >>> judge_agreement(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 1.0]]))[1].__round__(2)
    0.67
    """
    r, equal = [], []
    for a, b in combinations(table.T, 2):
        both = np.isfinite(a) & np.isfinite(b)
        equal += (a[both] == b[both]).tolist()
        if both.sum() >= 3 and np.ptp(a[both]) > 0 and np.ptp(b[both]) > 0:
            r.append(float(np.corrcoef(a[both], b[both])[0, 1]))
    return (float(np.mean(r)) if r else NAN), (float(np.mean(equal)) if equal else NAN)
