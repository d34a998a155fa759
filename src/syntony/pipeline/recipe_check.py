"""Whether a run could begin with this recipe: everything that can be said before any work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from syntony.body.features import feature
from syntony.config import Recipe
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.io.study import Study
from syntony.pipeline.form_fields import Field, options_of
from syntony.pipeline.plan import Plan, make_plan, settle
from syntony.pipeline.preregistered import followed
from syntony.pipeline.recipe_form import gathered, kinds_of
from syntony.pipeline.run import next_free, recipe_for
from syntony.pipeline.source import FromStudy
from syntony.pipeline.suits import refuse_before_work
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list

TRIED_S = 900.0
"""Length of the noise on which options are tried; one that refuses it is tried on an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: its place in the recipe, and the error in words."""

    place: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of it.

    Attributes
    ----------
    problems : tuple of Problem
        None of them: the run can begin.
    recipe : Recipe or None
        As given, checked; :func:`syntony.pipeline.run.run` settles it again.
    sessions, strangers : int
        Sessions asked about, and pairs of people who never met.
    notes : tuple of str
        What is left out, and how the recipe stands to a plan registered before.
    """

    problems: tuple[Problem, ...]
    recipe: Recipe | None = None
    sessions: int = 0
    strangers: int = 0
    notes: tuple[str, ...] = ()
    followed: Mapping[str, Any] = field(default_factory=dict)


def check_recipe(
    study: Study,
    given: Mapping[str, Any],
    *,
    attempt: Callable[[Recipe], tuple[Problem, ...]] | None = None,
) -> Checked:
    """Settle and plan a recipe dryly, and try its options on noise.

    Parameters
    ----------
    study : Study
    given : mapping
        A recipe as JSON has it, as the form of :func:`syntony.pipeline.recipe_form.recipe_form`
        gives it.
    attempt : callable, optional
        Tries the options of a settled recipe, as `try_options` does, which is the default: a
        server has it done elsewhere, as it loads the methods and takes what the options ask for.

    Returns
    -------
    Checked
        With every problem of the schema and of the lists, else the first of the plan.
    """
    try:
        recipe = Recipe.model_validate(gathered(dict(given)))
    except ValidationError as error:
        return Checked(problems=tuple(_of_schema(error)))
    problems = [*_of_rows(recipe)]
    if problems:
        return Checked(problems=tuple(problems))
    source = FromStudy(study)
    try:
        settled = settle(recipe_for(study.root, recipe), source)
        plan = make_plan(settled, source)
        refuse_before_work(settled, plan, source)
        told = followed(study.root, settled)
    except InputError as error:
        return Checked(problems=(Problem(place=_place(error, recipe), message=_said(error)),))
    except (FileError, SyntonyError) as error:
        return Checked(problems=(Problem(place="", message=str(error)),))
    refused = (*_not_recorded(study, settled), *(attempt or try_options)(settled))
    return Checked(
        problems=refused,
        recipe=None if refused else recipe,
        sessions=plan.analysed,
        strangers=_strangers(plan),
        notes=tuple(f"{note.where}: {note.text}" for note in plan.notes),
        followed=told,
    )


def _not_recorded(study: Study, recipe: Recipe) -> Iterator[Problem]:
    """Features that no recording of the study can become."""
    for name in dict.fromkeys(recipe.signals):
        wanted = feature(name)
        kinds: dict[str, None] = {}
        for row in study.sessions:
            found = kinds_of(study, row)
            if set(found) & set(wanted.kinds):
                break
            kinds |= dict.fromkeys(found)
        else:
            there = ", ".join(feature(k).title.lower() for k in kinds) or "no recording at all"
            expected = f"No session has what {wanted.title.lower()} is made from; there is {there}."
            yield Problem(place="signal", message=expected)


def _strangers(plan: Plan) -> int:
    """Pairs of people who never met that will be computed."""
    return int(plan.anyone.sum()) if plan.allowed else 0


def _of_schema(error: ValidationError) -> Iterator[Problem]:
    """Errors of the schema in the words of ours: what was given, what is expected."""
    seen: set[str] = set()
    for one in error.errors():
        place = ".".join(str(p) for p in one["loc"] if not _is_branch(p))
        message = _in_words(one)
        if not place:  # said of the whole recipe; it names the field itself
            place, _, rest = message.partition(": ")
            place, message = (place, rest) if place in Recipe.model_fields else ("", message)
        if place not in seen:
            seen.add(place)
            yield Problem(place=place, message=message[:1].upper() + message[1:])


def _is_branch(part: int | str) -> bool:
    """Whether a part of a location names one of several types, and no field."""
    return isinstance(part, str) and bool(re.search(r"[\[(]|^(str|float|int|bool)$", part))


_EXPECTED: Mapping[str, str] = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "float_parsing": "a number, with a point before decimals",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a number that is not infinite",
    "literal_error": "{expected}",
    "string_type": "words",
    "bool_parsing": "yes or no",
    "bool_type": "yes or no",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "missing": "a value",
    "extra_forbidden": "nothing here: no recipe has such a field",
}


def _in_words(one: Mapping[str, Any]) -> str:
    """One error of the schema as a sentence."""
    expected = _EXPECTED.get(one["type"])
    if expected is None:
        return str(one["msg"]).removeprefix("Value error, ")
    given = _shown(one.get("input"))
    said = expected.format(**one.get("ctx", {}))
    if one["type"] == "missing":
        return f"Nothing was given; expected {said}."
    return f"{given} was given; expected {said}."


def _shown(value: Any) -> str:
    """A value that somebody gave, short."""
    if value is None or value == "":
        return "Nothing"
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _of_rows(recipe: Recipe) -> Iterator[Problem]:
    """Names and options of methods and surrogates, each in its row."""
    for k, step in enumerate(recipe.synchrony):
        place = f"synchrony.{k}"
        try:
            entry = method_list.get(step.method)
        except InputError as error:
            yield Problem(place=f"{place}.method", message=_said(error))
            continue
        fields = options_of(entry.compute, entry.options, entry.units, entry.words)
        yield from _of_options(f"{place}.options", step.options, fields)
    for k, item in enumerate(recipe.surrogates):
        place = f"surrogates.{k}"
        try:
            drawn = surrogate_list.get_for_recipe(item.name, recipe.signals[1])
        except InputError as error:
            yield Problem(place=f"{place}.name", message=_said(error))
            continue
        own = options_of(drawn.draw, drawn.options) if drawn.draw is not None else ()
        yield from _of_options(f"{place}.options", item.options, own)


def _of_options(
    place: str, given: Mapping[str, Any], fields: tuple[Field, ...]
) -> Iterator[Problem]:
    """Options of the wrong name or kind."""
    known = {f.place: f for f in fields}
    for name, value in given.items():
        if name not in known:
            expected = f"one of {sorted(known)}" if known else "no options"
            yield Problem(
                place=f"{place}.{name}", message=f"{name} was given; expected {expected}."
            )
            continue
        expected = _misses(known[name], value)
        if expected:
            yield Problem(
                place=f"{place}.{name}", message=f"{_shown(value)} was given; expected {expected}."
            )


def _misses(field: Field, value: Any) -> str:
    """What an option should have been; empty where it is that."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if field.kind == "number" and not (is_number and np.isfinite(value)):
        return "a number, with a point before decimals"
    if field.kind == "whole" and not (is_number and float(value).is_integer()):
        return "a whole number"
    if field.kind == "yes-no" and not isinstance(value, bool):
        return "yes or no"
    values = [c.value for c in field.choices]
    if field.kind == "choice" and value not in values:
        return f"one of {', '.join(map(str, values))}"
    return ""


def has_options(settled: Recipe) -> bool:
    """Whether any method or surrogate has other options than its own, which are known to work."""
    steps = (dict(s.options) != method_list.get(s.method).settle({}) for s in settled.synchrony)
    drawn = ((surrogate_list.get(s.name), dict(s.options)) for s in settled.surrogates)
    return any(steps) or any(d.draw is not None and given != d.settle({}) for d, given in drawn)


def try_options(settled: Recipe) -> tuple[Problem, ...]:
    """Options that a method or surrogate refuses, by trying it on noise."""
    return tuple(_tried(settled))


def _tried(settled: Recipe) -> Iterator[Problem]:
    for k, step in enumerate(settled.synchrony):
        entry = method_list.get(step.method)
        if dict(step.options) == entry.settle({}):
            continue  # the defaults are known to work

        def couple(seconds: float, entry: Any = entry, step: Any = step) -> None:
            x, y = _noise(settled, seconds)
            entry.of_pair(x, y, rate_hz=settled.body.grid.rate_hz, **step.options)

        yield from _refused(couple, f"synchrony.{k}.options", entry.options)
    for k, item in enumerate(settled.surrogates):
        drawn = surrogate_list.get(item.name)
        if drawn.draw is None or dict(item.options) == drawn.settle({}):
            continue

        def draw(seconds: float, drawn: Any = drawn, item: Any = item) -> None:
            y, rng = _noise(settled, seconds)[1], np.random.default_rng(0)
            drawn.draw(y, rng, rate_hz=settled.body.grid.rate_hz, **item.options)

        yield from _refused(draw, f"surrogates.{k}.options", drawn.options)


def _refused(
    attempt: Callable[[float], None], place: str, options: Mapping[str, Any]
) -> Iterator[Problem]:
    """Try on a short piece, then on a long one, which may be what an option needs."""
    for seconds in (TRIED_S, 3600.0):
        try:
            attempt(seconds)
            return
        except InputError as error:
            refused = error
    named = next((o for o in options if re.search(rf"\b{o}\b", refused.field)), "")
    yield Problem(place=f"{place}.{named}" if named else place, message=_said(refused))


def _noise(recipe: Recipe, seconds: float) -> tuple[Any, Any]:
    """Two people who are not there: slow noise on the grid, above zero."""
    rng = np.random.default_rng(1)
    count = max(8, int(seconds * recipe.body.grid.rate_hz))
    steps = rng.standard_normal((2, count))
    slow = np.cumsum(steps, axis=1) * 0.02
    made = 5.0 + slow - slow.min(axis=1, keepdims=True)
    return made[0], made[1]


def _said(error: InputError) -> str:
    """An error of ours in the words of the form."""
    hint = f" {error.hint}" if error.hint else ""
    return f"{_shown(error.got)} was given; expected {error.expected}.{hint}"


def _place(error: InputError, recipe: Recipe) -> str:
    """Where in the recipe an error of the plan belongs; empty where it cannot be told."""
    name = error.field.split(",")[0].strip()
    found = re.match(r"(?:synchrony\.options of|unit of the signals for) (\w+)$", name)
    if found:
        steps = [k for k, s in enumerate(recipe.synchrony) if s.method == found[1]]
        return f"synchrony.{steps[0]}.method" if steps else "synchrony"
    found = re.match(r"models\.\w+ of (.+)$", name)
    if found:
        titles = [m.title for m in recipe.models or ()]
        return f"models.{titles.index(found[1])}" if found[1] in titles else "models"
    surrogates = [s.name for s in recipe.surrogates]
    told = next((s for s in surrogates if s == error.got or re.search(rf"\b{s}\b", name)), None)
    if told is not None and name.startswith("surrogate"):
        return f"surrogates.{surrogates.index(told)}.name"
    head = re.split(r"[^\w.]", name)[0]
    return head if head.partition(".")[0] in Recipe.model_fields else ""


def free_name(root: Path, given: str) -> tuple[str, str]:
    """Name for a new run, and what is wrong with the one given (empty: nothing).

    Parameters
    ----------
    root : Path
        Study folder.
    given : str
        Empty: the next number.

    Examples
    --------
    >>> free_name(Path("no-such-study"), "")
    ('run-001', '')
    >>> free_name(Path("no-such-study"), "../x")[1][:45]
    '../x was given; expected letters, digits, dot'
    """
    home = root / "derivatives" / "syntony"
    if not given:
        return next_free(home, "run"), ""
    if not re.fullmatch(r"[A-Za-z0-9][\w.\-]{0,79}", given):
        return given, (
            f"{_shown(given)} was given; expected letters, digits, dots, hyphens and underscores, "
            "beginning with one of the first two."
        )
    if (home / given).exists():
        return given, f"{given} was given; expected a name that no run has. Name another."
    return given, ""
