"""Agreement of the coders of a study: by pair of coders, by code, with intervals over sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from syntony.config.agreement import Agreement
from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.link.agreement.alpha import alpha_of
from syntony.link.agreement.icc import intraclass_over
from syntony.link.agreement.kappa import event_kappa, kappa, one_code, raw_agreement, weighted_kappa
from syntony.link.agreement.tallies import (
    CodedPerson,
    Tally,
    coders_of,
    coincidences_of,
    coincidences_of_codes,
    names_of,
    tally,
)
from syntony.link.intervals import bca_interval

NAN = float("nan")
EVERYBODY = "all coders"
ORDER = ("negative", "neutral", "positive")
TENTATIVE, GOOD = 0.67, 0.80
Statistic = Callable[[Array], Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """How far coders agree, in one measure.

    Attributes
    ----------
    session, role, code : str
        Empty: all sessions, everybody, all codes.
    coder_a, coder_b : str
        The two coders; for alpha ``"all coders"`` and nothing.
    measure : str
        ``kappa``, ``kappa_tolerance``, ``kappa_events``, ``kappa_linear``,
        ``kappa_quadratic``, ``alpha_nominal``, ``alpha_ordinal``, ``icc_2_1``, ``icc_2_k``.
    unit, units : str, float
        What was compared (second, event, session; for alpha each value given), and how many.
    both_s, one_s : float
        Seconds that both coded, and that one of the two left uncoded.
    prevalence_a, prevalence_b : float
        Share of the compared units with the code, by coder.
    raw : float
        Share of units on which they agree, chance included.
    value, low, high : float
        The measure, and its 95 % interval from drawing sessions (for the ICC from F, or from
        drawing dyads where some have several sessions).
    reading : str
        ``"below .67"``, ``".67 to .80"``, ``"at least .80"``: a note, no gate.
    status : str
        ``"ok"`` or why there is no number.
    """

    session: str = ""
    coder_a: str
    coder_b: str
    role: str = ""
    code: str = ""
    measure: str
    unit: str
    n_sessions: int
    n_dyads: int
    units: float = NAN
    both_s: float = NAN
    one_s: float = NAN
    prevalence_a: float = NAN
    prevalence_b: float = NAN
    raw: float = NAN
    value: float = NAN
    low: float = NAN
    high: float = NAN
    reading: str = ""
    status: str = "ok"

    def to_row(self) -> dict[str, Any]:
        """Make the row of the table ``agreement``."""
        return asdict(self)


def reading_of(value: float) -> str:
    """Say where a coefficient lies beside Krippendorff's customary limits; a note, no gate.

    Examples
    --------
    >>> reading_of(0.7), reading_of(float("nan"))
    ('.67 to .80', '')
    """
    if not np.isfinite(value):
        return ""
    if value >= GOOD:
        return "at least .80"
    return ".67 to .80" if value >= TENTATIVE else "below .67"


def compare_coders(
    people: Sequence[CodedPerson],
    settings: Agreement | None = None,
    *,
    seed: int = 0,
    valences: Mapping[str, str] | None = None,
    by_role: bool = True,
) -> list[AgreementRow]:
    """Compare every two coders who coded the same person of the same session.

    Parameters
    ----------
    people : sequence of CodedPerson
        Those of one coder only are left aside.
    settings : Agreement, optional
    seed : int
    valences : mapping of str to str, optional
        Code to valence; where it knows every code, weighted kappas and the ordinal alpha of
        negative - neutral - positive are given too.
    by_role : bool
        Whether there are rows for each role beside those of everybody.

    Returns
    -------
    list of AgreementRow
        Over all sessions first, then single sessions (kappa only, without intervals).
        Intervals come from drawing sessions; under four sessions they are NaN.
    """
    settings = settings or Agreement()
    names = names_of(people)
    roles = ["", *dict.fromkeys(p.role for p in people)] if by_role else [""]
    rows: list[AgreementRow] = []
    for pair in coders_of(people):
        tallies = [tally(p, pair, names, settings) for p in people if set(pair) <= set(p.by)]
        for role in roles:
            mine = [t for t in tallies if role in ("", t.role)]
            if mine:
                rows += _Pair(pair, role, mine, names, settings, seed, valences or {}).rows()
        rows += _single_sessions(pair, tallies)
    return _alphas(people, names, roles, settings, seed, valences or {}) + rows


@dataclass(frozen=True, eq=False)
class _Pair:
    """Tallies of two coders, of everybody or of one role, and the rows they make."""

    pair: tuple[str, str]
    role: str
    tallies: Sequence[Tally]
    names: Sequence[str]
    settings: Agreement
    seed: int
    valences: Mapping[str, str]

    def rows(self) -> Iterator[AgreementRow]:
        """Rows of all codes, then of each."""
        seconds, near, events = (self._sum(k) for k in ("seconds", "near", "events"))
        yield self._row("kappa", "second", seconds, _from_both(kappa))
        yield self._row("kappa_tolerance", "second", near, _from_both(kappa))
        yield self._row("kappa_events", "event", events, event_kappa)
        fold = _fold(self.names, self.valences) if self.settings.gaps == "uncoded" else None
        if fold is not None:
            ordered = np.einsum("ki,nokl,lj->noij", fold, seconds, fold)
            for weights in ("linear", "quadratic"):
                weigh = _weighing(weights)
                yield self._row(f"kappa_{weights}", "second", ordered, _from_both(weigh))
        each, each_near = self._sum("each"), self._sum("each_near")
        for k, code in enumerate(self.names):
            yield self._row("kappa", "second", each[:, k], _from_both(kappa), code)
            yield self._row("kappa_tolerance", "second", each_near[:, k], _from_both(kappa), code)
            yield self._row("kappa_events", "event", one_code(events, k), kappa, code)
            yield from self._icc(k, code)

    def _sum(self, field: str) -> Array:
        """One array a session, both people's counts added."""
        return np.array(
            [
                np.sum([getattr(t, field) for t in self.tallies if t.session == s], axis=0)
                for s in self.sessions
            ]
        )

    @property
    def sessions(self) -> list[str]:
        """Sessions in which both coded."""
        return list(dict.fromkeys(t.session for t in self.tallies))

    def _facts(self, measure: str, unit: str, code: str) -> dict[str, Any]:
        return {
            "coder_a": self.pair[0],
            "coder_b": self.pair[1],
            "role": self.role,
            "code": code,
            "measure": measure,
            "unit": unit,
            "n_sessions": len(self.sessions),
            "n_dyads": len({t.dyad for t in self.tallies}),
            "both_s": sum(t.both_s for t in self.tallies),
            "one_s": sum(t.one_s for t in self.tallies),
        }

    def _row(
        self, measure: str, unit: str, tables: Array, statistic: Statistic, code: str = ""
    ) -> AgreementRow:
        """One row from tables of sessions, shape (n_sessions, ...)."""
        rng = rng_for(self.seed, "agreement", *self.pair, self.role, code, measure)
        value, low, high = over_sessions(tables, statistic, rng, draws=self.settings.bootstrap)
        whole = tables.sum(axis=0)
        whole = whole.mean(axis=0) if whole.ndim == 3 else whole
        units = float(whole.sum())
        rows, columns = (float(whole.sum(axis=k)[0]) for k in (1, 0))
        shares = (rows / units, columns / units) if code and units else (NAN, NAN)
        return AgreementRow(
            **self._facts(measure, unit, code),
            units=units,
            prevalence_a=shares[0],
            prevalence_b=shares[1],
            raw=float(raw_agreement(whole)),
            value=value,
            low=low,
            high=high,
            reading=reading_of(value),
            status=_status(value, units, unit),
        )

    def _icc(self, k: int, code: str) -> Iterator[AgreementRow]:
        """Share of each session with the code, by coder: do they rank and level sessions alike?"""
        seconds = self._sum("share")[:, k, :]
        coded = np.array(
            [sum(t.each[0, 0].sum() for t in self.tallies if t.session == s) for s in self.sessions]
        )
        there = coded > 0
        share = seconds[there] / coded[there, None]
        enough = len(share) > 1
        dyad_of = {t.session: t.dyad for t in self.tallies}
        dyads = [dyad_of[s] for s, t in zip(self.sessions, there, strict=True) if t]
        rng = rng_for(self.seed, "agreement", *self.pair, self.role, code, "icc")
        found = (
            intraclass_over(
                share, [dyads.index(d) for d in dyads], rng, draws=self.settings.bootstrap
            )
            if enough
            else {}
        )
        for name in ("icc_2_1", "icc_2_k"):
            one = found.get(name)
            value = one.value if one else NAN
            status = "ok" if np.isfinite(value) else "not defined: fewer than two sessions"
            if enough and not np.isfinite(value):
                status = "not defined: the sessions do not differ"
            yield AgreementRow(
                **self._facts(name, "session", code),
                units=float(len(share)),
                prevalence_a=float(share[:, 0].mean()) if len(share) else NAN,
                prevalence_b=float(share[:, 1].mean()) if len(share) else NAN,
                value=value,
                low=one.low if one else NAN,
                high=one.high if one else NAN,
                reading=reading_of(value),
                status=status,
            )


def over_sessions(
    tables: Array, statistic: Statistic, rng: np.random.Generator, *, draws: int = 2000
) -> tuple[float, float, float]:
    """Statistic of the summed tables, with its interval from drawing whole sessions.

    Parameters
    ----------
    tables : ndarray of float64, shape (n_sessions, ...)
        Counts of every session (or clip).
    statistic : callable
        Maps summed tables, shape (draws, ...), to shape (draws,).
    rng : numpy.random.Generator
    draws : int, default 2000

    Returns
    -------
    value, low, high : float
        BCa; the interval is NaN under 4 sessions, or where no draw differs.

    Examples
    --------
    >>> tables = np.array([[[9.0, 1.0], [2.0, 8.0]]] * 4 + [[[5.0, 4.0], [4.0, 5.0]]] * 4)
    >>> value, low, high = over_sessions(tables, kappa, np.random.default_rng(1))
    >>> low < value < high
    True
    """
    n, shape = len(tables), tables.shape[1:]
    flat = tables.reshape(n, -1)

    def of_places(places: Array) -> Array:
        drawn = places.astype(np.int64)
        weights = np.zeros((len(drawn), n))
        np.add.at(weights, (np.arange(len(drawn))[:, None], drawn), 1.0)
        return statistic((weights @ flat).reshape(len(drawn), *shape))

    places = np.arange(n, dtype=np.float64)
    value = float(of_places(places[None])[0])
    low, high = bca_interval(places, of_places, rng, draws=draws)
    return value, low, high


def _from_both(statistic: Statistic) -> Statistic:
    """Mean of a statistic as seen from either coder, tables of shape (..., 2, k, k)."""
    return lambda tables: np.asarray(statistic(tables).mean(axis=-1))


def _weighing(weights: Any) -> Statistic:
    return lambda tables: weighted_kappa(tables, weights)


def _fold(names: Sequence[str], valences: Mapping[str, str]) -> Array | None:
    """Matrix from codes to ordered valences, shape (n_codes, 3); None where a code has none."""
    if not names or not set(names) <= set(valences):
        return None
    fold = np.zeros((len(names), len(ORDER)))
    for k, name in enumerate(names):
        fold[k, ORDER.index(valences[name])] = 1.0
    return fold


def _status(value: float, units: float, unit: str) -> str:
    if np.isfinite(value):
        return "ok"
    if not units:
        return f"not defined: no {unit} was coded by both"
    return "not defined: there is one code throughout, so that chance agrees as well"


def _single_sessions(pair: tuple[str, str], tallies: Sequence[Tally]) -> Iterator[AgreementRow]:
    """Kappa of every session, to see which one to look at."""
    for session in dict.fromkeys(t.session for t in tallies):
        mine = [t for t in tallies if t.session == session]
        table = np.sum([t.seconds[0] for t in mine], axis=0)
        value, units = float(kappa(table)), float(table.sum())
        yield AgreementRow(
            session=session,
            coder_a=pair[0],
            coder_b=pair[1],
            measure="kappa",
            unit="second",
            n_sessions=1,
            n_dyads=1,
            units=units,
            both_s=sum(t.both_s for t in mine),
            one_s=sum(t.one_s for t in mine),
            raw=float(raw_agreement(table)),
            value=value,
            reading=reading_of(value),
            status=_status(value, units, "second"),
        )


def _alphas(
    people: Sequence[CodedPerson],
    names: Sequence[str],
    roles: Sequence[str],
    settings: Agreement,
    seed: int,
    valences: Mapping[str, str],
) -> list[AgreementRow]:
    """Krippendorff's alpha over all coders at once."""
    several = [p for p in people if len(p.by) > 1]
    whole = [coincidences_of(p, names, settings) for p in several]
    each = [coincidences_of_codes(p, names, settings) for p in several]
    fold = _fold(names, valences) if settings.gaps == "uncoded" else None
    rows = []
    for role in roles:
        chosen = [i for i, p in enumerate(several) if role in ("", p.role)]
        if not chosen:
            continue
        sessions = list(dict.fromkeys(several[i].session for i in chosen))
        of = [[i for i in chosen if several[i].session == s] for s in sessions]
        facts: dict[str, Any] = {
            "coder_a": EVERYBODY,
            "coder_b": "",
            "role": role,
            "unit": "value",
            "n_sessions": len(sessions),
            "n_dyads": len({several[i].dyad for i in chosen}),
        }
        tables = np.array([np.sum([whole[i] for i in some], axis=0) for some in of])
        todo = [("alpha_nominal", "", tables, _alpha("nominal"))]
        if fold is not None:
            ordered = np.einsum("ki,nkl,lj->nij", fold, tables, fold)
            todo.append(("alpha_ordinal", "", ordered, _alpha("ordinal")))
        for k, code in enumerate(names):
            binary = np.array([np.sum([each[i][k] for i in some], axis=0) for some in of])
            todo.append(("alpha_nominal", code, binary, _alpha("nominal")))
        for measure, code, counts, statistic in todo:
            rng = rng_for(seed, "agreement", EVERYBODY, role, code, measure)
            value, low, high = over_sessions(counts, statistic, rng, draws=settings.bootstrap)
            total = counts.sum(axis=0)
            units = float(total.sum())
            rows.append(
                AgreementRow(
                    **facts,
                    code=code,
                    measure=measure,
                    units=units,
                    prevalence_a=float(total[0].sum()) / units if code and units else NAN,
                    value=value,
                    low=low,
                    high=high,
                    reading=reading_of(value),
                    status=_status(value, units, "second"),
                )
            )
    return rows


def _alpha(level: Any) -> Statistic:
    return lambda matrices: alpha_of(matrices, level)
