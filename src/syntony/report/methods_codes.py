"""The parts of the methods paragraph on codes: how coders agree, and who answers whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Part = Mapping[str, Any]


def tell_agreement(agreement: Part, measures: Collection[str]) -> str:
    """Tell how coders were compared; empty where no session was coded by two.

    Parameters
    ----------
    agreement : mapping
        The recipe's part of this name, settled.
    measures : collection of str
        Names of the measures that have a number.

    Examples
    --------
    >>> settings = {"gaps": "absent", "tolerance_s": 2.0, "overlap": 0.6, "bootstrap": 2000}
    >>> tell_agreement(settings, [])
    ''
    >>> "@Krippendorff2011" in tell_agreement(settings, ["kappa"])
    False
    """
    a, said = agreement, []
    if "kappa" in measures:
        gap = "was left out" if a["gaps"] == "uncoded" else "counted as an answer"
        said.append(
            "Coders of the same person and session were compared second by second by Cohen’s kappa "
            f"[@Cohen1960], over all codes and for each; a second without a code {gap}."
        )
    if "kappa_tolerance" in measures:
        said.append(
            "A second kappa lets a second agree where the other coder gave the code within "
            f"{a['tolerance_s']:g} s."
        )
    if "kappa_events" in measures:
        said.append(
            "Kappa of events [@HolleRein2015] counts two events as one where they begin within "
            f"{a['tolerance_s']:g} s or share {100 * a['overlap']:.0f} % of the longer."
        )
    if {"kappa_linear", "kappa_quadratic"} & set(measures):
        said.append("Weighted kappas [@Cohen1968] order codes by valence.")
    if {"alpha_nominal", "alpha_ordinal"} & set(measures):
        said.append("All coders together have Krippendorff’s alpha [@Krippendorff2011].")
    if said:
        said.append(
            f"Their 95 % intervals come from drawing sessions (BCa, {a['bootstrap']:,} draws)."
        )
    if "icc_2_1" in measures:
        said.append(
            "Shares of sessions with a code were compared by ICC(2,1) and ICC(2,k) "
            "[@ShroutFleiss1979], with intervals of F, widened to those from drawing dyads where "
            "dyads had several sessions."
        )
    return " ".join(said)


def tell_sequences(sequences: Part, corpus: Part, chances: Collection[str]) -> str:
    """Tell how it was asked who answers whom; empty where it was not.

    Parameters
    ----------
    sequences, corpus : mapping
        The recipe's parts of these names, settled.
    chances : collection of str
        Kinds of chance beside which there is a number: ``pseudo_dyads``, ``one_turned``,
        ``sign_flip``.

    Examples
    --------
    >>> tell_sequences({}, {}, [])
    ''
    """
    if not chances:
        return ""
    s, beside = sequences, []
    said = [
        f"Who answers whom was asked in intervals of {s['interval_s']:g} s, both ways: how much "
        "likelier one person’s code is after the other’s code than after its absence, "
        f"{_lags(s)} later, between intervals in which the answering person’s own code had been "
        "alike (differences of probabilities with the weights of @MantelHaenszel1959), averaged "
        "over dyads with BCa intervals over dyads."
    ]
    if "pseudo_dyads" in chances:
        beside.append(f"codes of strangers at the same minute ({corpus['derangements']:,} deals)")
    if "one_turned" in chances:
        beside.append(
            f"one person’s codes turned round within the session ({s['rotations']:,} rotations by "
            f"at least {s['min_rotation_s']:g} s)"
        )
    if beside:
        said.append(f"Chance was estimated from {' and from '.join(beside)}.")
    if "sign_flip" in chances:
        said.append(
            "The two ways were compared by flipping signs of their difference over dyads, those "
            "that share a person together."
        )
    said.append(
        "The first lag is the primary test; q over all others is after @BenjaminiHochberg1995."
    )
    return " ".join(said)


def _lags(s: Part) -> str:
    """Name the lags in intervals."""
    return "1 interval" if s["lags"] == 1 else f"1 to {s['lags']} intervals"
