"""Code files, opened with care: what the first look shows, texts, tables and workbooks."""

from __future__ import annotations

import csv
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.optional import need
from syntony.io.archive import MAX_RATIO
from syntony.io.codes.value import CodeEvent, Tier
from syntony.io.text import decode, read_bytes

MAX_BYTES = 200_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2_000
_MAX_UNPACKED = 500_000_000
_RATIO_FROM = 10_000_000
_LOOK = 60
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
HEAD_BYTES = 16_384
_CLOCK = re.compile(r"(-?)(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its line (of a workbook: its row) and its cells, as text."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Peek:
    """The first look at a file, by which readers claim it."""

    path: Path
    head: bytes

    @cached_property
    def text(self) -> str:
        """Beginning of the text; empty where the file is binary."""
        if self.head[:2] in _UTF16:  # the look may end within a character
            return self.head.decode("utf-16", "ignore")
        try:
            return decode(self.path, self.head)
        except FileError:
            return ""

    @property
    def is_zip(self) -> bool:
        """Claim that this is a zip file."""
        return self.head[:2] == b"PK"

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """First rows of a table; none where it is no table."""
        cut = self.text if len(self.head) < HEAD_BYTES else self.text.rpartition("\n")[0]
        found = _workbook_rows(self.path, _LOOK) if self.is_zip else _text_rows(self.path, cut)
        rows: list[Row] = []
        try:
            for row in found:
                if len(rows) >= _LOOK:
                    break
                rows.append(row)
        except (FileError, ImportError):
            pass  # what is wrong is said by the reader that claims the file
        return tuple(rows)

    def header(self, *names: str) -> tuple[str, ...]:
        """Cells, in small letters, of the first row that holds all these names; else none."""
        found = find_header(self.rows, names)
        return () if found is None else low(self.rows[found].cells)


def look_at(path: Path) -> Peek:
    """Look at the beginning of a file.

    Raises
    ------
    FileError
        If it is missing, no ordinary file, or empty.
    """
    if not path.exists():
        raise FileError(path, "no such file", "a file of codes", "Check the path.")
    if not path.is_file():
        raise FileError(path, "no ordinary file", "a file of codes", "Give the file itself.")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise FileError(path, "an empty file", "a file of codes", "Export it again.")
    return Peek(path, head)


def read_text(path: Path) -> tuple[str, list[Note]]:
    """Read a text, with a note where it is neither UTF-8 nor marked as UTF-16.

    Raises
    ------
    FileError
        If it is missing, empty, binary, broken or longer than ``MAX_BYTES``.
    """
    data = read_bytes(path, MAX_BYTES)
    text = decode(path, data)
    if data[:2] in _UTF16:
        return text, []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        said = "The text is not UTF-8 and was read as Latin-1: look at letters with accents."
        return text, [Note(f"{path.name}, line {line}", "encoding", said)]
    return text, []


def read_rows(path: Path) -> tuple[tuple[Row, ...], list[Note]]:
    """Read a table from delimited text (tab, semicolon, comma) or the first sheet of a workbook.

    Raises
    ------
    FileError
        For quotes that do not close, too many rows or columns, and what `read_text` refuses.
    """
    if look_at(path).is_zip:
        rows = tuple(_workbook_rows(path))
        wide = max((len(r.cells) for r in rows), default=0)
        return tuple(Row(r.line, r.cells + ("",) * (wide - len(r.cells))) for r in rows), []
    text, notes = read_text(path)
    return tuple(_text_rows(path, text)), notes


def _text_rows(path: Path, text: str) -> Iterable[Row]:
    """Cut delimited text into rows; blank lines are left out, cells may hold line ends."""
    mark = _mark(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
    line = 1
    try:
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise FileError(path, "a table that is too large", _bounds(), line=line)
            if any(c.strip() for c in cells):
                yield Row(line, tuple(c.strip() for c in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileError(
            path, str(error), "quotes that close", "Is the file cut off?", line=line
        ) from error


def _mark(text: str) -> str:
    """Separator of a table: the one that cuts most rows of its beginning to one width."""
    cut = text[:HEAD_BYTES]
    return max("\t;,", key=lambda mark: _evenness(cut, mark))


def _evenness(text: str, mark: str) -> tuple[float, int]:
    """Share of rows that have the usual width, and that width; nothing where it is one cell."""
    widths: Counter[int] = Counter()
    rows = csv.reader(StringIO(text, newline=""), delimiter=mark)
    with suppress(csv.Error):  # a look may end within quotes
        widths.update(len(cells) for cells in islice(rows, _LOOK) if cells)
    width, count = max(widths.items(), key=lambda item: item[::-1], default=(1, 0))
    return (count / widths.total(), width) if width > 1 else (0.0, 1)


def _workbook_rows(path: Path, limit: int = MAX_ROWS) -> Iterable[Row]:
    """Rows of the first sheet of a workbook, after a look at what it unpacks to."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(m.file_size for m in members)
            names = {m.filename for m in members}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise FileError(path, f"a damaged zip ({error})", "a workbook", "Save it again.") from error
    if "xl/workbook.xml" not in names:
        raise FileError(path, "a zip that is no workbook", "a table as .xlsx or text")
    if size > _MAX_UNPACKED or (size > _RATIO_FROM and size > MAX_RATIO * path.stat().st_size):
        raise FileError(path, f"content of {size / 1e6:.0f} MB when unpacked", "an honest workbook")
    openpyxl = need("openpyxl", to="reading a workbook", extra="data")
    data = read_bytes(path, MAX_BYTES)
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            for at, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                if at > limit and limit < MAX_ROWS:
                    return
                if at > limit or len(cells) > MAX_COLUMNS:
                    raise FileError(path, "a sheet that is too large", _bounds(), line=at)
                if any(c is not None and str(c).strip() for c in cells):
                    yield Row(at, tuple(_cell_text(c) for c in cells))
        finally:
            book.close()
    except FileError:
        raise
    except Exception as error:  # openpyxl raises of all kinds on what is no sound workbook
        raise FileError(
            path, f"a damaged workbook ({error})", "a workbook", "Save it again."
        ) from error


def _bounds() -> str:
    return f"at most {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns"


def _cell_text(value: Any) -> str:
    """Cell of a workbook as text; numbers in the shortest form that reads back the same."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def low(cells: Iterable[str]) -> tuple[str, ...]:
    """Names of columns for comparing: small letters, blanks and underscores alike."""
    return tuple(" ".join(c.lower().replace("_", " ").split()) for c in cells)


def find_header(rows: Sequence[Row], names: Iterable[str]) -> int | None:
    """Place of the first row that holds all these names; None where there is none."""
    wanted = set(low(names))
    return next((i for i, row in enumerate(rows) if wanted <= set(low(row.cells))), None)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header was found: rows as mappings from small-letter names to cells.

    ``titles`` are the names as they stand in the file, in the order of ``names``.
    """

    path: Path
    names: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    before: tuple[Row, ...]
    header_line: int

    def first_of(self, *names: str) -> str:
        """First of these columns that is there; empty where none is."""
        return next((n for n in names if n in self.names), "")

    def title(self, name: str) -> str:
        """Name of a column as it stands in the file."""
        return self.titles[self.names.index(name)]


def table_of(path: Path, rows: Sequence[Row], names: Sequence[str]) -> Table:
    """Lay the rows below the header out by column.

    Raises
    ------
    FileError
        If no row is a header with these names, a column is there twice, or a row has more
        cells than the header.
    """
    at = find_header(rows, names)
    if at is None:
        raise FileError(path, "no row with the names of columns", f"a header with {list(names)}")
    header = low(rows[at].cells)
    while header and not header[-1]:
        header = header[:-1]
    twice = sorted({n for n in header if n and header.count(n) > 1})
    if twice:
        raise FileError(path, f"columns {twice} twice", "each once", line=rows[at].line)
    laid = []
    for row in rows[at + 1 :]:
        cells = row.cells[: len(header)]
        if any(row.cells[len(header) :]) or (len(cells) < len(header) and len(header) > 1):
            found = f"{len(row.cells)} cells"
            hint = "Is the file cut off, or a separator inside a cell without quotes?"
            raise FileError(path, found, f"{len(header)} as in the header", hint, line=row.line)
        laid.append((row.line, dict(zip(header, cells, strict=False))))
    titles = rows[at].cells[: len(header)]
    return Table(path, header, titles, tuple(laid), tuple(rows[:at]), rows[at].line)


def seconds_in(path: Path, text: str, *, line: int, column: str) -> float:
    """Time in a cell, in seconds: a number, or ``[hh:]mm:ss[.fff]``; comma or point.

    Raises
    ------
    FileError
        For anything else, with line and column.

    Examples
    --------
    >>> [seconds_in(Path("a"), t, line=1, column="") for t in ("1,5", "09:40", "1:02:03.25")]
    [1.5, 580.0, 3723.25]
    """
    clock = _CLOCK.fullmatch(text)
    if clock:
        sign, hours, minutes, rest = clock.groups()
        seconds = float(rest.replace(",", "."))
        if seconds < 60 and (hours is None or int(minutes) < 60):
            whole = int(hours or 0) * 3600 + int(minutes) * 60
            return (whole + seconds) * (-1 if sign else 1)
    else:
        try:
            if "_" not in text and math.isfinite(value := float(text.replace(",", "."))):
                return value
        except ValueError:
            pass
    expected = "a time in seconds or as mm:ss or hh:mm:ss"
    raise FileError(path, repr(text[:60]), expected, "Mend the cell.", line=line, column=column)


def event_at(path: Path, *, line: int = 0, below_zero: bool = False, **said: Any) -> CodeEvent:
    """Make an event, or say file and line of what cannot be one.

    Raises
    ------
    FileError
        For a stop before the start, a start before zero (unless ``below_zero``), a time that
        is no number or beyond ``MAX_S``, and control characters.
    """
    start, stop = said["onset_s"], said.pop("stop_s", None)
    element = said.get("element", "")
    where = f" ({element})" if element else ""
    if stop is not None:
        said["duration_s"] = stop - start
    if said.get("duration_s", 0.0) < 0:
        end = start + said["duration_s"]
        found = f"a stop at {end:g} s, before the start at {start:g} s{where}"
        raise FileError(path, found, "a stop after the start", "Mend the event.", line=line or None)
    if start < 0 and not below_zero:
        hint = "Codes count from the beginning of what was coded; shift them on import."
        raise FileError(
            path, f"a start at {start:g} s{where}", "0 s or later", hint, line=line or None
        )
    try:
        return CodeEvent(line=line, **said)
    except InputError as error:
        found = f"{error.field} = {error.got!r}{where}"
        raise FileError(path, found, error.expected, error.hint, line=line or None) from error


def by_onset(events: Iterable[CodeEvent]) -> tuple[CodeEvent, ...]:
    """Events by onset, those at the same time as they stand in the file."""
    return tuple(sorted(events, key=lambda e: e.onset_s))


def tiers_of(events: Iterable[CodeEvent]) -> tuple[Tier, ...]:
    """Count events by tier, person and coder, in the order they appear."""
    counts: dict[tuple[str, str, str], int] = {}
    for e in events:
        counts[e.tier, e.person, e.coder] = counts.get((e.tier, e.person, e.coder), 0) + 1
    return tuple(Tier(name=t, person=p, coder=c, count=n) for (t, p, c), n in counts.items())


def note_at(path: Path, line: int, code: str, text: str, element: str = "") -> Note:
    """Make a note that names file and line."""
    where = path.name + (f", line {line}" if line else "") + (f", {element}" if element else "")
    return Note(where, code, text)
