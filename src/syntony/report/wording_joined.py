"""Sentences about codes joined with synchrony, moment by moment: interval before any p."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from syntony.report import labels
from syntony.report.numbers import correlation, count, fixed, interval, p_value, p_with_floor
from syntony.report.phrases import lower, r_interval, signed, upper
from syntony.report.wording import RowLike, detail

OUTCOMES = {
    "synchrony": "synchrony",
    "in_phase": "in-phase synchrony",
    "anti_phase": "anti-phase synchrony",
}


def code_name(label: str) -> str:
    """Name a code inside a sentence.

    Examples
    --------
    >>> code_name("shared_positive"), code_name("patient positive")
    ('shared positive emotion', 'positive emotion of the patient')
    """
    if label in labels.CLASSES:
        return f"{lower(labels.emotion(label))} emotion"
    role, _, valence = label.rpartition(" ")
    return f"{valence} emotion of the {role}"


def outcome_name(outcome: str, roles: tuple[str, str]) -> str:
    """Name what is averaged around onsets.

    Examples
    --------
    >>> outcome_name("signal_b", ("patient", "therapist"))
    'level of the therapist'
    """
    if outcome in OUTCOMES:
        return OUTCOMES[outcome]
    return f"level of the {roles[0] if outcome == 'signal_a' else roles[1]}"


def term_name(term: str, roles: tuple[str, str]) -> str:
    """Name a term of the mixed model.

    Examples
    --------
    >>> [term_name(t, ("patient", "therapist")) for t in ("arousal_b", "speaker_first")]
    ['level of the therapist', 'patient speaks']
    >>> term_name("sd_slope", ("patient", "therapist"))
    'sd slope'
    """
    names = {
        "arousal_a": f"level of the {roles[0]}",
        "arousal_b": f"level of the {roles[1]}",
        "speaker_first": f"{roles[0]} speaks",
        "speaker_second": f"{roles[1]} speaks",
        "speaker_both": "both speak",
        "speaker_nobody": "nobody speaks",
    }
    return names.get(term) or term.replace("_", " ")


def events_used(row: RowLike) -> str:
    """Count the onsets of a code and say why some are not used."""
    facts = detail(row)
    if not facts.get("found"):
        return "No onset was found."
    causes = {
        "overlap": "follow the one before too closely",
        "unseen": "begin after an uncoded second",
        "edge": "lie too near the start or the end",
        "missing": "lack samples",
    }
    left = [f"{facts[c]} {words}" for c, words in causes.items() if facts.get(c)]
    more = f" ({', '.join(left)})" if left else ""
    return f"{facts['used']} of {count(facts['found'], 'onset')} are used{more}."


def event_locked(row: RowLike, roles: tuple[str, str]) -> str:
    """Say what a course does after the onsets of a code."""
    what, code = outcome_name(row["statistic"], roles), code_name(row["label"])
    if row["status"] != "ok":
        return f"{upper(what)} around the onsets of {code}: {row['status']}."
    facts = detail(row)
    said = (
        f"In the {facts['mean_s']} s after the onsets of {code}, {what} is {signed(row['value'])} "
        f"{interval(row['low'], row['high'])} from the mean of the session "
        f"({count(row['n_dyads'], 'dyad')}); rotated codes give {signed(row['null_low'])} to "
        f"{signed(row['null_high'])} (p = {p_with_floor(row['p_two'], row['draws'])}). "
        f"{events_used(row)}"
    )
    pieces = facts.get("beyond_s") or []
    if pieces:
        spans = ", ".join(f"{signed(a, 0)} to {signed(b, 0)} s" for a, b in pieces)
        said += f" As a whole the course leaves what chance gives at {spans}"
    else:
        said += " As a whole the course stays within what chance gives"
    return f"{said} (p = {p_value(float(facts.get('p_max', float('nan'))))} over all places)."


def about_locked(window_s: float) -> str:
    """Beside the event-locked figure."""
    return (
        "Mean over dyads around the onset at 0. Grey: 95 % of what rotated codes give at one "
        "place, for reading only. Dashed: 95 % of chance’s courses stay inside from end to end. "
        f"A value of synchrony has seen {fixed(window_s, 0)} s of both signals, so that a change "
        "at the onset shows up to half of that too early (shaded)."
    )


def order(row: RowLike) -> str:
    """Say which comes first, synchrony or a class of emotion, or why that cannot be said."""
    code = code_name(row["label"])
    if row["status"] != "ok":
        return f"Whether synchrony or {code} comes first: {row['status']}."
    facts = detail(row)
    window = float(facts["window_s"])
    p = p_with_floor(row["p_two"], row["draws"])
    first = facts["first"]
    lag, ends = abs(row["value"]), interval(row["low"], row["high"], 0)
    if not first:
        return (
            f"Synchrony and {code} are linked at no lag more than rotated codes are (p = {p}, all "
            "lags searched), so that neither comes first."
        )
    if first == "not resolvable":
        return (
            f"Synchrony and {code} go together most at a lag of {signed(row['value'], 0)} s "
            f"{ends}, positive where synchrony comes first (p = {p}, all lags searched). Which "
            "comes first is not resolvable: it takes a lag of at least the window "
            f"({fixed(window, 0)} s), an interval on one side of 0, and a profile that leans."
        )
    one, other = ("Synchrony", code) if first == "synchrony" else (upper(code), "synchrony")
    return (
        f"{one} comes before {other} by {fixed(lag, 0)} s {ends} (lag, positive where synchrony "
        f"comes first; p = {p}, all lags searched; the window is {fixed(window, 0)} s)."
    )


def about_order() -> str:
    """Beside the figure of codes moved in time."""
    return (
        "Synchrony in the class less that in the other coded seconds, with the codes moved "
        "earlier and later. Grey: 95 % of what rotated codes give at one lag, for reading only; "
        "the p above pays for the search. Shaded: lags that the window cannot tell from 0."
    )


def dose(rows: Sequence[RowLike]) -> str:
    """Say how the share of a class goes with the synchrony of a session."""
    return " ".join(_dose(r) for r in rows)


def _dose(row: RowLike) -> str:
    code = code_name(row["label"])
    if row["statistic"] == "between":
        lead = f"Dyads that spend more of the coded time in {code}: their synchrony"
    else:
        lead = f"In sessions of a dyad with more {code} than its others: synchrony"
    if row["status"] != "ok":
        return f"{lead} was not compared ({row['status']})."
    return (
        f"{lead} correlates at r = {correlation(row['value'])} "
        f"{r_interval(row['low'], row['high'])} with that share "
        f"({count(row['n_dyads'], 'dyad')}, p = {p_with_floor(row['p_two'], row['draws'])})."
    )


def epochs(row: RowLike) -> str:
    """Say how the epochs of a class differ from random epochs of the same lengths."""
    code = code_name(row["label"])
    if row["status"] != "ok":
        return f"Epochs of {code}: {row['status']}."
    return (
        f"Epochs of {code} differ in synchrony from random epochs of the same number and lengths "
        f"in the same session by {signed(row['value'])} {interval(row['low'], row['high'])} "
        f"({count(row['n_dyads'], 'dyad')}, p = {p_with_floor(row['p_two'], row['draws'])})."
    )


def model(row: RowLike) -> str:
    """Say the effect of a class in the mixed model, and what rotated codes give."""
    if row["status"] != "ok":
        return f"The mixed model: {row['status']}."
    facts = detail(row)
    said = (
        f"In the mixed model, {OUTCOMES[row['statistic']]} in {code_name(row['label'])} differs "
        f"from that in {code_name(str(facts['reference']))} by {signed(row['value'])} "
        f"{interval(row['low'], row['high'])}, session time, both people’s level and who speaks "
        f"(where coded) held equal ({count(row['n_dyads'], 'dyad')}, "
        f"{count(facts['rows'], 'value')})"
    )
    if isfinite(row["p_two"]):
        said += f"; rotated codes: p = {p_with_floor(row['p_two'], row['draws'])}"
    return f"{said}."


def about_model(facts: dict[str, Any]) -> str:
    """What the model rests on, and what it does not promise."""
    remarks = ", ".join(n.replace("_", " ") for n in facts.get("remarks") or [])
    return (
        "Intervals are t with one degree less than there are dyads. Neighbouring values still "
        "resemble each other a little; the rotation p does not rest on that. The same model, "
        "also with AR(1) residuals, is written for R in models/ of this run."
        + (
            f" Estimated on the boundary (an SD of 0, a correlation of 1): {remarks}."
            if remarks
            else ""
        )
    )
