"""The form of a recipe: what the schema, the lists and the study at hand offer to choose."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from syntony.body.features import feature, features
from syntony.config import Recipe
from syntony.core.errors import FileError
from syntony.io.study import SessionRow, Study
from syntony.link.definitions import known_instruments
from syntony.link.instruments.registry import Instrument
from syntony.link.models.registry import models
from syntony.pipeline.code_files import PHASES, read_code_table
from syntony.pipeline.form_fields import (
    Choice,
    Field,
    field_of,
    fields_of,
    options_of,
    parts_of,
    plain,
)
from syntony.pipeline.run import recipe_for
from syntony.surrogates.registry import surrogates
from syntony.synchrony.costs import cost_of, span
from syntony.synchrony.families import by_family
from syntony.synchrony.registry import methods

SECOND = "signal_second"
"""Field of the second person's feature; it is no field of a recipe: see :func:`gathered`."""

BASICS = {
    "compared": ("signal", SECOND, "roles", "session_types", "trim_start_s", "trim_stop_s"),
    "emotion": ("emotion.code_book", "emotion.coder"),
    "empathy": ("empathy.instrument", "empathy.scale", "empathy.about"),
}
"""What a person sees first; the lists of methods and surrogates stand between them."""

ROWS = ("synchrony", "surrogates", "models")
LOOKED_AT = 40
"""So many code tables are read to see which codes there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on a list that can be chosen for a row, with its options.

    ``without`` names fields of the row that mean nothing for it.
    """

    name: str
    title: str
    group: str
    help: str
    warning: str
    options: tuple[Field, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list in the recipe: each row names an entry under ``key`` and may have more fields.

    ``default`` is what stands there without the recipe saying so; None: nobody knows before the
    run (models).
    """

    place: str
    key: str
    entries: tuple[Entry, ...]
    fields: tuple[Field, ...]
    value: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that stand together; ``name`` is that of their part of the recipe."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form: what is seen first, the lists, and the rest.

    ``kept`` holds what the form does not ask about, by place.
    """

    basics: tuple[Section, ...]
    rows: tuple[Rows, ...]
    more: tuple[Section, ...]
    kept: dict[str, Any]


def recipe_form(study: Study, recipe: Recipe | None = None) -> Form:
    """Make the form for a study.

    Parameters
    ----------
    study : Study
    recipe : Recipe, optional
        What the form begins with; default: the study's own recipe, else the defaults.

    Returns
    -------
    Form
        Every field of the schema stands in it once; a new one comes in by itself.

    Raises
    ------
    FileError
        If the study's recipe, questionnaires or codes cannot be read.
    """
    begun = recipe_for(study.root, recipe)
    if recipe is None and not (study.root / "recipe.toml").exists():
        begun = _with_a_signal_at_hand(study, begun)
    fields = [f for _, part in _all_parts(begun) for f in fields_of(part, _)]
    at_hand = {f.place: f for f in _with_choices(study, begun, fields)}
    first = {place for places in BASICS.values() for place in places}
    shown = {p: f for p, f in at_hand.items() if f.kind != "kept" and p not in first}
    names = dict.fromkeys(p.rpartition(".")[0] for p in shown)
    return Form(
        basics=tuple(
            Section(name=name, fields=tuple(at_hand[p] for p in places if p in at_hand))
            for name, places in BASICS.items()
        ),
        rows=tuple(_rows(begun)),
        more=tuple(
            Section(
                name=name,
                fields=tuple(f for p, f in shown.items() if p.rpartition(".")[0] == name),
            )
            for name in names
        ),
        kept={p: f.value for p, f in at_hand.items() if f.kind == "kept" and p not in ROWS},
    )


def gathered(given: dict[str, Any]) -> dict[str, Any]:
    """What a form gave, as a recipe: the two features in one field.

    Examples
    --------
    >>> gathered({"signal": "eda", "signal_second": "hr"}), gathered({"signal": "eda"})
    ({'signal': ['eda', 'hr']}, {'signal': 'eda'})
    """
    found = dict(given)
    second = found.pop(SECOND, "")
    if second and isinstance(found.get("signal"), str):
        found["signal"] = [found["signal"], second]
    return found


def _all_parts(recipe: Recipe) -> list[tuple[str, Any]]:
    return [("", recipe), *parts_of(recipe)]


def _rows(recipe: Recipe) -> Iterable[Rows]:
    """The lists of methods, surrogates and models."""
    own = {name: getattr(recipe, name) for name in ROWS}
    yield Rows(
        place="synchrony",
        key="method",
        entries=tuple(_methods()),
        fields=(),
        value=plain(own["synchrony"]),
    )
    chance = [f for f in _part_fields("surrogates") if f.place == "count"]
    yield Rows(
        place="surrogates",
        key="name",
        entries=tuple(_surrogates()),
        fields=tuple(chance),
        value=plain(own["surrogates"]),
    )
    yield Rows(
        place="models",
        key="model",
        entries=tuple(_models()),
        fields=tuple(f for f in _part_fields("models") if f.place not in ("model", "options")),
        value=None if own["models"] is None else plain(own["models"]),
    )


def _part_fields(place: str) -> Iterable[Field]:
    """Fields of one row of a list, as the schema has them."""
    from syntony.config import Model, Surrogate

    part: Any = {"surrogates": Surrogate, "models": Model}[place]
    for name, info in part.model_fields.items():
        yield field_of(name, info, info.get_default(call_default_factory=True))


def _methods() -> Iterable[Entry]:
    for family, members in by_family(methods().values()):
        for m in members:
            cost = cost_of(m.name)
            took = f" With 999 draws a session takes {span(cost.surrogates_s)}." if cost else ""
            yield Entry(
                name=m.name,
                title=m.title,
                group=family.title,
                help=m.question + took,
                warning=m.not_when,
                options=options_of(m.compute, m.options, m.units, m.words),
            )


def _surrogates() -> Iterable[Entry]:
    for s in surrogates().values():
        if s.acts_on == "codes":
            continue
        yield Entry(
            name=s.name,
            title=s.title,
            group=s.acts_on,
            help=f"{s.sentence()[:1].upper()}{s.sentence()[1:]}",
            warning=s.pitfall,
            options=options_of(s.draw, s.options) if s.draw is not None else (),
            without=() if s.draw is not None else ("count",),  # partners are all there are
        )


def _models() -> Iterable[Entry]:
    for m in models().values():
        yield Entry(
            name=m.name,
            title=m.title,
            group="",
            help=m.question,
            warning=m.not_when,
            options=options_of(m.fit, m.options),
        )


def _with_choices(study: Study, recipe: Recipe, fields: Iterable[Field]) -> Iterable[Field]:
    """Fields with what this study offers in place of free words."""
    signals = recipe.signals
    offered = _signals(study, signals)
    for field in fields:
        if field.place == "signal":
            yield replace(field, kind="choice", value=signals[0], choices=offered)
            other = "" if signals[0] == signals[1] else signals[1]
            same = Choice(value="", title="the same")
            yield replace(
                field,
                place=SECOND,
                kind="choice",
                value=other,
                default="",
                choices=(same, *offered),
            )
        elif field.place in _OFFERED:
            words, none = _OFFERED[field.place](study, recipe)
            if field.kind == "table":
                yield replace(field, known=tuple(dict.fromkeys([*words, *field.value])))
                continue
            chosen = field.value if isinstance(field.value, str) else ""
            words = list(dict.fromkeys([*words, *([chosen] if chosen else [])]))
            nothing = [Choice(value="", title=none)] if none else []
            choices = [*nothing, *(Choice(value=w, title=w.replace("_", " ")) for w in words)]
            kind = "choice" if field.kind == "text" else field.kind
            yield replace(field, kind=kind, choices=tuple(choices))
        else:
            yield field


def _signals(study: Study, chosen: tuple[str, str]) -> tuple[Choice, ...]:
    """Features that the channels of the study can become, and those the recipe names."""
    kinds = _kinds(study)
    known = [f.name for f in features().values() if set(f.kinds) & set(kinds)]
    taken = {k for name in known for k in feature(name).kinds}
    plain_ones = [k for k in kinds if k not in taken and "_by_" not in k]
    names = dict.fromkeys([*known, *plain_ones, *chosen])
    return tuple(Choice(value=n, title=feature(n).title) for n in names)


def _with_a_signal_at_hand(study: Study, recipe: Recipe) -> Recipe:
    """Begin with a feature that the recordings can become, where the default is none of them."""
    kinds = set(_kinds(study))
    if not kinds or all(set(feature(name).kinds) & kinds for name in recipe.signals):
        return recipe
    offered = [c.value for c in _signals(study, recipe.signals) if c.value not in recipe.signals]
    return recipe.model_copy(update={"signal": offered[0]}) if offered else recipe


def _kinds(study: Study) -> list[str]:
    """Kinds of channels in the first sessions."""
    return list(dict.fromkeys(k for row in study.sessions[:3] for k in kinds_of(study, row)))


def kinds_of(study: Study, row: SessionRow) -> list[str]:
    """Kinds of channels that a session has, by the sidecars of its recordings."""
    kinds: dict[str, None] = {}
    for person in row.people:
        folder = study.root / f"sub-{person.id}" / f"ses-{row.id}"
        for path in sorted(folder.glob("*/*_physio*.json")):
            try:
                columns = json.loads(path.read_text("utf-8")).get("Columns", [])
            except (json.JSONDecodeError, UnicodeDecodeError, AttributeError):
                continue  # what is wrong with it, the run says
            label = path.name.partition("_recording-")[2].partition("_")[0]
            found = [label] if path.name.endswith("events.json") else columns
            kinds |= dict.fromkeys(str(c) for c in found)
    return list(kinds)


def _roles(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    return list(study.roles), ""


def _about(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    return list(study.roles), "whoever it is about"


def _types(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    return sorted({row.type for row in study.sessions if row.type}), ""


def _code_files(study: Study) -> list[Path]:
    found = sorted((study.root / "codes").glob("*_*.tsv"))
    return [p for p in found if p.stem.partition("_")[2] != PHASES]


def _coders(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    return sorted({p.stem.partition("_")[2] for p in _code_files(study)}), "the first by name"


def _codes(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    codes: set[str] = set()
    for path in islice(_code_files(study), LOOKED_AT):
        try:
            codes |= {event.code for event in read_code_table(path)}
        except FileError:
            continue  # what is wrong with it, `check` and the run say
    return sorted(codes - {""}), ""


def _instruments(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    return sorted(p.stem for p in (study.root / "phenotype").glob("*.tsv")), "the first there is"


def _scales(study: Study, recipe: Recipe) -> tuple[list[str], str]:
    there = _known(recipe)
    names = (
        [recipe.empathy.instrument] if recipe.empathy.instrument else _instruments(study, recipe)[0]
    )
    found = [s.name for n in names if n in there for s in there[n].scales]
    return list(dict.fromkeys(found)), "the first scale"


def _known(recipe: Recipe) -> dict[str, Instrument]:
    return known_instruments(recipe.questionnaires.definitions, recipe.empathy.keys)


_OFFERED = {
    "roles": _roles,
    "session_types": _types,
    "corpus.contrast": _types,
    "emotion.coder": _coders,
    "emotion.code_book": _codes,
    "empathy.instrument": _instruments,
    "empathy.scale": _scales,
    "empathy.about": _about,
}
