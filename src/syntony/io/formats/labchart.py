"""Text export of LabChart (ADInstruments): blocks, channel titles, comments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.channels import Channel, chosen, to_signals
from syntony.io.formats.naming import once_each
from syntony.io.registry import reader
from syntony.io.text import read_lines

_INTERVAL = re.compile(r"([-+0-9.eE]+)\s*(s|ms|us|µs|min)?")
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0, None: 1.0}
_COMMENT = re.compile(r"\t?\s*#(\*|\d+)?\s?(.*)$")
_RANGE = re.compile(r"[-+0-9.,eE]+\s*(\S+)")
_MOST_VALUES = 2**26
_SHOWN = 20


@dataclass
class _Block:
    """One block: what its header says, its rows and its comments."""

    line: int
    said: dict[str, list[str]] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    comments: list[tuple[int, str, str]] = field(default_factory=list)


def _sniff(path: Path, head: bytes) -> bool:
    """Claim text whose first line states the interval as LabChart does."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"Interval=")


@reader(name="labchart", title="LabChart text export", suffixes=(".txt",), sniff=_sniff)
def read_labchart(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    block: int = 0,
) -> Recording:
    """Read the channels and comments of a LabChart text file.

    Parameters
    ----------
    path : Path
        From *Export* with the header and, where it is wanted, the time column.
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Channel titles to read; with a mapping, what each measures. All by default.
    units : mapping of str to str, optional
        Of channels whose unit in the file is not the one that was measured (``*`` stands
        for the volts of the amplifier).
    block : int, optional
        Number of the block to read, from 1. By default all of them are laid on one axis by
        their stamps; what lies between two blocks is missing.

    Returns
    -------
    Recording
        Events ``comment`` at comments; their words are in the notes. Times are those of the
        time column, counted from the start of the first block.

    Raises
    ------
    FileError
        A header that is cut off, rows of another width, text in a cell, blocks of several
        rates or without a stamp.

    Notes
    -----
    Written from the layout that LabChart 8 exports and a published example of its header; not
    checked against a real file. Decimal commas are read where the interval has one.
    """
    path = Path(path)
    blocks = _blocks(path, read_lines(path))
    if block:
        if not 1 <= block <= len(blocks):
            raise InputError("block", block, f"1 to {len(blocks)}")
        blocks = [blocks[block - 1]]
    rates = {_rate(path, b) for b in blocks}
    titles = {tuple(_titles(path, b)) for b in blocks}
    if len(rates) > 1 or len(titles) > 1:
        raise FileError(
            path,
            f"{len(blocks)} blocks of rates {sorted(rates)} Hz and {len(titles)} sets of channels",
            "one rate and the same channels",
            "Pass block, and read each for itself.",
        )
    rate, names = rates.pop(), list(titles.pop())
    kinds = chosen(path, names, channels)
    tables = [_table(path, b, len(names), rate) for b in blocks]
    places, zero, started = _places(path, blocks, tables, rate)
    stacked = _laid([t for _, t in tables], places, len(names))
    said = _units(blocks[0], len(names))
    listed = [
        Channel(label=n, values=v, rate_hz=rate, start_s=zero, unit=u)
        for n, v, u in zip(names, stacked, said, strict=True)
    ]
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    times, notes = _comments(path, blocks, places, zero, rate)
    events = (Events(times_s=times, kind="comment", person=person),) if times.size else ()
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=float("nan") if started is None else 0.0005,
        clock=str(path),
        notes=(*_told(path, blocks, stacked, rate), *notes, *doubts),
    )


def _blocks(path: Path, lines: Sequence[str]) -> list[_Block]:
    """Cut the file into its blocks; comments are taken off the rows."""
    blocks: list[_Block] = []
    for i, line in enumerate(lines):
        if line.startswith("Interval="):
            blocks.append(_Block(line=i + 1))
        if not blocks:
            raise FileError(path, repr(line[:60]), "Interval=", "Export with a header.", line=i + 1)
        now = blocks[-1]
        name, equals, rest = line.partition("=")
        if not now.rows and equals and name.isalpha():
            now.said[name] = [c.strip() for c in rest.split("\t")][1:]
            continue
        if not line.strip():
            continue
        if "#" in line and (found := _COMMENT.search(line)):
            now.comments.append((len(now.rows), found[1] or "*", found[2].strip()))
            line = line[: found.start()]
        now.rows.append(line)
        now.numbers.append(i + 1)
    for one in blocks:
        if not one.rows:
            raise FileError(path, "a block without samples", "rows of numbers", line=one.line)
        if "," in "".join(one.said.get("Interval", [])[:1]):
            one.rows = [r.replace(",", ".") for r in one.rows]
    return blocks


def _rate(path: Path, block: _Block) -> float:
    """Samples per second of a block."""
    text = "".join(block.said.get("Interval", [])[:1]).replace(",", ".")
    found = _INTERVAL.fullmatch(text)
    try:
        step = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    except ValueError:
        step = 0.0
    if not 1e-7 < step < 1e5:
        raise FileError(
            path,
            f"Interval= {text!r}",
            "the time between samples, such as 0.001 s",
            line=block.line,
        )
    return round(1.0 / step, 9)


def _titles(path: Path, block: _Block) -> list[str]:
    """Channel titles of a block, each once."""
    names = list(block.said.get("ChannelTitle", []))
    while names and not names[-1]:
        names.pop()
    if not names:
        raise FileError(
            path, "no ChannelTitle=", "the names of the channels", "Export with a header.",
            line=block.line,
        )  # fmt: skip
    return once_each([n or f"channel {i + 1}" for i, n in enumerate(names)])


def _units(block: _Block, count: int) -> list[str]:
    """Unit of each channel: its own, else that of its range."""
    own = [*block.said.get("UnitName", []), *[""] * count][:count]
    ranges = [*block.said.get("Range", []), *[""] * count][:count]
    found = [m[1] if (m := _RANGE.fullmatch(r.strip())) else "" for r in ranges]
    return [u if u not in {"", "*"} else r for u, r in zip(own, found, strict=True)]


def _table(path: Path, block: _Block, count: int, rate: float) -> tuple[Array | None, Array]:
    """Time column (None where there is none) and samples of a block."""
    try:
        table = np.loadtxt(block.rows, delimiter="\t", comments=None, ndmin=2)
    except ValueError:
        table = np.empty((0, 0))
    if table.shape[0] != len(block.rows) or table.shape[1] not in {count, count + 1}:
        _refuse_row(path, block, count)
    if np.isinf(table).any():
        at = int(np.flatnonzero(np.isinf(table).any(axis=1))[0])
        raise FileError(path, "an infinite value", "finite numbers", line=block.numbers[at])
    times = table[:, 0] if table.shape[1] == count + 1 else None
    if times is not None and times.size > 1 and not np.isnan(times).any():
        with np.errstate(over="ignore"):  # what is infinite then is refused as well
            away = np.abs(times - (times[0] + np.arange(times.size) / rate)) * rate
        if away.max() > max(0.6, 1e-4 * times.size):
            at = int(np.argmax(away > max(0.6, 1e-4 * times.size)))
            raise FileError(
                path,
                f"the time {times[at]:g} s in row {at + 1} of its block",
                f"even steps of {1 / rate:g} s",
                "Was the file edited?",
                line=block.numbers[at],
            )
    return times, table[:, -count:]


def _refuse_row(path: Path, block: _Block, count: int) -> None:
    """Find the first row that is wrong and raise for it."""
    for row, number in zip(block.rows, block.numbers, strict=True):
        cells = row.split("\t")
        try:
            good = len([float(c) for c in cells]) in {count, count + 1}
        except ValueError:
            good = False
        if not good:
            last = number == block.numbers[-1]
            raise FileError(
                path,
                repr(row[:60]),
                f"time and {count} numbers",
                "The file seems to be cut off: export it again." if last else "Mend the row.",
                line=number,
            )
    raise FileError(path, "rows of several widths", f"time and {count} numbers", line=block.line)


def _stamp(block: _Block) -> float | None:
    """Days since 1899-12-30 at which a block began."""
    text = "".join(block.said.get("ExcelDateTime", [])[:1]).replace(",", ".")
    try:
        days = float(text)
    except ValueError:
        return None
    return days if 1.0 < days < 200_000 else None


def _places(
    path: Path, blocks: list[_Block], tables: list[tuple[Array | None, Array]], rate: float
) -> tuple[list[int], float, datetime | None]:
    """Index of each block's first sample, second of the first, and the stamp of second zero."""
    days = [_stamp(b) for b in blocks]
    first = [0.0 if t is None else float(t[0]) for t, _ in tables]
    if np.isnan(first).any():
        raise FileError(path, "a block without its first time", "a time", line=blocks[0].line)
    started = None if days[0] is None else datetime(1899, 12, 30) + timedelta(days=days[0])
    if len(blocks) == 1:
        return [0], first[0], started
    if any(d is None for d in days):
        raise FileError(
            path, "blocks without ExcelDateTime", "a stamp for each block", "Pass block."
        )
    whole = "StartOfBlock" not in "".join(blocks[0].said.get("TimeFormat", ["StartOfBlock"]))
    starts = [
        t if whole else t + ((d or 0.0) - (days[0] or 0.0)) * 86400.0
        for t, d in zip(first, days, strict=True)
    ]
    places = [round((s - starts[0]) * rate) for s in starts]
    for i in range(1, len(places)):
        if places[i] < places[i - 1] + len(tables[i - 1][1]):
            raise FileError(
                path,
                f"block {i + 1} that begins before block {i} ends",
                "one after the other",
                "Pass block, and read each for itself.",
                line=blocks[i].line,
            )
    if (places[-1] + len(tables[-1][1])) * tables[0][1].shape[1] > _MOST_VALUES:
        raise FileError(
            path, f"blocks that span {places[-1] / rate:.0f} s", "less", "Pass block.",
            line=blocks[-1].line,
        )  # fmt: skip
    return places, starts[0], started


def _laid(tables: list[Array], places: list[int], count: int) -> Array:
    """Samples of all blocks on one axis, shape (n_channels, n_samples); NaN between them."""
    out = np.full((count, places[-1] + len(tables[-1])), np.nan)
    for place, table in zip(places, tables, strict=True):
        out[:, place : place + len(table)] = table.T
    return out


def _comments(
    path: Path, blocks: list[_Block], places: list[int], zero: float, rate: float
) -> tuple[Array, tuple[Note, ...]]:
    """Times of the comments, and their words."""
    found = [
        (zero + (place + min(row, len(b.rows) - 1)) / rate, channel, words)
        for b, place in zip(blocks, places, strict=True)
        for row, channel, words in b.comments
    ]
    notes = [
        Note(
            path.name, "comment", f"{t:.3f} s, channel {c}: {w}" if c != "*" else f"{t:.3f} s: {w}"
        )
        for t, c, w in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        notes.append(Note(path.name, "comment", f"and {len(found) - _SHOWN} more comments"))
    return np.array([t for t, _, _ in found]), tuple(notes)


def _told(path: Path, blocks: list[_Block], stacked: Array, rate: float) -> list[Note]:
    """Say that there are several blocks and what is missing between them."""
    if len(blocks) == 1:
        return []
    lost = stacked.shape[1] - sum(len(b.rows) for b in blocks)
    text = f"{len(blocks)} blocks, laid by their stamps; {lost / rate:g} s between them missing."
    return [Note(path.name, "blocks", text)]
