"""The part of the methods paragraph that tells how codes and synchrony were joined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Part = Mapping[str, Any]


def tell_joined(j: Part, emotion: Part, ran: Collection[str]) -> str:
    """Tell what was looked at around, within and beside codes, of what had data.

    Parameters
    ----------
    j, emotion : mapping
        The recipe's parts of these names, settled.
    ran : collection of str
        Kinds of findings that had data.
    """
    said = []
    if "phase" in ran:
        said.append(
            "In-phase (max(r, 0)) and anti-phase (max(−r, 0)) synchrony were two outcomes, tested "
            "in the same way [@Chen2020]."
        )
    if "event_locked" in ran:
        said.append(
            "Synchrony and both people’s level were averaged around the onsets of codes "
            f"({j['before_s']} s before to {j['after_s']} s after, in pieces of {j['bin_s']} s, "
            "less the session’s mean) and compared with rotated onsets; over all places by the "
            "largest departure of every draw."
        )
    if "epochs" in ran:
        said.append(
            f"Epochs of a class were compared with {emotion['rotations']:,} sets of random epochs "
            "of the same number and lengths in the same session."
        )
    if "emotion_lag" in ran:
        said.append(
            f"Codes were moved by up to {j['lag_s']} s to see which comes first; a lag shorter "
            "than the window counted as not resolvable."
        )
    if "dose" in ran:
        said.append(
            "The share of the coded seconds that a session spent in a class was correlated with "
            "the session’s synchrony, between dyads (Fisher’s interval [@FisherZ1915]) and within "
            "them (bootstrap over dyads), against sessions dealt anew."
        )
    if "moment_model" in ran:
        said.append(
            "A linear mixed model (restricted maximum likelihood [@Bates2015]) of one value in "
            f"{j['thin_s']} s had class, speaker "
            "where coded, both people’s level and a polynomial of session time as fixed effects, "
            "and intercepts of dyads and the slope of one class as random effects (intercepts of "
            "sessions too where dyads had several), with t of the number of dyads less one; beside "
            "it stand "
            f"{j['model_rotations']:,} rotations of the codes."
        )
    return " ".join(said)
