"""EDF+ files of one signal: continuous, or with gaps (EDF+D).

edfio writes continuous files only, and EDF has no missing samples: records with a missing
sample are left out, and every record says when it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.core.files import write_whole
from syntony.core.signal import Signal

_LOW, _HIGH = -32768, 32767
_MAX_IN_RECORD = 30_720
_RATE_ERROR = 1e-6
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an EDF file holds of a signal.

    Attributes
    ----------
    samples, missing, left_out : int
        Written; missing (NaN); present but in a record with a missing sample, or in the last
        one that is not full.
    resolution : float
        Smallest step of the values, in the unit of the signal.
    rate_hz : float
        As the file states it.
    has_gaps : bool
    """

    samples: int
    missing: int
    left_out: int
    resolution: float
    rate_hz: float
    has_gaps: bool


def plan_edf(signal: Signal) -> Written:
    """What ``write_edf`` would write of a signal.

    Raises
    ------
    InputError
        If no record would be whole, or the values do not fit into eight characters.

    Examples
    --------
    >>> from syntony.core.signal import Signal
    >>> values = [float("nan"), *[1.0] * 11]
    >>> s = Signal(values=values, rate_hz=4, start_s=0, unit="uS", kind="eda", person="P01")
    >>> plan = plan_edf(s)
    >>> plan.samples, plan.missing, plan.left_out, plan.has_gaps
    (8, 1, 3, False)
    """
    each, duration = _record(signal.rate_hz, signal.values.size)
    kept = _whole_records(signal.values, each)
    if not kept.size:
        raise InputError(
            "signal",
            f"{signal.kind} of {signal.person}, {signal.values.size} samples",
            f"at least one record of {each} samples without a missing one",
            "EDF has no missing samples: choose another format, such as csv.",
        )
    low, high = _limits(signal, kept, each)
    missing = int(np.isnan(signal.values).sum())
    return Written(
        samples=kept.size * each,
        missing=missing,
        left_out=signal.values.size - missing - kept.size * each,
        resolution=(float(high) - float(low)) / (_HIGH - _LOW),
        rate_hz=each / float(duration),
        has_gaps=bool(kept[-1] - kept[0] + 1 > kept.size),
    )


def write_edf(
    path: Path, signal: Signal, *, started_at: datetime | None = None, session: str = ""
) -> Written:
    """Write one signal as EDF+, whole or not at all.

    Physical limits enclose every value, so that nothing is clipped. The zero of the
    session clock is an annotation. Where ``started_at`` (of that zero) is not known the
    date is that which EDF+ has for it.

    Returns
    -------
    Written
    """
    plan = plan_edf(signal)
    each, duration = _record(signal.rate_hz, signal.values.size)
    kept = _whole_records(signal.values, each)
    low, high = _limits(signal, kept, each)
    table = signal.values[: signal.values.size // each * each].reshape(-1, each)[kept]
    raw = np.rint((table - float(low)) / plan.resolution) + _LOW
    digital = np.clip(raw, _LOW, _HIGH).astype("<i2")
    first_s = signal.start_s + int(kept[0]) * each / signal.rate_hz
    begin_s = floor(first_s)
    onsets = first_s - begin_s + (kept - kept[0]) * each / signal.rate_hz
    if not plan.has_gaps:  # records follow each other by the duration that the header states
        onsets = first_s - begin_s + np.arange(kept.size) * float(duration)
    zero = f"{_number(-begin_s, sign=True)}\x14zero of the session clock\x14\x00"
    lists = [f"{_number(t, sign=True)}\x14\x14\x00" for t in onsets.tolist()]
    lists[0] += zero
    room = max(map(len, lists))
    room += room % 2
    header = _header(signal, (low, high), each, room)
    stamp = None if started_at is None else started_at + timedelta(seconds=begin_s)
    main = _main_header(signal, plan, stamp, session, duration, kept.size)
    blocks = np.empty((kept.size, 2 * each + room), dtype=np.uint8)
    blocks[:, : 2 * each] = digital.view(np.uint8).reshape(kept.size, -1)
    padded = "".join(x.ljust(room, "\x00") for x in lists).encode("ascii")
    blocks[:, 2 * each :] = np.frombuffer(padded, np.uint8).reshape(kept.size, room)
    data = main + header + blocks.tobytes()
    write_whole(path, lambda part: part.write_bytes(data), lasting=False)
    return plan


def _record(rate_hz: float, size: int) -> tuple[int, str]:
    """Samples in a record, and its duration in seconds as text: about a second, or all."""
    best: tuple[float, int, str] = (float("inf"), 1, "1")
    low = max(1, min(ceil(0.9 * rate_hz), size))
    high = min(_MAX_IN_RECORD, ceil(3 * rate_hz) + 40, max(low, size))
    for each in sorted(range(low, high + 1), key=lambda n: abs(n / rate_hz - 1)):
        text = _number(each / rate_hz)[:8].rstrip(".")
        if not float(text) > 0:
            continue
        away = abs(float(text) * rate_hz / each - 1)
        best = min(best, (away if away > 1e-12 else 0.0, each, text))
        if away < _RATE_ERROR:
            return each, text
    if best[0] > 1e-4:
        raise InputError("rate_hz", rate_hz, "a rate that EDF can state", "Choose another format.")
    return best[1], best[2]


def _whole_records(values: Array, each: int) -> Ints:
    """Indices of the records that are full and miss nothing."""
    count = values.size // each
    table = values[: count * each].reshape(count, each)
    return np.flatnonzero(~np.isnan(table).any(axis=1))


def _limits(signal: Signal, kept: Ints, each: int) -> tuple[str, str]:
    """Physical limits as text, around every value that is written."""
    table = signal.values[: signal.values.size // each * each].reshape(-1, each)[kept]
    low, high = float(table.min()), float(table.max())
    below, above = _fit(low, up=False), _fit(high, up=True)
    if below and above and not float(above) > float(below):
        above = _fit(high + max(1.0, abs(high) * 1e-4), up=True)
    if not (below and above):
        raise InputError(
            "signal",
            f"{signal.kind} of {signal.person}, {low:g} to {high:g} {signal.unit}",
            "values that fit into the eight characters of an EDF header",
            "Choose another unit or format.",
        )
    return below, above


def _fit(value: float, *, up: bool) -> str:
    """Number in at most eight characters, not inside of ``value``; empty where none is."""
    for digits in range(7, -1, -1):
        scale = 10.0**digits
        nearest = ceil(value * scale) if up else floor(value * scale)
        for units in (nearest, nearest + (1 if up else -1)):  # the product may have been rounded
            text = f"{units / scale:.{digits}f}"
            text = text.rstrip("0").rstrip(".") if "." in text else text
            if len(text) <= 8 and (float(text) >= value if up else float(text) <= value):
                return text
    return ""


def _number(value: float, *, sign: bool = False) -> str:
    """Number without exponent and without zeros at its end."""
    text = f"{value:+.7f}" if sign else f"{value:.7f}"
    return text.rstrip("0").rstrip(".")


def _field(text: str, width: int) -> bytes:
    """Text of a header, cut and filled to its width."""
    return text.encode("ascii", "replace")[:width].ljust(width)


def _main_header(
    signal: Signal,
    plan: Written,
    stamp: datetime | None,
    session: str,
    duration: str,
    records: int,
) -> bytes:
    """First 256 bytes."""
    day = "X" if stamp is None else f"{stamp.day:02d}-{_MONTHS[stamp.month - 1]}-{stamp.year}"
    date = "01.01.85" if stamp is None else f"{stamp:%d.%m.%y}"
    time = "00.00.00" if stamp is None else f"{stamp:%H.%M.%S}"
    code = "".join(c if c.isalnum() else "_" for c in signal.person) or "X"
    about = "".join(c if c.isalnum() else "_" for c in session) or "X"
    return b"".join(
        _field(text, width)
        for text, width in (
            ("0", 8),
            (f"{code} X X X", 80),
            (f"Startdate {day} {about} X Syntony", 80),
            (date, 8),
            (time, 8),
            (str(256 * 3), 8),
            ("EDF+D" if plan.has_gaps else "EDF+C", 44),
            (str(records), 8),
            (duration, 8),
            ("2", 4),
        )
    )


def _header(signal: Signal, limits: tuple[str, str], each: int, room: int) -> bytes:
    """Header of the signal and of the annotations, field by field."""
    low, high = limits
    fields = (
        (signal.kind, "EDF Annotations", 16),
        ("", "", 80),
        (signal.unit, "", 8),
        (low, "-1", 8),
        (high, "1", 8),
        (str(_LOW), str(_LOW), 8),
        (str(_HIGH), str(_HIGH), 8),
        ("", "", 80),
        (str(each), str(room // 2), 8),
        ("", "", 32),
    )
    return b"".join(_field(one, w) + _field(other, w) for one, other, w in fields)
