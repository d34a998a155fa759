"""The sentences about many paths: what they come to together, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from syntony.report import labels, preregistration
from syntony.report.numbers import count, fixed, p_with_floor, percent
from syntony.report.phrases import lower

CHOICES = {
    "signal": "signal",
    "trim_start_s": "left out at the start, s",
    "trim_stop_s": "left out at the end, s",
    "method": "method",
    "slope": "slope",
    "slope_window_s": "slope window, s",
    "slope_step_s": "slope step, s",
    "window_s": "window, s",
    "step_s": "step, s",
    "max_lag_s": "longest lag, s",
    "lag_step_s": "lag step, s",
    "aggregate": "aggregate",
    "difference_s": "change over, s",
    "body.eda.low_pass_hz": "low-pass, Hz",
    "body.eda.tonic": "tonic part by",
    "body.beats.interpolation": "between beats",
    "body.grid.rate_hz": "grid, Hz",
}
AGGREGATES = {
    "ssi": "index at lag 0",
    "ssi_peak": "index at the best lag",
    "mean_z": "mean z",
    "mean_abs_z": "mean |z|",
    "share_positive": "share in phase",
    "lag_zero": "mean z at lag 0",
    "peak_z": "mean z at the best lag",
}
METHODS = {
    "marci": "concordance of slopes",
    "lagged_correlation": "lagged correlation",
    "rank_correlation": "rank correlation",
    "derivative_correlation": "correlation of changes",
}
SLOPES = {"mean_gradient": "mean gradient", "ols": "least squares", "endpoint": "end less start"}


def choice(name: str) -> str:
    """Name a choice.

    Examples
    --------
    >>> choice("max_lag_s"), choice("body.eda.tonic_cutoff_hz")
    ('longest lag, s', 'eda tonic cutoff hz')
    """
    return CHOICES.get(name, name.removeprefix("body.").replace(".", " ").replace("_", " "))


def noun(name: str) -> str:
    """Name a choice inside a sentence.

    Examples
    --------
    >>> noun("trim_start_s"), noun("max_lag_s")
    ('part left out at the start', 'longest lag')
    """
    if name.startswith("trim_"):
        return f"part {choice(name).removesuffix(', s')}"
    return choice(name).partition(",")[0]


def value(name: str, said: str) -> str:
    """Name a value of a choice.

    Examples
    --------
    >>> value("signal", "eda_tonic"), value("window_s", "15"), value("slope", "ols")
    ('tonic skin conductance', '15', 'least squares')
    """
    known: Mapping[str, Mapping[str, str]] = {
        "aggregate": AGGREGATES,
        "method": METHODS,
        "slope": SLOPES,
    }
    if name == "signal":
        return " and ".join(labels.signal(s) for s in said.split(" and "))
    return known.get(name, {}).get(said, said.replace("_", " "))


def counts(joint: Mapping[str, Any]) -> str:
    """How many paths there are, and what became of the rest of the grid."""
    left = sum(d["cells"] for d in joint["dropped"])
    merged = f"{joint['merged']:,} equal to another path" if joint["merged"] else ""
    dropped = f"{left:,} impossible" if left else ""
    gone = " and ".join(w for w in (merged, dropped) if w)
    return f"{joint['paths']:,} paths" + (
        f" (of {joint['cells']:,} cells of the grid; {gone})" if gone else ""
    )


def who(joint: Mapping[str, Any]) -> str:
    """Which dyads the paths are about, the same on every path."""
    said = f"Every path is about the same {count(len(joint['dyads']), 'dyad')}."
    if joint["dyads_left_out"]:
        out = joint["dyads_left_out"]
        said += f" Left out, for want of a value on many paths: {', '.join(out)}."
    return said


def synchrony(joint: Mapping[str, Any]) -> str:
    """What all paths come to together beside draws taken for all of them alike."""
    test = joint["synchrony"]
    if test["status"] != "ok":
        return f"Together: {test['status']}."
    how = (
        "re-pairings in which everybody met a stranger"
        if test["null"] == "derangements"
        else f"shifts of each session’s own signals ({lower(labels.surrogate(joint['shift']))})"
    )
    d = "d" if test["null"] == "derangements" else "z"
    return (
        f"The median effect over {count(joint['paths'], 'path')} is {d} = {fixed(test['median'])}. "
        f"Of {test['draws']:,} {how}, each taken for all paths alike, "
        f"{_reach(test['median_p_one'], test['draws'])} a median as large "
        f"({_p(test['median_p_one'], test['draws'])}, one-sided)." + _missing(test)
    )


def shares(test: Mapping[str, Any]) -> str:
    """The two shares beside the median, each beside the draws."""
    if test["status"] != "ok":
        return ""
    draws = test["draws"]
    return (
        f"{percent(test['same_sign'], 0)} of the paths have the sign of the median "
        f"({_reach(test['same_sign_p'], draws)} as large a share, "
        f"{_p(test['same_sign_p'], draws)}). {percent(test['beyond'], 0)} lie among "
        f"the largest 5 % beside the draws of their own path; by chance it is 5 % on average, but "
        f"paths are alike and lie there together ({_reach(test['beyond_p'], draws)} as large a "
        f"share, {_p(test['beyond_p'], draws)})."
    )


def empathy(joint: Mapping[str, Any]) -> str:
    """What the link with a score comes to over all paths."""
    test = joint["empathy"]
    if test is None:
        return "No questionnaire score was in this study."
    if test["status"] != "ok":
        return f"Together: {test['status']}."
    return (
        f"The median correlation over {count(joint['paths'], 'path')} is "
        f"r = {fixed(test['median'])} ({count(test['n_dyads'], 'dyad')} with a score). Of "
        f"{test['draws']:,} deals of the scores over the dyads, each taken for all paths alike, "
        f"{_reach(test['median_p_two'] / 2, test['draws'])} a median as far out on that side "
        f"({_p(test['median_p_two'], test['draws'])}, two-sided). " + _dealt(test["blocks"])
    )


def _dealt(blocks: Sequence[int]) -> str:
    if len(blocks) < 2:
        return "Scores were dealt over all dyads."
    return (
        f"Scores were dealt inside {len(blocks)} groups of dyads: those that share a person among "
        "themselves, all others among each other."
    )


def most(shares_: Sequence[Mapping[str, Any]], unit: str) -> str:
    """Which choice matters most."""
    if not shares_:
        return "No choice takes several values on paths that are alike in all else."
    first = shares_[0]
    said = (
        f"It is the {noun(first['choice'])}: {percent(first['share'], 0)} of the variance of the "
        f"effects lies between paths that differ in it alone ({fixed(first['spread'])} {unit} "
        "from their mean, root mean square)."
    )
    if len(shares_) > 1:
        last = shares_[-1]
        said += f" Least matters the {noun(last['choice'])}: {percent(last['share'], 0)}."
    return said


def primary(joint: Mapping[str, Any]) -> str:
    """Where the primary path lies."""
    own = joint["primary"]
    if own["effect"] is None:
        return f"The primary path ({own['says']}) has no effect in this study."
    return (
        f"The primary path is that of the recipe ({own['says']}): its effect is "
        f"{fixed(own['effect'])}; {own['larger']:,} of {own['of']:,} paths have a larger one."
    )


def about_curve(joint: Mapping[str, Any], test: Mapping[str, Any], name: str) -> str:
    """What the curve of all paths shows."""
    band = (
        f" Grey: the central 95 % of the curves that {test['draws']:,} draws give, each sorted "
        "for itself."
        if test.get("band_low")
        else ""
    )
    return (
        f"Every path is a column, sorted by its effect ({name}). Dots: effects; blue: their 95 % "
        f"intervals over dyads, path by path.{band} Below: the choices of each path; where marks "
        "crowd to one side, that choice goes with small or large effects. Orange: the primary "
        "path. No path has a p of its own: the best of many would always have a small one."
    )


def about_choices() -> str:
    """What the bars of the choices show."""
    return (
        "Of the paths on which a choice can be made: share of the variance of their effects that "
        "lies between paths which differ in this choice alone. Dark: what it does by itself, the "
        "same whatever the other choices. Light: with its interactions, which several choices "
        "share, so that the bars may add up to more than 100 %."
    )


def methods_of_paths(
    recipe: Mapping[str, Any],
    grid: Mapping[str, Any],
    origin: Mapping[str, Any],
    joint: Mapping[str, Any],
) -> str:
    """Write the paragraph for a methods section, as Markdown with ``@Key`` citations."""
    study, test = origin.get("study", {}), joint["synchrony"]
    made = "simulated " if study.get("simulated") else ""
    names = ", ".join(choice(n) for n in joint["choice_names"])
    methods = ", ".join(dict.fromkeys(f["method"].replace("_", " ") for f in grid["families"]))
    said = [
        f"A multiverse analysis [@Steegen2016] of {made}recordings of "
        f"{count(study.get('dyads', 0), 'dyad')} went through {joint['paths']:,} paths "
        f"({methods}; varied: {names}). Of "
        f"{joint['cells']:,} cells of the grid {joint['merged']:,} equalled another and "
        f"{sum(d['cells'] for d in joint['dropped']):,} were dropped because they made no sense or "
        "could not be computed."
    ]
    if test["null"] == "derangements":
        said.append(
            "The effect of a path is the mean real index less the mean index of pseudo-dyads, in "
            f"standard deviations of the pseudo-dyads, with an interval from {grid['bootstrap']:,} "
            "bootstrap draws of dyads. All paths were tested together [@Simonsohn2020] against "
            f"{test['draws']:,} derangements of the dyads that keep roles, each taken for all "
            "paths alike and drawn out around their mean by the ratio that follows from the design."
        )
    else:
        said.append(
            "The effect of a path is the mean index less its mean under shifts of the second "
            "person’s signal, in standard deviations over the shifts. All paths were tested "
            f"together [@Simonsohn2020] against {test['draws']:,} shifts "
            f"({lower(labels.surrogate(joint['shift']))}), each taken for all paths alike."
        )
    if joint["empathy"] is not None:
        said.append(
            "Over dyads the index of each path was correlated with the questionnaire score "
            f"(Pearson, Fisher’s interval [@FisherZ1915]); {joint['empathy']['draws']:,} deals of "
            "the scores, each taken for all paths alike, gave the joint test."
        )
    said.append(
        "p is (1 + number of draws that reach the observed value, or have none) / (draws + 1) "
        "[@PhipsonSmyth2010]. The share of variance that a choice accounts for was taken between "
        "paths that differ in it alone [@Saltelli2010]."
    )
    said.append(preregistration.sentence(origin.get("preregistration")))
    said.append(
        f"Analysed with Syntony {origin.get('syntony', '')} (Python {origin.get('python', '')}, "
        f"NumPy {origin.get('numpy', '')}), seed {recipe['seed']}."
    )
    return " ".join(s for s in said if s) + "\n"


def _reach(p: float | None, draws: int) -> str:
    """How many draws reach a value, read back from its p."""
    if p is None or not isfinite(p):
        return "an unknown number give"
    many = max(0, round(p * (draws + 1)) - 1)
    return "none give" if not many else "1 gives" if many == 1 else f"{many:,} give"


def _p(p: float | None, draws: int) -> str:
    """Write p so that it stays on one line."""
    space = "\N{NO-BREAK SPACE}"
    return f"p{space}={space}{p_with_floor(float('nan') if p is None else p, draws)}"


def _missing(test: Mapping[str, Any]) -> str:
    many = test.get("draws_missing", 0)
    return f" {many:,} draws lack a value on some path and count against it." if many else ""
