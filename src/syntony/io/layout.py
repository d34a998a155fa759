"""How a text table is laid out: separator, decimal mark, header, first row, stated facts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from syntony.core.errors import FileError

SEPARATORS = {"tab": "\t", "semicolon": ";", "pipe": "|", "comma": ",", "blanks": ""}
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "#n/a"})
COMMENT = ("#", "%")
_SAMPLE_LINES = 300
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.ASCII | re.I)
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?", re.ASCII)
_STAMP = re.compile(r"\d{4}-?\d\d-?\d\d([T ]\d\d:?\d\d(:?\d\d([.,]\d+)?)?)?\s?(Z|[+-]\d\d:?\d\d)?")
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?")
_RULE = re.compile(r"[\s|+:=_*-]+")
_RATE = re.compile(r"sampl\w*[\s_]*(?:rate|frequency)[^0-9\n]{0,20}([0-9]+(?:\.[0-9]+)?)", re.I)
_START = re.compile(
    r"start\s*time\W{0,5}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\s*offset:\s*([+-]\d\d))?", re.I
)
_UNIT_CELL = re.compile(r"[\[(].*[\])]|[unmk]?(S|V|s|Hz|Ohm)|µS|µV|bpm|1|g|", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What was found out about a text table.

    ``separator`` is ``""`` for blanks; ``first`` is the index of the first data line;
    ``names`` has one name per column, or none where there is no header; ``rate_hz`` and
    ``started_at`` are what the lines above the data state, or None.
    """

    separator: str
    decimal: str
    width: int
    first: int
    names: tuple[str, ...] = ()
    rate_hz: float | None = None
    started_at: datetime | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names to show in a message: the header, or positions."""
        return self.names or tuple(str(i) for i in range(self.width))


def split_cells(line: str, separator: str) -> list[str]:
    """Cut one line into cells, quotes taken off.

    Examples
    --------
    >>> split_cells('"pat"  "th"', "")
    ['pat', 'th']
    """
    if '"' in line:
        clean = " ".join(line.split()) if not separator else line
        row = next(csv.reader([clean], delimiter=separator or " ", skipinitialspace=True), [])
        return [cell.strip() for cell in row]
    return [cell.strip() for cell in (line.split(separator) if separator else line.split())]


def find_layout(path: Path, lines: list[str], *, separator: str = "", decimal: str = "") -> Layout:
    """Find out how a text table is laid out, from its first lines.

    Parameters
    ----------
    path : Path
        For messages.
    lines : list of str
    separator, decimal : str, optional
        A name from ``SEPARATORS`` and a mark, where the caller knows them.

    Raises
    ------
    FileError
        If no line holds numbers, or a comma may be separator or decimal mark.
    """
    sample = [(i, x) for i, x in enumerate(lines[:_SAMPLE_LINES]) if x.strip()]
    body = [(i, x) for i, x in sample if not x.lstrip().startswith(COMMENT)]
    tail = [x for _, x in body[-100:]]
    names = [separator] if separator else list(SEPARATORS)
    tries = [(*_fit(tail, SEPARATORS[n], decimal), -k, SEPARATORS[n]) for k, n in enumerate(names)]
    score, width, _, chosen = max(tries, key=lambda t: (t[0], t[2]))
    whole, _ = _fit(tail, "\n", decimal)
    if whole > 0 and whole >= score - 1e-9:
        known = bool(separator or decimal)
        if score == 0 or decimal == "," or (not known and not _two_columns(path, body, chosen)):
            chosen, width = "\t", 1
    comma = decimal or _decimal(tail, chosen)
    first = next((i for i, x in body if _is_data(x, chosen, width, comma)), None)
    if first is None:
        found = repr(tail[0][:60]) if tail else "no line of data"
        hint = f"One row per sample, columns apart by one of: {', '.join(SEPARATORS)}."
        raise FileError(path, found, "rows of numbers", hint)
    above = [(i, x) for i, x in sample if i < first]
    return Layout(
        separator=chosen,
        decimal=comma,
        width=width,
        first=first,
        names=_names(path, above, chosen, width),
        rate_hz=_stated_rate([x for _, x in above]),
        started_at=_stated_start([x for _, x in above]),
    )


def _two_columns(path: Path, body: list[tuple[int, str]], separator: str) -> bool:
    """Tell by the header whether lines such as ``3,25`` are one number or two."""
    i, line = body[0]
    cells = split_cells(line, separator)
    if _kind(cells[0], ".") == "number" and len(cells) > 1:
        raise FileError(
            path,
            f"{line!r}, one number with a decimal comma or two numbers",
            "a table that can be read in one way only",
            "Say separator='comma' or decimal=','.",
            line=i + 1,
        )
    return len(cells) > 1


def _kind(cell: str, decimal: str) -> str:
    """Tell what a cell holds: number, missing, stamp or text."""
    text = cell.strip()
    if (_COMMA if decimal == "," else _POINT).fullmatch(text) or _POINT.fullmatch(text):
        return "number"
    if text.lower() in MISSING:
        return "missing"
    return "stamp" if _STAMP.fullmatch(text) or _CLOCK.fullmatch(text) else "text"


def _fit(lines: list[str], separator: str, decimal: str) -> tuple[float, int]:
    """Tell how well a separator explains the lines, and the number of cells it gives.

    Only lines with a number in a cell count: share of them x share that is alike x share of
    readable cells in those. A line break as separator means: the line is one cell.
    """
    marks = [decimal] if decimal else ["."] if separator == "," else [".", ","]
    rows = [split_cells(x, separator) for x in lines]
    kinds = [[[_kind(c, m) for c in row] for m in marks] for row in rows]
    filled = [k for k in kinds if any("number" in one for one in k)]
    if not filled:
        return 0.0, 1
    width = Counter(len(k[0]) for k in filled).most_common(1)[0][0]
    if (width < 2) != (separator == "\n"):
        return 0.0, width
    alike = [k for k in filled if len(k[0]) == width]
    good = sum(max(width - one.count("text") for one in k) for k in alike)
    return len(alike) / len(lines) * good / (width * len(alike)), width


def _decimal(lines: list[str], separator: str) -> str:
    """Comma where cells hold one and none holds a point."""
    if separator == ",":
        return "."
    cells = [c for x in lines for c in split_cells(x, separator)]
    comma = any(_COMMA.fullmatch(c) for c in cells)
    return "," if comma and not any("." in c and _POINT.fullmatch(c) for c in cells) else "."


def _is_data(line: str, separator: str, width: int, decimal: str) -> bool:
    """Claim that a line is a row of the table: of its width, with a number or stamp in it."""
    cells = split_cells(line, separator) if width > 1 else [line.strip()]
    if len(cells) != width:
        return False
    kinds = {_kind(c, decimal) for c in cells}
    return bool(kinds & {"number", "stamp"}) or (kinds == {"missing"} and any(cells))


def _names(path: Path, above: list[tuple[int, str]], separator: str, width: int) -> tuple[str, ...]:
    """Read the header from the lines above the data; empty where there is none."""
    plain = [
        (i, x)
        for i, x in above
        if not x.lstrip().startswith(COMMENT) and not _RULE.fullmatch(x.strip())
    ]
    if width == 1 and len(plain) > 1:
        i, x = plain[1]
        raise FileError(path, repr(x.strip()[:60]), "a number", "Mend the cell.", line=i + 1)
    rows = [r for r in (_cells_of_header(x, separator, width) for _, x in plain[-2:]) if r]
    if len(rows) == 2 and all(_UNIT_CELL.fullmatch(c) for c in rows[1]):
        return rows[0]
    if rows:
        return rows[-1]
    for _, x in reversed([a for a in above if a[1].lstrip().startswith(COMMENT)]):
        text = x.lstrip("#% \t")
        label, colon, rest = text.partition(":")
        if colon and "label" in label.lower():
            text = rest.lstrip("= ")
        elif colon:
            continue
        row = _cells_of_header(text, separator, width)
        if row:
            return row
    return ()


def _cells_of_header(line: str, separator: str, width: int) -> tuple[str, ...]:
    """Cut a header line; its separator may differ, and the name of row numbers may be absent."""
    if width == 1:
        return (line.strip().strip('"').strip(),)
    for one in (separator, *[s for s in SEPARATORS.values() if s != separator]):
        cells = split_cells(line, one)
        if len(cells) == width:
            return tuple(cells)
        if one == separator and len(cells) == width - 1 and len(cells) > 1:
            return ("", *cells)
    return ()


def _stated_rate(above: list[str]) -> float | None:
    """Read the sampling rate in Hz that the lines above the data state."""
    found = [m for x in above if (m := _RATE.search(x))]
    rate = float(found[0].group(1)) if found else 0.0
    return rate if rate > 0 else None


def _stated_start(above: list[str]) -> datetime | None:
    """Read the start stamp that the lines above the data state."""
    for line in above:
        match = _START.search(line)
        if match:
            try:
                start = datetime.fromisoformat(match.group(1))
            except ValueError:  # such as month 13
                return None
            hours = match.group(2)
            return start.replace(tzinfo=timezone(timedelta(hours=int(hours)))) if hours else start
    return None
