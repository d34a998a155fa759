"""Sentences on ratings: accuracy beside chance, bias, the model, lags, links with synchrony."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, tanh

from syntony.core.rated import RATERS
from syntony.report import labels
from syntony.report.numbers import correlation, count, fixed, interval, p_value, seconds
from syntony.report.phrases import lower, r_interval, signed, upper
from syntony.report.wording import RowLike, detail

MEASURES = {
    "accuracy": "accuracy",
    "accuracy_positive": "accuracy, target’s positive half",
    "accuracy_negative": "accuracy, target’s negative half",
    "similarity": "similarity of the two own ratings",
    "assumed_similarity": "assumed similarity",
    "inferences": "accuracy of inferred thoughts and feelings",
}
TERMS = {
    "directional_bias": "directional bias",
    "truth_force": "truth force",
    "bias_force": "assumed similarity, truth held constant",
}
LAGS = {
    "zero": "at lag 0",
    "fixed": "at a lag fixed in advance",
    "best": "at each pair’s best lag",
    "estimated": "at the lag of the other dyads",
}


def accuracy_words(rows: Sequence[RowLike]) -> str:
    """Say one measure over dyads: mean z, what r that is, interval, then chance.

    ``rows`` are the findings of one perceiver and measure, one for each kind of chance.
    """
    row = rows[0]
    facts = detail(row)
    if not isfinite(row["value"]):
        return f"{upper(str(row['status']))}."
    if facts.get("measure") == "inferences":
        return _inferences(row)
    name = MEASURES.get(str(facts.get("measure")), str(facts.get("measure")))
    low, high = row["low"], row["high"]
    r_low, r_high = (tanh(v) if isfinite(v) else v for v in (low, high))
    lag = LAGS.get(str(facts.get("lag")), "")
    said = (
        f"{upper(_whose(facts, name))} {lag} is z = {fixed(row['value'])} {interval(low, high)} "
        f"on average over {dyad_words(row)} "
        f"(r = {correlation(tanh(row['value']))} {r_interval(r_low, r_high)})"
    )
    beside = "; ".join(_chance(r) for r in rows)
    return f"{said}. {upper(beside)}."


def dyad_words(row: RowLike) -> str:
    """Count the dyads, and the groups of them that share people where some do.

    Examples
    --------
    >>> dyad_words({"n_dyads": 8, "detail": {"blocks": 4}}), dyad_words({"n_dyads": 8})
    ('8 dyads in 4 groups that share people', '8 dyads')
    """
    many, groups = int(row["n_dyads"]), detail(row).get("blocks")
    said = count(many, "dyad")
    if not isinstance(groups, int) or not 0 < groups < many:
        return said
    return f"{said} in {count(groups, 'group')} that share people"


def _inferences(row: RowLike) -> str:
    """Say how many of the inferred thoughts and feelings were right, beside re-paired stops."""
    facts = detail(row)
    said = (
        f"The {facts.get('perceiver')} inferred {fixed(row['value'], 0)} %"
        f"{_in_brackets(row['low'], row['high'])} of what the {facts.get('target')} had thought "
        f"and felt, over {dyad_words(row)} and {count(facts.get('stops', 0), 'stop')}"
    )
    agreement, exact = facts.get("agreement"), facts.get("exact")
    if isinstance(exact, int | float):
        same = f"give the same points in {fixed(100 * exact, 0)} %"
        r = isinstance(agreement, int | float)
        more = f"agree at a mean r of {correlation(float(agreement or 0))} and " if r else ""
        said += f"; {count(facts.get('judges', 0), 'judge')} {more}{same}"
    said += _judges(facts.get("judges_agree") or {})
    baseline = facts.get("baseline")
    if not isinstance(baseline, int | float):
        return (
            f"{said}. No inference was judged beside the thought of another stop, so that what "
            "chance gives is not known."
        )
    apart = facts.get("difference") or {}
    none = float("nan")
    low, high = (none if apart.get(k) is None else float(apart[k]) for k in ("low", "high"))
    tested = f"p = {p_value(row['p_one'])}" if row["status"] == "ok" else str(row["status"])
    return (
        f"{said}. Inferences beside thoughts of other stops get {fixed(float(baseline), 0)} %: "
        f"{signed(float(apart.get('value', none)), 0)} points of a hundred"
        f"{_in_brackets(low, high)} ({tested})."
    )


def _judges(facts: RowLike) -> str:
    """Say alpha and the ICC of the judges with their intervals over dyads; few are said so."""
    named = (
        ("Krippendorff’s alpha (ordinal)", "alpha"),
        ("ICC(2,1)", "icc_2_1"),
        ("ICC(2,k)", "icc_2_k"),
    )
    there = []
    for title, key in named:
        value, low, high = (
            float(v) if isinstance(v, int | float) else float("nan")
            for v in facts.get(key) or (None, None, None)
        )
        if isfinite(value):
            there.append(f"{title} = {correlation(value)}{_limits(low, high)}")
    if not there:
        return ""
    units = count(facts.get("inferences", 0), "inference")
    status = str(facts.get("status"))
    few = "" if status == "ok" else f" ({status})"
    return f". Their agreement over {units}: {', '.join(there)}{few}"


def _in_brackets(low: float, high: float) -> str:
    """Interval in whole numbers, after a blank; nothing where there is none."""
    return f" {interval(low, high, 0)}" if isfinite(low) and isfinite(high) else ""


def _whose(facts: RowLike, name: str) -> str:
    """Name a measure with its people."""
    perceiver, target = facts.get("perceiver", ""), facts.get("target", "")
    if facts.get("measure") == "similarity":
        return f"similarity of {target}’s and {perceiver}’s ratings of themselves,"
    if facts.get("measure") == "assumed_similarity":
        return (
            f"assumed similarity (the {perceiver}’s rating of the {target} with their own state),"
        )
    half = name.partition(", ")[2]
    return f"accuracy of the {perceiver} about the {target}{', ' + half if half else ''},"


def _chance(row: RowLike) -> str:
    title = lower(labels.short_surrogate(row["surrogate"]))
    if row["status"] != "ok":
        return f"beside {title}: {row['status']}"
    return (
        f"beside {title} chance gives {fixed(row['null_low'])} to {fixed(row['null_high'])} "
        f"(p = {p_value(row['p_one'])})"
    )


def bias_words(row: RowLike | None) -> str:
    """Say the mean difference of the two ratings."""
    if row is None or not isfinite(row["value"]):
        return ""
    facts = detail(row)
    return (
        f"Bias apart from that: the {facts.get('perceiver')} rated the {facts.get('target')} "
        f"{signed(row['value'])} {interval(row['low'], row['high'])} from the "
        f"{facts.get('target')}’s own rating, in units of the scale."
    )


def model_words(rows: Sequence[RowLike]) -> str:
    """Say the pooled coefficients of the truth-and-bias model."""
    there = [r for r in rows if isfinite(r["value"])]
    if not there:
        return ""
    said = "; ".join(
        f"{TERMS.get(r['statistic'].rpartition('.')[2], r['statistic'])} {signed(r['value'])} "
        f"{interval(r['low'], r['high'])}"
        for r in there
    )
    many = dyad_words(there[0])
    left = detail(there[0]).get("not_fitted") or ()
    more = f" {count(len(left), 'session')} could not be fitted." if left else ""
    return (
        f"Truth-and-bias model, fitted in every session and averaged over {many}: {said}. "
        f"Intervals come from the dyads, not from the seconds.{more}"
    )


def lag_words(row: RowLike) -> str:
    """Say the reaction lag of one rating behind another, or why there is none."""
    facts = detail(row)
    who = f"the {facts.get('rater')}’s rating of the {facts.get('target')}"
    if facts.get("rater") == RATERS:
        who = f"the mean rating of the {facts.get('target')} by outside raters"
    if row["status"] != "ok":
        return f"Reaction lag of {who}: {row['status']}."
    return (
        f"{upper(who)} comes {_later(row['value'])} the {facts.get('target')}’s own "
        f"{interval(row['low'], row['high'], 1)} s, estimated from the mean cross-correlation over "
        f"{dyad_words(row)} (ratings compared every "
        f"{fixed(float(facts.get('resolution_s', 1)), 1)} s). Accuracy is read "
        f"{LAGS.get(str(facts.get('lag')), 'at lag 0')}."
    )


def _later(lag_s: float) -> str:
    """Say a lag to a tenth of a second: ratings are compared no finer."""
    if abs(lag_s) < 0.05:
        return "at the same time as"
    return f"{seconds(abs(round(lag_s, 1)))} {'after' if lag_s > 0 else 'before'}"


def beside_words(rows: Sequence[RowLike]) -> list[str]:
    """Say the synchrony of physiology with a rating over dyads, the first index of each pair."""
    firsts: dict[tuple[str, str], list[RowLike]] = {}
    for row in rows:
        if row["status"] != "ok":
            firsts.setdefault((str(row["label"]), ""), []).append(row)
            continue
        key = (str(detail(row).get("between")), row["method"])
        mine = firsts.setdefault(key, [])
        if not mine or mine[0]["statistic"] == row["statistic"]:
            mine.append(row)
    said = []
    for (between, method), mine in firsts.items():
        row = mine[0]
        if not isfinite(row["value"]):
            said.append(f"{upper(between)}: {row['status']}.")
            continue
        name = labels.statistic(method, row["statistic"])
        beside = "; ".join(_chance(r) for r in mine)
        said.append(
            f"{upper(between)} ({lower(labels.method(method))}): {lower(name)} "
            f"{fixed(row['value'])} {interval(row['low'], row['high'])} over "
            f"{count(row['n_dyads'], 'dyad')}; {beside}."
        )
    return said


def link_words(rows: Sequence[RowLike]) -> list[str]:
    """Say which synchrony goes with accuracy, physiology with ratings beside physiology alone."""
    said = []
    for row in rows:
        facts = detail(row)
        between = facts.get("between", "")
        if row["status"] != "ok":
            said.append(f"{upper(str(between))} with accuracy: {row['status']}.")
            continue
        if facts.get("is_difference"):
            said.append(
                f"The difference of the two correlations ({between}) is {signed(row['value'])} "
                f"{interval(row['low'], row['high'])} over resampled dyads ({dyad_words(row)})."
            )
            continue
        said.append(
            f"{upper(str(between))} goes with the {facts.get('perceiver')}’s accuracy at r = "
            f"{correlation(row['value'])} {r_interval(row['low'], row['high'])} over "
            f"{count(row['n_dyads'], 'dyad')} (p = {p_value(row['p_two'])}, two-sided)."
        )
    return said


def agreement_words(rows: Sequence[RowLike]) -> list[str]:
    """Say how far outside raters of a person agree over sessions, courses and levels apart."""
    said = []
    for row in rows:
        courses = row["icc_of"] == "courses"
        who = f"{count(row['raters'], 'outside rater')} of the {row['role']}’s {row['what']}"
        about = (
            "how the rating runs within a session"
            if courses
            else "the level of a session (its mean)"
        )
        units = count(row["icc_units"], "dyad" if courses else "session")
        if not isfinite(row["icc_2_1"]):
            why = row["icc_status"]
            more = why if why.startswith("not testable") else f"no number over {units}"
            said.append(f"{who}, {about}: {more}.")
            continue
        one, several = (
            f"{correlation(row[k])}{_limits(row[f'{k}_low'], row[f'{k}_high'])}"
            for k in ("icc_2_1", "icc_2_k")
        )
        few = row["icc_status"]
        words = {"ok": "", f"only {units}": " That is few: read the interval, not the number."}
        if few.endswith("independent dyads") and few.startswith("only"):
            words[few] = f" That is {few}: read the interval, not the number."
        said.append(
            f"{who} agree on {about} at ICC(2,1) = {one}, their mean at ICC(2,k) = {several}, "
            f"over {units}.{words.get(few, f' {upper(few)}.')}"
        )
    return said


def _limits(low: float, high: float) -> str:
    """Interval of a coefficient, after a blank; nothing where there is none."""
    return f" {r_interval(low, high)}" if isfinite(low) and isfinite(high) else ""


def about_dyads(name: str, chance: str, dyads: int) -> str:
    """What the strip of dyads shows."""
    return (
        f"{upper(name)}: Fisher z of {count(dyads, 'dyad')}, lowest first, each over the central "
        f"95 % of its own chance ({lower(labels.short_surrogate(chance))}; tick: its mean)."
    )


def about_measures() -> str:
    """What the figure of all measures shows."""
    return (
        "Every comparison of ratings over dyads: mean Fisher z with its 95 % interval over dyads; "
        "grey: 95 % of what chance gives. The halves of the target’s valence vary less than the "
        "whole, so that their z is smaller for the same accuracy: compare each with its own chance."
    )


def about_lanes(raters: int) -> str:
    """What the figure of a session's ratings shows."""
    return (
        f"{count(raters, 'continuous rating')} on the session clock, one lane for each person "
        "rated; what is missing is left white."
    )


def planted_words(truth: RowLike | None) -> str:
    """Say what was planted in simulated ratings; else nothing."""
    planted = (truth or {}).get("ratings")
    if not planted:
        return ""
    return (
        f"Planted: accuracy z = {fixed(planted['accuracy'])} at a lag of "
        f"{seconds(planted['perceiver_lag_s'])} (so less at lag 0); bias "
        f"{signed(planted['bias'])}; correlation with the perceiver’s own state "
        f"{correlation(planted['own'])}."
    )
