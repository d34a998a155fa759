"""Model: synchrony within dyads, between dyads and between therapists, with a score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.centring import Centred, centre
from syntony.link.models.layout import Random
from syntony.link.models.mixed import MIN_DYADS, MIN_THERAPISTS, Ask, answer, intercept, residual
from syntony.link.models.registry import Column, model
from syntony.link.models.rscript import data_of, lmer_script
from syntony.link.models.values import Fitted, Sessions, not_testable

SESSIONS_FOR_SLOPES = 3.0


@model(
    name="within_between",
    title="Within and between: synchrony and a score of the same session",
    question="Is a score higher in sessions with more synchrony than is usual for the dyad; in "
    "dyads with more synchrony than the other dyads of their therapist; with therapists who have "
    "more?",
    not_when="Every dyad has one session (the within part is then missing), or the score was given "
    "before the session.",
    formula="outcome ~ sync_ws + sync_bd + sync_bt + session + (1 + sync_ws | dyad) + (1 | "
    "therapist)",
    columns=(
        Column(name="outcome", explain="the score"),
        Column(name="sync", explain="the index of synchrony"),
    ),
    cites=("Satterthwaite1946", "Bates2015", "Hemerik2020"),
    sentence="Synchrony was taken apart into its deviation from the mean of the dyad, of the dyad "
    "from the mean of its therapist, and of the therapist from the mean of therapists; the score "
    "was regressed on the three and the session's number, with intercepts of dyads and therapists "
    "and, where dyads have three sessions and more (random slopes: {slopes}), slopes of dyads, by "
    "restricted maximum likelihood with the degrees "
    "of freedom of @Satterthwaite1946; beside each p stands that of turning signs of whole "
    "clusters [@Hemerik2020].",
)
def within_between(sessions: Sessions, rng: np.random.Generator, *, slopes: bool = True) -> Fitted:
    """Join the parts of synchrony to a score of the same session.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome`` and ``sync``.
    rng : numpy.random.Generator
        For the second opinion.
    slopes : bool, default True
        Let the within-dyad slope differ between dyads, where there are sessions enough.

    Returns
    -------
    Fitted
        Key terms ``sync_ws``, ``sync_bd``, ``sync_bt``: those that can be told apart.
    """
    used = sessions.complete("outcome", "sync")
    return fit_parts(used, rng, extra={}, slope_of="sync_ws" if slopes else "")


def fit_parts(
    used: Sessions,
    rng: np.random.Generator,
    *,
    extra: Mapping[str, Array],
    slope_of: str,
    times: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> Fitted:
    """Regress ``outcome`` on the parts of ``sync`` and further columns.

    Parameters
    ----------
    extra : mapping of str to ndarray
        Further columns of the fixed part.
    slope_of : str
        Column whose slope may differ between dyads; empty for none.
    times : mapping of str to str, optional
        Products that are added and are key: name to the part that is multiplied by ``session``.
    """
    dyads = list(dict.fromkeys(used.dyad))
    if len(dyads) < MIN_DYADS:
        return not_testable(used, _few(len(dyads)), *notes)
    parts = centre(used, "sync")
    x = {"intercept": np.ones(len(used)), **parts.parts, **extra}
    if np.ptp(used.number) > 0:
        x["session"] = used.number - used.number.mean()
    products = {
        n: x[p] * x["session"] for n, p in (times or {}).items() if p in x and "session" in x
    }
    x |= products
    random, told = random_part(used, parts, x, slope_of)
    keys = tuple(products) or tuple(parts.parts)
    ask = Ask(
        y=used.column("outcome"),
        x=x,
        random=random,
        cluster=used.therapist if parts.nested else used.dyad,
        dyad=used.dyad,
        keys=keys,
        untested=_untested(used, parts, x),
    )
    found = answer(ask, rng)
    columns = {"outcome": ask.y, **{k: v for k, v in x.items() if k != "intercept"}}
    return Fitted(
        n_sessions=len(used),
        n_dyads=len(dyads),
        n_therapists=len(set(used.therapist)),
        terms=found.terms,
        status=found.status,
        method=found.method,
        random=found.random,
        behind=(found,),
        notes=(*notes, *parts.notes, *told, *found.notes),
        script=lmer_script(found.names or tuple(x), random),
        data=data_of(used, columns),
    )


def _few(dyads: int) -> str:
    many = "one dyad only" if dyads == 1 else f"{dyads} dyads"
    return f"{many}, under {MIN_DYADS}: what holds in them says nothing of other dyads"


def random_part(
    used: Sessions, parts: Centred, x: Mapping[str, Array], slope_of: str
) -> tuple[list[Random], list[str]]:
    """The random part that the sessions can carry, and what was left out of it."""
    dyads = len(set(used.dyad))
    random, told = [], []
    if dyads < len(used):
        enough = len(used) / dyads >= SESSIONS_FOR_SLOPES and len(used) > 2 * dyads
        if slope_of in x and enough:
            z = np.column_stack([np.ones(len(used)), x[slope_of]])
            random.append(
                Random(name="dyad", effects=("intercept", slope_of), group=used.dyad, z=z)
            )
        else:
            random.append(intercept("dyad", used.dyad))
            if slope_of in x:
                told.append(
                    f"{len(used) / dyads:.1f} sessions a dyad, under {SESSIONS_FOR_SLOPES:.0f}: "
                    f"dyads have one common slope of {slope_of}; that slopes differ cannot be seen."
                )
    if parts.nested:
        random.append(intercept("therapist", used.therapist))
    return [*random, residual(len(used))], told


def _untested(used: Sessions, parts: Centred, x: Mapping[str, Array]) -> dict[str, str]:
    """Between parts for which there are too few dyads or therapists."""
    therapists, dyads = len(set(used.therapist)), len(set(used.dyad))
    out = {}
    for name in x:
        if "_bt" in name and therapists < MIN_THERAPISTS:
            out[name] = f"{therapists} therapists, under {MIN_THERAPISTS}"
        free = dyads - therapists if parts.nested else dyads
        if "_bd" in name and free < MIN_DYADS - 1:
            out[name] = f"{dyads} dyads of {therapists} therapists leave {free} to compare"
    return out
