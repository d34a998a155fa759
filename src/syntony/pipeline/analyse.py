"""The verb ``analyse``: two arrays in, synchrony beside chance out; no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from syntony.body.features import Prepared, prepare
from syntony.config import Recipe, Surrogate
from syntony.core.arrays import frozen_array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.pipeline.emotion import coded_session
from syntony.pipeline.pairs import Results, pair_rows
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.prepare import facts_of, features_from, without_ends
from syntony.pipeline.same import CODE
from syntony.pipeline.source import FromMemory
from syntony.pipeline.steps import couple
from syntony.pipeline.suits import refuse_units
from syntony.pipeline.work import compute_all

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """What two signals gave.

    Attributes
    ----------
    rows : tuple of mapping
        One per method, statistic and surrogate, with the columns of ``pairs``.
    couplings : tuple of Coupling
        One per method of the recipe, in its order.
    quality : tuple of mapping
        What was excluded, per person and cause.
    notes : tuple of Note
    recipe : Recipe
        With every default filled in.
    """

    rows: tuple[Mapping[str, Any], ...]
    couplings: tuple[Coupling, ...]
    quality: tuple[Mapping[str, Any], ...]
    notes: tuple[Note, ...]
    recipe: Recipe

    def table(self) -> pd.DataFrame:
        """All rows with labels."""
        import pandas as pd

        return pd.DataFrame([dict(r) for r in self.rows])

    def __repr__(self) -> str:
        lines = [
            f"{r['method']} {r['statistic']}: {r['value']:.3f}, {r['surrogate'] or 'not tested'} "
            f"gives {r.get('low', float('nan')):.3f} to {r.get('high', float('nan')):.3f}, "
            f"p = {r.get('p_two', float('nan')):.3f}"
            for r in self.rows
        ]
        return "\n".join(lines)


def analyse(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rate_hz: float,
    kind: str | tuple[str, str],
    unit: str | tuple[str, str],
    roles: tuple[str, str] = ("first", "second"),
    recipe: Recipe | None = None,
) -> Analysis:
    """Put two signals of two people through the chain, without files.

    Parameters
    ----------
    x, y : array_like, shape (n_samples,)
        Same clock, same rate, same length; NaN where missing.
    rate_hz : float
        Samples per second of both.
    kind : str or (str, str)
        What was measured: ``"eda"``, ``"hr"``, ``"motion"``, ...; decides how it is cleaned.
        Two where ``x`` is of one kind and ``y`` of another.
    unit : str or (str, str)
        ``"uS"``, ``"/min"``, ``"1"``, ...; two where they differ.
    roles : (str, str)
        What to call the two.
    recipe : Recipe, optional
        Default: the defaults of a run, with the shift within session thirds as chance,
        since two arrays bring no strangers.

    Returns
    -------
    Analysis
        Rows as in ``pairs``; two people who merely settle at the same time can pass the
        within-pair surrogate, so borrow strangers with ``sy.pair(..., strangers=study)``.

    Raises
    ------
    InputError
        If shapes differ, both hold the same values, the recipe asks for pseudo-dyads, or the
        units do not suit a method.

    Examples
    --------
    >>> import numpy as np, syntony as sy
    >>> rng = np.random.default_rng(1)
    >>> x = 5 + np.cumsum(rng.standard_normal(2400)) / 50
    >>> y = 5 + np.cumsum(rng.standard_normal(2400)) / 50
    >>> a = sy.analyse(x, y, rate_hz=4.0, kind="eda", unit="uS")
    >>> a.couplings[0].dims
    ('time', 'lag')
    """
    first, second = frozen_array("x", x), frozen_array("y", y)
    if first.shape != second.shape:
        raise InputError("y", second.shape, f"the shape of x, {first.shape}", "Align them first.")
    people = tuple(Person(id=role, role=role) for role in roles)
    kinds, units = (one if isinstance(one, tuple) else (one, one) for one in (kind, unit))
    signals = tuple(
        Signal(values=v, rate_hz=rate_hz, start_s=0.0, unit=u, kind=k, person=role)
        for v, u, k, role in zip((first, second), units, kinds, roles, strict=True)
    )
    session = Session(id="pair", dyad="pair", people=people, signals=signals)
    chosen = recipe or Recipe(signal=kinds, surrogates=(Surrogate(name="shift_thirds"),))
    return analyse_session(session, chosen)


def analyse_session(session: Session, recipe: Recipe) -> Analysis:
    """Put one session in memory through body, synchrony and its own surrogates."""
    results, prepared = analyse_sessions([session], recipe)
    made, settled = prepared[0], results.recipe
    own = features_from(session.id, made)
    return Analysis(
        rows=tuple(pair_rows(results)),
        couplings=tuple(
            couple(step, own.first, own.second, own.rate_hz) for step in settled.synchrony
        ),
        quality=tuple(results.facts[0]["quality"]),
        notes=(*session.notes, *made.notes),
        recipe=settled,
    )


def analyse_sessions(sessions: Sequence[Session], recipe: Recipe) -> tuple[Results, list[Prepared]]:
    """Put sessions in memory through body, synchrony and chance; nothing is written.

    Parameters
    ----------
    sessions : sequence of Session
        All with the same roles; the first session's order counts.
    recipe : Recipe

    Returns
    -------
    results : Results
    prepared : list of Prepared
        Features of every session.

    Raises
    ------
    InputError
        If a session cannot be prepared, or both people's signal is one and the same: a run
        leaves such a session out and counts it, in memory none is left out in silence.
    """
    source = FromMemory(tuple(sessions))
    settled = settle(recipe, source)
    plan = make_plan(settled, source)
    prepared, facts, coded = [], [], []
    for session, planned in zip(sessions, plan.sessions, strict=True):
        people = planned.first, planned.second
        made = without_ends(prepare(session, people, settled.signal, settled.body), settled)
        roles = people[0].role, people[1].role
        refuse_units(settled, roles, (made.first.unit, made.second.unit))
        _refuse_twins(session.id, made)
        prepared.append(made)
        facts.append(facts_of(planned, session, made))
        coded.append(coded_session(facts[-1], planned, settled))
    features = [features_from(s.id, m) for s, m in zip(sessions, prepared, strict=True)]
    blocks = compute_all(settled, plan, features, coded)
    return Results(settled, plan, facts, blocks, coded), prepared


def _refuse_twins(session: str, made: Prepared) -> None:
    """Refuse one recording as both people of a session, which would correlate at 1."""
    told = [n.text for n in made.notes if n.code == CODE]
    if told:
        raise InputError(
            f"signals of {session}",
            told[0],
            "two recordings",
            "Two people cannot share one recording: give each person their own.",
        )
