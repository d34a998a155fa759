"""Two runs side by side: what was chosen differently, and what each found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from syntony.core.errors import InputError
from syntony.pipeline.form_fields import title_of
from syntony.pipeline.preregistered import differences
from syntony.report import labels
from syntony.report.run_folder import RunFolder
from syntony.report.story import Said, Story, story_of

LISTS = {"synchrony": "method", "surrogates": "name", "models": "model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One choice that differs: its name in words, its place, and both values in words."""

    title: str
    place: str
    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One finding of both runs; ``comparable`` where both are the same number."""

    title: str
    first: Said | None
    second: Said | None
    comparable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    first, second : Story
    differences : tuple of Difference
        Of the recipes.
    data : tuple of str
        Whether both read the same files, and which differ.
    findings : tuple of Beside
    """

    first: Story
    second: Story
    differences: tuple[Difference, ...]
    data: tuple[str, ...]
    findings: tuple[Beside, ...]


def compare_runs(first: Path, second: Path) -> Comparison:
    """Lay two runs of a study side by side.

    Parameters
    ----------
    first, second : Path
        Run folders.

    Raises
    ------
    InputError
        If it is twice the same, or one is no run of recordings.
    FileError
        If a folder is no Run folder, or a file in it cannot be read.
    """
    if first == second:
        raise InputError("second", second.name, "another run than the first")
    stories = story_of(first), story_of(second)
    for field, story in zip(("first", "second"), stories, strict=True):
        if story.kind != "run":
            raise InputError(field, story.name, "a run", f"It is a {story.kind}.")
    folders = RunFolder(first), RunFolder(second)
    recipes = folders[0].recipe, folders[1].recipe
    return Comparison(
        first=stories[0],
        second=stories[1],
        differences=tuple(recipe_differences(*recipes)),
        data=tuple(_of_data(folders[0].origin, folders[1].origin)),
        findings=tuple(_beside(*stories)),
    )


def recipe_differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    """Say in words where two settled recipes differ, entry by entry of a list.

    Examples
    --------
    >>> one = {"moments": {"share": 0.1}, "synchrony": [{"method": "marci", "options": {}}]}
    >>> other = {"moments": {"share": 0.2}, "synchrony": []}
    >>> for d in recipe_differences(one, other):
    ...     print(d.title, "|", d.first, "|", d.second)
    Concordance of slopes (single session index) | in the recipe | left out
    Moments: share | 0.1 | 0.2
    """
    for place, key in LISTS.items():
        yield from _of_lists(place, key, first.get(place), second.get(place))
    one, other = ({k: v for k, v in r.items() if k not in LISTS} for r in (first, second))
    for found in differences(one, other):
        yield Difference(
            title=_title(found["field"]),
            place=found["field"],
            first=_value(found["registered"]),
            second=_value(found["run"]),
        )


def _of_lists(place: str, key: str, first: Any, second: Any) -> Iterator[Difference]:
    """Entries of a list that only one has, and options that differ, entry by entry."""
    if first is None or second is None:
        if first != second:
            title = title_of(place)[0]
            told = [
                "as they suit the study" if v is None else _entries(v, key) for v in (first, second)
            ]
            yield Difference(title=title, place=place, first=told[0], second=told[1])
        return
    for name in dict.fromkeys(str(row[key]) for row in [*first, *second]):
        mine = [[r for r in rows if r[key] == name] for rows in (first, second)]
        for one, other in zip_longest(*mine):
            yield from _of_entries(place, name, one, other)


def _of_entries(place: str, name: str, one: Any, other: Any) -> Iterator[Difference]:
    """One entry of a list in both recipes."""
    title = labels.surrogate(name) if place == "surrogates" else labels.method(name)
    if one is None or other is None:
        said = ["left out" if row is None else "in the recipe" for row in (one, other)]
        yield Difference(title=title, place=place, first=said[0], second=said[1])
        return
    for found in differences(one, other):
        last = found["field"].rpartition(".")[2]
        yield Difference(
            title=f"{title}: {_lower(_worded(last))}",
            place=f"{place}.{found['field']}",
            first=_value(found["registered"]),
            second=_value(found["run"]),
        )


def _entries(rows: Any, key: str) -> str:
    return ", ".join(labels.method(str(row[key])) for row in rows) or "none"


def _title(place: str) -> str:
    """Name of a place in words: the part, then the field with its unit."""
    *parts, last = place.split(".")
    head = _worded(parts[-1]) if parts else ""
    return f"{head}: {_lower(_worded(last))}" if head else _worded(last)


def _worded(name: str) -> str:
    words, unit = title_of(name)
    return f"{words} ({unit})" if unit else words


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _value(value: Any) -> str:
    """A value of a recipe as a reader reads it."""
    if value is None or value in ("", [], {}):
        return "nothing said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:119] + "…"


def _of_data(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    """Whether the recordings, codes, marks and answers were the same."""
    held = [
        {str(i.get("path", "")): i.get("sha256") for i in origin.get("inputs", [])}
        for origin in (first, second)
    ]
    changed = sorted(p for p in held[0].keys() & held[1].keys() if held[0][p] != held[1][p])
    for said, files in (
        ("changed between the runs", changed),
        ("read by the first only", sorted(held[0].keys() - held[1].keys())),
        ("read by the second only", sorted(held[1].keys() - held[0].keys())),
    ):
        if files:
            more = f" and {len(files) - 5} more" if len(files) > 5 else ""
            yield f"{len(files)} of the files {said}: {', '.join(files[:5])}{more}."
    if first.get("syntony") != second.get("syntony"):
        yield f"Made by Syntony {first.get('syntony')} and {second.get('syntony')}."


def _beside(first: Story, second: Story) -> Iterator[Beside]:
    """Findings of the same title."""
    held = [{f.title: f for f in story.findings} for story in (first, second)]
    for title in dict.fromkeys([*held[0], *held[1]]):
        one, other = held[0].get(title), held[1].get(title)
        same = one is not None and other is not None and bool(one.of) and one.of == other.of
        yield Beside(title=title, first=one, second=other, comparable=same)
