"""Sentences of the study page: the three findings, and what stands beside each figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from syntony.report import labels
from syntony.report.numbers import (
    correlation,
    count,
    digits,
    fixed,
    interval,
    p_said,
    p_value,
    p_with_floor,
    percent,
    reached,
    seconds,
)
from syntony.report.phrases import lower, r_interval, scale_name, signed, upper
from syntony.report.wording import (
    OTHER_SESSIONS,
    SAME_STIMULUS,
    STRANGERS,
    RowLike,
    detail,
    do_nulls_agree,
    is_number,
)


def agreement_over_dyads(rows: Sequence[RowLike]) -> str:
    """Whether the two nulls of the study-level mean agree."""
    return (
        do_nulls_agree(rows)
        .replace("within the session", "within sessions")
        .replace("these two share", "dyads share")
        .replace("Pairings of these two across", "Pairings of the two of a dyad across")
        .replace("every session of these two", "every session of a dyad")
    )


def study_synchrony(rows: Sequence[RowLike], index: str) -> str:
    """Say finding 1: the mean index over dyads, beside each kind of chance."""
    if not rows:
        return "Synchrony was not tested over dyads in this run."
    row = rows[0]
    if row["status"] != "ok":
        return f"{upper(row['status'])}."
    said = "; ".join(_study_null(r) for r in rows if r["status"] == "ok")
    left = [
        f"{labels.surrogate(r['surrogate'])}: {r['status']}." for r in rows if r["status"] != "ok"
    ]
    n = digits(row["value"], row["low"], row["high"])
    return (
        f"Over {count(row['n_dyads'], 'dyad')} {mean_of(index)} is {fixed(row['value'], n)} "
        f"{interval(row['low'], row['high'], n)}. {upper(said)}. {' '.join(left)}"
    ).strip()


def mean_of(index: str) -> str:
    """Name the mean of an index over dyads, also of an index that is a mean itself.

    Examples
    --------
    >>> mean_of("single session index"), mean_of("mean over all lags")
    ('the mean single session index', 'the average of “mean over all lags”')
    """
    return f"the average of “{index}”" if index.startswith("mean") else f"the mean {index}"


def short_mean_of(index: str) -> str:
    """Name the same without its article, for the axis of a figure."""
    return mean_of(index).removeprefix("the ")


def _study_null(row: RowLike) -> str:
    many = reached(row["p_one"], row["draws"])
    title = lower(labels.surrogate(row["surrogate"]))
    n = digits(row.get("value", 0.0), row["null_low"], row["null_high"])
    range_ = f"{fixed(row['null_low'], n)} to {fixed(row['null_high'], n)}"
    if many is None:
        return f"chance by {title}: {range_}"
    return (
        f"chance by {title}: {range_}, and {many:,} of {row['draws']:,.0f} draws reach the mean "
        f"(p = {p_with_floor(row['p_one'], row['draws'])})"
    )


def study_leader(row: RowLike | None) -> str:
    """Who leads over dyads, with the interval of the lag."""
    if not row:
        return "Who leads was not tested over dyads in this run."
    if row["status"] != "ok":
        return f"Who leads: {row['status']}."
    facts = detail(row)
    leader, error = str(facts.get("leader", "")), facts.get("clock_error_s")
    low, high = row["low"], row["high"]
    said = (
        f"The peak lies at {seconds(row['value'])} on average over "
        f"{count(row['n_dyads'], 'dyad')} {interval(low, high, 1)}"
    )
    if isinstance(error, int | float) and isfinite(error):
        said += f"; clock error up to {seconds(float(error))}"
    if leader in ("", "neither", "not resolvable"):
        return (
            f"{said}: {leader or 'nobody'} leads."
            if leader != "not resolvable"
            else f"{said}: not resolvable."
        )
    return f"{said}: {leader} leads."


def study_emotion(rows: Sequence[RowLike]) -> str:
    """Say finding 2: synchrony by class over dyads, beside rotated codes."""
    ok = [r for r in rows if r["status"] == "ok" and isfinite(r["value"])]
    if not rows:
        return "No emotion codes were in this run, so synchrony was not read by emotion."
    if not ok:
        return f"{upper(rows[0]['status'])}."
    first, rest = ok[0], ok[1:]
    said = (
        f"In {labels.emotion(first['label'])} seconds synchrony differs from "
        "that "
        f"of the other coded seconds by {signed(first['value'])} "
        f"{interval(first['low'], first['high'])} ({on_scale('', first)}"
        f"{count(first['n_dyads'], 'dyad')}); "
        f"rotated codes give {fixed(first['null_low'])} to {fixed(first['null_high'])}"
        f"{_reach_words(first)}."
    )
    if rest:
        others = "; ".join(
            f"{labels.emotion(r['label'])} {signed(r['value'])} "
            f"{interval(r['low'], r['high'])}{_reach_words(r, short=True)}"
            for r in rest
        )
        said += f" The other classes: {others}."
    return said


def on_scale(words: str, row: RowLike | None) -> str:
    """Add the scale on which courses were averaged, where it is not the plain one.

    Examples
    --------
    >>> on_scale("class less the rest", {"detail": "{}"})
    'class less the rest, Fisher z'
    >>> on_scale("class less the rest", {"detail": '{"scale": "plain"}'})
    'class less the rest'
    """
    if row is not None and detail(row).get("scale", "fisher_z") != "fisher_z":
        return words
    return f"{words}, Fisher z" if words else "Fisher z, "


def _reach_words(row: RowLike, *, short: bool = False) -> str:
    """How many draws reach the value of a row, as the end of a clause."""
    many = reached(row["p_one"], row["draws"])
    if many is None:
        return ""
    if short:
        return f" ({many:,} of {row['draws']:,.0f} reach it)"
    return (
        f", and {many:,} of {row['draws']:,.0f} draws reach it "
        f"(p = {p_with_floor(row['p_one'], row['draws'])})"
    )


def study_moments(rows: Sequence[RowLike]) -> str:
    """Say the contrast of high and low moments, beside what choosing them gives by itself."""
    if not rows:
        return "High and low moments were not compared in this run."
    row = next((r for r in rows if r["surrogate"] == "selection_null"), rows[0])
    if row["status"] != "ok":
        return f"High against low moments: {row['status']}."
    how = (
        "moments chosen by the same rule from the course of strangers, read on the same codes, give"
        if row["surrogate"] == "selection_null"
        else "chance gives"
    )
    return (
        f"High moments differ from low moments in {row['label']} codes by {signed(row['value'])} "
        f"{interval(row['low'], row['high'])} (share of coded seconds, "
        f"{count(row['n_dyads'], 'dyad')}); {how} {fixed(row['null_low'])} to "
        f"{fixed(row['null_high'])}{_reach_words(row)}."
    )


def study_empathy(row: RowLike | None, index: str) -> str:
    """Say finding 3: the correlation of the index with rated empathy, over dyads."""
    if not row:
        return "No questionnaire scores were in this run, so synchrony was not linked with empathy."
    if row["status"] != "ok":
        return f"{upper(row['status'])}."
    facts = detail(row)
    p = (
        f", p = {p_with_floor(row['p_two'], row['draws'])} two-sided"
        if isfinite(row["p_two"])
        else ""
    )
    said = (
        f"{upper(index)} and {scale_name(row['label'])} correlate at r = "
        f"{correlation(row['value'])} "
        f"{r_interval(row['low'], row['high'])} over {count(row['n_dyads'], 'dyad')}{p}; scores "
        "dealt "
        f"to other dyads give {correlation(row['null_low'])} to {correlation(row['null_high'])}."
    )
    if facts.get("largest_change_without"):
        name = str(facts["largest_change_without"])
        without = float(facts["without"][name])
        said += f" Without {name}, the dyad that weighs most, r is {correlation(without)}."
    return said


def about_power(row: RowLike | None) -> str:
    """Say what this number of dyads could have found."""
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
    if is_number(facts.get("spearman")):
        p = facts.get("spearman_p_two")
        tail = f" ({p_said(float(p))})" if is_number(p) else ""
        parts.append(f"Spearman {correlation(float(facts['spearman']))}{tail}")
    if is_number(facts.get("bootstrap_low")) and is_number(facts.get("bootstrap_high")):
        parts.append(
            "bootstrap interval "
            f"{r_interval(float(facts['bootstrap_low']), float(facts['bootstrap_high']))}"
        )
    if is_number(facts.get("t")) and is_number(facts.get("df")):
        parts.append(
            f"t({facts['df']:.0f}) = {fixed(float(facts['t']))}, p = "
            f"{p_value(float(facts.get('p_t', float('nan'))))}"
        )
    return "; ".join(parts) + "." if parts else ""


def twins_left_out(sessions: Sequence[str]) -> str:
    """Say in how many sessions both people's signal is one recording; they enter no index.

    Examples
    --------
    >>> twins_left_out(["d19s01"])
    'Left out: 1 session in which both people’s signal is one and the same recording (d19s01).'
    """
    named = ", ".join(sessions[:5]) + (" …" if len(sessions) > 5 else "")
    return (
        f"Left out: {count(len(sessions), 'session')} in which both people’s signal is one and "
        f"the same recording ({named})."
    )


def study_contrast(row: RowLike, index: str) -> str:
    """Two session types within dyads, tested by turning the signs of the dyads round."""
    if row["status"] != "ok":
        return f"{upper(row['label'])}: {row['status']}."
    chance = ""
    if isfinite(row["null_low"]):
        chance = f"; chance gives {fixed(row['null_low'])} to {fixed(row['null_high'])}"
    twice = detail(row).get("left_out_same_recording") or 0
    left = f" Left out: {count(twice, 'session')} filed under two names." if twice else ""
    return (
        f"{upper(row['label'])}: the {index} differs by {signed(row['value'])} "
        f"{interval(row['low'], row['high'])} within {count(row['n_dyads'], 'dyad')}{chance}"
        f"{_reach_words(row)}.{left}"
    )


def planted(truth: Mapping[str, Any] | None, *findings: str) -> str:
    """Say what was planted for these findings, where the data were made; else nothing.

    Examples
    --------
    >>> truth = {"delay_s": 2.0, "leader": "patient", "r_planted": 0.47, "r_expected": 0.41}
    >>> print(planted(truth, "leader"))
    Planted: patient leads by 2.0 s.
    >>> print(planted(truth, "empathy"))
    Planted: r = .47 with the true coupling; for the measured index r = .41 is to be expected.
    """
    if not truth:
        return ""
    if truth.get("is_coupled") is False:
        return "Planted: nothing is coupled in this world."
    said = [part for part in (_planted(truth, f) for f in findings) if part]
    return f"Planted: {'; '.join(said)}." if said else ""


def _planted(truth: Mapping[str, Any], finding: str) -> str:
    """One planted fact, without its beginning and its stop."""
    delay, effect, r = (truth.get(k) for k in ("delay_s", "emotion_effect", "r_planted"))
    if finding == "synchrony" and truth.get("is_coupled"):
        return "the two people of every dyad share part of their responses"
    if finding == "leader" and is_number(delay):
        who = truth.get("leader")
        return f"{who} leads by {seconds(abs(float(delay)))}" if who and delay else "neither leads"
    if finding == "emotion" and is_number(effect):
        return (
            f"the share of common responses is {fixed(float(effect))} higher in seconds of shared "
            "positive emotion"
        )
    if finding == "empathy" and is_number(r):
        expected = truth.get("r_expected")
        more = (
            f"; for the measured index r = {correlation(float(expected))} is to be expected"
            if is_number(expected)
            else ""
        )
        return f"r = {correlation(float(r))} with the true coupling{more}"
    return ""


def about_means(rows: Sequence[RowLike]) -> str:
    """Beside the study-level mean and its nulls."""
    return (
        "The dot is the mean over dyads, the thin line its 95 % interval over dyads; grey bars "
        "hold "
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
        f"{above} of {sum(1 for v in real if isfinite(v))} real pairs lie above the median "
        "stranger "
        f"({fixed(middle)}); without coupling half of them would. Pairs of strangers share people, "
        "so they are not as many independent draws as there are dots; the test above deals whole "
        "studies anew."
    )


def about_strip(surrogate: str, dyads: int) -> str:
    """Beside the strip of dyads."""
    kind = {
        STRANGERS: "its people with strangers",
        SAME_STIMULUS: "its people with strangers who had the same stimulus",
        OTHER_SESSIONS: "its people across different sessions of theirs",
    }.get(surrogate, f"“{labels.surrogate(surrogate)}” within it")
    inside = max(1, round(dyads * 0.025))
    return (
        f"One column a dyad. The grey bar holds 95 % of {kind}, the tick its mean, the dot "
        f"the session itself. Of {dyads} dyads without coupling about {inside} would lie above "
        "their "
        "bar, so a single dot above its bar says little about that dyad."
    )


def about_mean_profile(row: RowLike | None, dyads: int) -> str:
    """Beside the mean lag profile."""
    return (
        f"{study_leader(row)} The line is the mean over {count(dyads, 'dyad')}, the band its 95 % "
        "interval over dyads, faint lines the dyads. To the right of 0 the second person follows "
        "the first."
    )


def about_mean_spectrum(dyads: int) -> str:
    """Beside the mean spectrum."""
    return (
        f"How strongly the two go together at each frequency, from slow ups and downs to fast "
        f"ones. The line is the mean over {count(dyads, 'dyad')}, the band its 95 % interval over "
        "dyads, faint lines the dyads. It is no test: independent signals give a spectrum too."
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
    if is_number(facts.get("excess")):
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
        f"studies. r = {correlation(row['value'])} "
        f"{r_interval(row['low'], row['high'])}.{influence} "
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
        f"{over} of {len(there)} recordings miss more than a fifth (crossed). Hover for the "
        "session."
    )
