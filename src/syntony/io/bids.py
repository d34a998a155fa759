"""BIDS physiology: ``_physio.tsv.gz`` for signals, ``_physioevents.tsv.gz`` for moments."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.core.units import KINDS
from syntony.io.registry import reader
from syntony.io.text import read_gzip

PHYSIO, EVENTS = "_physio.tsv.gz", "_physioevents.tsv.gz"
_LABEL = re.compile(r"[0-9a-zA-Z]+")
_KINDS_IN_BIDS = {"respiratory": "resp"}
_DEEPEST = 6
_BLOCK_BYTES = 1 << 24


def label_of(field: str, text: str) -> str:
    """Check that a text can be a BIDS label: letters and digits.

    Raises
    ------
    InputError
        If it holds anything else.

    Examples
    --------
    >>> label_of("session", "d01s03")
    'd01s03'
    """
    if not _LABEL.fullmatch(text):
        raise InputError(
            field, text, "letters and digits only", "BIDS labels know no blanks, '-' or '_'."
        )
    return text


def plain_label(text: str, default: str) -> str:
    """Drop what a BIDS label may not hold.

    Examples
    --------
    >>> plain_label("eda_tonic", "signal")
    'edatonic'
    """
    return "".join(_LABEL.findall(text)) or default


def write_gzip(path: Path, text: str) -> None:
    """Write gzip whose bytes depend on the content alone (no time, no name inside).

    Level 1: for numbers of 17 digits it packs as well as level 6, five times as fast.
    """
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as file:
        file.write(text.encode("utf-8"))


def write_json(path: Path, table: Mapping[str, Any]) -> None:
    """Write a sidecar; NaN is no JSON, so it becomes null."""
    text = json.dumps(_no_nan(table), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _no_nan(value: Any) -> Any:
    """Replace NaN by None, all the way down."""
    if isinstance(value, Mapping):
        return {str(k): _no_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_no_nan(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value


def number_text(values: Array) -> list[str]:
    """Numbers as text that reads back to the same bits (shortest form); ``n/a`` for NaN.

    Examples
    --------
    >>> number_text(np.array([0.1, np.nan, 800.0]))
    ['0.1', 'n/a', '800.0']
    """
    return ["n/a" if x == "nan" else x for x in map(repr, values.tolist())]


def write_physio(stem: Path, signal: Signal, *, task: str, note: str = "") -> tuple[Path, Path]:
    """Write one signal as ``<stem>_physio.tsv.gz`` and its sidecar.

    Parameters
    ----------
    stem : Path
        Folder and name up to the suffix, for example
        ``.../sub-P01_ses-d01s03_task-therapy_recording-eda``.
    signal : Signal
        ``start_s`` becomes ``StartTime``, on the session clock.
    task : str
        Name of the task, as in the file name.
    note : str, optional
        Description of the column, beside the title of its kind.

    Returns
    -------
    tuple of Path
        Table and sidecar. Numbers read back to the same bits.
    """
    table, sidecar = Path(f"{stem}{PHYSIO}"), Path(f"{stem}_physio.json")
    about: dict[str, Any] = {
        "SamplingFrequency": signal.rate_hz,
        "StartTime": signal.start_s,
        "Columns": [signal.kind],
        "PhysioType": "generic",
        "TaskName": task,
    }
    if signal.kind in about or not signal.kind.isprintable():
        raise InputError("kind", signal.kind, f"a word other than {sorted(about)}")
    rows = "\n".join(map(repr, signal.values.tolist())).replace("nan", "n/a")
    write_gzip(table, rows + "\n" if rows else "")
    column = {"Units": signal.unit, "Description": _describe(signal.kind, note)}
    write_json(sidecar, {**about, signal.kind: column})
    return table, sidecar


def write_physioevents(stem: Path, events: Events, *, task: str) -> tuple[Path, Path]:
    """Write moments as ``<stem>_physioevents.tsv.gz`` and its sidecar.

    The columns are ``onset`` (s, session clock) and, where the moments have values, one
    named for their kind. ``OnsetSource`` is empty: no column of a signal counts these onsets.

    Returns
    -------
    tuple of Path
        Table and sidecar. Numbers read back to the same bits.
    """
    table, sidecar = Path(f"{stem}{EVENTS}"), Path(f"{stem}_physioevents.json")
    onsets = number_text(events.times_s)
    about: dict[str, Any] = {
        "Columns": ["onset"],
        "OnsetSource": "",
        "Description": _describe(events.kind),
        "TaskName": task,
        "Kind": events.kind,
        "onset": {"Units": "s", "Description": "time on the session clock"},
    }
    rows = onsets
    if events.values is not None:
        name = events.kind if events.kind not in about else "value"
        rows = [f"{a}\t{b}" for a, b in zip(onsets, number_text(events.values), strict=True)]
        about["Columns"] = ["onset", name]
        about[name] = {"Units": events.unit, "Description": _describe(events.kind)}
    write_gzip(table, "\n".join(rows) + "\n" if rows else "")
    write_json(sidecar, about)
    return table, sidecar


def _describe(kind: str, note: str = "") -> str:
    """Title of a kind, for the sidecar."""
    title = KINDS[kind].title if kind in KINDS else kind
    return f"{title}; {note}" if note else title


def sidecars_of(path: Path) -> list[Path]:
    """Sidecars that apply to a table, the most general first (the inheritance principle).

    A JSON file applies if it lies in the folder of the table or above it, up to the root
    of the dataset, has its suffix, and names no entity that the table lacks. Outside of
    a dataset only the folder of the table counts.
    """
    base = path.name.removesuffix(".tsv.gz").removesuffix(".tsv")
    *entities, suffix = base.split("_")
    levels: list[list[Path]] = []
    for folder in [path.parent, *path.parent.parents][:_DEEPEST]:
        here = []
        for file in folder.glob(f"*{suffix}.json"):
            *theirs, their_suffix = file.name.removesuffix(".json").split("_")
            if their_suffix == suffix and set(theirs) <= set(entities):
                here.append((len(theirs), file))
        levels.append([file for _, file in sorted(here)])
        if (folder / "dataset_description.json").exists():
            return [file for level in reversed(levels) for file in level]
    return levels[0]


def read_sidecar(path: Path) -> dict[str, Any]:
    """Read everything that sidecars say about a table; what is nearer to it wins.

    Raises
    ------
    FileError
        If there is no sidecar, or one is no JSON object.
    """
    files = sidecars_of(path)
    if not files:
        raise FileError(
            path,
            "no sidecar",
            f"{path.name.removesuffix('.tsv.gz')}.json beside or above it",
            "The columns and the rate of a physio file stand in its sidecar.",
        )
    said: dict[str, Any] = {}
    for file in files:
        said.update(read_json(file))
    return said


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object, or say where it breaks."""
    try:
        table = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FileError(path, "no such file", "a JSON file") from None
    except json.JSONDecodeError as error:
        raise FileError(path, error.msg, "JSON", "Mend the file.", line=error.lineno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise FileError(path, "broken text", "JSON in UTF-8", "Mend the file.") from error
    if not isinstance(table, dict):
        raise FileError(path, f"a {type(table).__name__}", "a JSON object", "Mend the file.")
    return table


def _number_in(path: Path, said: Mapping[str, Any], field: str, *, above: float) -> float:
    """Take a finite number out of a sidecar."""
    value = said.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FileError(path, f"{field} = {value!r} in its sidecar", "a number", f"Write {field}.")
    if not (np.isfinite(value) and value > above):
        more = "a finite number" if above == -np.inf else f"a finite number above {above:g}"
        raise FileError(path, f"{field} = {value!r} in its sidecar", more, f"Mend {field}.")
    return float(value)


def _columns_in(path: Path, said: Mapping[str, Any]) -> list[str]:
    """Take the names of the columns out of a sidecar."""
    names = said.get("Columns")
    good = isinstance(names, list) and names and all(isinstance(n, str) and n for n in names)
    if not good or len(set(names or [])) < len(names or []):
        raise FileError(
            path,
            f"Columns = {names!r} in its sidecar",
            "a list of different names",
            "A physio file has no header: its columns are named there.",
        )
    return list(names or [])


def _unit_in(path: Path, said: Mapping[str, Any], column: str, given: str | None) -> str:
    """Take the unit of a column out of a sidecar, else as the caller says."""
    about = said.get(column)
    unit = about.get("Units") if isinstance(about, dict) else None
    unit = unit or given
    if not isinstance(unit, str) or not unit:
        raise FileError(
            path,
            f"no Units of {column!r} in its sidecar",
            "a unit",
            "Write it there, or pass unit ('1' means arbitrary).",
            column=column,
        )
    return unit


def _table(path: Path, columns: Sequence[str]) -> Array:
    """Read the numbers of a BIDS table without a header, shape (n_rows, n_columns)."""
    import pyarrow as pa
    from pyarrow import csv

    text = read_gzip(path)
    if not text.strip():
        return np.empty((0, len(columns)))
    numbered = [str(k) for k in range(len(columns))]
    try:
        table = csv.read_csv(  # rounds as Python does, seven times faster than float()
            pa.py_buffer(text),
            csv.ReadOptions(column_names=numbered, use_threads=False, block_size=_BLOCK_BYTES),
            csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(numbered, pa.float64()), null_values=["n/a"]
            ),
            memory_pool=pa.system_memory_pool(),  # the usual one sets a gigabyte apart at once
        )
    except pa.ArrowInvalid:
        _refuse_cell(path, text, columns)
    found = np.column_stack([column.to_numpy() for column in table.columns])
    if np.isinf(found).any():
        _refuse_cell(path, text, columns)
    return found


def _refuse_cell(path: Path, text: bytes, columns: Sequence[str]) -> NoReturn:
    """Find the first row or cell that is wrong and raise for it."""
    width = len(columns)
    rows = text.decode("utf-8", "replace").replace("n/a", "nan").split("\n")
    for i, row in enumerate(rows if rows[-1] else rows[:-1]):
        cells = row.removesuffix("\r").split("\t")
        if len(cells) != width:
            raise FileError(
                path,
                f"{len(cells)} cells",
                f"{width}, one for each of {list(columns)}",
                "Mend the row, or Columns in the sidecar.",
                line=i + 1,
            )
        for name, cell in zip(columns, cells, strict=True):
            try:
                good = "_" not in cell and abs(float(cell)) != float("inf")
            except ValueError:
                good = False
            if not good:
                hint = "A physio file has no header row." if i == 0 else "Mend the cell."
                raise FileError(
                    path, repr(cell[:60]), "a finite number or n/a", hint, line=i + 1, column=name
                )
    raise FileError(path, "rows that cannot be told apart", f"{width} cells in each", "Mend it.")


def read_physio(
    path: Path, *, person: str, unit: str | None = None, columns: Sequence[str] = ()
) -> tuple[Signal, ...]:
    """Read the signals of a ``_physio.tsv.gz``; see ``read_bids`` for the parameters."""
    said = read_sidecar(path)
    names = _columns_in(path, said)
    rate = _number_in(path, said, "SamplingFrequency", above=0.0)
    start = _number_in(path, said, "StartTime", above=-np.inf)
    _refuse_unknown(path, names, columns)
    units = {n: _unit_in(path, said, n, unit) for n in names if not columns or n in columns}
    table = _table(path, names)
    if not len(table):
        raise FileError(path, "no samples", "at least one row", "Was anything recorded?")
    return tuple(
        Signal(
            values=table[:, names.index(name)],
            rate_hz=rate,
            start_s=start,
            unit=one,
            kind=_KINDS_IN_BIDS.get(name, name),
            person=person,
        )
        for name, one in units.items()
    )


def _refuse_unknown(path: Path, names: Sequence[str], columns: Sequence[str]) -> None:
    """Raise for a column that is asked for and not there."""
    for name in columns:
        if name not in names:
            raise FileError(path, f"columns {list(names)}", f"a column {name!r}", "Pass another.")


def read_physioevents(path: Path, *, person: str, unit: str | None = None) -> Events:
    """Read the moments of a ``_physioevents.tsv.gz``; see ``read_bids`` for the parameters."""
    said = read_sidecar(path)
    names = _columns_in(path, said)
    if names[0] != "onset" or len(names) > 2:
        raise FileError(
            path, f"columns {names}", "onset and at most one value", "Split or mend the file."
        )
    table = _table(path, names)
    times = table[:, 0]
    wrong = np.flatnonzero(np.isnan(times) | np.concatenate([[False], np.diff(times) < 0]))
    if wrong.size:
        at = int(wrong[0])
        found = "a missing time" if np.isnan(times[at]) else f"{times[at]:g} s after a later time"
        raise FileError(
            path, found, "ascending times", "Sort or mend the rows.", line=at + 1, column="onset"
        )
    kind = said.get("Kind") or (names[1] if len(names) == 2 else "marker")
    return Events(
        times_s=times,
        values=table[:, 1] if len(names) == 2 else None,
        unit=_unit_in(path, said, names[1], unit) if len(names) == 2 else "",
        kind=str(kind),
        person=person,
    )


def _sniff(path: Path, head: bytes) -> bool:
    """Claim gzip files with a BIDS name."""
    return head[:2] == b"\x1f\x8b" and path.name.endswith((PHYSIO, EVENTS))


@reader(name="bids", title="BIDS physiology", suffixes=(".gz",), sniff=_sniff)
def read_bids(
    path: Path, *, person: str, unit: str | None = None, columns: Sequence[str] = ()
) -> Recording:
    """Read a BIDS ``_physio.tsv.gz`` or ``_physioevents.tsv.gz`` with its sidecars.

    Parameters
    ----------
    path : Path
    person : str
    unit : str, optional
        Unit of the columns for which no sidecar gives ``Units`` (``"1"``: arbitrary).
    columns : sequence of str, optional
        Columns to read; all by default.

    Returns
    -------
    Recording
        Signals of every column, at ``StartTime``; or Events. ``n/a`` is NaN. The column
        ``respiratory`` becomes the kind ``resp``; other columns keep their name.

    Raises
    ------
    FileError
        No sidecar, no rate, start, columns or units in it; a cut-off file; a row of another
        width; text or infinity in a cell.
    """
    path = Path(path)
    if path.name.endswith(EVENTS):
        events = read_physioevents(path, person=person, unit=unit)
        return Recording(events=(events,), clock=str(path))
    signals = read_physio(path, person=person, unit=unit, columns=columns)
    notes = [
        Note(path.name, "all-missing", f"Column {s.kind!r} holds nothing but missing values.")
        for s in signals
        if not s.valid_share
    ]
    return Recording(signals=signals, clock=str(path), notes=tuple(notes))
