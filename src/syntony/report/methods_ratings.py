"""The part of the methods paragraph that tells how ratings were compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Part = Mapping[str, Any]


def tell_ratings(recipe: Part, ran: Collection[str]) -> str:
    """Tell what was done with ratings; empty where nothing of it ran.

    Parameters
    ----------
    recipe : mapping
        Settled.
    ran : collection of str
        Kinds of findings that had data.
    """
    r = recipe.get("ratings") or {}
    said = []
    if "accuracy" in ran:
        said.append(_accuracy(r))
    if "truth_and_bias" in ran:
        said.append(
            "The truth-and-bias model [@WestKenny2011] was fitted in every session by least "
            "squares (perceiver’s rating and truth centred on the mean of the truth, the "
            "perceiver’s own state on its own mean), and its coefficients were averaged over dyads."
        )
    if "reaction_lag" in ran:
        said.append(
            "Reaction lags were estimated as the highest point of the mean cross-correlation over "
            f"dyads within {r['reaction_search_s']:g} s, with an interval over resampled dyads "
            "(those that share a person drawn together); they are reported and nothing was shifted "
            "by them."
        )
    if "physiology_rating" in ran:
        moved = r["reaction_lag_s"]
        shift = (
            f"moved earlier by {moved:g} s, fixed in advance" if moved else "not shifted in time"
        )
        said.append(
            "Physiology of one person was compared with rated emotion by the same methods and the "
            f"same kinds of chance as physiology with physiology; ratings were {shift}."
        )
    return " ".join(said)


def _accuracy(r: Part) -> str:
    """Tell how two ratings were compared."""
    lag = {
        "zero": "at lag 0",
        "fixed": f"with the perceiver {r['lag_s']:g} s later, fixed in advance",
        "best": f"at the lag within {r['max_lag_s']:g} s at which each pair correlated most",
        "estimated": f"at the lag within {r['max_lag_s']:g} s at which the other dyads’ mean "
        "profile was highest",
    }[r["lag"]]
    neutral = r["neutral"]
    line = "the median of the target’s own rating" if neutral is None else f"{neutral:g}"
    return (
        "Two ratings were compared by Fisher’s z of their correlation at "
        f"{r['rate_hz']:g} Hz, {lag} [@LevensonRuef1992], for the whole session and for the halves "
        f"of the target’s valence above and below {line}; at least {r['min_valid_s']:g} s that "
        "both rated were needed. Means over dyads have Student’s intervals, dyads as the cases; "
        "where dyads share a person, standard errors are robust to that (CR2 over groups of dyads "
        "that share people, with Satterthwaite’s degrees of freedom [@BellMcCaffrey2002; "
        "@PustejovskyTipton2018]); bias is the mean difference. Chance was estimated by laying "
        "each perceiver’s rating beside other targets, and by rotating it within the session "
        f"({r['rotations']:,} rotations by at least {r['min_rotation_s']:g} s), the choice of lag "
        "and halves included."
    )
