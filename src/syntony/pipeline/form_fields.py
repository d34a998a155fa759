"""Fields of a form, read off the recipe's own schema and off the functions of the lists."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

Kind = Literal[
    "number", "whole", "yes-no", "choice", "text", "words", "numbers", "couples", "table", "kept"
]

UNITS = {
    "us_per_s": "µS/s",
    "us": "µS",
    "ms": "ms",
    "hz": "Hz",
    "s": "s",
    "c": "°C",
    "bpm": "/min",
    "mv": "mV",
}
"""Ending of a name to the unit that it stands for."""

_IN_WORDS = {"min": "minimum", "max": "maximum", "eda": "skin conductance", "rr": "RR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be chosen; ``value`` as it stands in the recipe."""

    value: Any
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    place : str
        Where it stands in the recipe, as in ``emotion.rotations``; for the field of a row or an
        option, its place within that.
    title, help, unit : str
    kind : str
        ``words`` and ``numbers`` are lists; ``couples`` pairs of words; ``table`` word to word;
        ``kept`` is not asked about: the value goes through the form unchanged.
    value, default : plain JSON values
    empty : bool
        Whether nothing at all may stand here.
    least, most : float or None
        Smallest and largest value allowed, or, with ``open_least``, ``open_most``, just beyond.
    count : int
        How many numbers or words a list must have; 0: any.
    choices : tuple of Choice
        Of a table, what a word may stand for.
    known : tuple of str
        Of a table, the words that the study holds.
    """

    place: str
    title: str
    kind: Kind
    value: Any = None
    default: Any = None
    help: str = ""
    unit: str = ""
    empty: bool = False
    least: float | None = None
    most: float | None = None
    open_least: bool = False
    open_most: bool = False
    count: int = 0
    choices: tuple[Choice, ...] = ()
    known: tuple[str, ...] = ()


def title_of(name: str) -> tuple[str, str]:
    """Words and unit of a name.

    Examples
    --------
    >>> title_of("max_slope_us_per_s"), title_of("rotations"), title_of("min_gap_s")
    (('Maximum slope', 'µS/s'), ('Rotations', ''), ('Minimum gap', 's'))
    """
    unit = ""
    for ending, means in UNITS.items():
        if name.endswith(f"_{ending}"):
            name, unit = name.removesuffix(f"_{ending}"), means
            break
    words = " ".join(_IN_WORDS.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:], unit


def fields_of(part: BaseModel, place: str = "") -> Iterator[Field]:
    """Every field of a part of the recipe that is no part itself, in order.

    Parameters
    ----------
    part : BaseModel
        Its values are what the form begins with.
    place : str
        Where the part stands.
    """
    for name, info in type(part).model_fields.items():
        if not isinstance(getattr(part, name), BaseModel):
            here = f"{place}.{name}" if place else name
            yield field_of(here, info, plain(getattr(part, name)))


def parts_of(part: BaseModel, place: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Every part in a part, with its place; and those within it."""
    for name in type(part).model_fields:
        inner = getattr(part, name)
        if isinstance(inner, BaseModel):
            here = f"{place}.{name}" if place else name
            yield here, inner
            yield from parts_of(inner, here)


def field_of(place: str, info: FieldInfo, value: Any) -> Field:
    """One field of the schema."""
    kind, facts = _kind_of(info.annotation)
    title, unit = title_of(place.rpartition(".")[2])
    default = info.get_default(call_default_factory=True)
    return Field(
        place=place,
        title=info.title or title,
        unit=unit,
        kind=kind,
        help=_sentence(info.description or ""),
        value=value,
        default=None if default is PydanticUndefined else plain(default),
        **facts | _limits(info.metadata),
    )


def options_of(
    compute: Callable[..., Any],
    options: Mapping[str, inspect.Parameter],
    units: Mapping[str, str] | None = None,
    words: Mapping[str, Mapping[Any, str]] | None = None,
) -> tuple[Field, ...]:
    """Fields of the options of a function on a list.

    Parameters
    ----------
    compute : callable
        Its annotations say what may be chosen, its docstring what each option is.
    options : mapping of str to Parameter
    units : mapping of str to str, optional
        As the list holds them.
    words : mapping, optional
        Choices of an option in words.

    Examples
    --------
    >>> from syntony.synchrony.registry import get
    >>> entry = get("lagged_correlation")
    >>> first = options_of(entry.compute, entry.options, entry.units)[0]
    >>> first.place, first.unit, first.default
    ('window_s', 's', 30.0)
    """
    hints, said = get_type_hints(compute), explained(inspect.getdoc(compute) or "")
    found = []
    for name, parameter in options.items():
        kind, facts = _kind_of(hints.get(name, type(parameter.default)))
        title, unit = title_of(name)
        told = (units or {}).get(name, "")
        in_words = (words or {}).get(name, {})
        if kind == "choice":
            values = [c.value for c in facts["choices"]]
            facts["choices"] = tuple(_choice(v, in_words) for v in values)
        found.append(
            Field(
                place=name,
                title=title,
                kind=kind,
                unit=unit or (told if told not in ("1", "choice", "yes/no", "uS") else ""),
                help=said.get(name, ""),
                value=plain(parameter.default),
                default=plain(parameter.default),
                **facts,
            )
        )
    return tuple(found)


@cache
def explained(docstring: str) -> Mapping[str, str]:
    """What a docstring says of every parameter, by name.

    Examples
    --------
    >>> dict(explained('''Do.
    ...
    ... Parameters
    ... ----------
    ... low_s, high_s : float
    ...     Begin of ``x``, and
    ...     its end.
    ... ''' ))
    {'low_s': 'Begin of x, and its end.', 'high_s': 'Begin of x, and its end.'}
    """
    _, _, rest = docstring.partition("Parameters\n----------\n")
    body = re.split(r"\n\n?[A-Z][\w ]+\n-{3,}\n", rest)[0]
    found: dict[str, str] = {}
    names: list[str] = []
    for line in body.splitlines():
        if line and not line.startswith(" "):
            names = [n.strip(" *") for n in line.partition(":")[0].split(",")]
        elif names and line.strip():
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip()
    return {name: _sentence(text) for name, text in found.items()}


def plain(value: Any) -> Any:
    """A value of a recipe as JSON has it.

    Examples
    --------
    >>> plain((("a", 1.0), {"b": None}))
    [['a', 1.0], {'b': None}]
    """
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


def _choice(value: Any, words: Mapping[Any, str]) -> Choice:
    """One choice, with what the list says of it."""
    name = str(value).replace("_", " ")
    said = words.get(value, "")
    return Choice(value=value, title=f"{name} ({said})" if said and said != name else name)


def _kind_of(hint: Any) -> tuple[Kind, dict[str, Any]]:
    """Kind of field for an annotation, and what it may hold."""
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        kind, facts = _kind_of(inner)
        return kind, facts | _limits([m for d in metadata for m in getattr(d, "metadata", [d])])
    if get_origin(hint) in (Union, UnionType):
        return _kind_of_union([a for a in get_args(hint) if a is not NoneType], hint)
    if get_origin(hint) is Literal:
        choices = [Choice(value=v, title=str(v).replace("_", " ")) for v in get_args(hint)]
        return "choice", {"choices": tuple(choices)}
    if get_origin(hint) is tuple:
        return _kind_of_tuple(get_args(hint))
    if get_origin(hint) is dict and get_args(hint)[0] is str:
        inner = get_args(hint)[1]
        if inner is str or get_origin(inner) is Literal:
            values = [Choice(value=v, title=v) for v in get_args(inner)]
            return "table", {"choices": tuple(values)}
    simple: dict[Any, Kind] = {float: "number", int: "whole", bool: "yes-no", str: "text"}
    return simple.get(hint, "kept"), {}


def _kind_of_union(inner: list[Any], hint: Any) -> tuple[Kind, dict[str, Any]]:
    """Kind of a field that takes one of several things: the only one, else a text."""
    empty = NoneType in get_args(hint)
    if len(inner) == 1:
        kind, facts = _kind_of(inner[0])
        return kind, facts | {"empty": empty}
    return "text", {"empty": empty}


def _kind_of_tuple(inside: tuple[Any, ...]) -> tuple[Kind, dict[str, Any]]:
    """Kind of a field that is a list."""
    item, count = inside[0], 0 if inside[-1] is Ellipsis else len(inside)
    if item is str:
        return "words", {"count": count}
    if item in (int, float):
        return "numbers", {"count": count}
    if get_origin(item) is tuple and get_args(item) == (str, str):
        return "couples", {}
    return "kept", {}


def _limits(metadata: list[Any]) -> dict[str, Any]:
    """What the schema allows of a number."""
    found: dict[str, Any] = {}
    for one in metadata:
        for name, key, is_open in (
            ("ge", "least", False),
            ("gt", "least", True),
            ("le", "most", False),
            ("lt", "most", True),
        ):
            value = getattr(one, name, None)
            if value is not None:
                found |= {key: float(value), f"open_{key}": is_open}
    return found


def _sentence(text: str) -> str:
    """A help text without the marks of its source."""
    text = re.sub(r":\w+:`~?([^`]*)`", r"\1", " ".join(text.split()))
    return text.replace("``", "").replace("`", "")
