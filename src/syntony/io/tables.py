"""Delimited text: one row per sample, any separator, one column of one person per call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.core.units import KINDS, convert, implausible_share, units_for
from syntony.io.axis import find_axis
from syntony.io.carma import CARMA
from syntony.io.cells import cut_columns, data_rows, fast_columns, to_numbers
from syntony.io.intervals import looks_like_intervals
from syntony.io.layout import SEPARATORS, Layout, find_layout
from syntony.io.registry import reader
from syntony.io.stamps import Stamps, read_stamps
from syntony.io.text import decode, read_lines, split_lines

_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".asc")
_LOOK = 200


def _sniff(path: Path, head: bytes) -> bool:
    """Claim text whose lines hold numbers in columns.

    A text that is named as a table is claimed whatever it holds: the reader then says what
    is wrong with it.
    """
    if not head or head[:2] in {b"\x1f\x8b", b"PK"} or head.startswith(CARMA):
        return False
    try:
        lines = split_lines(path, decode(path, head))
        if looks_like_intervals(lines):
            return False
        if path.suffix.lower() in _SUFFIXES:
            return True
        find_layout(path, lines)
    except FileError:
        return False
    return True


@reader(
    name="delimited",
    title="Delimited text",
    suffixes=_SUFFIXES,
    sniff=_sniff,
    general=True,
)
def read_delimited(
    path: Path,
    *,
    person: str,
    kind: str | None,
    unit: str | None,
    column: str | int | None = None,
    time_column: str | int | None = None,
    rate_hz: float | None = None,
    missing: Sequence[str] = (),
    separator: str = "",
    decimal: str = "",
) -> Recording:
    r"""Read one column of a text table as a signal.

    Parameters
    ----------
    path : Path
    person : str
        Whose column it is.
    kind, unit : str
        What was measured and in which unit (``"1"``: arbitrary). A table never says for
        certain. Units that can be converted come to the unit of the kind (kOhm to uS).
    column : str or int, optional
        Name, or position from 0; may be left out where only one column is no time.
    time_column : str or int, optional
        Column of seconds, ISO 8601 or Unix time (s, ms, us, ns: told apart by size).
        Gaps in it become missing samples.
    rate_hz : float, optional
        Samples per second, for tables without a time column. No default: where neither is
        given, lines above the table must state it ("Sampling Rate: 16").
    missing : sequence of str, optional
        Further marks of a missing value, beside empty, ``NA``, ``n/a``, ``NaN``, ``null``
        and a lone point.
    separator : str, optional
        ``comma``, ``semicolon``, ``tab``, ``pipe`` or ``blanks``; found out by itself.
    decimal : str, optional
        ``.`` or ``,``; found out by itself.

    Returns
    -------
    Recording
        One signal. NaN where a value or a row is missing.

    Raises
    ------
    FileError
        With line and column: no such column, no unit, text or infinity in the column,
        rows of different width, time that stands still, runs backwards or has two rates;
        one sample, a constant column, nothing but missing values.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "p01.csv"
    ...     _ = file.write_text("time;eda\n0,0;1,5\n0,5;n/a\n1,0;1,75\n")
    ...     r = read_delimited(
    ...         file, person="P01", column="eda", kind="eda", unit="uS", time_column="time"
    ...     )
    >>> r.signals[0]
    Signal(eda of P01, 3 samples at 2 Hz from 0 s, uS, 66.7 % present)
    """
    path = Path(path)
    lines = read_lines(path)
    layout = find_layout(
        path, lines, separator=_known_separator(separator), decimal=_known_mark(decimal)
    )
    _ask_for_facts(path, layout, kind, unit)
    measured, given_unit = str(kind), str(unit)
    time_at = None if time_column is None else _find_column(path, layout, time_column)
    value_at = _which_column(path, layout, column, time_at)
    _ask_for_rate(path, layout, rate_hz, time_at)
    wanted = [value_at] if time_at is None else [time_at, value_at]
    rows, numbers = data_rows(path, lines, layout)
    fast = fast_columns(rows, layout, wanted)
    cells = cut_columns(path, rows if fast is None else rows[:_LOOK], numbers, layout, wanted)
    name = layout.columns[value_at]
    values = to_numbers(path, (fast or cells)[value_at], numbers, name, tuple(missing))
    values, ours = _to_ours(path, values, given_unit, measured, numbers, name)
    _refuse_nothing(path, values, name)
    notes = _notes(path, values, ours, measured, name)
    rate, start_s, stamps = rate_hz or layout.rate_hz or 1.0, 0.0, None
    if time_at is None and rate_hz is None:
        text = f"The rate of {rate:g} Hz is the one that the file states."
        notes.append(Note(path.name, "rate-from-file", text))
    elif time_at is not None:
        title = layout.columns[time_at]
        known = fast[time_at] if fast else None
        stamps = read_stamps(path, cells[time_at], numbers, title, known)
        axis = find_axis(path, stamps.times_s, numbers, title)
        values, rate, start_s = axis.lay(values), axis.rate_hz, axis.start_s
        text = f"Column {title!r} was read as {stamps.read_as}; {rate:g} Hz."
        notes += [Note(path.name, "time-axis", text), *axis.notes]
    facts = {"unit": ours, "kind": measured, "person": person}
    signal = Signal(values=values, rate_hz=rate, start_s=start_s, **facts)
    return _recording(path, signal, layout, stamps, notes)


def _recording(
    path: Path, signal: Signal, layout: Layout, stamps: Stamps | None, notes: list[Note]
) -> Recording:
    """Put the signal together with what is known of its clock."""
    started, error = layout.started_at, 0.5 if layout.started_at else float("nan")
    if stamps is not None and stamps.started_at is not None:
        started, error = stamps.started_at, stamps.error_s
    return Recording(
        signals=(signal,),
        started_at=started,
        started_at_error_s=error,
        clock=str(path),
        notes=tuple(notes),
    )


def _known_separator(name: str) -> str:
    """Accept the name of a separator or the character itself."""
    by_mark = {mark: known for known, mark in SEPARATORS.items() if mark} | {" ": "blanks"}
    name = by_mark.get(name, name)
    if name and name not in SEPARATORS:
        raise InputError("separator", name, f"one of {sorted(SEPARATORS)}")
    return name


def _known_mark(mark: str) -> str:
    """Refuse a decimal mark that is neither point nor comma."""
    if mark not in {"", ".", ","}:
        raise InputError("decimal", mark, "'.' or ','")
    return mark


def _ask_for_facts(path: Path, layout: Layout, kind: str | None, unit: str | None) -> None:
    """Refuse a call that does not say what was measured, listing what is there."""
    columns = list(layout.columns)
    if not kind:
        raise FileError(
            path,
            f"columns {columns} and no word on what was measured",
            "a kind",
            f"Pass kind, one of {sorted(KINDS)} or a word of your own.",
        )
    if not unit:
        known = units_for(kind)
        say = f"one of {list(known)}" if known else "'1' where it is arbitrary"
        raise FileError(
            path, f"columns {columns} and no unit", f"the unit of {kind}", f"Pass unit, {say}."
        )


def _ask_for_rate(path: Path, layout: Layout, rate_hz: float | None, time_at: int | None) -> None:
    """Refuse a call without a time axis, with two, or with a rate the file contradicts."""
    if rate_hz is not None and not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if time_at is not None and rate_hz is not None:
        raise InputError(
            "time_column, rate_hz",
            (layout.columns[time_at], rate_hz),
            "one of the two",
            "Leave out rate_hz, or time_column where its stamps are too coarse.",
        )
    if time_at is None and rate_hz is None and layout.rate_hz is None:
        raise FileError(
            path,
            "no sampling rate",
            "time_column or rate_hz",
            f"Columns: {list(layout.columns)}. A rate has no default: it is a fact.",
        )
    if rate_hz is not None and layout.rate_hz not in {None, rate_hz}:
        raise FileError(
            path,
            f"a stated rate of {layout.rate_hz:g} Hz",
            f"{rate_hz:g} Hz as given",
            "Leave out rate_hz, or mend the file.",
        )


def _find_column(path: Path, layout: Layout, column: str | int) -> int:
    """Position of a column by name (exact, else by its letters) or position."""
    if isinstance(column, str) and not layout.names and column.isdigit():
        column = int(column)
    if isinstance(column, int):
        if 0 <= column < layout.width:
            return column
        raise FileError(
            path, f"{layout.width} columns", f"a column {column} (the first is 0)", "Count again."
        )
    names = list(layout.names)
    same = [i for i, n in enumerate(names) if n == column]
    near = same or [i for i, n in enumerate(names) if n.lower() == column.strip().lower()]
    if len(near) != 1:
        found = f"columns {list(layout.columns)}" + ("" if names else " without names")
        how = "twice" if len(near) > 1 else "not at all"
        raise FileError(
            path,
            found,
            f"one column {column!r} (it is there {how})",
            "Pass a name that is there or a position from 0; or say separator=.",
        )
    return near[0]


def _which_column(path: Path, layout: Layout, column: str | int | None, time_at: int | None) -> int:
    """Position of the column to read; it need not be said where only one is left."""
    if column is not None:
        at = _find_column(path, layout, column)
        if at == time_at:
            raise InputError("column", column, "another column than time_column")
        return at
    left = [i for i in range(layout.width) if i != time_at]
    if len(left) != 1:
        raise FileError(path, f"columns {list(layout.columns)}", "to be told which", "Pass column.")
    return left[0]


def _to_ours(
    path: Path, values: Array, unit: str, kind: str, numbers: Ints, column: str
) -> tuple[Array, str]:
    """Bring the values to the unit of their kind; names the row that has none there."""
    try:
        return convert(values, unit, kind)
    except InputError as error:
        if error.field != "values":
            raise
        at = int(np.flatnonzero(values == 0)[0])
        raise FileError(
            path,
            f"0 {unit}",
            error.expected,
            error.hint,
            line=int(numbers[at]),
            column=column,
        ) from error


def _refuse_nothing(path: Path, values: Array, column: str) -> None:
    """Refuse a column that cannot say anything: one sample, all missing, all the same."""
    there = values[np.isfinite(values)]
    if values.size < 2:
        raise FileError(
            path, "one sample", "at least two", "Is this the whole file?", column=column
        )
    if not there.size:
        raise FileError(
            path,
            f"nothing but missing values in {values.size} rows",
            "numbers",
            "Is it the right column? Was the sensor connected?",
            column=column,
        )
    if there.min() == there.max():
        raise FileError(
            path,
            f"the value {there[0]:g} in all {there.size} rows",
            "a signal that varies",
            "Is it the right column? Was the sensor connected?",
            column=column,
        )


def _notes(path: Path, values: Array, unit: str, kind: str, column: str) -> list[Note]:
    """Say what looks odd about the size of the values."""
    notes = []
    if kind not in KINDS:
        text = f"{kind!r} is no kind the program knows: its unit {unit!r} is taken as given."
        notes.append(Note(path.name, "unknown-kind", text))
    share = implausible_share(values, unit, kind)
    if share > 0.01:
        known = KINDS[kind]
        text = (
            f"{100 * share:.0f} % of column {column!r} lie outside {known.low:g} to "
            f"{known.high:g} {unit}: is the unit right?"
        )
        notes.append(Note(path.name, "implausible-size", text))
    return notes
