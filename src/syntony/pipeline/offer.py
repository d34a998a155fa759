"""The verbs ``methods`` and ``cite``: what is offered, and what to cite."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from syntony.body import features as feature_list
from syntony.core.errors import InputError
from syntony.core.run import Run
from syntony.core.version import __version__
from syntony.io import registry as reader_list
from syntony.io.answers import answer_readers
from syntony.io.codes import code_books
from syntony.io.codes import registry as code_list
from syntony.link.instruments import registry as instrument_list
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list
from syntony.synchrony.costs import Cost, cost_of, in_words
from syntony.synchrony.families import Family, by_family
from syntony.synchrony.registry import Method


def methods() -> dict[str, list[dict[str, Any]]]:
    """Every list of choices, as plain values.

    Returns
    -------
    dict
        ``methods``, ``surrogates``, ``features``, ``formats``, ``code_formats``,
        ``code_books``, ``questionnaires``, ``answer_formats``: one dict per entry, methods in the
        order of their families; ``left_out``: plug-ins that failed to load. Plain values, ready
        for JSON: a number that is not finite is a word.

    Examples
    --------
    >>> import syntony as sy
    >>> marci = sy.methods()["methods"][0]
    >>> marci["name"], marci["lag_range"], marci["family"]
    ('marci', '-7 to +7 s', 'Concordance of slopes')
    """
    return {
        "methods": [
            _of_method(m, family)
            for family, members in by_family(method_list.methods().values())
            for m in members
        ],
        "surrogates": [
            {
                "name": s.name,
                "title": s.title,
                "acts_on": s.acts_on,
                "keeps": s.keeps,
                "destroys": s.destroys,
                "question": s.question,
                "pitfall": s.pitfall,
                "options": {k: p.default for k, p in s.options.items()},
                "features": list(s.features),
                "sentence": s.sentence(),
                "cites": list(s.cites),
            }
            for _, s in sorted(surrogate_list.surrogates().items())
        ],
        "features": [
            {"name": f.name, "title": f.title, "unit": f.unit}
            for _, f in sorted(feature_list.features().items())
        ],
        "formats": [
            {
                "name": r.name,
                "title": r.title,
                "suffixes": list(r.suffixes),
                "options": list(r.options),
            }
            for _, r in sorted(reader_list.readers().items())
        ],
        "code_formats": [
            {
                "name": r.name,
                "title": r.title,
                "suffixes": list(r.suffixes),
                "options": list(r.options),
                "written": r.name in code_list.code_writers(),
                "source": r.source,
            }
            for _, r in sorted(code_list.code_readers().items())
        ],
        "code_books": [
            {
                "name": name,
                "title": b.title,
                "codes": [c.name for c in b.codes],
                "source": b.source,
                "status": b.status,
            }
            for name, b in code_books().items()
        ],
        "questionnaires": [
            {
                "name": i.name,
                "title": i.title,
                "low": i.low,
                "high": i.high,
                "scales": [s.name for s in i.scales],
                "key": all(s.reverse is not None for s in i.scales),
                "source": i.source,
                "cites": list(i.cites),
            }
            for _, i in sorted(instrument_list.instruments().items())
        ],
        "answer_formats": [
            {"name": r.name, "title": r.title, "source": r.source}
            for _, r in sorted(answer_readers().items())
        ],
        "left_out": [{"name": n.where, "title": n.text} for n in method_list.LEFT_OUT],
    }


def _of_method(m: Method, family: Family) -> dict[str, Any]:
    """Everything about a method, as plain values."""
    cost = cost_of(m.name)
    return {
        "name": m.name,
        "title": m.title,
        "family": family.title,
        "question": m.question,
        "not_when": m.not_when,
        "lag_range": m.lag_range(),
        "cost": None if cost is None else asdict(cost),
        "chance": _plain(m.statistics[0].chance),
        "laid_out_over": list(m.dims),
        "people": m.people,
        "unit": m.unit,
        "scale_free": m.scale_free,
        "swap": m.swap,
        "options": {k: _plain(p.default) for k, p in m.options.items()},
        "units": dict(m.units),
        "statistics": {s.name: s.explain for s in m.statistics},
        "statistics_chance": {s.name: _plain(s.chance) for s in m.statistics},
        "sentence": m.tell({}),
        "cites": list(m.cites),
    }


def _plain(value: Any) -> Any:
    """Make a value ready for JSON: tuples as lists, what is not finite as a word.

    Examples
    --------
    >>> _plain((1.0, float("inf"))), _plain("band"), _plain(None)
    ([1.0, 'inf'], 'band', None)
    """
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def describe(name: str | None = None) -> str:
    """The lists as text, without the methods, which have a table; or one entry in full.

    Raises
    ------
    InputError
        If no list has an entry of that name.
    """
    lists = methods()
    if name is None:
        lines = []
        for kind, entries in lists.items():
            if entries and kind != "methods":
                head = kind.upper().replace("_", " ")
                lines += ["", head, *(f"  {e['name']:<22} {_titled(e)}" for e in entries)]
        return "\n".join(lines[1:])
    for entries in lists.values():
        for entry in entries:
            if entry["name"] == name:
                return "\n".join(_in_full(entry))
    known = [e["name"] for entries in lists.values() for e in entries]
    raise InputError("name", name, f"one of {known}")


def _titled(entry: dict[str, Any]) -> str:
    """Title of an entry, with what it acts on where that is not the signal."""
    acts_on = entry.get("acts_on", "signal")
    return str(entry["title"]) + ("" if acts_on == "signal" else f" [{acts_on}]")


def _in_full(entry: dict[str, Any]) -> list[str]:
    """One entry, a line or a paragraph per fact."""
    lines = [f"{entry['name']}: {entry['title']}"]
    for key, value in entry.items():
        if key in ("name", "title") or value in ("", [], {}, None):
            continue
        if key == "cost":
            value = in_words(Cost(**value)) + " (once / with 999 surrogates, CPU time)"
        if isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [
                textwrap.fill(
                    f"{k}: {v}" if key == "statistics" else f"{k} = {v}",
                    96,
                    initial_indent="  ",
                    subsequent_indent="    ",
                )
                for k, v in value.items()
            ]
        else:
            told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lines.append(textwrap.fill(f"{key}: {told}", 96, subsequent_indent="  "))
    return lines


def cite(run: Run | Path | str | None = None, *, bib: bool = False) -> str:
    """The methods paragraph and references of a run; without one, how to cite the program.

    Parameters
    ----------
    run : Run or path, optional
    bib : bool, default False
        Give BibTeX instead of the paragraph.

    Returns
    -------
    str

    Examples
    --------
    >>> import syntony as sy
    >>> print(sy.cite())
    The Syntony developers. Syntony 0.1.0: interpersonal physiology beside chance.
    """
    if run is None:
        if bib:
            title = f"Syntony {__version__}: interpersonal physiology beside chance"
            author = "author = {{The Syntony developers}}"
            return f"@software{{Syntony,\n  {author},\n  title = {{{title}}}\n}}"
        version = __version__
        return f"The Syntony developers. Syntony {version}: interpersonal physiology beside chance."
    opened = run if isinstance(run, Run) else Run(Path(run))
    _ = opened.recipe  # says so where it is no run
    name = "references.bib" if bib else "methods.md"
    return (opened.path / name).read_text("utf-8")
