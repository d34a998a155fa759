"""Unisens folders (movisens): unisens.xml and the entries that it lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.units import convert
from syntony.io.channels import Channel, chosen, kind_of, to_signals
from syntony.io.formats.naming import told_apart
from syntony.io.registry import reader
from syntony.io.text import decode, read_bytes, size_of, split_lines

_XML = "unisens.xml"
_XML_LIMIT = 2**22
_ENTRY_LIMIT = 2**29
_TYPES: Mapping[str, str] = {
    "int8": "i1",
    "uint8": "u1",
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float": "f4",
    "double": "f8",
}
_PLAIN = re.compile(r"[^/\\:\0]+")
_BEATS = re.compile(r"rr|nn|ibi", re.I)
_UNITS = {"°C": "Cel", "g": "g", "dps": "deg/s", "": ""}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a folder with unisens.xml, and that file itself."""
    if path.is_dir():
        return (path / _XML).is_file()
    return b"<unisens" in head and b"\0" not in head


@reader(name="unisens", title="Unisens folder (movisens)", suffixes=(".xml",), sniff=_sniff)
def read_unisens(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Recording:
    """Read the signals, values and events that a unisens.xml lists.

    Parameters
    ----------
    path : Path
        The folder, or the ``unisens.xml`` in it.
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Signals to read: ``eda`` (the entry's file without its end), or ``acc x`` where an
        entry has several; with a mapping, what each measures. All by default.
    units : mapping of str to str, optional
        Of signals for which the file has none.

    Returns
    -------
    Recording
        Signals as ``(number - baseline) * lsbValue`` in their unit; lists of values
        as events (intervals between beats as ``rr``); lists of events as events.

    Raises
    ------
    FileError
        XML that is cut off or holds entities, an entry that is missing, lies outside the
        folder, or whose size is no whole number of samples.

    Notes
    -----
    Written from the specification of Unisens 2.0; not checked against a real file.
    """
    path = Path(path)
    file = path / _XML if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        raise FileError(path, "no unisens.xml", "a Unisens folder", "Check the path.")
    root = _parsed(file)
    listed: list[Channel] = []
    events: list[Events] = []
    notes: list[Note] = []
    for entry in root:
        name = str(entry.tag).rpartition("}")[2]
        if name == "signalEntry":
            listed += _signals(file, entry)
        elif name in {"valuesEntry", "eventEntry"}:
            events += _listed(file, entry, person, values=name == "valuesEntry")
        elif name not in {"customAttributes", "context", "group"}:
            notes.append(Note(file.name, "not-read", f"An entry {name[:40]!r} is not read."))
    listed = told_apart(listed)
    kinds = chosen(path, [c.label for c in listed], channels)
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    if not signals and not events:
        raise FileError(file, "no entry with samples", "at least one", "Is it the right folder?")
    started = _stamp(root.attrib.get("timestampStart", ""))
    return Recording(
        signals=signals,
        events=tuple(events),
        started_at=started,
        started_at_error_s=float("nan") if started is None else 0.0005,
        clock=str(path),
        notes=(*notes, *doubts),
    )


def _parsed(file: Path) -> Any:
    """Root of the XML; entities and document types are refused."""
    try:
        root = fromstring(read_bytes(file, _XML_LIMIT), forbid_dtd=True)
    except ParseError as error:
        raise FileError(file, f"broken XML ({error})", "unisens.xml", "Copy it again.") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise FileError(
            file, f"XML that is not read ({error})"[:160], "plain XML", "Do not trust it."
        ) from error
    if not str(root.tag).endswith("unisens"):
        raise FileError(file, f"<{root.tag}>"[:60], "<unisens>")
    return root


def _stamp(text: str) -> datetime | None:
    """Start stamp, in local time as a rule."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number(file: Path, entry: Any, name: str, default: float | None = None) -> float:
    """Number in an attribute."""
    text = entry.attrib.get(name)
    if text is None and default is not None:
        return default
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = float("nan")
    if not np.isfinite(value) or abs(value) > 1e12:
        where = entry.attrib.get("id", "an entry")
        raise FileError(file, f"{name} = {text!r} of {where!r}"[:120], "a number", column=name)
    return value


def _rate(file: Path, entry: Any) -> float:
    rate = _number(file, entry, "sampleRate")
    if not 0 < rate < 1e7:
        raise FileError(file, f"sampleRate = {rate:g}", "a rate above 0", column="sampleRate")
    return rate


def _place(file: Path, entry: Any) -> Path:
    """File of an entry; it lies in the folder."""
    name = str(entry.attrib.get("id", ""))
    if not _PLAIN.fullmatch(name) or name in {".", ".."}:
        raise FileError(file, f"the entry {name!r}"[:80], "a file name", "Do not trust it.")
    place = file.parent / name
    if place.is_symlink():
        raise FileError(place, "a link", "the file itself", "Do not trust it.")
    return place


def _form(entry: Any) -> tuple[str, Any]:
    """How an entry is stored, and what is said of that."""
    for child in entry:
        name = str(child.tag).rpartition("}")[2]
        if name.endswith("FileFormat"):
            return name, child
    return "", None


def _signals(file: Path, entry: Any) -> list[Channel]:
    """Channels of a signal entry."""
    place, rate = _place(file, entry), _rate(file, entry)
    parts = [str(c.attrib.get("name", "")).strip() for c in entry if str(c.tag).endswith("channel")]
    count = max(1, len(parts))
    form, said = _form(entry)
    if form in {"binFileFormat", ""}:
        table = _binary(file, entry, place, count, said)
    elif form == "csvFileFormat":
        table = _csv(place, said, count)
    else:
        raise FileError(file, f"{form} of {place.name!r}", "binFileFormat or csvFileFormat")
    scale, base = _number(file, entry, "lsbValue", 1.0), _number(file, entry, "baseline", 0.0)
    unit = str(entry.attrib.get("unit", "")).strip()
    labels = [_label(place.stem, part, count) for part in parts or [""]]
    return [
        Channel(
            label=label, values=(column - base) * scale, rate_hz=rate, unit=_UNITS.get(unit, unit)
        )
        for label, column in zip(labels, table.T, strict=True)
    ]


def _label(stem: str, part: str, count: int) -> str:
    """Name of a channel: that of its entry, with its own where there are several."""
    if part.lower().startswith(stem.lower()):
        return part
    return f"{stem} {part}" if count > 1 else stem


def _binary(file: Path, entry: Any, place: Path, count: int, said: Any) -> Array:
    """Samples of a binary file, shape (n_samples, n_channels)."""
    kind = str(entry.attrib.get("dataType", "")).lower()
    if kind not in _TYPES:
        raise FileError(file, f"dataType = {kind!r}"[:80], f"one of {list(_TYPES)}")
    order = str(said.attrib.get("endianess", "LITTLE")) if said is not None else "LITTLE"
    dtype = np.dtype((">" if order.upper() == "BIG" else "<") + _TYPES[kind])
    size = size_of(place, _ENTRY_LIMIT)
    if size % (dtype.itemsize * count):
        raise FileError(
            place,
            f"{size:,} bytes",
            f"a multiple of {dtype.itemsize * count}",
            "The file seems to be cut off: copy it again.",
        )
    flat = np.fromfile(place, dtype).astype(np.float64)
    if np.isinf(flat).any():
        raise FileError(place, "an infinite value", "finite numbers")
    return flat.reshape(-1, count)


def _csv(place: Path, said: Any, count: int) -> Array:
    """Numbers of a text file, shape (n_rows, count)."""
    mark = str(said.attrib.get("separator", ";")).replace("\\t", "\t")[:1] or ";"
    comma = str(said.attrib.get("decimalSeparator", ".")) == ","
    lines = split_lines(place, decode(place, read_bytes(place, _ENTRY_LIMIT)))
    out = np.empty((len(lines), count))
    for i, line in enumerate(lines):
        cells = line.rstrip().rstrip(mark).split(mark)[:count]
        try:
            out[i] = [float(c.replace(",", ".") if comma else c) for c in cells]
        except ValueError:
            hint = "The file seems to be cut off." if i == len(lines) - 1 else "Mend the row."
            raise FileError(place, repr(line[:60]), f"{count} numbers", hint, line=i + 1) from None
    if np.isinf(out).any():
        raise FileError(place, "an infinite value", "finite numbers")
    return out


def _listed(file: Path, entry: Any, person: str, *, values: bool) -> list[Events]:
    """Moments of an entry; sample stamps count its own rate."""
    place, rate = _place(file, entry), _rate(file, entry)
    form, said = _form(entry)
    if form != "csvFileFormat":
        raise FileError(file, f"{form or 'no format'} of {place.name!r}", "csvFileFormat")
    table = _csv(place, said, 2 if values else 1)
    table = table[np.argsort(table[:, 0], kind="stable")]
    if not len(table) or np.isnan(table[:, 0]).any():
        raise FileError(place, "no stamp", "the number of a sample in each row")
    word = str(entry.attrib.get("contentClass") or place.stem)
    kind = "rr" if _BEATS.fullmatch(word) or _BEATS.fullmatch(place.stem) else kind_of(word)
    times = table[:, 0] / rate
    if not values:
        return [Events(times_s=times, kind=kind, person=person)]
    unit = str(entry.attrib.get("unit", "")).strip() or "1"
    scale, base = _number(file, entry, "lsbValue", 1.0), _number(file, entry, "baseline", 0.0)
    column, ours = convert((table[:, 1] - base) * scale, _UNITS.get(unit, unit), kind)
    return [Events(times_s=times, values=column, unit=ours, kind=kind, person=person)]
