"""From TOML to a recipe or a part of one; a bad key or value names its place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from syntony.config.part import Part
from syntony.config.recipe import Recipe
from syntony.core.errors import RecipeError

Some = TypeVar("Some", bound=Part)


def read_recipe(path: Path | str) -> Recipe:
    """Read a recipe from TOML; an unknown key or a bad value names its place.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, or holds a key or value that a recipe lacks.
    """
    return read_part(path, Recipe, "recipe")


def read_part(path: Path | str, part: type[Some], what: str) -> Some:
    """Read a part from TOML; ``what`` names it in an error.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, or holds a key or value that the part lacks.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(path, "no such file", f"a {what} in TOML") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(path, str(error), f"a {what} in TOML") from error
    try:
        return part.model_validate(table)
    except ValidationError as error:
        found = error.errors()  # a name that is wrong explains one that is missing
        first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
        place = ".".join(str(p) for p in first["loc"]) or what
        if first["type"] == "extra_forbidden":
            raise RecipeError(
                path, f"unknown key {place!r}", f"one of {sorted(_keys_at(part, first['loc']))}"
            ) from error
        raise RecipeError(path, f"{place} = {first['input']!r}", first["msg"]) from error


def _keys_at(part: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Names that a part knows beside the one at ``place``."""
    model = part
    for name in place[:-1]:
        if isinstance(name, int) or name not in model.model_fields:  # a place in a list or table
            continue
        inner = _model_in(model.model_fields[name].annotation)
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the recipe part inside an annotation such as ``tuple[Step, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
