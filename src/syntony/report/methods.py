"""The methods paragraph for exactly what ran, and the references it cites."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from syntony.core.errors import InputError
from syntony.report import preregistration
from syntony.report.methods_joined import tell_joined
from syntony.report.methods_ratings import tell_ratings
from syntony.report.numbers import count, percent

Part = Mapping[str, Any]
_KEY = re.compile(r"(?<![\w.])@([A-Za-z][\w:-]*)")
_ENTRY = re.compile(r"^@(\w+)\{([^,]+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", re.MULTILINE)


def methods_paragraph(
    recipe: Part,
    origin: Part,
    *,
    ran: Collection[str] = ("emotion", "moments", "empathy"),
    devices: Sequence[str] = (),
    rates_hz: Sequence[float] = (),
    lost: Mapping[str, float] | None = None,
) -> str:
    """Write what was done, from the settled recipe, as Markdown with ``@Key`` citations.

    Parameters
    ----------
    recipe : mapping
        ``Recipe.model_dump()``, every default filled in.
    origin : mapping
        As in ``origin.json``: versions, ``study`` with its title and counts.
    ran : collection of str
        Which of ``"emotion"``, ``"moments"``, ``"empathy"``, ``"contrast"`` had data.
    devices : sequence of str
        Names of the recording devices, where the study tells.
    rates_hz : sequence of float
        Native sampling rates (Hz), where known.
    lost : mapping of role to float, optional
        Mean share of each person's samples that was missing or dropped.

    Returns
    -------
    str
        Paragraphs; only what ran is told, only keys of ``references.bib`` are cited.

    Raises
    ------
    InputError
        If the recipe names a method or surrogate that is on no list.
    """
    parts = [
        _recorded(recipe, origin, devices, rates_hz, lost),
        _cleaned(recipe),
        _compared(recipe),
        _chance(recipe),
        _over_dyads(recipe, origin, ran),
        tell_ratings(recipe, ran),
        _made(recipe, origin),
    ]
    return "\n\n".join(p for p in parts if p) + "\n"


def cited_keys(text: str) -> list[str]:
    """Keys cited in a text, each once, in the order they first appear.

    Examples
    --------
    >>> cited_keys("As in [@Boker2002; @Marci2007] and @Boker2002, not a@b.org.")
    ['Boker2002', 'Marci2007']
    """
    return list(dict.fromkeys(_KEY.findall(text)))


def bibliography(keys: Iterable[str], *, more: str = "") -> str:
    """Give the BibTeX entries of these keys, in their order.

    Parameters
    ----------
    keys : iterable of str
    more : str
        BibTeX that is not in ``report/references``. That of every listed method is known.

    Raises
    ------
    InputError
        If a key is in no file of ``report/references`` and brought by no method.

    Examples
    --------
    >>> bibliography(["Marci2007"]).splitlines()[0]
    '@article{Marci2007,'
    """
    known = entries_in(more) | _brought() | _entries()
    chosen = []
    for key in dict.fromkeys(keys):
        if key not in known:
            hint = "Add the entry there; a plug-in brings it in the field bib of its method."
            raise InputError("cites", key, "a key in report/references", hint)
        chosen.append(known[key])
    return "\n".join(chosen)


def read_bib(text: str) -> dict[str, dict[str, str]]:
    """Read BibTeX as ``bibliography`` writes it: key to its fields.

    Examples
    --------
    >>> read_bib(bibliography(["Marci2007"]))["Marci2007"]["year"]
    '2007'
    """
    return {
        match[2].strip(): {
            "type": match[1],
            **{f[1].lower(): f[2] for f in _FIELD.finditer(match[3])},
        }
        for match in _ENTRY.finditer(text)
    }


def short_citation(fields: Mapping[str, str]) -> str:
    """Write an entry as authors and year.

    Examples
    --------
    >>> short_citation({"author": "Marci and Ham and Moran and Orr", "year": "2007"})
    'Marci et al., 2007'
    >>> short_citation({"author": "Chen and others", "year": "2020"})
    'Chen et al., 2020'
    """
    names = [n.split(",")[0].strip() for n in fields.get("author", "").split(" and ")]
    many = len(names) > 2 or names[-1] == "others"
    who = f"{names[0]} et al." if many else " & ".join(names)
    return f"{who}, {fields.get('year', 'n.d.')}"


@cache
def _entries() -> dict[str, str]:
    """Every entry of the bibliography as text, by key."""
    folder = files("syntony.report").joinpath("references")
    books = sorted((b for b in folder.iterdir() if b.name.endswith(".bib")), key=lambda b: b.name)
    text = "\n".join(book.read_text(encoding="utf-8") for book in books)
    return entries_in(text)


def _brought() -> dict[str, str]:
    """Entries that methods bring themselves, as those of plug-ins do."""
    from syntony.synchrony.registry import methods

    return entries_in("\n".join(m.bib for m in methods().values() if m.bib))


def entries_in(text: str) -> dict[str, str]:
    r"""Split BibTeX into its entries, by key.

    Examples
    --------
    >>> entries_in("@misc{A2020,\n  year = {2020}\n}\n")["A2020"]
    '@misc{A2020,\n  year = {2020}\n}\n'
    """
    return {match[2].strip(): match[0] + "\n" for match in _ENTRY.finditer(text)}


def _recorded(
    recipe: Part,
    origin: Part,
    devices: Sequence[str],
    rates_hz: Sequence[float],
    lost: Mapping[str, float] | None,
) -> str:
    study = origin.get("study", {})
    roles = recipe.get("roles") or study.get("roles") or ("first", "second")
    made = "Simulated recordings" if study.get("simulated") else "Recordings"
    said = (
        f"{made} of {count(study.get('people', 0), 'person', 'people')} in "
        f"{count(study.get('dyads', 0), 'dyad')} ({roles[0]} and {roles[1]}; "
        f"{count(study.get('sessions', 0), 'session')}) were analysed"
    )
    if devices:
        said += f", made with {_and(devices)}"
    if rates_hz:
        said += f", sampled at {_and([f'{r:g} Hz' for r in sorted(set(rates_hz))])}"
    said += "."
    if recipe.get("session_types"):
        said += f" Sessions of type {_and(recipe['session_types'])} were used."
    trims = (recipe.get("trim_start_s", 0), recipe.get("trim_stop_s", 0))
    if any(trims):
        said += f" The first {trims[0]:g} s and the last {trims[1]:g} s of a session were left out."
    if lost:
        said += (
            " Missing or dropped were "
            f"{_and([f'{percent(v)} of the {k}’s samples' for k, v in lost.items()])}."
        )
    return said


def _cleaned(recipe: Part) -> str:
    """Tell how the features were made, in the words of their own entries."""
    from syntony.body.features import feature
    from syntony.config import Body

    signal, body = recipe["signal"], Body.model_validate(recipe["body"])
    names = (signal,) if isinstance(signal, str) else tuple(signal)
    entries = [feature(name) for name in names]
    titles = [e.title[:1].lower() + e.title[1:] for e in entries]
    roles = recipe.get("roles") or ("first", "second")
    if len(entries) == 1:
        compared = f"The feature compared was {titles[0]}."
    else:
        of = [f"{t} of the {r}" for t, r in zip(titles, roles, strict=True)]
        compared = f"The features compared were {_and(of)}."
    said = " ".join(entry.tell(body) for entry in entries)
    return f"{compared} {said} Missing samples stayed missing on the time axis."


def _compared(recipe: Part) -> str:
    from syntony.synchrony.registry import get

    said = []
    for step in recipe["synchrony"]:
        entry = get(step["method"])
        said.append(entry.tell(step["options"]))
    said.append("Positive lags mean that the second person follows the first.")
    return " ".join(said)


def _chance(recipe: Part) -> str:
    from syntony.surrogates.registry import get

    said = []
    for chosen in recipe["surrogates"]:
        entry = get(chosen["name"])
        many = (
            "every admissible partner once"
            if entry.acts_on == "partners"
            else count(chosen["count"], "draw") + " a session" + _options(entry, chosen["options"])
        )
        source = f" [{'; '.join('@' + k for k in entry.cites)}]" if entry.cites else ""
        said.append(
            f"{entry.title}{source} ({many}) keeps {entry.keeps}; it destroys {entry.destroys}."
        )
    if not said:
        return "The indices were not tested against chance."
    return (
        "Chance was estimated by taking each statistic through its whole path again. "
        + " ".join(said)
        + " p is (1 + number of draws that reach the observed value, or have none) / (draws + 1) "
        "[@PhipsonSmyth2010]; two-sided p is twice the smaller side."
    )


def _options(entry: Any, options: Part) -> str:
    """Write the options that a surrogate took, numbers with the unit that their name ends in."""
    said = ""
    for name, value in entry.settle(options).items():
        if not isinstance(value, int | float | str) or isinstance(value, bool):
            continue
        words, _, unit = name.rpartition("_")
        if isinstance(value, str):
            said += f", {(words or name).replace('_', ' ')} “{value}”"
            continue
        unit = {"s": " s", "hz": " Hz", "ms": " ms", "us": " µS"}.get(unit, "") if words else ""
        said += f", {(words if unit else name).replace('_', ' ')} {value:g}{unit}"
    return said


def _over_dyads(recipe: Part, origin: Part, ran: Collection[str]) -> str:
    corpus = recipe["corpus"]
    said = []
    if origin.get("study", {}).get("dyads", 0) > 1:
        said.append(_study_level(recipe, corpus))
    if "emotion" in ran:
        e = recipe["emotion"]
        said.append(
            "Each second was shared positive, shared negative, shared neutral or unshared by both "
            "people’s codes; seconds lacking a code were in no class [@Chen2020]. Synchrony by "
            "class "
            "was tested by rotating both people’s codes together within sessions "
            f"({e['rotations']:,} "
            f"rotations by at least {e['min_rotation_s']:g} s)."
        )
    if "joined" in recipe:
        said.append(tell_joined(recipe["joined"], recipe["emotion"], ran))
    if "moments" in ran:
        said.append(_moments(recipe["moments"]))
    if "empathy" in ran:
        said.append(
            "Dyad means of the index and of the questionnaire score were correlated (Pearson, with "
            "Fisher’s interval [@FisherZ1915]; Spearman; bootstrap over dyads with "
            f"{recipe['empathy']['bootstrap']:,} draws; r without each dyad)."
        )
    if "contrast" in ran and corpus.get("contrast"):
        a, b = corpus["contrast"]
        said.append(f"Session types {a} and {b} were compared within dyads by sign flips.")
    return " ".join(said)


def _study_level(recipe: Part, corpus: Part) -> str:
    names = [s["name"] for s in recipe["surrogates"]]
    said = (
        "Over dyads, Fisher z was averaged where the statistic is a correlation; intervals are "
        "from "
        f"{corpus['bootstrap']:,} bootstrap draws of dyads. "
    )
    if "pseudo_dyads" in names:
        same = "" if corpus["same_therapist"] else ", nor from another dyad of the same therapist"
        said += (
            f"The mean index was tested against {corpus['derangements']:,} derangements of the "
            "pair "
            "matrix that keep roles; a stranger never came from a dyad that shares a person"
            f"{same}, and both recordings were cut to the shorter. "
        )
    if "stimulus_pairs" in names:
        said += (
            f"It was tested in the same way against {corpus['derangements']:,} derangements that "
            "give everybody a stranger who went through the same stimulus. "
        )
    if "pseudo_sessions" in names:
        said += (
            "Against pseudo-sessions, the mean over dyads of real less pseudo-sessions was tested "
            "by dealing the second person’s sessions anew to those of the first inside each dyad, "
            f"every order equally likely ({corpus['derangements']:,} times, or all there are where "
            "they are fewer). "
        )
    return said + f"With fewer than {corpus['min_dyads']} dyads nothing was tested."


def _moments(m: Part) -> str:
    return (
        f"In sessions of at least {m['min_session_s'] / 60:g} min, moments of high and low "
        "concordance "
        f"were the top and bottom {percent(m['share'], 0)} of the course smoothed over "
        f"{m['smooth_s']:g} s (at least {m['min_length_s']:g} s long and {m['min_gap_s']:g} s "
        "apart, at "
        f"most {m['max_per_class']} a class, at most {percent(m['max_artefact'], 0)} missing, "
        "without "
        f"the first {m['skip_first_s'] / 60:g} and the last {m['skip_last_s'] / 60:g} min), "
        "after the "
        "design of the 2007 study [@Marci2007]. They were compared over dyads by sign flips and "
        "with "
        "moments chosen in the same way from the course of strangers."
    )


def _made(recipe: Part, origin: Part) -> str:
    registered = preregistration.sentence(origin.get("preregistration"))
    return (f"{registered} " if registered else "") + (
        f"Analysed with Syntony {origin.get('syntony', '')} (Python {origin.get('python', '')}, "
        "NumPy "
        f"{origin.get('numpy', '')}), seed {recipe['seed']}."
    )


def _and(words: Sequence[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
