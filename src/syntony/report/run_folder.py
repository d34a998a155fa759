"""Reading a Run folder: tables as plain columns, maps, notes. Nothing else is opened."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools
from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.run import TABLES


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of equal length; text as objects, numbers as float64 (NaN missing)."""

    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    there: bool = True

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, name: str) -> Array:
        """Column of numbers; NaN throughout where the table lacks it."""
        column = self.columns.get(name)
        if column is None:
            return np.full(len(self), np.nan)
        return column.astype(np.float64)

    def words(self, name: str) -> list[str]:
        """Column of text; empty where the table lacks it or a cell is null."""
        column = self.columns.get(name)
        if column is None:
            return [""] * len(self)
        return [_word(v) for v in column.tolist()]

    def where(self, keep: Bools | None = None, **equal: object) -> Table:
        """Rows in which every named column equals its value."""
        chosen = np.ones(len(self), dtype=bool) if keep is None else keep.copy()
        for name, value in equal.items():
            column = self.columns.get(name)
            if column is None:
                chosen[:] = False
            else:
                chosen &= np.asarray(column == value, dtype=bool)
        return Table({k: v[chosen] for k, v in self.columns.items()}, self.there)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One dictionary a row: text as str, numbers as float, NaN where missing."""
        names = list(self.columns)
        for cells in zip(*(self.columns[n].tolist() for n in names), strict=True):
            yield {n: _cell(v) for n, v in zip(names, cells, strict=True)}

    def first(self) -> dict[str, Any]:
        """Give the first row, or nothing."""
        return next(self.rows(), {})

    def different(self, name: str) -> list[Any]:
        """Distinct values of a column in the order they first appear."""
        column = self.columns.get(name)
        return [] if column is None else list(dict.fromkeys(column.tolist()))


class Tables(Mapping[str, Table]):
    """Tables by name, each made when it is first asked for."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Table]) -> None:
        self._made: dict[str, Table | None] = dict.fromkeys(names)
        self._make = make

    def __getitem__(self, name: str) -> Table:
        found = self._made[name]
        if found is None:
            found = self._made[name] = self._make(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What ``couplings/<session>_<step>.npz`` holds; missing pieces are empty arrays.

    ``profile`` is laid out over ``lag_s``, ``course`` over ``time_s`` (at lag 0, averaged over
    frequencies), ``spectrum`` over ``frequency_hz`` (averaged over time); each has the band of
    ``band_surrogate``.
    """

    time_s: Array
    lag_s: Array
    frequency_hz: Array
    values: Array
    coverage: Array
    profile: Array
    profile_low: Array
    profile_high: Array
    course: Array
    course_low: Array
    course_high: Array
    spectrum: Array
    spectrum_low: Array
    spectrum_high: Array
    band_surrogate: str
    null: Mapping[str, Mapping[str, Array]]

    @property
    def has_lags(self) -> bool:
        """Whether it speaks of more than one lag."""
        return self.lag_s.size > 1

    @property
    def has_frequencies(self) -> bool:
        """Whether it speaks of more than one frequency."""
        return self.frequency_hz.size > 1


@dataclass(frozen=True, eq=False)
class RunFolder:
    """A Run folder opened for reading; each file is read when it is first asked for."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise FileError(
                self.path, "no such folder", "a Run folder", "Give the folder of a run."
            )
        if not (self.path / "origin.json").is_file():
            raise FileError(
                self.path, "no origin.json", "a Run folder", "Was the run stopped before it began?"
            )

    @cached_property
    def origin(self) -> dict[str, Any]:
        """What was read, by which versions, when."""
        return self._json("origin.json")

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """Every choice, defaults included."""
        return self._json("recipe.json") if (self.path / "recipe.json").is_file() else {}

    @cached_property
    def card(self) -> dict[str, Any]:
        """The calibration card; empty where none was made."""
        return self._json("card.json") if (self.path / "card.json").is_file() else {}

    @cached_property
    def notes(self) -> list[Note]:
        """What the stages noticed, in order."""
        path = self.path / "notes.jsonl"
        if not path.is_file():
            return []
        found = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                found.append(Note(str(row["where"]), str(row["code"]), str(row["text"])))
            except (json.JSONDecodeError, KeyError, TypeError) as error:
                raise FileError(
                    path, repr(error), 'a note {"where", "code", "text"}', line=number
                ) from error
        return found

    @cached_property
    def tables(self) -> Tables:
        """Every table by name; one whose file is missing is empty and says so.

        Of ``pseudo``, which can be larger than memory, it says only whether it is there:
        :meth:`pseudo` gives a part of it, and ``row_counts`` how long it is.
        """

        def read(name: str) -> Table:
            path = self.path / f"{name}.parquet"
            return Table(there=path.is_file()) if name == PSEUDO else self._table(path)

        return Tables(TABLES, read)

    @cached_property
    def row_counts(self) -> dict[str, int]:
        """How many rows every table that is there has."""
        paths = {name: self.path / f"{name}.parquet" for name in TABLES}
        return {n: _count_rows(path) for n, path in paths.items() if path.is_file()}

    def pseudo(self, step: float, statistic: str) -> Table:
        """Pseudo-pairs of one step and statistic: both sessions, the rule, the value."""
        known, key = self._pseudo, (float(step), statistic)
        if key not in known:
            path, names = self.path / f"{PSEUDO}.parquet", [*_PAIRING, "value"]
            same = {"step": int(step), "statistic": statistic}
            known[key] = read_table(path, names, same) if path.is_file() else Table(there=False)
        return known[key]

    def pairings(self, session: str, step: float, statistic: str, rule: str) -> Array:
        """Every value of a session's people with partners of a rule: as first, then as second."""
        key = (float(step), statistic)
        if key not in self._places:
            self._places[key] = _places_of(self.pseudo(step, statistic))
        places = self._places[key]
        mine = [places.get((side, rule, session), ()) for side in ("session_a", "session_b")]
        values = self.pseudo(step, statistic).numbers("value")
        return values[np.array([k for some in mine for k in some], dtype=np.int64)]

    @cached_property
    def _pseudo(self) -> dict[tuple[float, str], Table]:
        return {}

    @cached_property
    def _places(self) -> dict[tuple[float, str], dict[tuple[str, str, str], list[int]]]:
        return {}

    def text(self, name: str) -> str:
        """Text of a file in the folder; empty where it is missing."""
        path = self.path / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def signals(self, session: str) -> Table:
        """Both people's feature on the grid."""
        return self._table(self._inside("signals", f"{session}.parquet"))

    def ratings(self, session: str) -> Table:
        """Ratings on the grid on which they are compared: ``time_s`` and ``role|kind``."""
        return self._table(self._inside("signals", f"{session}_ratings.parquet"))

    def coupling(self, session: str, step: int) -> Map | None:
        """Map, profile and draws of one session and step; None where there is no file."""
        path = self._inside("couplings", f"{session}_{step}.npz")
        if path not in self._maps:  # a page asks for its own twice
            while len(self._maps) >= _MAPS_HELD:
                del self._maps[next(iter(self._maps))]
            self._maps[path] = read_map(path) if path.is_file() else None
        return self._maps[path]

    def curves(self, session: str, step: int) -> Map | None:
        """Profile, course and spectrum alone of a coupling, for figures over all sessions."""
        path = self._inside("couplings", f"{session}_{step}.npz")
        return read_map(path, only=_CURVES) if path.is_file() else None

    @cached_property
    def _maps(self) -> dict[Path, Map | None]:
        return {}

    def _inside(self, folder: str, name: str) -> Path:
        if "/" in name or "\\" in name or name.startswith(".."):
            raise InputError("session", name, "a name without slashes")
        return self.path / folder / name

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise FileError(path, str(error), "JSON", "Make the run again.") from error
        if not isinstance(found, dict):
            raise FileError(path, type(found).__name__, "a JSON object", "Make the run again.")
        return found

    def _table(self, path: Path) -> Table:
        if not path.is_file():
            return Table(there=False)
        return read_table(path)


PSEUDO, STRANGERS = "pseudo", "pseudo_dyads"
_PAIRING = ("surrogate", "session_a", "session_b")


def _places_of(pseudo: Table) -> dict[tuple[str, str, str], list[int]]:
    """Rows of every session in pseudo-pairs, by its side in them and the rule.

    A table that does not name rules holds strangers only.
    """
    rules = (
        pseudo.words("surrogate") if "surrogate" in pseudo.columns else [STRANGERS] * len(pseudo)
    )
    found: dict[tuple[str, str, str], list[int]] = {}
    for side in ("session_a", "session_b"):
        for k, (rule, session) in enumerate(zip(rules, pseudo.words(side), strict=True)):
            found.setdefault((side, rule, session), []).append(k)
    return found


def _count_rows(path: Path) -> int:
    """How many rows a Parquet file has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        count: int = pq.read_metadata(path).num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(path, str(error), "a Parquet table", "Make the run again.") from error
    return count


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    same: Mapping[str, object] | None = None,
) -> Table:
    """Read a Parquet file into plain columns; only some of them, or rows of the same values.

    Raises
    ------
    FileError
        If the file is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:  # read_table loads pandas, half a second for nothing
            there = [n for n in columns or file.schema_arrow.names if n in file.schema_arrow.names]
            frame = _rows_with(file, there, same) if same else file.read(columns=there)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(path, str(error), "a Parquet table", "Make the run again.") from error
    from syntony.core.columns import values_of

    held: dict[str, NDArray[Any]] = {}
    for name, column in zip(frame.column_names, frame.columns, strict=True):
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            held[name] = values_of(column)
        else:
            cells = np.empty(len(column), dtype=object)
            cells[:] = column.to_pylist()
            held[name] = cells
    return Table(held)


def _rows_with(file: Any, columns: Sequence[str], same: Mapping[str, object]) -> Any:
    """Columns of the rows that have these values, a million rows at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    read = list(dict.fromkeys([*columns, *same]))
    parts = []
    for batch in file.iter_batches(batch_size=1_000_000, columns=read):
        masks = [pc.equal(batch.column(name), pa.scalar(value)) for name, value in same.items()]
        parts.append(batch.filter(reduce(pc.and_, masks)).select(list(columns)))
    schema = pa.schema([file.schema_arrow.field(n) for n in columns])
    return pa.Table.from_batches(parts, schema=schema)


def read_map(path: Path, *, only: Collection[str] | None = None) -> Map:
    """Read one coupling file, or only some of its arrays; what is not read is empty.

    Raises
    ------
    FileError
        If it is no NumPy archive, or holds pickled objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            found = {name: held[name] for name in held.files if only is None or name in only}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise FileError(path, str(error), "a NumPy archive of plain arrays") from error
    null: dict[str, dict[str, Array]] = {}
    for name, values in found.items():
        if name.startswith("null__"):
            _, surrogate, statistic = name.split("__", 2)
            null.setdefault(surrogate, {})[statistic] = values
    none = np.empty(0)
    return Map(
        **{n: found.get(n, none) for n in _MAP_ARRAYS},
        band_surrogate=str(found.get("band_surrogate", "")),
        null=null,
    )


_MAPS_HELD = 4
_CURVES = ("time_s", "lag_s", "frequency_hz", "profile", "course", "spectrum")
_MAP_ARRAYS = (
    "time_s",
    "lag_s",
    "frequency_hz",
    "values",
    "coverage",
    "profile",
    "profile_low",
    "profile_high",
    "course",
    "course_low",
    "course_high",
    "spectrum",
    "spectrum_low",
    "spectrum_high",
)


def _word(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _cell(value: object) -> object:
    return "" if value is None else value
