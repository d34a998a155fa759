"""Which column holds which item, and what a cell says: names, stars, words for numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syntony.core.errors import InputError
from syntony.io.answers.value import AnswerRow, AnswerTable
from syntony.link.instruments.registry import Instrument
from syntony.link.questionnaires.timing import read_stamp
from syntony.link.scoring import allowed, is_allowed

MISSING = frozenset({"", "na", "n/a", "nan", ".", "null"})
_PLACE = re.compile(r"\{([^{}:]+)(?::(0?\d+))?\}")


def columns_of_items(
    columns: Sequence[str], items: Sequence[str], patterns: Mapping[str, str], suffix: str = ""
) -> dict[str, str]:
    """Find the column of every item.

    Parameters
    ----------
    columns, items : sequence of str
    patterns : mapping of str to str
        Column to item. A star stands for a number on both sides, whatever its leading zeros:
        ``{"Q5_*": "eu*"}``. Without patterns a column is the item of the same name.
    suffix : str, optional
        What the columns of one person end with, after the item.

    Returns
    -------
    dict
        Item to column; items without a column are not in it.

    Raises
    ------
    InputError
        If a pattern fits no column or no item, or two columns one item.

    Examples
    --------
    >>> columns_of_items(["Q5_1", "Q5_2", "Q6"], ["eu01", "eu02"], {"Q5_*": "eu*"})
    {'eu01': 'Q5_1', 'eu02': 'Q5_2'}
    """
    bare = {c.removesuffix(suffix): c for c in columns if c.endswith(suffix)}
    found: dict[str, str] = {}
    rules = patterns or {item: item for item in items if item in bare}
    for column, item in rules.items():
        fits = _fits(column, item, bare, items)
        if not fits:
            near = difflib.get_close_matches(column.replace("*", "1"), bare, n=1)
            hint = (
                f"The columns{' that end with ' + suffix if suffix else ''} are {list(bare)[:12]}."
            )
            got = f"{column}={item}"
            expected = "a column and an item" + (f", such as {near[0]}={items[0]}" if near else "")
            raise InputError("map", got, expected, f"{hint} The items are {list(items)}.")
        for one, name in fits:
            if found.get(one, name) != name:
                raise InputError("map", f"{found[one]} and {name}", f"one column for item {one}")
            found[one] = name
    return {item: found[item] for item in items if item in found}


def _fits(
    column: str, item: str, bare: Mapping[str, str], items: Sequence[str]
) -> list[tuple[str, str]]:
    """Items and columns that one pattern brings together."""
    if "*" not in column:
        return [(item, bare[column])] if column in bare and item in items else []
    look = re.compile(re.escape(column).replace(r"\*", r"(\d+)"))
    goal = re.compile(re.escape(item).replace(r"\*", r"(\d+)"))
    if not goal.groups:
        return []
    numbered = {int(m[1]): i for i in items if (m := goal.fullmatch(i))}
    return [
        (numbered[int(m[1])], bare[name])
        for name in bare
        if (m := look.fullmatch(name)) and int(m[1]) in numbered
    ]


def filled_in(
    template: str,
    row: AnswerRow,
    *,
    number: int,
    role: str,
    values: Mapping[str, Mapping[str, str]],
) -> str:
    """Fill in a template: ``{column}`` is a cell, ``{row:03}`` the number of the row, ``{role}``.

    Raises
    ------
    FileError
        If a column is not there, or its cell is empty.

    Examples
    --------
    >>> from pathlib import Path
    >>> row = AnswerRow(Path("a.csv"), 2, {"pid": "7", "event": "session_1"})
    >>> filled_in("P{pid:02}{event}", row, number=1, role="", values={"event": {"session_1": "s1"}})
    'P07s1'
    """

    def one(match: re.Match[str]) -> str:
        name, width = match[1], match[2]
        if name not in row.cells and name in ("row", "role"):
            text = str(number) if name == "row" else role
        elif name not in row.cells:
            known = f"one of {list(row.cells)[:20]}"
            raise row.error(f"no column {name!r}", known, "Mend the template.", column=name)
        else:
            text = row.cells[name]
            if not text:
                raise row.error("an empty cell", "who or which session it is", column=name)
            text = values.get(name, {}).get(text, text)
        return text.zfill(int(width)) if width else text

    return _PLACE.sub(one, template).strip()


def answer_in(
    row: AnswerRow,
    column: str,
    entry: Instrument,
    *,
    choices: Mapping[str, float],
    missing: frozenset[str],
) -> float:
    """Read one answer: a number the instrument allows, or a word that counts as one.

    Raises
    ------
    FileError
        With line and column: a word that counts as nothing, a number off the scale.
    """
    text = row.cells[column]
    if text.lower() in MISSING or text in missing:
        return float("nan")
    if text in choices:
        value = float(choices[text])
    else:
        try:
            value = float(text) if "_" not in text else float("nan")
        except ValueError:
            value = float("nan")
        if value != value:
            hint = "Export numbers, or say what it counts as: choice."
            raise row.error(repr(text[:60]), allowed(entry), hint, column=column)
    if not is_allowed(value, entry):
        hint = "If it stands for no answer, say so: missing."
        raise row.error(text[:60], allowed(entry), hint, column=column)
    return value


def stamp_in(row: AnswerRow, column: str, zone: str) -> str:
    """When a row was filled in, as ISO 8601 with its zone where that is known; else as written."""
    text = row.cells.get(column, "")
    stamp = read_stamp(text)
    if stamp is None:
        return ""
    if zone and stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=zone_of(zone))
    return stamp.isoformat()


def zone_of(name: str) -> ZoneInfo:
    """Time zone by name.

    Raises
    ------
    InputError
        If it is not known.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError("zone", name, "a time zone such as 'Europe/Warsaw'") from None


def unreadable_stamps(table: AnswerTable, column: str) -> list[AnswerRow]:
    """Rows whose stamp says something that is no time."""
    return [r for r in table.rows if r.cells.get(column) and read_stamp(r.cells[column]) is None]
