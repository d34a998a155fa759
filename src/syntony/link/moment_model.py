"""Mixed model of synchrony from moment to moment: class, speaker, arousal, session time, dyad.

z_r[t] ~ class + speaker + arousal_a + arousal_b + time + (1 + one class | dyad), on values that
are thinned so that neighbours see different samples. Codes rotated within sessions are a second
opinion that rests on no distribution.

The search for the variances is that of every mixed model (``link/models/reml.py``), on turned
clusters, because a dyad has hundreds of rows here. Degrees of freedom are the dyads less one and
not Satterthwaite's as in ``link/models``: his count every row as news, and neighbours are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.seeds import rng_for
from syntony.link.codes import CLASSES, UNCODED
from syntony.link.joined.seconds import SPEAKERS, CodedSeconds
from syntony.link.models.layout import Random, lay_out_turned
from syntony.link.models.mixed import intercept, residual, variances
from syntony.link.models.reml import fit
from syntony.link.moment_rows import OUTCOMES, MomentRows, still_parts
from syntony.surrogates.codes import rotation_count, rotation_offsets

MIN_DYADS = 6
MIN_ROWS = 10  # of a class, for a term of its own
_MIN_SHIFTS = 20
_DIGITS = 8
_BOUNDARY = 1e-3
_COMMON = "shared_neutral"


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
    if y.size <= len(names) or np.linalg.matrix_rank(fixed) < len(names):
        told = f"{y.size} rows do not tell {len(names)} predictors apart"
        return MomentFit(**facts, status=f"not testable: {told}")
    parts = random_parts(rows, slope, fixed[:, names.index(slope)] if slope else None)
    found = fit(lay_out_turned(y, fixed, rows.dyad.tolist(), parts))
    if not found.converged:
        return MomentFit(**facts, status="not testable: the fit did not converge")
    random, remarks = _random(variances(parts, found), slope)
    return MomentFit(
        **facts,
        terms=names,
        estimate=found.beta,
        se=np.sqrt(np.diag(found.phi)),
        random=random,
        reference=reference,
        slope=slope,
        remarks=remarks,
    )


def random_parts(rows: MomentRows, slope: str, column: Array | None) -> list[Random]:
    """What varies at random: dyads, with a slope where there is one; their sessions; the rest.

    Sessions have an intercept where dyads have several.
    """
    dyad, n = rows.dyad.tolist(), rows.dyad.size
    parts = [intercept("dyad", dyad)]
    if column is not None:
        z = np.column_stack([np.ones(n), column])
        parts = [Random(name="dyad", effects=("intercept", slope), group=dyad, z=z)]
    if np.unique(rows.session).size > np.unique(rows.dyad).size:
        parts.append(intercept("dyad:session", rows.session.tolist()))
    return [*parts, residual(n)]


def _random(spread: Mapping[str, float], slope: str) -> tuple[dict[str, float], tuple[str, ...]]:
    """What varies at random, in SD, and what of it lies on the boundary."""
    names = {
        "sd_intercept": "sd dyad intercept",
        "sd_residual": "sd residual",
        "sd_slope": f"sd dyad {slope}",
        "correlation": f"r dyad intercept {slope}",
        "sd_session": "sd dyad:session intercept",
    }
    random = {k: spread[name] for k, name in names.items() if name in spread}
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
    place, levels, time, y = still_parts(session, thin_s, degree)
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
