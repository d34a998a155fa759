"""Sentences of the report as pure functions: what is seen, what chance gives, how to read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from syntony.report import labels
from syntony.report.methods import bibliography, cited_keys, methods_paragraph
from syntony.report.numbers import (
    correlation,
    count,
    fixed,
    interval,
    minutes,
    p_value,
    p_with_floor,
    percent,
    reached,
    seconds,
)

__all__ = ["bibliography", "cited_keys", "methods_paragraph"]

RowLike = Mapping[str, Any]
RARE = 0.05
STRANGERS = "pseudo_dyads"


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
test within a session: in simulated pairs that share nothing but such a course, 31 % did \
(95 % interval 27 % to 35 %, 500 runs).
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
    low, high = (percent(float(rate[k]), 0).replace("\u202f", " ") for k in ("low", "high"))
    share = percent(float(rate["rate"]), 0).replace("\u202f", " ")
    return (
        f"{first}: in simulated pairs that share nothing but such a course, {share} did "
        f"(95 % interval {low} to {high}, {rate['runs']:,} runs)."
    )


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
    return (
        f"{kind_of_chance(row)} give {fixed(row['low'])} to {fixed(row['high'])} (central 95 %, "
        f"mean {fixed(row['null_mean'])}); {many:,} of {row['draws']:,.0f} reach the value "
        f"(p = {p_with_floor(row['p_one'], row['draws'])})"
    )


def kind_of_chance(row: RowLike) -> str:
    """Name the draws of a row in plain words, with their number."""
    number = row["draws"]
    name = row["surrogate"]
    if name == STRANGERS:
        return count(number, "pairing with strangers", "pairings with strangers")
    title = labels.surrogate(name)
    return f"{number:,.0f} draws of “{title[:1].lower()}{title[1:]}”"


def headline(rows: Sequence[RowLike], roles: tuple[str, str], signal: str) -> str:
    """First sentence of a session: the index beside chance, never against zero alone.

    Parameters
    ----------
    rows : sequence of rows of ``pairs``
        The first statistic of the first step, one row a surrogate; strangers first if there.
    roles : (str, str)
    signal : str
        Feature, as in the recipe.
    """
    what = f"the {labels.signal(signal)} of {roles[0]} and {roles[1]}"
    row = rows[0] if rows else None
    if row is None or not isfinite(row["value"]):
        return f"For {what} no index could be computed: too little of both is valid together."
    if not row["surrogate"]:
        return f"The index for {what} is {fixed(row['value'])}; it was not tested against chance."
    many, draws = reached(row["p_one"], row["draws"]), row["draws"]
    if many is None:
        return f"The index for {what} is {fixed(row['value'])}; chance gave no value to compare."
    low_many = max(0, round(draws - many))
    if row["surrogate"] == STRANGERS:
        among = f"{low_many:,} of {count(draws, 'pairing')} with people who never met"
    else:
        among = f"{low_many:,} of {draws:,.0f} draws within the session"
    lift = "more in step than" if low_many * 2 >= draws else "in step only as much as to exceed"
    start = what[:1].upper() + what[1:]
    return f"{start} moved {lift} {among}: index {fixed(row['value'])}, chance {fixed(row['low'])} to {fixed(row['high'])}."


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
    outside = [r for r in rows if r["surrogate"] == STRANGERS and isfinite(r["p_one"])]
    within = [r for r in rows if r["surrogate"] not in (STRANGERS, "") and isfinite(r["p_one"])]
    if not outside or not within:
        return ""
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
    patient leads by 2.0 s (clock error 0.1 s)
    >>> print(lead({"lag_s": 0.5, "leader": "not resolvable", "clock_error_s": 1.0}))
    not resolvable: peak at 0.5 s, clock error 1.0 s
    >>> print(lead({"lag_s": 0.0, "leader": "neither", "clock_error_s": float("nan")}))
    neither leads: peak at lag 0 (clock error unknown)
    """
    lag, leader, error = row["lag_s"], row["leader"], row["clock_error_s"]
    if not isfinite(lag) or not leader:
        return "no peak"
    if leader == "not resolvable":
        return f"not resolvable: peak at {_s(lag)}, clock error {_s(error)}"
    off = f"clock error {_s(error)}" if isfinite(error) else "clock error unknown"
    if leader == "neither":
        return f"neither leads: peak at lag 0 ({off})"
    return f"{leader} leads by {_s(abs(lag))} ({off})"


def about_signals(gaps: Mapping[str, str], signal: str) -> str:
    """Beside the two signals."""
    missing = "; ".join(f"{role} {time}" for role, time in gaps.items())
    return (
        f"The {labels.signal(signal)} of each person after cleaning, each on a scale of its own. "
        f"Nothing is drawn across a gap; what is missing is marked along the foot (missing: {missing}). "
        "A spike one sample wide is still drawn. Equal height in the two lanes means nothing: "
        "synchrony is read from rises and falls at the same time."
    )


def about_course(band: str, moments: int, codes: bool) -> str:
    """Beside synchrony over time."""
    chance = (
        f"The grey band is where 95 % of “{labels.surrogate(band)}” lie at each moment: a single "
        "peak outside it is expected in one minute of twenty and claims nothing."
        if band
        else "No chance band was computed, so no single peak can be read as more than noise."
    )
    chosen = (
        f" Tinted stretches with ▲ and ▼ are the {moments} moments of highest and lowest "
        "concordance, chosen by rule; independent signals yield such moments too."
        if moments
        else " No moments were chosen in this session."
    )
    coded = (
        " In the lanes below, positive codes stand above the line, negative ones below it, neutral "
        "ones on it."
        if codes
        else " No emotion codes were given for this session."
    )
    return (
        "How strongly the two move together around each moment, at lag 0. "
        + chance
        + chosen
        + coded
    )


def about_profile(row: RowLike, has_band: bool) -> str:
    """Beside the lag profile."""
    band = (
        "The grey band holds 95 % of the draws within the session, lag by lag."
        if has_band
        else "No chance band was computed for the lags."
    )
    shaded = (
        " Lags inside the hatched stretch are finer than the clock error: nothing is claimed there."
        if isfinite(row.get("clock_error_s", float("nan")))
        else " The clock error of this session is not known, so its lags are for reading only."
    )
    words = lead(row)
    return (
        f"{words[:1].upper()}{words[1:]}. The index again with one person shifted against the "
        f"other: to the right of 0 the second person follows the first. {band} The highest of many "
        f"lags is high by chance alone, so a peak inside the band names nobody.{shaded}"
    )


def about_map(limit: float) -> str:
    """Beside the lag map."""
    return (
        "The same over time and lag at once: orange where the two move in the same direction, "
        "blue where they move in opposite ones, paler the weaker; full colour at "
        f"±{fixed(limit, 1)}, grey where too little is valid. A lead that lasts is a level stripe "
        "off the middle; scattered patches are what independent signals give too."
    )


def about_nulls(rows: Sequence[RowLike]) -> str:
    """Beside the draws of every surrogate."""
    said = ". ".join(_upper(beside_chance(r)) for r in rows if r["surrogate"])
    keeps = []
    for row in rows:
        held = labels.kept(row["surrogate"]) if row["surrogate"] else None
        if held:
            title = labels.surrogate(row["surrogate"])
            keeps.append(f"{title} keeps {held.keeps}; it destroys {held.destroys}.")
    return " ".join(part for part in (said + ".", do_nulls_agree(rows), *keeps) if part.strip("."))


def about_classes(rows: Sequence[RowLike]) -> str:
    """Beside synchrony by emotion class in one session."""
    there = [r for r in rows if r["class"] != "uncoded" and isfinite(r["mean_z"])]
    gone = next((r for r in rows if r["class"] == "uncoded"), None)
    uncoded = f" {minutes(gone['seconds'])} are uncoded and in no class." if gone else ""
    if not there:
        return "No class has a second with a valid value." + uncoded
    most = max(there, key=lambda r: r["mean_z"])
    many = reached(most["p_one"], most["draws"])
    of = (
        f"; {many:,} of {most['draws']:,.0f} rotations reach its distance from the other classes"
        if many is not None
        else ""
    )
    return (
        f"Highest in {labels.CLASSES.get(most['class'], most['class'])} seconds: mean z "
        f"{fixed(most['mean_z'])}, rotated codes give {fixed(most['low'])} to {fixed(most['high'])}{of}. "
        "Grey bars are the 95 % of chance when both people's codes are rotated together against the "
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


def agreement_over_dyads(rows: Sequence[RowLike]) -> str:
    """Whether the two nulls of the study-level mean agree."""
    return (
        do_nulls_agree(rows)
        .replace("within the session", "within sessions")
        .replace("these two share", "dyads share")
    )


def study_synchrony(rows: Sequence[RowLike], index: str) -> str:
    """Finding 1: mean index over dyads, beside each kind of chance."""
    if not rows:
        return "Synchrony was not tested over dyads in this run."
    row = rows[0]
    if row["status"] != "ok":
        return f"{_upper(row['status'])}."
    said = "; ".join(_study_null(r) for r in rows if r["status"] == "ok")
    return (
        f"Over {count(row['n_dyads'], 'dyad')} the mean {index} is {fixed(row['value'])} "
        f"{interval(row['low'], row['high'])}. {_upper(said)}."
    )


def _study_null(row: RowLike) -> str:
    many = reached(row["p_one"], row["draws"])
    title = labels.surrogate(row["surrogate"])
    range_ = f"{fixed(row['null_low'])} to {fixed(row['null_high'])}"
    if many is None:
        return f"{title} gives {range_}"
    return (
        f"{title} gives {range_}, and {many:,} of {row['draws']:,.0f} draws reach the mean "
        f"(p = {p_with_floor(row['p_one'], row['draws'])})"
    )


def study_leader(row: RowLike | None) -> str:
    """Who leads over dyads, with the interval of the lag."""
    if not row:
        return "Who leads was not tested over dyads in this run."
    if row["status"] != "ok":
        return f"{_upper(row['status'])}."
    facts = detail(row)
    leader, error = str(facts.get("leader", "")), facts.get("clock_error_s")
    low, high = row["low"], row["high"]
    said = f"The peak lies at {_s(row['value'])} on average over {count(row['n_dyads'], 'dyad')} {interval(low, high, 1)}"
    if isinstance(error, int | float) and isfinite(error):
        said += f"; clock error up to {_s(float(error))}"
    if leader in ("", "neither", "not resolvable"):
        return (
            f"{said}: {leader or 'nobody'} leads."
            if leader != "not resolvable"
            else f"{said}: not resolvable."
        )
    return f"{said}: {leader} leads."


def study_emotion(rows: Sequence[RowLike]) -> str:
    """Finding 2: synchrony by class over dyads, beside rotated codes."""
    ok = [r for r in rows if r["status"] == "ok" and isfinite(r["value"])]
    if not rows:
        return "No emotion codes were in this run, so synchrony was not read by emotion."
    if not ok:
        return f"{_upper(rows[0]['status'])}."
    said = []
    for row in ok:
        many = reached(row["p_one"], row["draws"])
        of = "" if many is None else f", {many:,} of {row['draws']:,.0f} rotations reach it"
        said.append(
            f"{labels.CLASSES.get(row['label'], row['label'])} {signed(row['value'])} "
            f"{interval(row['low'], row['high'])} (chance {fixed(row['null_low'])} to "
            f"{fixed(row['null_high'])}{of})"
        )
    return (
        f"Synchrony in each class less that of the other coded seconds, Fisher z, over "
        f"{count(ok[0]['n_dyads'], 'dyad')}: {'; '.join(said)}."
    )


def study_moments(rows: Sequence[RowLike]) -> str:
    """The contrast of high and low moments, beside what choosing them gives by itself."""
    if not rows:
        return "High and low moments were not compared in this run."
    row = next((r for r in rows if r["surrogate"] == "selection_null"), rows[0])
    if row["status"] != "ok":
        return f"{_upper(row['status'])}."
    many = reached(row["p_one"], row["draws"])
    of = (
        ""
        if many is None
        else f"; {many:,} of {row['draws']:,.0f} draws reach it (p = {p_with_floor(row['p_one'], row['draws'])})"
    )
    how = (
        "moments chosen by the same rule from the course of strangers, read on the same codes, give"
        if row["surrogate"] == "selection_null"
        else "chance gives"
    )
    return (
        f"High moments hold {signed(row['value'])} {interval(row['low'], row['high'])} more "
        f"{row['label']} codes than low moments (share of coded seconds, "
        f"{count(row['n_dyads'], 'dyad')}); {how} {fixed(row['null_low'])} to "
        f"{fixed(row['null_high'])}{of}."
    )


def study_empathy(row: RowLike | None, index: str) -> str:
    """Finding 3: the correlation of the index with rated empathy, over dyads."""
    if not row:
        return "No questionnaire scores were in this run, so synchrony was not linked with empathy."
    if row["status"] != "ok":
        return f"{_upper(row['status'])}."
    facts = detail(row)
    p = (
        f", p = {p_with_floor(row['p_two'], row['draws'])} two-sided"
        if isfinite(row["p_two"])
        else ""
    )
    said = (
        f"{_upper(index)} and {scale_name(row['label'])} correlate at r = {correlation(row['value'])} "
        f"{r_interval(row['low'], row['high'])} over {count(row['n_dyads'], 'dyad')}{p}; scores dealt "
        f"to other dyads give {correlation(row['null_low'])} to {correlation(row['null_high'])}."
    )
    if facts.get("largest_change_without"):
        name = str(facts["largest_change_without"])
        without = float(facts["without"][name])
        said += f" Without {name}, the dyad that weighs most, r is {correlation(without)}."
    return said


def about_power(row: RowLike | None) -> str:
    """What this number of dyads could have found."""
    power = detail(row).get("power") if row else None
    if not isinstance(power, Mapping) or not power:
        return ""
    parts = [
        f"{percent(float(v), 0)} for a true r of {correlation(float(k))}" for k, v in power.items()
    ]
    return f"With this number of dyads the power (two-sided, 5 in 100) is {', '.join(parts)}."


def about_spearman(row: RowLike | None) -> str:
    """Spearman's correlation, the bootstrap interval, and the test by t."""
    facts = detail(row) if row else {}
    parts = []
    if _is_number(facts.get("spearman")):
        p = facts.get("spearman_p_two")
        tail = f" (p = {p_value(float(p))})" if _is_number(p) else ""
        parts.append(f"Spearman {correlation(float(facts['spearman']))}{tail}")
    if _is_number(facts.get("bootstrap_low")) and _is_number(facts.get("bootstrap_high")):
        parts.append(
            f"bootstrap interval {r_interval(float(facts['bootstrap_low']), float(facts['bootstrap_high']))}"
        )
    if _is_number(facts.get("t")) and _is_number(facts.get("df")):
        parts.append(
            f"t({facts['df']:.0f}) = {fixed(float(facts['t']))}, p = {p_value(float(facts.get('p_t', float('nan'))))}"
        )
    return "; ".join(parts) + "." if parts else ""


def study_contrast(row: RowLike, index: str) -> str:
    """Two session types within dyads."""
    if row["status"] != "ok":
        return f"{_upper(row['status'])}."
    many = reached(row["p_one"], row["draws"])
    of = (
        ""
        if many is None
        else f"; {many:,} of {row['draws']:,.0f} sign flips reach it (p = {p_with_floor(row['p_one'], row['draws'])})"
    )
    return (
        f"{_upper(row['label'])}: {index} differs by {signed(row['value'])} "
        f"{interval(row['low'], row['high'])} within {count(row['n_dyads'], 'dyad')}; chance gives "
        f"{fixed(row['null_low'])} to {fixed(row['null_high'])}{of}."
    )


def planted(truth: Mapping[str, Any] | None, finding: str) -> str:
    """What was planted for one finding, where the data were made; else nothing.

    Examples
    --------
    >>> truth = {"delay_s": 2.0, "leader": "patient", "r_planted": 0.47, "r_expected": 0.41}
    >>> print(planted(truth, "leader"))
    Planted: patient leads by 2.0 s.
    >>> print(planted(truth, "empathy"))
    Planted: r = .47 with the true coupling; r = .41 is to be expected for the measured index.
    """
    if not truth:
        return ""
    if truth.get("is_coupled") is False:
        return "Planted: nothing is coupled in this world."
    if finding == "synchrony":
        return (
            "Planted: every dyad shares part of its responses." if truth.get("is_coupled") else ""
        )
    if finding == "leader" and _is_number(truth.get("delay_s")):
        who = truth.get("leader") or "neither"
        if who == "neither" or float(truth["delay_s"]) == 0:
            return "Planted: neither leads."
        return f"Planted: {who} leads by {_s(abs(float(truth['delay_s'])))}."
    if finding == "emotion" and _is_number(truth.get("emotion_effect")):
        return (
            f"Planted: the share of common responses is {fixed(float(truth['emotion_effect']))} higher "
            "in seconds of shared positive emotion."
        )
    if finding == "empathy" and _is_number(truth.get("r_planted")):
        said = f"Planted: r = {correlation(float(truth['r_planted']))} with the true coupling"
        if _is_number(truth.get("r_expected")):
            said += f"; r = {correlation(float(truth['r_expected']))} is to be expected for the measured index"
        return said + "."
    return ""


def detail(row: RowLike) -> dict[str, Any]:
    """The ``detail`` of a row of ``links``, read from its JSON text; empty where there is none."""
    text = row.get("detail") or "{}"
    if isinstance(text, Mapping):
        return dict(text)
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def scale_name(label: str) -> str:
    """Name ``instrument.scale`` in words.

    Examples
    --------
    >>> scale_name("blri.empathic_understanding")
    'empathic understanding (blri)'
    """
    instrument, _, scale = label.partition(".")
    return f"{scale.replace('_', ' ')} ({instrument})" if scale else instrument


def signed(value: float, digits: int = 2) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.12), signed(-0.12)
    ('+0.12', '−0.12')
    """
    text = fixed(value, digits)
    return f"+{text}" if isfinite(value) and value > 0 else text


def r_interval(low: float, high: float) -> str:
    """Interval of a correlation in brackets."""
    return f"[{correlation(low)}, {correlation(high)}]"


def _s(value: float) -> str:
    return seconds(value).replace("\N{NO-BREAK SPACE}", " ")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def about_means(rows: Sequence[RowLike]) -> str:
    """Beside the study-level mean and its nulls."""
    return (
        "The dot is the mean over dyads, the thin line its 95 % interval over dyads; grey bars hold "
        "95 % of what the same mean gives by chance, one bar a kind of chance. "
        + agreement_over_dyads(rows)
    ).strip()


def about_pairs(real: Sequence[float], strangers: Sequence[float]) -> str:
    """Beside real pairs and pairs of strangers."""
    there = sorted(v for v in strangers if isfinite(v))
    if not there:
        return "No pair of strangers has a value."
    middle = there[len(there) // 2]
    above = sum(1 for v in real if isfinite(v) and v > middle)
    return (
        f"Every session above, every pairing of people who never met below, over one axis. "
        f"{above} of {sum(1 for v in real if isfinite(v))} real pairs lie above the median stranger "
        f"({fixed(middle)}); without coupling half of them would. Pairs of strangers share people, "
        "so they are not as many independent draws as there are dots; the test above deals whole "
        "studies anew."
    )


def about_strip(surrogate: str, dyads: int) -> str:
    """Beside the strip of dyads."""
    kind = (
        "its people with strangers"
        if surrogate == STRANGERS
        else f"“{labels.surrogate(surrogate)}” within it"
    )
    inside = max(1, round(dyads * 0.025))
    return (
        f"One column a dyad. The grey bar holds 95 % of {kind}, the tick its mean, the dot "
        f"the session itself. Of {dyads} dyads without coupling about {inside} would lie above their "
        "bar, so a single dot above its bar says little about that dyad."
    )


def about_mean_profile(row: RowLike | None, dyads: int) -> str:
    """Beside the mean lag profile."""
    return (
        f"{study_leader(row)} The line is the mean over {count(dyads, 'dyad')}, the band its 95 % "
        "interval over dyads, faint lines the dyads. To the right of 0 the second person follows "
        "the first."
    )


def about_study_classes() -> str:
    """Beside synchrony by emotion class over dyads."""
    return (
        "Dot: mean over dyads; thin line: its 95 % interval; grey bar: 95 % of what rotated codes "
        "give. At 0 a class is like the other coded seconds. Four classes are looked at together: "
        "the table below gives p for each, and the run’s table p against the largest of the four."
    )


def about_selection(rows: Sequence[RowLike]) -> str:
    """Beside high against low moments."""
    row = next((r for r in rows if r["surrogate"] == "selection_null"), None)
    facts = detail(row) if row else {}
    more = ""
    if _is_number(facts.get("excess")):
        more = (
            f" Above strangers remain {signed(float(facts['excess']))} "
            f"{interval(float(facts['excess_low']), float(facts['excess_high']))}."
        )
    return (
        "Choosing the highest and the lowest moments finds differences in noise too. So the same "
        "rule chose moments from the course of each person with strangers, and the same codes were "
        f"read there: the grey bar of “{labels.surrogate('selection_null')}”.{more}"
    )


def about_scatter(row: RowLike, heavy: Mapping[str, float]) -> str:
    """Beside the scatter of synchrony and empathy."""
    said = "; ".join(f"without {d} {correlation(r)}" for d, r in heavy.items())
    influence = f" Named are the dyads that weigh most: r {said}." if said else ""
    more = about_spearman(row)
    return (
        f"One dot a dyad; line: least squares; band: where the line lies in 95 % of resampled "
        f"studies. r = {correlation(row['value'])} {r_interval(row['low'], row['high'])}.{influence} "
        f"{more[:1].upper() + more[1:]} A correlation over dyads says nothing about a single dyad, "
        "and not which of the two came first."
    ).replace("  ", " ")


def about_all_quality(lost: Sequence[float]) -> str:
    """Beside the heat strip of all sessions."""
    there = [v for v in lost if isfinite(v)]
    if not there:
        return "No quality was recorded."
    over = sum(v > 0.2 for v in there)
    return (
        f"Share of each recording that is missing or was dropped: on average "
        f"{percent(sum(there) / len(there))}, at most {percent(max(there))}; "
        f"{over} of {len(there)} recordings miss more than a fifth (crossed). Hover for the session."
    )
