"""Channels of a device's file: which are asked for, what they measured, in which unit.

Every reader of a file with several channels takes the same two options. ``channels`` names
what is read, so that a file that holds two people is read once for each of them; ``units``
says what the file leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import FileError, InputError
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
_UNITS = {
    "volts": "V",
    "millivolts": "mV",
    "microvolts": "uV",
    "microsiemen": "uS",
    "umhos": "uS",
    "kohms": "kOhm",
    "ohms": "Ohm",
    "m/(s^2)": "m/s2",
    "m/(s^2)*": "m/s2",
    "degrees celsius": "Cel",
    "degreec": "Cel",
    "deg c": "Cel",
    "no_units": "1",
}
_ALONE = 50.0  # a jump at an end, in largest steps of the rest, that is none of the body
_ENOUGH = 50
_ABSURD = 1e30
_NO_CONTACT = 0.05  # uS


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


class Asked(FileError):
    """What a file leaves open: ``option`` names what to pass, ``choices`` what it can be.

    Examples
    --------
    >>> error = Asked("a.txt", "two devices", "one", "Pass device.", option="device", choices="AB")
    >>> error.option, error.choices
    ('device', ('A', 'B'))
    """

    def __init__(
        self,
        path: Path | str,
        found: str,
        expected: str,
        hint: str = "",
        *,
        option: str,
        choices: Iterable[object] = (),
        column: str | None = None,
    ) -> None:
        super().__init__(path, found, expected, hint, column=column)
        self.option, self.choices = option, tuple(choices)

    def __reduce__(self) -> tuple[object, ...]:
        said = (self.path, self.found, self.expected, self.hint)
        return _asked_again, (*said, self.option, self.choices, self.column)


def _asked_again(
    path: Path, found: str, expected: str, hint: str, option: str, choices: object, column: str
) -> Asked:
    """Make the error again in another process: pickle calls this."""
    return Asked(path, found, expected, hint, option=option, choices=choices, column=column)  # type: ignore[arg-type]


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


def plain_unit(text: str) -> str:
    """Spell a unit as the program does, where a recorder spells it otherwise.

    Examples
    --------
    >>> [plain_unit(v) for v in ("Volts", "m/(s^2)", "uS")]
    ['V', 'm/s2', 'uS']
    """
    return _UNITS.get(text.strip().lower(), text.strip())


def distinct(labels: Sequence[str]) -> list[str]:
    """Names that differ: a name that comes again is counted, one that is empty is numbered.

    Examples
    --------
    >>> distinct(["EDA", "EDA", ""])
    ['EDA', 'EDA (2)', 'channel 3']
    """
    seen: dict[str, None] = {}
    for at, label in enumerate(labels, start=1):
        name = again = " ".join(label.split()) or f"channel {at}"
        number = 2
        while again in seen:
            again, number = f"{name} ({number})", number + 1
        seen[again] = None
    return list(seen)


def chosen(
    path: Path,
    labels: Sequence[str],
    channels: Mapping[str, str] | Sequence[str] | None,
    kind: Callable[[str], str] = kind_of,
) -> dict[str, str]:
    """Which channels are read, and what each measures.

    Parameters
    ----------
    path : Path
    labels : sequence of str
        What the file has.
    channels : mapping of label to kind, or sequence of labels, or None
        None: all of them. An empty kind is one that nobody says.
    kind : callable
        What a channel of a label measures in this format, where the caller does not say.

    Raises
    ------
    FileError
        If one is asked for that the file does not have.
    """
    if channels is None:
        return {label: kind(label) for label in labels}
    wanted = channels if isinstance(channels, Mapping) else dict.fromkeys(channels, "")
    for name in wanted:
        if name not in labels:
            raise Asked(
                path,
                f"no channel {name!r}",
                f"one of {list(labels)}",
                "Name channels as the file does: syntony inspect shows them.",
                option="channels",
                choices=labels,
                column=name,
            )
    return {name: said or kind(name) for name, said in wanted.items()}


def to_signals(
    path: Path,
    channels: Iterable[Channel],
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
    channels : iterable of Channel
        A generator is taken one channel at a time, so that a long file is in memory once.
    person : str
    kinds : mapping of label to kind
        From :func:`chosen`; channels that are not in it are left out.
    units : mapping of label to unit, optional
        What the caller says; it goes before what the file says.

    Returns
    -------
    signals : tuple of Signal
    notes : tuple of Note
        ``unit-doubtful`` where most values lie far outside what the unit allows;
        ``no-contact`` where skin conductance is next to nothing;
        ``infinite-values`` where some were no numbers (they are missing now);
        ``end-jumps`` where the first or last samples jump as no others do;
        ``kind-twice`` where two channels measure the same.

    Raises
    ------
    FileError
        Where neither the file nor the caller names a unit, or one that is none of the kind.
    """
    given, signals, notes = units or {}, [], []
    labels: dict[str, list[str]] = {}
    for channel in channels:
        if channel.label not in kinds:
            continue
        signal, told = _to_signal(
            path, channel, person, kinds[channel.label], given.get(channel.label, "")
        )
        signals.append(signal)
        notes += told
        labels.setdefault(signal.kind, []).append(channel.label)
    notes += [
        Note(
            path.name,
            "kind-twice",
            f"{' and '.join(map(repr, same))} are all read as {kind}. Choose one with channels, "
            "or give them kinds of your own.",
        )
        for kind, same in labels.items()
        if len(same) > 1
    ]
    return tuple(signals), tuple(notes)


def _to_signal(
    path: Path, channel: Channel, person: str, kind: str, given: str
) -> tuple[Signal, list[Note]]:
    """One channel in the program's unit, and what is odd about it."""
    unit = plain_unit(given or channel.unit)
    if not unit:
        raise Asked(
            path,
            f"no unit for channel {channel.label!r}",
            "the unit in which it was recorded",
            f"Pass units={{{channel.label!r}: 'uS'}}, or '1' for arbitrary numbers.",
            option="units",
            choices=(channel.label,),
            column=channel.label,
        )
    if not (np.isfinite(channel.rate_hz) and channel.rate_hz > 0):
        raise FileError(
            path,
            f"{channel.rate_hz:g} samples per second",
            "a rate above 0 Hz",
            "Export it again.",
            column=channel.label,
        )
    whole, notes = _finite(path, channel)
    try:
        values, ours = convert(whole, unit, kind)
    except InputError as error:
        raise FileError(
            path,
            f"{error.got!r} as {error.field}",
            error.expected,
            f"Pass units={{{channel.label!r}: ...}}, or another kind in channels.",
            column=channel.label,
        ) from error
    notes += [*_doubtful(path, channel.label, values, ours, unit, kind)]
    notes += [*_end_jumps(path, channel.label, values, ours)]
    values.flags.writeable = False
    signal = Signal(
        values=frozen_array(channel.label, values),
        rate_hz=channel.rate_hz,
        start_s=channel.start_s,
        unit=ours,
        kind=kind,
        person=person,
    )
    return signal, notes


def _finite(path: Path, channel: Channel) -> tuple[Array, list[Note]]:
    """Values without infinities, which a recorder that divides by nothing writes."""
    # What is larger has lost its exponent.
    infinite = (channel.values > _ABSURD) | (channel.values < -_ABSURD)
    count = int(np.count_nonzero(infinite))
    if not count:
        return channel.values, []
    text = f"{channel.label}: {count:,} infinite or absurd values are missing now. What made them?"
    note = Note(path.name, "infinite-values", text)
    return np.where(infinite, np.nan, channel.values), [note]


def _doubtful(
    path: Path, label: str, values: Array, ours: str, unit: str, kind: str
) -> Iterable[Note]:
    """Say where most values cannot be what their unit says."""
    share = implausible_share(values, ours, kind)
    if share > 0.5:
        low, high = KINDS[kind].low, KINDS[kind].high
        yield Note(
            path.name,
            "unit-doubtful",
            f"{label}: {share:.0%} of the values lie outside {low:g} to {high:g} "
            f"{ours}. Check the unit {unit!r}: it may be another one.",
        )
    if kind == "eda" and ours == "uS" and _has_no_contact(values):
        yield Note(
            path.name,
            "no-contact",
            f"{label}: 95 % of the values lie below {_NO_CONTACT:g} uS. Did the electrodes touch "
            "the skin, and is the unit right?",
        )


def _has_no_contact(values: Array) -> bool:
    """Whether the 95th percentile of skin conductance is next to nothing."""
    if np.count_nonzero(values < _NO_CONTACT) < 0.9 * np.count_nonzero(np.isfinite(values)) - 1:
        return False  # as nearly always, and seen without an order of all values
    there = values[np.isfinite(values)]
    return there.size > 0 and 0 <= float(np.quantile(there, 0.95)) < _NO_CONTACT


def _end_jumps(path: Path, label: str, values: Array, unit: str) -> Iterable[Note]:
    """Say where the first or the last hundredth jumps as nothing between them does."""
    edge = max(1, values.size // 100)
    steps = np.diff(values)
    np.abs(steps, out=steps)
    inner = steps[edge:-edge]
    if inner.size and not np.isfinite(inner.max()):
        inner = inner[np.isfinite(inner)]
    usual = float(inner.max()) if inner.size >= _ENOUGH else 0.0
    if not usual:
        return
    for word, part, first in (("start", steps[:edge], 0), ("end", steps[-edge:], -edge)):
        wild = np.flatnonzero(part > _ALONE * usual)
        if wild.size:
            at = int(wild[0]) + (first if first == 0 else steps.size + first)
            yield Note(
                path.name,
                "end-jumps",
                f"{label}: {wild.size} jumps at the {word}, from sample {at} on, "
                f"{part[wild].max() / usual:.0f} times the largest between ({values[at]:.4g} "
                f"{unit} to {values[at + 1]:.4g}). Look at it: it may belong to another channel.",
            )
