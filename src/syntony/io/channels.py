"""Channels of a device's file: which are asked for, what they measured, in which unit.

Every reader of a file with several channels takes the same two options. ``channels`` names
what is read, so that a file that holds two people is read once for each of them; ``units``
says what the file leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.signal import Signal
from syntony.core.units import KINDS, convert, implausible_share

_WORDS: tuple[tuple[str, str], ...] = (
    (r"eda|gsr|scl|scr|electrodermal|skin conductance", "eda"),
    (r"ecg|ekg|exg|electrocardio\w*", "ecg"),
    (r"emg|electromyo\w*", "emg"),
    (r"eeg|electroenceph\w*", "eeg"),
    (r"ppg|bvp|pleth\w*|pulse", "ppg"),
    (r"resp\w*|rsp|breath\w*|pzt|rip", "resp"),
    (r"temp\w*|skt", "temperature"),
    (r"hr|heart rate", "hr"),
)
_AXIS = re.compile(r"acc\w*?[ _.\-]*([xyz])\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel as a file holds it, before it belongs to anybody.

    Attributes
    ----------
    label : str
        Its name in the file.
    values : ndarray of float64, shape (n_samples,)
        NaN where a sample is missing.
    rate_hz, start_s : float
        Samples per second; second of the first sample on the clock of the file.
    unit : str
        As the file says; empty where it does not.
    kind : str
        Empty: read from the label.
    """

    label: str
    values: Array
    rate_hz: float
    start_s: float = 0.0
    unit: str = ""
    kind: str = ""


def kind_of(label: str) -> str:
    """What a channel of this name measures; the name itself, in plain letters, where unknown.

    Examples
    --------
    >>> [kind_of(v) for v in ("EDA100C", "GSR_Skin_Conductance", "ACC X", "Cz", "Strain gauge")]
    ['eda', 'eda', 'acc_x', 'cz', 'strain_gauge']
    """
    words = re.sub(r"[^a-z0-9]+", " ", label.lower()).strip()
    if axis := _AXIS.search(words):
        return f"acc_{axis[1]}"
    for pattern, kind in _WORDS:
        if re.search(rf"(?:^|\s)(?:{pattern})(?=\d|\s|$)", words):
            return kind
    return words.replace(" ", "_") or "unnamed"


def chosen(
    path: Path, labels: Sequence[str], channels: Mapping[str, str] | Sequence[str] | None
) -> dict[str, str]:
    """Which channels are read, and what each measures.

    Parameters
    ----------
    path : Path
    labels : sequence of str
        What the file has.
    channels : mapping of label to kind, or sequence of labels, or None
        None: all of them, each with the kind of its label.

    Raises
    ------
    FileError
        If one is asked for that the file does not have.
    """
    if channels is None:
        return {label: kind_of(label) for label in labels}
    wanted = channels if isinstance(channels, Mapping) else dict.fromkeys(channels, "")
    for name in wanted:
        if name not in labels:
            raise FileError(
                path,
                f"no channel {name!r}",
                f"one of {list(labels)}",
                "Name channels as the file does: syntony inspect shows them.",
                column=name,
            )
    return {name: kind or kind_of(name) for name, kind in wanted.items()}


def to_signals(
    path: Path,
    channels: Sequence[Channel],
    *,
    person: str,
    kinds: Mapping[str, str],
    units: Mapping[str, str] | None = None,
) -> tuple[tuple[Signal, ...], tuple[Note, ...]]:
    """Make signals in the program's units; what is doubtful is told, what is unknown refused.

    Parameters
    ----------
    path : Path
        For messages.
    channels : sequence of Channel
    person : str
    kinds : mapping of label to kind
        From :func:`chosen`; channels that are not in it are left out.
    units : mapping of label to unit, optional
        What the caller says; it goes before what the file says.

    Returns
    -------
    signals : tuple of Signal
    notes : tuple of Note
        ``unit-doubtful`` where most values lie far outside what the unit allows.

    Raises
    ------
    FileError
        Where neither the file nor the caller names a unit.
    """
    given, signals, notes = units or {}, [], []
    for channel in channels:
        if channel.label not in kinds:
            continue
        kind, unit = kinds[channel.label], given.get(channel.label) or channel.unit
        if not unit:
            raise FileError(
                path,
                f"no unit for channel {channel.label!r}",
                "the unit in which it was recorded",
                f"Pass units={{{channel.label!r}: 'uS'}}, or '1' for arbitrary numbers.",
                column=channel.label,
            )
        values, ours = convert(channel.values, unit, kind)
        share = implausible_share(values, ours, kind)
        if share > 0.5:
            low, high = KINDS[kind].low, KINDS[kind].high
            notes.append(
                Note(
                    path.name,
                    "unit-doubtful",
                    f"{channel.label}: {share:.0%} of the values lie outside {low:g} to {high:g} "
                    f"{ours}. Check the unit {unit!r}: it may be another one.",
                )
            )
        signals.append(
            Signal(
                values=frozen_array(channel.label, values),
                rate_hz=channel.rate_hz,
                start_s=channel.start_s,
                unit=ours,
                kind=kind,
                person=person,
            )
        )
    return tuple(signals), tuple(notes)
