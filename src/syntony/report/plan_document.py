"""The plan of an analysis as a document, under the headings of AsPredicted and of OSF.

The questions of both forms are given in words of our own; what the settled recipe decides is
filled in, and what only people can say is marked for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syntony.report import labels
from syntony.report.methods import bibliography, cited_keys, methods_paragraph
from syntony.report.numbers import count
from syntony.report.phrases import lower

Facts = Mapping[str, Any]
YOURS = "**[yours to write]**"


def plan_document(facts: Facts) -> str:
    """Write the plan as Markdown.

    Parameters
    ----------
    facts : mapping
        What ``preregistration.json`` holds: settled recipe and its hash, the study's counts,
        inputs with their hash, and what lay in the study.

    Returns
    -------
    str
    """
    parts = [
        _head(facts),
        _as_predicted(facts),
        _osf(facts),
        _appendix(facts),
    ]
    return "\n\n".join(parts).rstrip() + "\n"


def _head(facts: Facts) -> str:
    made = "\n\nThe study is simulated; nobody was recorded." if facts["study"]["simulated"] else ""
    old = facts.get("replaces")
    again = (
        f"\n\nIt replaces a plan made at {old['made_at']} (recipe {old['recipe_sha256']})."
        if old
        else ""
    )
    return (
        f"# Preregistration: {facts['title']}\n\n"
        f"Written by Syntony {facts['syntony']} at {facts['made_at']}. The plan is the settled "
        f"recipe at the end of this document; its SHA-256 is\n\n`{facts['recipe_sha256']}`\n\n"
        "A run of this study compares its own recipe with it and says in its report whether it "
        f"followed the plan. A file does not prove when it was made: lodge it with a registry. "
        f"Places that only you can fill say {YOURS}.{made}{again}"
    )


def _as_predicted(facts: Facts) -> str:
    answers = (
        ("Data collection: are there data already?", _seen(facts)),
        ("Hypothesis: what is asked or expected?", _hypotheses(facts)),
        ("Dependent variable: what is measured, and how?", _measures(facts)),
        ("Conditions: to what is it compared?", _conditions(facts)),
        ("Analyses: which tests answer the question?", _tests(facts)),
        ("Outliers and exclusions: what is left out, by which rule?", _exclusions(facts)),
        ("Sample size: how many, and how was that decided?", _sample(facts)),
        ("Other: anything else to put on record?", _others(facts)),
    )
    said = "\n\n".join(f"### {k}. {q}\n\n{a}" for k, (q, a) in enumerate(answers, start=1))
    return f"## For AsPredicted\n\n{said}"


def _osf(facts: Facts) -> str:
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
        (
            "Study information",
            (
                ("Title", str(facts["title"])),
                ("Authors", YOURS),
                ("Description", YOURS),
                ("Hypotheses", _hypotheses(facts)),
            ),
        ),
        (
            "Design plan",
            (
                ("Study type", f"Observational recording of two people together. {YOURS}"),
                ("Blinding", f"Who codes and rates, and what they know: {YOURS}"),
                ("Study design", _conditions(facts)),
            ),
        ),
        (
            "Sampling plan",
            (
                ("Existing data", _seen(facts)),
                ("Data collection procedures", YOURS),
                ("Sample size, its rationale and the stopping rule", _sample(facts)),
            ),
        ),
        (
            "Variables",
            (
                ("Manipulated variables", f"None by Syntony. {YOURS}"),
                ("Measured variables and indices", _measures(facts)),
            ),
        ),
        (
            "Analysis plan",
            (
                ("Statistical models", _tests(facts)),
                ("Transformations", "As in the methods paragraph below."),
                ("Inference criteria", _criteria(facts)),
                ("Data exclusion and missing data", _exclusions(facts)),
                ("Exploratory analysis", _exploratory(facts)),
            ),
        ),
        ("Other", (("Other", _others(facts)),)),
    )
    said = []
    for title, rows in groups:
        said.append(f"### {title}")
        said += [
            f"**{name}.**{chr(10) * 2 if text.startswith('- ') else ' '}{text}"
            for name, text in rows
        ]
    return "## For OSF\n\n" + "\n\n".join(said)


def primary_path(recipe: Facts) -> str:
    """Name the one index that decides: method, statistic and signal.

    Examples
    --------
    >>> primary_path({"signal": "eda", "synchrony": [{"method": "marci", "options": {}}]})
    'single session index of skin conductance, by concordance of slopes'
    """
    from syntony.synchrony.registry import get

    entry = get(recipe["synchrony"][0]["method"])
    signal = recipe["signal"]
    names = (signal,) if isinstance(signal, str) else tuple(signal)
    of = " and ".join(labels.signal(n) for n in names)
    index, method = (t.partition(" (")[0] for t in (entry.statistics[0].title, entry.title))
    return f"{lower(index)} of {of}, by {lower(method)}"


def _hypotheses(facts: Facts) -> str:
    recipe, roles = facts["recipe"], facts["recipe"]["roles"]
    said = [
        f"H1. The {primary_path(recipe)}, is higher for {roles[0]} and {roles[1]} who met than for "
        "people who never met.",
        "H2. Over dyads the same index goes with the questionnaire score "
        f"({_score(recipe)}); direction: {YOURS}.",
        "H3. It is higher in seconds that both people's codes call shared positive than in the "
        "other coded seconds.",
    ]
    if recipe["corpus"].get("contrast"):
        a, b = recipe["corpus"]["contrast"]
        said.append(f"H4. Within dyads it differs between sessions of type {a} and {b}.")
    return "\n".join(f"- {s}" for s in said) + f"\n- Strike out what is not asked; why: {YOURS}"


def _score(recipe: Facts) -> str:
    wanted = recipe["empathy"]
    if not wanted["instrument"]:
        return "the first questionnaire of the study and its first scale: name them in the recipe"
    scale = f", scale {wanted['scale']}" if wanted["scale"] else ", its first scale"
    about = f", about the {wanted['about']}" if wanted["about"] else ""
    return f"{wanted['instrument']}{scale}{about}"


def _measures(facts: Facts) -> str:
    recipe = facts["recipe"]
    others = [s["method"].replace("_", " ") for s in recipe["synchrony"][1:]]
    more = f" Further indices, not primary: {', '.join(others)}." if others else ""
    return f"Primary: {primary_path(recipe)}.{more} In full: the methods paragraph below."


def _conditions(facts: Facts) -> str:
    names = [lower(labels.surrogate(s["name"])) for s in facts["recipe"]["surrogates"]]
    kinds = facts["study"]["session_types"]
    types = f" Session types in the study: {', '.join(kinds)}." if kinds else ""
    return f"Real dyads beside chance, given by: {'; '.join(names) or 'nothing'}.{types}"


def _tests(facts: Facts) -> str:
    corpus, empathy = facts["recipe"]["corpus"], facts["recipe"]["empathy"]
    return (
        f"H1: mean index over dyads against {corpus['derangements']:,} derangements that keep "
        f"roles, one-sided; interval from {corpus['bootstrap']:,} bootstrap draws of dyads. "
        f"H2: Pearson r over dyads, Fisher's interval, permutation test two-sided, "
        f"{empathy['bootstrap']:,} bootstrap draws. H3: rotations of both people's codes "
        f"({facts['recipe']['emotion']['rotations']:,}), at least "
        f"{facts['recipe']['emotion']['min_rotation_s']:g} s. Seed {facts['recipe']['seed']}."
    )


def _criteria(facts: Facts) -> str:
    least = facts["recipe"]["corpus"]["min_dyads"]
    return (
        "5 in 100 for each hypothesis; correction over hypotheses: "
        f"{YOURS}. Under {least} dyads nothing is tested. A draw that ties or is missing counts "
        "against the finding."
    )


def _exclusions(facts: Facts) -> str:
    recipe = facts["recipe"]
    quality = recipe["body"]["eda"]["quality"]
    trims = (
        f"The first {recipe['trim_start_s']:g} s and the last {recipe['trim_stop_s']:g} s of a "
        "session are left out."
        if recipe["trim_start_s"] or recipe["trim_stop_s"]
        else "Sessions are used from their start to their end."
    )
    eda = (
        f" Skin conductance outside {quality['low_us']:g} to {quality['high_us']:g} uS, steeper "
        f"than {quality['max_slope_us_per_s']:g} uS/s, flat or saturated is missing, with "
        f"{quality['spread_s']:g} s on both sides."
        if "eda" in json.dumps(recipe["signal"])
        else ""
    )
    types = recipe["session_types"]
    only = f" Sessions of type {', '.join(types)} alone." if types else " Sessions of every type."
    return (
        f"{trims}{only}{eda} A window with too little that is valid has no value; missing samples "
        "stay missing on the time axis. A session too short for the windows is left out and named. "
        f"Dyads excluded for other reasons: {YOURS}"
    )


def _sample(facts: Facts) -> str:
    study = facts["study"]
    return (
        f"So far {count(study['dyads'], 'dyad')} with {count(study['sessions'], 'session')} "
        f"({count(study['people'], 'person', 'people')}) are in the study. Planned number, its "
        f"reason, and when collecting stops: {YOURS}"
    )


def _seen(facts: Facts) -> str:
    seen = facts["seen"]
    held = len(facts["inputs"])
    said = [
        f"{count(held, 'file')} of recordings and tables lay in the study; their hashes are in "
        "preregistration.json."
    ]
    for name, what in (("questionnaires", "questionnaire answers"), ("codes", "emotion codes")):
        files = seen[name]
        said.append(
            f"{what[:1].upper()}{what[1:]}: {count(len(files), 'file')} lay there, so they could "
            "have been seen."
            if files
            else f"{what[:1].upper()}{what[1:]}: none were there; they could not have been seen."
        )
    runs = seen["runs"]
    said.append(
        f"Analyses of the study that were there: {', '.join(runs)}."
        if runs
        else "No analysis of the study was there."
    )
    return " ".join(said) + f" What of this was looked at, and by whom: {YOURS}"


def _exploratory(facts: Facts) -> str:
    more = len(facts["recipe"]["synchrony"]) - 1
    return (
        f"{count(more, 'further index', 'further indices')} of the recipe, who leads, moments of "
        "high and low concordance, and a multiverse of the primary path."
    )


def _others(facts: Facts) -> str:
    return (
        f"Program: Syntony {facts['syntony']}. Hash of the settled recipe (SHA-256): "
        f"`{facts['recipe_sha256']}`. {YOURS}"
    )


def _appendix(facts: Facts) -> str:
    origin = {"syntony": facts["syntony"], "study": facts["study"], "python": "", "numpy": ""}
    told = methods_paragraph(dict(facts["recipe"]), origin)
    told = told[: told.rindex("Analysed with")].rstrip()
    recipe = json.dumps(facts["recipe"], indent=1, ensure_ascii=False)
    files = "\n".join(f"- `{f['path']}` {f['sha256']}" for f in facts["inputs"]) or "- none"
    return (
        "## Methods, as they will be\n\n"
        f"{told}\n\n## References\n\n```bibtex\n{bibliography(cited_keys(told)).strip()}\n```\n\n"
        f"## Every choice\n\n```json\n{recipe}\n```\n\n## Files that lay in the study\n\n{files}"
    )
