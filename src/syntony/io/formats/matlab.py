"""MATLAB files: variables of numbers, named by the caller; never objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.recording import Recording
from syntony.io.axis import Axis, find_axis
from syntony.io.channels import Channel, to_signals
from syntony.io.channels import kind_of as kind_of_label
from syntony.io.hdf5 import SIGNATURE, attribute, member, names_in_group, numbers, open_hdf5
from syntony.io.mat4 import Mat4File, looks_like_mat4
from syntony.io.mat5 import HEAD, MatFile
from syntony.io.registry import reader
from syntony.io.text import read_bytes

_HEAD_73 = b"MATLAB 7.3 MAT-file"
_LABEL = re.compile(r"(?P<name>[A-Za-z]\w*)(?P<fields>(?:\.[A-Za-z]\w*)*)(?:\((?P<at>[^()]*)\))?")
_COLUMN, _ROW = re.compile(r":\s*,\s*([1-9]\d{0,5})"), re.compile(r"([1-9]\d{0,5})\s*,\s*:")
_LIMIT = 2**29
_TIME_UNITS = {"s": 1.0, "ms": 1e-3, "min": 60.0}
_SHOWN = 12
_NUMERIC = {"double", "single", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64))}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim what begins as MATLAB's files do; those of version 4 only where they are named so."""
    return head.startswith((HEAD, _HEAD_73)) or (
        path.suffix.lower() == ".mat" and looks_like_mat4(head)
    )


@reader(name="matlab", title="MATLAB file (.mat)", suffixes=(".mat",), sniff=_sniff)
def read_matlab(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str] | None = None,
    rate_hz: float | None = None,
    rate_variable: str = "",
    time_variable: str = "",
    time_unit: str = "s",
) -> Recording:
    """Read variables of numbers as signals.

    Parameters
    ----------
    path : Path
        Saved by MATLAB as version 4 to 7.3 (the last needs h5py, the extra ``data``).
    person : str
    channels : mapping of str to str, or sequence of str
        What to read, written as in MATLAB: ``eda``, ``data.conductance`` (a field of a
        struct), ``data(:,2)`` or ``data(2,:)`` (a column or row); with a mapping, what each
        measures: ``{"data(:,2)": "eda"}``. Nothing in such a file says which variables are
        signals, so this must be given.
    units : mapping of str to str
        Unit of each: a MATLAB file never says.
    rate_hz : float, optional
        Samples per second; or
    rate_variable : str, optional
        the variable that holds them (``fs``); or
    time_variable : str, optional
        the variable that holds the time of every sample. Gaps in it are missing samples.
    time_unit : str, default "s"
        Of those times: ``s``, ``ms`` or ``min``.

    Returns
    -------
    Recording

    Raises
    ------
    FileError
        A damaged file; no such variable, with the list of what is there; cells, objects or
        complex numbers; no rate, or no unit.

    Notes
    -----
    Files of versions 4 to 7.2 are read by their tags, those of 7.3 as HDF5. Nothing in them is
    run and no object is made.
    """
    path = Path(path)
    with_73 = _is_73(path)
    asked = [*(channels or ()), *(v for v in (rate_variable, time_variable) if v)]
    if with_73:
        found, listed = _values_73(path, asked)
    else:
        found, listed = _values_5(path, asked)
    if not channels:
        raise FileError(
            path,
            f"variables {listed}",
            "to be told which are signals",
            "Pass channels, such as {'data(:,1)': 'eda'}.",
        )
    kinds = dict.fromkeys(channels, "") if not isinstance(channels, Mapping) else dict(channels)
    kinds = {n: k or kind_of_label(n) for n, k in kinds.items()}
    lengths = {n: found[n].size for n in kinds}
    if time_unit not in _TIME_UNITS:
        raise InputError("time_unit", time_unit, f"one of {list(_TIME_UNITS)}")
    if time_variable:
        found[time_variable] = found[time_variable] * _TIME_UNITS[time_unit]
    rate, axis = _time(path, found, lengths, rate_hz, rate_variable, time_variable)
    taken = []
    for name in kinds:
        values = found[name] if axis is None else axis.lay(found[name])
        start = 0.0 if axis is None else axis.start_s
        taken.append(Channel(label=name, values=values, rate_hz=rate, start_s=start))
    signals, notes = to_signals(path, taken, person=person, kinds=kinds, units=units)
    return Recording(
        signals=signals, clock=str(path), notes=(*(axis.notes if axis else ()), *notes)
    )


def _is_73(path: Path) -> bool:
    """Whether a file is of version 7.3; what is no MATLAB file is refused."""
    data = read_bytes(path, _LIMIT)[:1024] if path.is_file() else read_bytes(path)
    if data.startswith(HEAD):
        return False
    if data.startswith(_HEAD_73) and data[512:].startswith(SIGNATURE):
        return True
    if looks_like_mat4(data):
        return False
    raise FileError(path, "no MATLAB file", "a .mat file of version 4 to 7.3", "Is it damaged?")


def _time(
    path: Path,
    found: Mapping[str, Array],
    lengths: Mapping[str, int],
    rate_hz: float | None,
    rate_variable: str,
    time_variable: str,
) -> tuple[float, Axis | None]:
    """Rate and, where there are times, the axis under them."""
    given = [v for v in (rate_hz, rate_variable, time_variable) if v]
    if len(given) != 1:
        raise FileError(
            path,
            "no sampling rate" if not given else f"{given} for the rate",
            "one of rate_hz, rate_variable and time_variable",
            "Pass rate_hz: a rate has no default, it is a fact.",
        )
    if time_variable:
        times = found[time_variable]
        other = [n for n, size in lengths.items() if size != times.size]
        if other or np.isnan(times).any():
            what = f"{times.size} times for {lengths}" if other else "a missing time"
            raise FileError(path, what, "a time for every sample", column=time_variable)
        axis = find_axis(path, times, np.arange(1, times.size + 1), time_variable)
        return axis.rate_hz, axis
    rate = float(rate_hz) if rate_hz else float("nan")
    if rate_variable:
        if found[rate_variable].size != 1:
            raise FileError(
                path, f"{found[rate_variable].size} numbers", "one rate", column=rate_variable
            )
        rate = float(found[rate_variable][0])
    if not (np.isfinite(rate) and 0 < rate < 1e7):
        raise InputError("rate_hz", rate, "a finite number above 0 Hz")
    return rate, None


def _parts(label: str) -> tuple[list[str], str]:
    """Names on the way to a variable, and the index behind it."""
    found = _LABEL.fullmatch(label.strip())
    if not found:
        raise InputError("channels", label, "a name as in MATLAB: eda, data.eda, data(:,2)")
    return [found["name"], *found["fields"].split(".")[1:]], found["at"] or ""


def _picked(path: Path, label: str, at: str, value: Array) -> Array:
    """Vector, column or row that a label means."""
    column, row = _COLUMN.fullmatch(at.strip()), _ROW.fullmatch(at.strip())
    if value.ndim == 2 and not at and 1 in value.shape:
        out: Array = value.reshape(-1)
    elif value.ndim == 2 and column and int(column[1]) <= value.shape[1]:
        out = value[:, int(column[1]) - 1]
    elif value.ndim == 2 and row and int(row[1]) <= value.shape[0]:
        out = value[int(row[1]) - 1]
    else:
        shape = "x".join(map(str, value.shape))
        raise FileError(
            path, f"{label!r} of shape {shape}", "a vector, or one column or row: data(:,1)"
        )
    if np.isinf(out).any():
        raise FileError(path, f"an infinite value in {label!r}", "finite numbers or NaN")
    if not out.size:
        raise FileError(path, f"no samples in {label!r}", "at least one", column=label)
    return out


def _none(path: Path, label: str, listed: Sequence[str]) -> FileError:
    return FileError(path, f"no variable {label!r}", f"one of {list(listed)}", column=label)


def _values_5(path: Path, asked: Sequence[str]) -> tuple[dict[str, Array], list[str]]:
    """Variables of a file of versions 4 to 7.2, and a list of what there is."""
    data = read_bytes(path, _LIMIT)
    file = MatFile(path, data) if data.startswith(HEAD) else Mat4File(path, data)
    listed = [
        f"{v.name} ({'x'.join(map(str, v.shape))} {v.kind})" for v in file.variables.values()
    ][:_SHOWN]
    out: dict[str, Array] = {}
    kept: dict[str, Any] = {}
    for label in asked:
        (first, *fields), at = _parts(label)
        if first not in file.variables:
            raise _none(path, label, listed)
        if first not in kept:
            kept[first] = file.read(first)
        value: Any = kept[first]
        for field in fields:
            if not isinstance(value, dict) or field not in value:
                raise _none(path, label, sorted(value) if isinstance(value, dict) else listed)
            value = value[field]
        if not isinstance(value, np.ndarray):
            there = f"fields {sorted(value)}" if isinstance(value, dict) else "text"
            raise FileError(path, f"{there} in {label!r}", "numbers", column=label)
        out[label] = _picked(path, label, at, value)
    return out, listed


def _values_73(path: Path, asked: Sequence[str]) -> tuple[dict[str, Array], list[str]]:
    """Variables of a file of version 7.3, and a list of what there is."""
    out = {}
    with open_hdf5(path, what="MATLAB 7.3") as file:
        listed = [n for n in names_in_group(path, file) if not n.startswith("#")][:_SHOWN]
        for label in asked:
            (first, *fields), at = _parts(label)
            group = file
            for name in [first, *fields][:-1]:
                group = member(path, group, name)
                if group is None or not hasattr(group, "keys"):
                    raise _none(path, label, listed)
            last = [first, *fields][-1]
            data = member(path, group, last)
            if data is None:
                raise _none(path, label, listed)
            kind = attribute(path, data, "MATLAB_class") or "double"
            if kind not in _NUMERIC or attribute(path, data, "MATLAB_empty"):
                raise FileError(path, f"{label!r} of class {kind}", "numbers", column=label)
            value = numbers(path, group, last)
            if value is None or value.ndim != 2:
                raise FileError(path, f"{label!r} of class {kind}", "a matrix", column=label)
            out[label] = _picked(path, label, at, value.T)  # MATLAB's columns are HDF5's rows
    return out, listed
