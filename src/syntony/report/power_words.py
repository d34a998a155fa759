"""Sentences of a power analysis: what is needed, and what to write into a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syntony.core.errors import InputError
from syntony.link.dyadic import dyads_for_power
from syntony.report import labels
from syntony.report.numbers import correlation
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list

Plain = Mapping[str, Any]


def question_name(question: str) -> str:
    """Name a question of a power analysis.

    Examples
    --------
    >>> question_name("empathy"), question_name("synchrony/pseudo_dyads")
    ('Empathy', 'Synchrony beside pseudo-dyads (people who never met)')
    """
    kind, _, surrogate = question.partition("/")
    if not surrogate:
        return {"correlation": "Correlation"}.get(kind, kind.capitalize())
    try:
        title = surrogate_list.get(surrogate).title
    except InputError:
        title = surrogate
    return f"Synchrony beside {title[0].lower()}{title[1:]}"


def rows_of(plain: Plain, question: str) -> list[Plain]:
    """Rows of the curve that belong to a question, by number of dyads."""
    return [row for row in plain["curve"] if row["question"] == question]


def planted(plain: Plain, question: str) -> str:
    """What there is to be found, in a few words."""
    s = plain["settings"]
    kind = question.partition("/")[0]
    if kind == "correlation":
        return f"a true correlation of {correlation(s['r'])}"
    if kind == "empathy":
        return f"a true correlation of coupling and empathy of {correlation(s['effect_r'])}"
    if kind == "emotion":
        more = f"{s['emotion_effect']:g}"
        return f"a share of common responses higher by {more} in shared positive emotion"
    return f"a median share of common responses of {s['share']:g}"


def of_100(share: float) -> str:
    """Write a share in per cent, as many decimals as it needs.

    Examples
    --------
    >>> of_100(0.8), of_100(0.805)
    ('80 %', '80.5 %')
    """
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def power_range(row: Plain) -> str:
    """Write a power with its interval, in per cent.

    Examples
    --------
    >>> power_range({"power": 0.8, "low": 0.71, "high": 0.87})
    '80 % [71, 87]'
    >>> power_range({"power": 0.8, "low": None, "high": None})
    '80 %'
    """
    told = of_100(round(row["power"], 3))
    if row["low"] is None:
        return told
    return f"{told} [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"


def is_null(plain: Plain, question: str) -> bool:
    """Whether nothing of this kind was planted, so that every claim is a false alarm."""
    s = plain["settings"]
    if not plain["simulated"]:
        return False
    effect = {"empathy": "effect_r", "emotion": "emotion_effect"}.get(question)
    return s["share"] == 0 or (effect is not None and s[effect] == 0)


def finding_sentence(plain: Plain, question: str) -> str:
    """Say how many dyads a question needs, or how often it is claimed where nothing is there."""
    name = question_name(question)
    one = next(n for n in plain["needed"] if n["question"] == question)
    s = plain["settings"]
    wanted = of_100(s["wanted"])
    if question == "correlation":
        what = planted(plain, question)
        return (
            f"{what[0].upper()}{what[1:]} is found with a power of {wanted} by {one['n']} dyads "
            f"(alpha {correlation(s['alpha'])}, two-sided)."
        )
    if one["status"] == "not testable":
        return f"{name}: not testable with this recipe or these numbers of dyads."
    if is_null(plain, question):
        rows = rows_of(plain, question)
        seen = [of_100(round(row["power"], 3)) for row in (_least(rows), _most(rows))]
        return (
            f"{name}: nothing was planted. False alarms: {' to '.join(dict.fromkeys(seen))} of the "
            f"studies of one size ({rows[0]['dyads']} to {rows[-1]['dyads']} dyads), alpha "
            f"{of_100(s['alpha'])}."
        )
    sizes = [row["dyads"] for row in rows_of(plain, question)]
    wrong = max(row["wrong_sign"] for row in rows_of(plain, question))
    told = f"{name}: {needs(one, wanted, sizes)} to find {planted(plain, question)}."
    if wrong > s["alpha"] / 2:
        told += f" Up to {of_100(round(wrong, 3))} of the studies of one size find the contrary."
    return told


def _least(rows: list[Plain]) -> Plain:
    return min(rows, key=lambda row: row["power"])


def _most(rows: list[Plain]) -> Plain:
    return max(rows, key=lambda row: row["power"])


def needs(one: Plain, wanted: str, sizes: list[int]) -> str:
    """Say how many dyads are needed, or on which side of the sizes that were tried it lies.

    Examples
    --------
    >>> needs({"status": "ok", "n": 57, "low": 48, "high": None}, "80 %", [20, 60])
    '80 % power needs 57 dyads [48, more than 60]'
    """
    if one["status"] != "ok":
        return f"{wanted} power needs {one['status']}"
    low = f"{sizes[0]} or fewer" if one["low"] is None else str(one["low"])
    high = f"more than {sizes[-1]}" if one["high"] is None else str(one["high"])
    return f"{wanted} power needs {one['n']} dyads [{low}, {high}]"


def r_sentence(plain: Plain) -> str:
    """Say which correlation the measured index is to be expected to have, or nothing."""
    r, low, high = plain["expected_r"]
    if r is None or is_null(plain, "empathy"):
        return ""
    s = plain["settings"]
    n = [dyads_for_power(v, power=s["wanted"], alpha=s["alpha"]) for v in (r, low, high) if v]
    return (
        "An index measures coupling with error, and a questionnaire the empathy felt: between the "
        f"measured index and the rating r = {correlation(r)} [{correlation(low)}, "
        f"{correlation(high)}] is to be expected where the true correlation is "
        f"{correlation(s['effect_r'])}. By the closed form (Fisher's z) {of_100(s['wanted'])} "
        f"power needs {n[0]:,} dyads for such an r."
    )


def session_sentences(plain: Plain) -> list[str]:
    """Say how often a single session passes, by surrogate."""
    alpha = of_100(plain["settings"]["alpha"])
    told = []
    for name, (share, low, high) in plain["session_power"].items():
        if share is None:
            continue
        row = {"power": share, "low": low, "high": high}
        title = question_name(f"synchrony/{name}").removeprefix("Synchrony ")
        told.append(
            f"A single session passes at {alpha}, one-sided, {title}, in {power_range(row)} of "
            "the simulated sessions."
        )
    return told


def world_sentence(plain: Plain) -> str:
    """Say what was simulated."""
    s = plain["settings"]
    spread = f" (SD of its logit over dyads {s['share_spread']:g})" if s["share_spread"] else ""
    many = "session" if s["sessions_per_dyad"] == 1 else "sessions"
    whom = "dyad" if s["dyads_per_therapist"] == 1 else "dyads"
    return (
        f"{s['sessions_per_dyad']} {many} of {s['minutes']:g} min a dyad, "
        f"{s['dyads_per_therapist']} {whom} a therapist; {s['rate_per_min']:g} skin conductance "
        f"responses a minute, a median share of {s['share']:g}{spread} of them common to both "
        f"people, the second's after {s['delay_s']:g} s (SD {s['jitter_s']:g} s); "
        f"{of_100(s['artefacts'])} of each recording lost to artefacts"
    )


def method_words(plain: Plain) -> str:
    """Name the index that was simulated, with its signal."""
    recipe = plain["settings"]["recipe"]
    step = recipe["synchrony"][0]
    entry = method_list.get(step["method"])
    options = ", ".join(f"{k} = {v}" for k, v in step["options"].items())
    signal = recipe["signal"]
    signals = [signal] if isinstance(signal, str) else signal
    named = " beside ".join(labels.SIGNALS.get(name, name) for name in signals)
    given = f" with {options}" if options else ""
    return f"{entry.title}{given}, statistic {entry.statistics[0].name}, of {named}"


def plan_sentence(plain: Plain) -> str:
    """Write the paragraph for a grant application or a preregistration."""
    s = plain["settings"]
    if not plain["simulated"]:
        one = plain["needed"][0]
        return (
            f"A two-sided test (alpha = {correlation(s['alpha'])}) of a correlation of "
            f"{correlation(s['r'])} between the measured index and the score has a power of "
            f"{of_100(s['wanted'])} with {one['n']} dyads (Fisher's z, normal approximation)."
        )
    told = [
        f"Power was estimated from simulated studies: {world_sentence(plain)}. Index: "
        f"{method_words(plain)}. For every number of dyads {plain['curve'][0]['studies']} studies "
        f"were drawn from {s['pools']} independent pools of simulated dyads and tested at alpha = "
        f"{correlation(s['alpha'])} with {s['draws']} draws of chance; brackets are 95 % intervals "
        "over pools."
    ]
    told += [finding_sentence(plain, n["question"]) for n in plain["needed"]]
    told.append("The people are simulated: real power depends on how well these settings fit.")
    return " ".join(told)
