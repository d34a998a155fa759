"""The lab's own questionnaires: from a definition to an instrument, beside those on the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from syntony.config import Definition, read_part
from syntony.core.errors import FileError, InputError, RecipeError
from syntony.link.instruments.registry import Instrument, Scale, instruments
from syntony.link.keys import with_key

FOLDER = "questionnaires"


def instrument_of(name: str, said: Definition) -> Instrument:
    """Make an instrument of a definition.

    Raises
    ------
    InputError
        If range, items, reversed items and missing rule do not fit each other.

    Examples
    --------
    >>> said = Definition.model_validate({
    ...     "title": "Warmth", "source": "our lab", "low": 1, "high": 5,
    ...     "scales": {"warmth": {"items": ["w1", "w2"], "reverse": ["w2"]}},
    ... })
    >>> instrument_of("warmth", said).items
    ('w1', 'w2')
    """
    return Instrument(
        name=name,
        title=said.title,
        low=said.low,
        high=said.high,
        no_zero=said.no_zero,
        whole=said.whole,
        scales=tuple(
            Scale(
                name=scale,
                items=part.items,
                reverse=frozenset(part.reverse),
                combine=part.combine,
                max_missing=part.max_missing,
            )
            for scale, part in said.scales.items()
        ),
        cites=(),
        wording=said.wording,
        source=said.source,
        choices=said.choices,
    )


def read_definition(path: Path | str) -> tuple[str, Definition]:
    """Read ``questionnaires/<name>.toml``: the name of the file is that of the questionnaire.

    Raises
    ------
    FileError
        If it is no TOML, holds an unknown key or a value that does not fit (named by its
        place), or takes a name that is on the list.
    """
    path = Path(path)
    name = path.stem
    try:
        said = read_part(path, Definition, "definition of a questionnaire")
    except RecipeError as error:  # a file of the study, not the recipe, is at fault
        raise FileError(path, error.found, error.expected, error.hint) from error
    if name in instruments():
        raise FileError(
            path,
            f"the name {name!r}, which is on the list",
            "a name of your own",
            "Rename the file, and the table in phenotype with it.",
        )
    try:
        instrument_of(name, said)
    except InputError as error:
        raise FileError(path, f"{error.field} = {error.got!r}", error.expected) from error
    return name, said


def read_definitions(root: Path | str) -> dict[str, Definition]:
    """Every definition that a study holds, by name."""
    return dict(read_definition(p) for p in sorted((Path(root) / FOLDER).glob("*.toml")))


def known_instruments(
    definitions: Mapping[str, Definition],
    keys: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
) -> dict[str, Instrument]:
    """The list of questionnaires with the lab's keys and definitions.

    Raises
    ------
    InputError
        If a definition takes a name that is on the list, or a key does not fit.
    """
    known = dict(instruments())
    for name, said in definitions.items():
        if name in known:
            raise InputError("questionnaires.definitions", name, "a name that is not on the list")
        known[name] = instrument_of(name, said)
    for name, key in (keys or {}).items():
        if name not in known:
            raise InputError("empathy.keys", name, f"one of {sorted(known)}")
        known[name] = with_key(known[name], key)
    return known
