"""Names a reader understands, taken from the lists; a name that is on no list stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from syntony.core.errors import InputError

SIGNALS = {
    "eda": "skin conductance",
    "eda_tonic": "tonic skin conductance",
    "eda_phasic": "phasic skin conductance",
    "hr": "heart rate",
    "rr": "beat-to-beat interval",
    "ibi": "beat-to-beat interval",
    "mea": "movement",
}
UNITS = {"uS": "µS", "/min": "beats per minute", "ms": "ms", "1": "", "Cel": "°C"}
CLASSES = {
    "shared_positive": "shared positive",
    "shared_negative": "shared negative",
    "shared_neutral": "shared neutral",
    "unshared": "unshared",
    "uncoded": "uncoded",
}
CAUSES = {
    "range": "out of range",
    "slope": "too steep",
    "temperature": "skin temperature out of range",
    "flat": "flat line",
    "saturation": "saturated",
    "spread": "beside an artefact",
    "missing": "not recorded",
    "marked": "marked by hand",
    "too-short": "stretch too short",
    "gap": "gap",
    "ectopic": "ectopic beats",
    "missed": "missed beats",
    "extra": "extra beats",
    "long-short": "long or short beats",
}
STATISTICS = {
    "class_minus_rest": "class less the other coded seconds",
    "high_minus_low": "high less low moments, share of coded seconds",
    "lag_s": "lag of the peak, s",
}
SURROGATES = {
    "sign_flip": "Sign flips over dyads",
    "rotation": "Codes rotated within sessions",
    "selection_null": "Moments chosen from strangers",
    "permutation": "Scores dealt to other dyads",
    "dealt": "Indices dealt to other dyads or sessions",
    "random_epochs": "Random epochs of the same lengths",
    "re_paired_stops": "Inferences beside thoughts of other stops",
    "rating_rotation": "Ratings rotated within sessions",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a surrogate holds constant and what it breaks."""

    keeps: str
    destroys: str


def is_peak_height(name: str) -> bool:
    """Whether a statistic says how high a peak is: not where it lies, nor how often there is one.

    Examples
    --------
    >>> [is_peak_height(n) for n in ("ssi_peak", "peak_z", "peak_lag_s", "share_without_peak")]
    [True, True, False, False]
    """
    return "peak" in name and not name.endswith(("_s", "_hz", "_sd")) and "share" not in name


def emotion(name: str) -> str:
    """Name an emotion class.

    Examples
    --------
    >>> emotion("shared_positive"), emotion("bored")
    ('shared positive', 'bored')
    """
    return CLASSES.get(name, name)


def scale(name: str) -> str:
    """Name the scale on which a course was averaged.

    Examples
    --------
    >>> scale("fisher_z"), scale("plain")
    ('Fisher z', 'as it is')
    """
    return {"fisher_z": "Fisher z", "plain": "as it is"}.get(name, name)


def mean_on(row: Mapping[str, Any]) -> str:
    """Name the mean of a course by its scale.

    Examples
    --------
    >>> mean_on({"scale": "fisher_z"}), mean_on({"scale": "plain"})
    ('mean z', 'mean')
    """
    return "mean z" if row.get("scale", "fisher_z") == "fisher_z" else "mean"


def cause(name: str) -> str:
    """Name a cause of loss.

    Examples
    --------
    >>> cause("flat")
    'flat line'
    """
    return CAUSES.get(name, name)


def signal(name: str) -> str:
    """Name a feature.

    Examples
    --------
    >>> signal("eda"), signal("grip")
    ('skin conductance', 'grip')
    """
    return SIGNALS.get(name, name.replace("_", " "))


@cache
def method(name: str) -> str:
    """Title of a synchrony method."""
    from syntony.synchrony.registry import get

    try:
        return get(name).title
    except InputError:
        return name.replace("_", " ")


@cache
def delays(name: str) -> str:
    """Say which delays a method without lags sees; empty where it is on no list."""
    from syntony.synchrony.registry import get

    try:
        return get(name).lags
    except InputError:
        return ""


@cache
def statistic(method_name: str, name: str) -> str:
    """Title of one number of a method."""
    from syntony.synchrony.registry import get

    if name in STATISTICS:
        return STATISTICS[name]
    try:
        return next(s.title for s in get(method_name).statistics if s.name == name)
    except (InputError, StopIteration):
        return name.replace("_", " ")


@cache
def explained(method_name: str, name: str) -> str:
    """One sentence on what a statistic says; empty where it is on no list."""
    from syntony.synchrony.registry import get

    try:
        return next(s.explain for s in get(method_name).statistics if s.name == name)
    except (InputError, StopIteration):
        return ""


@cache
def surrogate(name: str) -> str:
    """Title of a surrogate or of another null."""
    from syntony.surrogates.registry import get

    if name in SURROGATES:
        return SURROGATES[name]
    try:
        return get(name).title
    except InputError:
        return {"pseudo_dyads": "Strangers (pseudo-dyads)"}.get(name, name.replace("_", " "))


def short_surrogate(name: str) -> str:
    """Title of a surrogate without what stands in brackets: for narrow columns.

    Examples
    --------
    >>> short_surrogate("pseudo_dyads")
    'Pseudo-dyads'
    """
    return surrogate(name).partition(" (")[0]


@cache
def kept(name: str) -> Kept | None:
    """Say what a surrogate keeps and destroys; None where it is on no list."""
    from syntony.surrogates.registry import get

    try:
        entry = get(name)
    except InputError:
        return None
    return Kept(entry.keeps, entry.destroys)
