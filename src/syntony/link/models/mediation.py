"""Model: does synchrony go with an outcome through something that lies between them in time?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.link.models.centring import centre
from syntony.link.models.curves import bootstrap_over, middle
from syntony.link.models.mixed import MIN_DYADS, Answer, Ask, answer, intercept, residual
from syntony.link.models.next_session import following
from syntony.link.models.registry import Column, model
from syntony.link.models.rscript import HEAD, data_of, tail
from syntony.link.models.values import Fitted, Sessions, Term, not_testable


@model(
    name="mediation",
    title="Mediation: from synchrony through something later to an outcome later still",
    question="Does synchrony of a session go with a mediator measured after it, and that with an "
    "outcome measured later still?",
    not_when="The mediator was measured in the same window as synchrony, or at the same time as "
    "the outcome: then the order of the three is not known, and the model refuses.",
    formula="mediator ~ sync + (1 | dyad); outcome ~ mediator + sync + (1 | dyad); a * b",
    columns=(
        Column(name="outcome", explain="the outcome, measured last"),
        Column(name="sync", explain="the index of synchrony, measured first"),
        Column(name="mediator", explain="what lies between them in time"),
    ),
    cites=("MacKinnon2004", "Satterthwaite1946"),
    sentence="The path from synchrony to the mediator (measured {mediator_later} sessions later) "
    "and that from the mediator to the outcome ({outcome_later} sessions later), synchrony held, "
    "were multiplied; the interval of the product is from {bootstrap} draws of "
    "dyads [@MacKinnon2004]. That the three follow each other was checked (within a session they "
    "stand at {times}). Other causes of mediator and outcome are not ruled out.",
)
def mediation(
    sessions: Sessions,
    rng: np.random.Generator,
    *,
    times: tuple[float, float, float] | None = None,
    mediator_later: int = 0,
    outcome_later: int = 0,
    bootstrap: int = 5000,
) -> Fitted:
    """Multiply the path to a mediator by the path from it.

    Parameters
    ----------
    sessions : Sessions
        Columns ``sync``, ``mediator``, ``outcome``.
    rng : numpy.random.Generator
    times : tuple of 3 float
        When synchrony, mediator and outcome are measured within a session, in any unit: for
        example 0 for the session, 1 for a questionnaire after it.
    mediator_later, outcome_later : int, default 0
        Take the mediator (the outcome) of so many sessions later.
    bootstrap : int, default 5000

    Returns
    -------
    Fitted
        ``a``, ``b``, ``direct`` and ``indirect`` (key). With several sessions a dyad all are
        within dyads, with the between parts held.

    Raises
    ------
    InputError
        If the three are not measured one after the other.
    """
    check_order(times, mediator_later, outcome_later)
    moved = sessions.with_columns(
        mediator=following(sessions, "mediator", mediator_later),
        outcome=following(sessions, "outcome", outcome_later),
    )
    used = moved.complete("sync", "mediator", "outcome")
    dyads = len(set(used.dyad))
    if dyads < MIN_DYADS:
        many = "one dyad only" if dyads == 1 else f"{dyads} dyads"
        return not_testable(used, f"{many}, under {MIN_DYADS}")
    x, m = centre(used, "sync").parts, centre(_plain(used), "mediator").parts
    within = "sync_ws" in x and "mediator_ws" in m
    x = centre(_plain(used), "sync").parts if within else {"sync": used.column("sync")}
    m = m if within else {"mediator": used.column("mediator")}
    first = _path(used, used.column("mediator"), x, rng)
    second = _path(used, used.column("outcome"), {**m, **x}, rng)
    for part in (first, second):
        if part.fit is None:
            return not_testable(used, part.status.partition(": ")[2], *part.notes)
    names = ("sync_ws", "mediator_ws") if within else ("sync", "mediator")
    return Fitted(
        n_sessions=len(used),
        n_dyads=dyads,
        n_therapists=len(set(used.therapist)),
        terms=_terms(first, second, names, rng, bootstrap),
        method=f"two equations by REML, product by {bootstrap} draws of dyads",
        behind=(first, second),
        notes=(*dict.fromkeys((*first.notes, *second.notes)), CAUSES),
        script=_script(tuple(x), tuple(m), within or dyads < len(used)),
        data=data_of(used, {"outcome": used.column("outcome"), **_both(used, x, m)}),
    )


CAUSES = (
    "The order in time is right; that nothing else makes mediator and outcome go together is an "
    "assumption that no model can check."
)


def check_order(
    times: tuple[float, float, float] | None, mediator_later: int, outcome_later: int
) -> None:
    """Refuse a mediator that is not measured between synchrony and outcome.

    Examples
    --------
    >>> check_order((0.0, 0.0, 1.0), 0, 0)
    Traceback (most recent call last):
    syntony.core.errors.InputError: times=(0.0, 0.0, 1.0): expected synchrony before mediator ...
    """
    wanted = "synchrony before mediator before outcome"
    hint = (
        "A mediator from the same window as synchrony has no order in time: take the mediator of a "
        "later session (mediator_later), or one measured after it."
    )
    if times is None:
        raise InputError("times", None, f"when the three are measured, {wanted}", hint)
    when = (times[0], times[1] + 1e6 * mediator_later, times[2] + 1e6 * outcome_later)
    if not when[0] < when[1] < when[2]:
        shown = (
            times
            if not mediator_later and not outcome_later
            else (times, mediator_later, outcome_later)
        )
        raise InputError("times", shown, wanted, hint)


def _plain(used: Sessions) -> Sessions:
    """The sessions without therapists: between parts are of dyads."""
    return Sessions(dyad=used.dyad, number=used.number, columns=used.columns)


def _path(used: Sessions, y: Array, x: Mapping[str, Array], rng: np.random.Generator) -> Answer:
    """One of the two equations."""
    random = [intercept("dyad", used.dyad)] if len(set(used.dyad)) < len(used) else []
    ask = Ask(
        y=y, x={"intercept": np.ones(len(used)), **x}, random=[*random, residual(len(used))],
        cluster=used.dyad, dyad=used.dyad, keys=(next(iter(x)),),
    )  # fmt: skip
    return answer(ask, rng)


def _terms(
    first: Answer, second: Answer, names: tuple[str, str], rng: np.random.Generator, draws: int
) -> tuple[Term, ...]:
    """Paths with their t intervals, and the product with that of drawing dyads."""
    if first.fit is None or second.fit is None or second.ask is None:
        return ()
    state = rng.bit_generator.state
    a = bootstrap_over(first.fit, rng, draws)[:, first.names.index(names[0])]
    rng.bit_generator.state = state  # the same dyads in both equations
    b = bootstrap_over(second.fit, rng, draws)[:, second.names.index(names[1])]
    found = {t.name: t for t in first.terms}[names[0]], {t.name: t for t in second.terms}
    one, two, direct = found[0], found[1][names[1]], found[1][names[0]]
    low, high = middle(a * b, len(set(second.ask.dyad)) - len(second.names))
    from dataclasses import replace

    return (
        replace(one, name="a", key=False),
        replace(two, name="b", key=False),
        replace(direct, name="direct", key=False),
        Term(
            name="indirect", estimate=one.estimate * two.estimate, low=low, high=high,
            boot_low=low, boot_high=high, key=True,
        ),
    )  # fmt: skip


def _both(used: Sessions, x: Mapping[str, Array], m: Mapping[str, Array]) -> dict[str, Array]:
    return {"mediator": used.column("mediator"), **x, **m}


def _script(x: tuple[str, ...], m: tuple[str, ...], several: bool) -> str:
    """Script with the two equations; the draws are not in it."""
    level = " + (1 | dyad)" if several else ""
    call, take = ("lmer", "fixef") if several else ("lm", "coef")
    more = ", REML = TRUE" if several else ""
    library = "library(lme4)\n" if several else ""
    return (
        HEAD
        + library
        + f"first <- {call}(mediator ~ {' + '.join(x)}{level}, data = rows{more})\n"
        + "print(summary(first))\n"
        + f"fit <- {call}(outcome ~ {' + '.join((*m, *x))}{level}, data = rows{more})\n"
        + f'cat("indirect:", {take}(first)["{x[0]}"] * {take}(fit)["{m[0]}"], "\\n")\n'
        + tail(f"{take}(fit)")
    )
