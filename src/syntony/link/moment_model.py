"""Mixed model of synchrony from moment to moment: class, speaker, arousal, session time, dyad.

z_r[t] ~ class + speaker + arousal_a + arousal_b + time + (1 + one class | dyad), on values that
are thinned so that neighbours see different samples. Codes rotated within sessions are a second
opinion that rests on no distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.codes import CLASSES, UNCODED
from syntony.link.joined.phases import phase_parts
from syntony.link.joined.seconds import SPEAKERS, CodedSeconds
from syntony.link.reml import Reml, fit_reml
from syntony.surrogates.codes import rotation_count, rotation_offsets

OUTCOMES = ("synchrony", "in_phase", "anti_phase")
MIN_DYADS = 6
MIN_ROWS = 10  # of a class, for a term of its own
_MIN_SHIFTS = 20
_DIGITS = 8
_BOUNDARY = 1e-3
_COMMON = "shared_neutral"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentRows:
    """What the model is fitted to: one row per session and thinned second.

    Attributes
    ----------
    outcomes : mapping of str to ndarray of float64, shape (n_rows,)
        ``synchrony`` on the scale on which it is averaged, ``in_phase``, ``anti_phase``.
    time_s : ndarray of float64, shape (n_rows,)
        Middle of the second on the session clock.
    classes : ndarray of int64, shape (n_rows,)
    speaker : ndarray of int64, shape (n_rows,), or None
        None where talk was not coded in every session.
    levels : ndarray of float64, shape (n_rows, 2)
        Mean level of each person around the second, in SD of the session.
    time : ndarray of float64, shape (n_rows, degree)
        Legendre polynomials of the place in the session, from -1 to 1.
    session, dyad : ndarray of int64, shape (n_rows,)
        Place in ``sessions``, in ``dyads``.
    sessions, dyads : tuple of str
    """

    outcomes: Mapping[str, Array]
    time_s: Array
    classes: Ints
    speaker: Ints | None
    levels: Array
    time: Array
    session: Ints
    dyad: Ints
    sessions: tuple[str, ...]
    dyads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentFit:
    """A fitted model.

    Attributes
    ----------
    outcome : str
    terms : tuple of str
        Fixed effects; class terms are less ``reference``.
    estimate, se : ndarray of float64, shape (n_terms,)
    random : mapping of str to float
        SD over dyads of intercept and slope, their correlation, SD over sessions where dyads
        have several, residual SD.
    reference : str
        Class that the others are compared with.
    slope : str
        Class with a random slope; empty where there is none.
    n_rows, n_sessions, n_dyads : int
    remarks : tuple of str
        What of ``random`` was estimated on the boundary: an SD of 0, a correlation of 1.
    status : str
        ``"ok"``, or why there is no fit.
    """

    outcome: str
    terms: tuple[str, ...] = ()
    estimate: Array = field(default_factory=lambda: np.empty(0))
    se: Array = field(default_factory=lambda: np.empty(0))
    random: Mapping[str, float] = field(default_factory=dict)
    reference: str = ""
    slope: str = ""
    n_rows: int = 0
    n_sessions: int = 0
    n_dyads: int = 0
    remarks: tuple[str, ...] = ()
    status: str = "ok"

    @property
    def reach(self) -> float:
        """How many standard errors the 95 % interval reaches: t with n_dyads - 1 degrees.

        The effects of dyads are what the model averages; a normal interval would be too narrow
        with the dozen dyads that studies have.
        """
        from scipy.special import stdtrit

        return float(stdtrit(self.n_dyads - 1, 0.975)) if self.n_dyads > 1 else float("nan")

    def p(self, term: str) -> float:
        """Two-sided p of estimate / se by the same t."""
        from scipy.special import stdtr

        estimate, se = self.of(term)
        return 2 * float(stdtr(self.n_dyads - 1, -abs(estimate / se))) if se > 0 else float("nan")

    def of(self, term: str) -> tuple[float, float]:
        """Estimate and standard error of a term; NaN where the model lacks it."""
        if term not in self.terms:
            return float("nan"), float("nan")
        k = self.terms.index(term)
        return float(self.estimate[k]), float(self.se[k])


def moment_rows(sessions: Sequence[CodedSeconds], *, thin_s: int, degree: int) -> MomentRows:
    """Thin every session to one value per ``thin_s``, with what goes along.

    Parameters
    ----------
    sessions : sequence of CodedSeconds
    thin_s : int
        Seconds from one value to the next.
    degree : int
        Of the polynomial of session time.

    Returns
    -------
    MomentRows
        A second without synchrony, without one person's code or without one person's level
        has no row.
    """
    speaks = all(s.speaker is not None for s in sessions)
    dyads = tuple(dict.fromkeys(s.dyad for s in sessions))
    parts = [(k, dyads.index(s.dyad), *_thinned(s, thin_s, degree)) for k, s in enumerate(sessions)]

    def joined(k: int, empty: Array) -> Any:
        return np.concatenate([p[k] for p in parts]) if parts else empty

    none = np.empty(0)
    count = [p[2].size for p in parts]
    kept = joined(2, none).astype(np.int64)
    values = joined(3, np.empty((0, len(OUTCOMES))))
    return MomentRows(
        outcomes={name: values[:, k] for k, name in enumerate(OUTCOMES)},
        time_s=kept + 0.5,
        classes=joined(4, none).astype(np.int64),
        speaker=joined(5, none).astype(np.int64) if speaks else None,
        levels=joined(6, np.empty((0, 2))),
        time=joined(7, np.empty((0, degree))),
        session=np.repeat(np.array([p[0] for p in parts], dtype=np.int64), count),
        dyad=np.repeat(np.array([p[1] for p in parts], dtype=np.int64), count),
        sessions=tuple(s.session for s in sessions),
        dyads=dyads,
    )


def _grid(session: CodedSeconds, thin_s: int) -> Ints:
    """Seconds that are looked at: from the first with synchrony on, every ``thin_s``."""
    there = np.flatnonzero(np.isfinite(session.r))
    return np.arange(there[0], there[-1] + 1, thin_s) if there.size else np.empty(0, dtype=np.int64)


def _thinned(session: CodedSeconds, thin_s: int, degree: int) -> tuple[Any, ...]:
    """Rows of one session: second, outcomes, class, speaker, levels, time."""
    place, levels, time, outcomes = _still(session, thin_s, degree)
    keep = session.classes[place] != UNCODED
    place = place[keep]
    speaker = np.zeros(place.size) if session.speaker is None else session.speaker[place]
    return place, outcomes[keep], session.classes[place], speaker, levels[keep], time[keep]


def _around(values: Array, width: int) -> Array:
    """Mean over ``width`` seconds around each second, of what is there."""
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(there)])
    place = np.arange(values.size)
    low = np.clip(place - width // 2, 0, values.size)
    high = np.clip(place + width // 2 + 1, 0, values.size)
    many = count[high] - count[low]
    out: Array = np.divide(
        total[high] - total[low], many, out=np.full(values.shape, np.nan), where=many > 0
    )
    return out


def design(rows: MomentRows) -> tuple[tuple[str, ...], Array, str]:
    """Names and columns of the fixed effects, and the class that the others are compared with.

    The class that stays out is shared neutral emotion where it has rows enough, else the most
    frequent one. A class or a speaker with less than 10 rows has no term.
    """
    count = np.bincount(rows.classes, minlength=len(CLASSES))
    common = CLASSES.index(_COMMON)
    left_out = common if count[common] >= MIN_ROWS else int(np.argmax(count[:UNCODED]))
    names, columns = ["intercept"], [np.ones(rows.classes.size)]
    for k, name in enumerate(CLASSES[:UNCODED]):
        if k != left_out and count[k] >= MIN_ROWS:
            names.append(name)
            columns.append((rows.classes == k).astype(np.float64))
    if rows.speaker is not None:
        spoken = np.bincount(rows.speaker, minlength=len(SPEAKERS))
        base = int(np.argmax(spoken > 0))
        for k, who in enumerate(SPEAKERS):
            if k != base and spoken[k] >= MIN_ROWS:
                names.append(f"speaker_{who}")
                columns.append((rows.speaker == k).astype(np.float64))
    names += ["arousal_a", "arousal_b", *(f"time_{d + 1}" for d in range(rows.time.shape[1]))]
    columns += [*rows.levels.T, *rows.time.T]
    return tuple(names), np.stack(columns, axis=1), CLASSES[left_out]


def fit_moments(rows: MomentRows, outcome: str, *, slope: str = "shared_positive") -> MomentFit:
    """Fit the mixed model of one outcome by REML.

    Parameters
    ----------
    rows : MomentRows
    outcome : str
        One of ``OUTCOMES``.
    slope : str, default "shared_positive"
        Class whose effect may differ between dyads; empty: none.

    Returns
    -------
    MomentFit
        A variance that is estimated as 0 is a remark. Under 6 dyads ``status`` says so and
        nothing is fitted.

    Notes
    -----
    With a random slope the spread of the effect over dyads carries what is left of the
    correlation of neighbouring values into the standard error of that class. The other
    classes have no such cover: read their rotation p.
    """
    n_dyads = np.unique(rows.dyad).size
    facts: dict[str, Any] = {
        "outcome": outcome,
        "n_rows": rows.classes.size,
        "n_sessions": np.unique(rows.session).size,
        "n_dyads": n_dyads,
    }
    if n_dyads < MIN_DYADS:
        why = f"not testable: {n_dyads} dyads, at least {MIN_DYADS} are needed"
        return MomentFit(**facts, status=why)
    names, fixed, reference = design(rows)
    if reference == slope or slope not in names:
        slope = ""
    if not any(n in CLASSES for n in names):
        return MomentFit(**facts, status="not testable: one class has all the values")
    y = rows.outcomes[outcome]
    if not y.std() > 1e-12:
        return MomentFit(**facts, status="not testable: the outcome does not vary")
    effects = [np.ones(y.size)] + ([fixed[:, names.index(slope)]] if slope else [])
    several = bool(np.unique(rows.session).size > n_dyads)
    unit = rows.session if several else None
    try:
        found = fit_reml(y, fixed, np.stack(effects, axis=1), rows.dyad, unit)
    except (InputError, np.linalg.LinAlgError) as error:
        return MomentFit(**facts, status=f"not testable: the model cannot be fitted ({error})")
    if not found.converged:
        return MomentFit(**facts, status="not testable: the fit did not converge")
    random, remarks = _random(found, slope)
    return MomentFit(
        **facts,
        terms=names,
        estimate=found.estimate,
        se=found.se,
        random=random,
        reference=reference,
        slope=slope,
        remarks=remarks,
    )


def _random(found: Reml, slope: str) -> tuple[dict[str, float], tuple[str, ...]]:
    """What varies at random, in SD, and what of it lies on the boundary."""
    spread = np.sqrt(np.maximum(np.diag(found.cov), 0.0))
    random = {"sd_intercept": float(spread[0]), "sd_residual": float(np.sqrt(found.residual))}
    if slope:
        size = float(spread[0] * spread[1])
        random["sd_slope"] = float(spread[1])
        random["correlation"] = float(found.cov[0, 1]) / size if size > 0 else float("nan")
    if np.isfinite(found.nested):
        random["sd_session"] = float(np.sqrt(found.nested))
    least = _BOUNDARY * random["sd_residual"]
    none = [n for n in ("sd_intercept", "sd_slope", "sd_session") if random.get(n, 1.0) < least]
    if abs(random.get("correlation", 0.0)) > 1 - _BOUNDARY:
        none.append("correlation")
    return random, tuple(none)


def rotation_test(
    sessions: Sequence[CodedSeconds],
    rows: MomentRows,
    *,
    seed: int,
    thin_s: int,
    rotations: int,
    min_rotation_s: float,
) -> dict[str, dict[str, tuple[float, Array]]]:
    """The same effects by least squares within sessions, with codes and talk rotated together.

    Parameters
    ----------
    sessions : sequence of CodedSeconds
    rows : MomentRows
        Made from them.
    seed : int
    thin_s : int
    rotations : int
    min_rotation_s : float

    Returns
    -------
    dict of outcome to dict of class to (float, ndarray of shape (rotations,))
        Effect of the class less the reference, as coded and in every rotation, adjusted for
        speaker, both levels and session time, each session around its own mean. Sessions too
        short to rotate are left out.

    Notes
    -----
    In every rotation the rows are those that then have a code. Levels and time stay where they
    are: they belong to the bodies and the clock, not to the codes.
    """
    names, _, _ = design(rows)
    wanted = [n for n in names if n in CLASSES or n.startswith("speaker_")]
    p = len(wanted) + 2 + rows.time.shape[1]
    grams = np.zeros((1 + rotations, p, p))
    sides = np.zeros((1 + rotations, p, len(OUTCOMES)))
    for session in sessions:
        if rotation_count(session.r.size, min_shift_s=min_rotation_s) < _MIN_SHIFTS:
            continue
        rng = rng_for(seed, "moment_model", session.session)
        shifts = rotation_offsets(session.r.size, rotations, rng, min_shift_s=min_rotation_s)
        x, y = _turned(session, np.append(0, shifts), wanted, thin_s, rows.time.shape[1])
        grams += x.transpose(0, 2, 1) @ x
        sides += x.transpose(0, 2, 1) @ y
    size = np.maximum(np.trace(grams, axis1=1, axis2=2), 1e-9)
    solved = np.linalg.solve(grams + 1e-9 * size[:, None, None] * np.eye(p), sides)
    effects: Array = solved.round(_DIGITS).astype(np.float64)
    classes = [k for k, n in enumerate(wanted) if n in CLASSES]
    return {
        outcome: {wanted[k]: (float(effects[0, k, o]), effects[1:, k, o]) for k in classes}
        for o, outcome in enumerate(OUTCOMES)
    }


def _turned(
    session: CodedSeconds, shifts: Ints, wanted: list[str], thin_s: int, degree: int
) -> tuple[Array, Array]:
    """Columns and outcomes of one session around its means at every turn of its codes.

    Shapes (turns, n, columns) and (turns, n, outcomes); a row without a code is all 0.
    """
    place, levels, time, y = _still(session, thin_s, degree)
    source = (place - shifts[:, None]) % session.r.size
    classes = session.classes[source]
    spoken = np.zeros_like(source) if session.speaker is None else session.speaker[source]
    x = np.empty((shifts.size, place.size, len(wanted) + 2 + degree))
    for k, name in enumerate(wanted):
        if name in CLASSES:
            x[:, :, k] = classes == CLASSES.index(name)
        else:
            x[:, :, k] = spoken == SPEAKERS.index(name.removeprefix("speaker_"))
    x[:, :, len(wanted) :] = np.concatenate([levels, time], axis=1)
    there = (classes != UNCODED)[:, :, None]
    many = np.maximum(there.sum(axis=1, keepdims=True), 1)
    x = (x - (x * there).sum(axis=1, keepdims=True) / many) * there
    y = (y - (y * there).sum(axis=1, keepdims=True) / many) * there
    return x, y


def _still(session: CodedSeconds, thin_s: int, degree: int) -> tuple[Ints, Array, Array, Array]:
    """What stays where it is when codes turn: seconds, levels, time, outcomes; all there."""
    place = _grid(session, thin_s)
    levels = np.stack([_around(v, thin_s)[place] for v in session.levels], axis=1)
    keep = np.isfinite(session.r[place]) & np.isfinite(levels).all(axis=1)
    place, levels = place[keep], levels[keep]
    along = 2 * (place + 0.5) / max(session.r.size, 1) - 1
    time: Array = np.polynomial.legendre.legvander(along, degree)[:, 1:].astype(np.float64)
    y = np.stack([p[place] for p in (session.z, *phase_parts(session.r))], axis=1)
    return place, levels, time, y
