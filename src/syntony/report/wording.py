"""Sentences of the report as pure functions: what is seen, what chance gives, how to read it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeGuard

from syntony.report import labels
from syntony.report.methods import bibliography, cited_keys, methods_paragraph
from syntony.report.numbers import (
    compact,
    count,
    digits,
    fixed,
    minutes,
    p_value,
    p_with_floor,
    percent,
    reached,
    seconds,
)
from syntony.report.phrases import lower, upper

__all__ = ["bibliography", "cited_keys", "methods_paragraph"]

RowLike = Mapping[str, Any]
RARE = 0.05
STRANGERS = "pseudo_dyads"
SAME_STIMULUS = "stimulus_pairs"
OTHER_SESSIONS = "pseudo_sessions"
NEVER_MET = (STRANGERS, SAME_STIMULUS)
PARTNERS = (*NEVER_MET, OTHER_SESSIONS)
_PAIRINGS = {
    STRANGERS: ("pairing with strangers", "pairings with strangers"),
    SAME_STIMULUS: (
        "pairing with strangers who had the same stimulus",
        "pairings with strangers who had the same stimulus",
    ),
    OTHER_SESSIONS: (
        "pairing across sessions of these two",
        "pairings across sessions of these two",
    ),
}
_AMONG = {
    STRANGERS: "pairings of people who never met",
    SAME_STIMULUS: "pairings of people who went through the same stimulus apart",
    OTHER_SESSIONS: "pairings of these two across different sessions",
}


def order_of(row: RowLike) -> int:
    """Which kind of chance a page leads with: strangers, draws of the session, other sessions.

    Examples
    --------
    >>> names = ("pseudo_sessions", "iaaft", "pseudo_dyads")
    >>> sorted(names, key=lambda n: order_of({"surrogate": n}))
    ['pseudo_dyads', 'iaaft', 'pseudo_sessions']
    """
    name = row["surrogate"]
    return NEVER_MET.index(name) if name in NEVER_MET else 3 if name == OTHER_SESSIONS else 2


def simulated_banner() -> str:
    """Label of every page whose data were made, not recorded."""
    return "Simulated data: the people on this page do not exist."


def caution(rate: Mapping[str, Any] | None) -> str:
    """First line of every page without strangers.

    Parameters
    ----------
    rate : mapping or None
        ``rate``, ``low``, ``high`` (shares) and ``runs`` of the shared-shape world.

    Examples
    --------
    >>> print(caution({"rate": 0.31, "low": 0.27, "high": 0.35, "runs": 500}))
    No strangers were compared. Two people who merely settle at the same time can pass the \
test within a session: in simulated pairs that share nothing but such a course, 31 % did \
(95 % interval 27 % to 35 %, 500 runs).
    >>> print(caution(None))
    No strangers were compared. Two people who merely settle at the same time can pass the \
test within a session; how often they do was not measured for these settings.
    """
    first = (
        "No strangers were compared. Two people who merely settle at the same time can pass the "
        "test within a session"
    )
    if not rate or not isfinite(float(rate.get("rate", float("nan")))):
        return first + "; how often they do was not measured for these settings."
    low, high = (percent(float(rate[k]), 0) for k in ("low", "high"))
    share = percent(float(rate["rate"]), 0)
    return (
        f"{first}: in simulated pairs that share nothing but such a course, {share} did "
        f"(95 % interval {low} to {high}, {rate['runs']:,} runs{_length(rate)})."
    )


def _length(rate: Mapping[str, Any]) -> str:
    """Length of the simulated sessions, where it was kept."""
    return f" of {rate['minutes']:g} minutes" if rate.get("minutes") else ""


def beside_chance(row: RowLike) -> str:
    """Say what one kind of chance gives and how many of its values reach the observed one.

    Examples
    --------
    >>> print(beside_chance({"surrogate": "pseudo_dyads", "low": -0.3, "high": 0.42,
    ...     "null_mean": 0.07, "draws": 118.0, "p_one": 4 / 119}))
    118 pairings with strangers give −0.30 to 0.42 (central 95 %, mean 0.07); 3 of 118 reach the \
value (p = .034)
    """
    many = reached(row["p_one"], row["draws"])
    if many is None:
        return f"{kind_of_chance(row)}: no value to compare"
    n = digits(row["low"], row["high"], row.get("value", 0.0))
    return (
        f"{kind_of_chance(row)} give {fixed(row['low'], n)} to {fixed(row['high'], n)} (central "
        f"95 %, mean {fixed(row['null_mean'], n)}); {many:,} of {row['draws']:,.0f} reach the "
        f"value (p = {p_with_floor(row['p_one'], row['draws'])})"
    )


def kind_of_chance(row: RowLike) -> str:
    """Name the draws of a row in plain words, with their number."""
    number = row["draws"]
    name = row["surrogate"]
    if name in PARTNERS:
        return count(number, *_PAIRINGS[name])
    return f"{number:,.0f} draws of “{lower(labels.surrogate(name))}”"


def whose(roles: Sequence[str], signals: Sequence[str], *, between: str = "and") -> str:
    """Say whose signals are compared.

    Examples
    --------
    >>> whose(("patient", "therapist"), ("eda", "eda"))
    'the skin conductance of patient and therapist'
    >>> whose(("patient", "therapist"), ("eda", "hr"))
    'the skin conductance of patient and the heart rate of therapist'
    """
    if signals[0] == signals[1]:
        return f"the {labels.signal(signals[0])} of {roles[0]} {between} {roles[1]}"
    said = [f"the {labels.signal(s)} of {r}" for s, r in zip(signals, roles, strict=True)]
    return f" {between} ".join(said)


def headline(
    rows: Sequence[RowLike],
    roles: tuple[str, str],
    *,
    signals: Sequence[str],
    index: str = "index",
) -> str:
    """Say in one sentence how the index of a session stands beside chance.

    Parameters
    ----------
    rows : sequence of rows of ``pairs``
        The first statistic of the first step, one row a surrogate; strangers first if there.
    roles : (str, str)
    signals : (str, str)
        Feature of the first and of the second person.
    index : str
        Name of the index.

    Examples
    --------
    >>> row = {"value": 0.62, "low": -0.2, "high": 0.36, "p_one": 1 / 119, "draws": 118.0,
    ...     "surrogate": "pseudo_dyads"}
    >>> print(headline([row], ("patient", "therapist"), signals=("eda", "eda")))
    The skin conductance of patient and therapist moved more in step than that of 118 of 118 \
pairings of people who never met: index 0.62, chance −0.20 to 0.36.
    """
    what = whose(roles, signals)
    row = rows[0] if rows else None
    if row is None or not isfinite(row["value"]):
        return f"For {what} no {index} could be computed: too little of both is valid together."
    n = digits(row["value"], row.get("low", 0.0), row.get("high", 0.0))
    value = (
        f"{index} {fixed(row['value'], n)}{' (at its cap)' if row.get('capped') is True else ''}"
    )
    many, draws = reached(row["p_one"], row["draws"]), row["draws"]
    if not row["surrogate"] or many is None:
        return f"For {what}: {value}; there is no chance value to compare it with."
    under = f"{max(0, round(draws - many)):,} of {draws:,.0f}"
    than = "that" if signals[0] == signals[1] else "those"
    among = (
        f"{than} of {under} {_AMONG[row['surrogate']]}"
        if row["surrogate"] in PARTNERS
        else f"in {under} draws within the session"
    )
    return (
        f"{upper(what)} moved more in step than {among}: {value}, chance {fixed(row['low'], n)} "
        f"to {fixed(row['high'], n)}."
    )


def do_nulls_agree(rows: Sequence[RowLike]) -> str:
    """Say whether strangers and draws within the session point the same way.

    Examples
    --------
    >>> stranger = {"surrogate": "pseudo_dyads", "p_one": 0.4, "draws": 118.0}
    >>> print(do_nulls_agree([stranger, {"surrogate": "shift", "p_one": 0.001, "draws": 999.0}]))
    The two kinds of chance disagree: draws within the session seldom reach the value, strangers \
often do. What everybody does in such a session, for instance settling at its start, is enough \
to explain it.
    """
    there = sorted((r for r in rows if isfinite(r["p_one"])), key=order_of)
    outside = [r for r in there if r["surrogate"] in NEVER_MET]
    within = [r for r in there if r["surrogate"] not in (*PARTNERS, "")]
    others = " ".join(_beside_partners(r, outside) for r in there if r["surrogate"] in PARTNERS[1:])
    said = _strangers_and_draws(outside, within) if outside and within else ""
    return " ".join(part for part in (said, others) if part)


def _beside_partners(row: RowLike, outside: Sequence[RowLike]) -> str:
    """What the same stimulus apart, or other sessions of the same two, add to strangers."""
    name, floor = row["surrogate"], 1 / (row["draws"] + 1)
    if name == SAME_STIMULUS and outside[0] is row:
        return ""  # they stand for strangers
    who = upper(_AMONG[name])
    if floor > RARE:
        return (
            f"{who}: {row['draws']:,.0f} are too few to tell this session apart by themselves, the "
            f"smallest p there can be is {p_value(floor)}."
        )
    if row["p_one"] <= RARE:
        meant = (
            "more than the stimulus does"
            if name == SAME_STIMULUS
            else ("it is the session that they shared, not only who the two are")
        )
        return f"{who} seldom reach the value: {meant}."
    meant = (
        "what the stimulus does to everybody may be enough to explain it"
        if name == SAME_STIMULUS
        else "what shows in every session of these two may be enough to explain it"
    )
    return f"{who} reach the value in more than 5 of 100 cases: {meant}."


def _strangers_and_draws(outside: Sequence[RowLike], within: Sequence[RowLike]) -> str:
    """Whether people who never met and draws within the session point the same way."""
    far, near = outside[0]["p_one"] <= RARE, within[0]["p_one"] <= RARE
    floor = 1 / (outside[0]["draws"] + 1)
    if floor > RARE:
        return (
            f"With {outside[0]['draws']:,.0f} strangers the smallest p there can be is "
            f"{p_value(floor)}: they are too few to tell this session apart by themselves."
        )
    if far and near:
        return "The two kinds of chance agree: at most 5 in 100 draws of either reach the value."
    if near:
        return (
            "The two kinds of chance disagree: draws within the session seldom reach the value, "
            "strangers often do. What everybody does in such a session, for instance settling at "
            "its start, is enough to explain it."
        )
    if far:
        return (
            "The two kinds of chance disagree: strangers seldom reach the value, draws within the "
            "session often do. Something these two share over the whole session, rather than from "
            "moment to moment, is enough to explain it."
        )
    return "The two kinds of chance agree: more than 5 in 100 draws of each reach the value."


def lead(row: RowLike) -> str:
    """Name the leader, or say why nobody can be named.

    Examples
    --------
    >>> print(lead({"lag_s": 2.0, "leader": "patient", "clock_error_s": 0.1}))
    patient leads by 2.0 s (clock error 0.1 s)
    >>> print(lead({"lag_s": 0.5, "leader": "not resolvable", "clock_error_s": 1.0}))
    not resolvable: peak at 0.5 s, clock error 1.0 s
    >>> print(lead({"lag_s": 0.0, "leader": "neither", "clock_error_s": float("nan")}))
    neither leads: peak at lag 0 (clock error unknown)
    >>> print(lead({"lag_s": 2.0, "leader": "not above chance", "clock_error_s": 0.1}))
    nobody is named: the peak, at lag 2.0 s, is no higher than chance gives
    >>> print(lead({"lag_s": 2.0, "leader": "lead not above chance", "clock_error_s": 0.1}))
    nobody is named: the peak lies at lag 2.0 s, but the profile leans to one side no more than \
chance makes it lean
    """
    lag, leader, error = row["lag_s"], row["leader"], row["clock_error_s"]
    if not isfinite(lag) or not leader:
        return "no peak"
    if leader == "not resolvable":
        return f"not resolvable: peak at {seconds(lag)}, clock error {seconds(error)}"
    off = f"clock error {seconds(error)}" if isfinite(error) else "clock error unknown"
    if leader == "neither":
        return f"neither leads: peak at lag 0 ({off})"
    if leader == "not tested":
        return f"nobody is named: the peak, at lag {seconds(lag)}, was not tested against chance"
    if leader == "lead not above chance":
        return (
            f"nobody is named: the peak lies at lag {seconds(lag)}, but the profile leans to one "
            "side no more than chance makes it lean"
        )
    if leader == "not above chance":
        return f"nobody is named: the peak, at lag {seconds(lag)}, is no higher than chance gives"
    return f"{leader} leads by {seconds(abs(lag))} ({off})"


def about_peak(rows: Sequence[RowLike]) -> str:
    """Say how often chance gives a peak as high, where the peak was drawn along with it.

    Parameters
    ----------
    rows : sequence of rows of ``pairs``
        All statistics of one step; those of the peak have ``peak`` in their name.

    Examples
    --------
    >>> row = {"statistic": "ssi_peak", "surrogate": "shift_thirds", "value": 1.4, "low": -0.1,
    ...     "high": 0.6, "null_mean": 0.2, "p_one": 0.002, "draws": 999.0}
    >>> print(about_peak([row]))
    1 of 999 draws have a peak as high, whatever its lag.
    """
    peaks = [r for r in rows if "peak" in r["statistic"] and r["surrogate"]]
    peaks = sorted(peaks, key=order_of)
    many = reached(peaks[0]["p_one"], peaks[0]["draws"]) if peaks else None
    if many is None:
        return ""
    of = _PAIRINGS[peaks[0]["surrogate"]][1] if peaks[0]["surrogate"] in PARTNERS else "draws"
    return f"{many:,} of {peaks[0]['draws']:,.0f} {of} have a peak as high, whatever its lag."


def about_signals(gaps: Mapping[str, str], signals: Sequence[str]) -> str:
    """Beside the two signals; ``gaps`` is role to the time that is missing."""
    missing = "; ".join(f"{role} {time}" for role, time in gaps.items())
    return (
        f"{upper(whose(list(gaps), signals))} after cleaning, each on a scale of its own. "
        "Nothing is drawn across a gap; what is missing is marked along the foot (missing: "
        f"{missing}). "
        "A spike one sample wide is still drawn. Equal height in the two lanes means nothing: "
        "synchrony is read from rises and falls at the same time."
    )


def about_course(
    band: str,
    *,
    moments: int | None = None,
    codes: bool | None = None,
    smooth_s: float = 0.0,
    of: str = "",
) -> str:
    """Beside synchrony over time; ``moments`` and ``codes`` only where they belong to it.

    ``of`` says which piece of a map the course is: at which lag, over which frequencies.
    """
    chance = (
        f"The grey band holds 95 % of the thin line under “{lower(labels.surrogate(band))}”, "
        "moment by "
        "moment: it is left for one minute in twenty by chance, so a single peak claims nothing."
        if band
        else "No chance band was computed, so no single peak can be read as more than noise."
    )
    chosen = (
        f" Tinted stretches with ▲ and ▼ are the {moments} moments of highest and lowest "
        "concordance, chosen by rule; independent signals yield such moments too."
        if moments
        else " No moments were chosen in this session."
        if moments is not None
        else ""
    )
    coded = (
        " In the lanes below, positive codes stand above the line, negative ones below it, neutral "
        "ones on it."
        if codes
        else " No emotion codes were given for this session."
        if codes is not None
        else ""
    )
    what = f"how strongly the two move together around each moment{of}"
    lines = (
        f"The thin line is {what}; the "
        f"thick one its running mean over {smooth_s:g} s, for reading only. "
        if smooth_s > 0
        else f"{upper(what)}. "
    )
    return lines + chance + chosen + coded


def about_profile(row: RowLike, has_band: bool, peak: str) -> str:
    """Beside the lag profile; ``peak`` says how often chance gives a peak as high."""
    band = (
        "The grey band holds 95 % of the draws within the session, lag by lag."
        if has_band
        else "No chance band was computed for the lags."
    )
    shaded = (
        " Lags inside the shaded stretch are finer than the clock error: nothing is claimed there."
        if isfinite(row.get("clock_error_s", float("nan")))
        else " The clock error of this session is not known, so its lags are for reading only."
    )
    words = lead(row)
    return (
        f"{upper(words)}. {peak + ' ' if peak else ''}The index again with one person shifted "
        "against the "
        f"other: to the right of 0 the second person follows the first. {band} The highest of many "
        f"lags is high by chance alone, so a peak inside the band names nobody.{shaded}"
    )


def about_map(limit: float, *, signed: bool = True) -> str:
    """Beside the lag map."""
    return (
        f"The same over time and lag at once: {_colours(limit, signed)} A lead that lasts is a "
        "level stripe "
        "off the middle; scattered patches are what independent signals give too."
    )


def _colours(limit: float, signed: bool) -> str:
    """Say what the colours of a map mean."""
    full = "1" if limit == 1 else compact(limit)
    if signed:
        return (
            "orange where the two move in the same direction, "
            "blue where they move in opposite ones, paler the weaker; full colour at "
            f"±{full}, grey where too little is valid."
        )
    return f"the darker, the stronger; full colour at {full}, grey where too little is valid."


def about_band_map(limit: float, *, signed: bool) -> str:
    """Beside the map over time and frequency."""
    return (
        f"Strength over time, for slow and for fast ups and downs: {_colours(limit, signed)} "
        "Numbers on the left are cycles per second, those on the right how long one cycle lasts. "
        "A band in which the two go together for long is a level stripe; short patches are what "
        "independent signals give too."
    )


def about_spectrum(band: str, *, over_time: bool) -> str:
    """Beside the spectrum."""
    chance = (
        f" The grey band holds 95 % of “{lower(labels.surrogate(band))}”, frequency by frequency: "
        "at one frequency in twenty the line leaves it by chance."
        if band
        else " No chance band was computed for the frequencies."
    )
    averaged = ", averaged over the session" if over_time else ""
    return (
        f"How strongly the two go together at each frequency{averaged}; along the top stands how "
        f"long one cycle lasts.{chance}"
    )


def lacks_time(method: str) -> str:
    """Say why a method draws no course.

    Examples
    --------
    >>> print(lacks_time("Granger causality"))
    “Granger causality” gives one value for the whole session, so there is no course of synchrony.
    """
    return f"“{method}” gives one value for the whole session, so there is no course of synchrony."


def lacks_lags(method: str, sees: str) -> str:
    """Say why a method names no leader by a lag.

    Examples
    --------
    >>> print(lacks_lags("Coherence", "delays inside one cycle"))
    “Coherence” has no profile over lags, so nobody is named as leader from one. Delays that it \
sees: delays inside one cycle.
    """
    more = f" Delays that it sees: {sees.rstrip('.')}." if sees else ""
    return f"“{method}” has no profile over lags, so nobody is named as leader from one.{more}"


def about_nulls(rows: Sequence[RowLike]) -> str:
    """Beside the draws of every surrogate."""
    said = ". ".join(upper(beside_chance(r)) for r in rows if r["surrogate"])
    keeps = []
    for row in rows:
        held = labels.kept(row["surrogate"]) if row["surrogate"] else None
        if held:
            title = labels.surrogate(row["surrogate"])
            keeps.append(f"{title} keeps {held.keeps}; it destroys {held.destroys}.")
    return " ".join(part for part in (said + ".", do_nulls_agree(rows), *keeps) if part.strip("."))


def about_classes(rows: Sequence[RowLike]) -> str:
    """Beside synchrony by emotion class in one session."""
    there = [r for r in rows if r["class"] != "uncoded" and isfinite(r["mean"])]
    gone = next((r for r in rows if r["class"] == "uncoded"), None)
    uncoded = f" {minutes(gone['seconds'])} are uncoded and in no class." if gone else ""
    if not there:
        return "No class has a second with a valid value." + uncoded
    most = max(there, key=lambda r: r["mean"])
    many = reached(most["p_one"], most["draws"])
    of = (
        f"; {many:,} of {most['draws']:,.0f} rotations reach its distance from the other classes"
        if many is not None
        else ""
    )
    return (
        f"Highest in {labels.emotion(most['class'])} seconds: {labels.mean_on(most)} "
        f"{fixed(most['mean'])}, rotated codes give {fixed(most['low'])} to "
        f"{fixed(most['high'])}{of}. "
        "Grey bars are the 95 % of chance when both people's codes are rotated together against "
        "the "
        f"signals: lengths and order of the codes stay, their moments do not.{uncoded} "
        "One session seldom settles this; the study page does it over dyads."
    )


def about_quality(rows: Sequence[RowLike]) -> str:
    """Above the table of quality: what share of each person is valid."""
    total = [r for r in rows if r["cause"] == "valid"]
    if not total:
        return "No quality was recorded in this run."
    parts = [f"{r['role']} ({r['person']}) {percent(r['share'])} valid" for r in total]
    return "; ".join(parts) + ". What is not valid is missing from every figure and number here."


def detail(row: RowLike) -> dict[str, Any]:
    """Read the ``detail`` of a row of ``links`` from its JSON text; empty where there is none."""
    text = row.get("detail") or "{}"
    if isinstance(text, Mapping):
        return dict(text)
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return _missing_as_nan(found) if isinstance(found, dict) else {}


def _missing_as_nan(value: Any) -> Any:
    """JSON has no NaN: a null in ``detail`` is a missing number."""
    if value is None:
        return math.nan
    if isinstance(value, dict):
        return {k: _missing_as_nan(v) for k, v in value.items()}
    return [_missing_as_nan(v) for v in value] if isinstance(value, list) else value


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of ``detail`` is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
