"""MNE Raw and Epochs objects: recordings from them, and Raw objects from recordings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.optional import need
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.io.channels import Channel, chosen, to_signals

# MNE's type of channel: what it measures here, unit in MNE, unit that it is brought to
_TYPES: Mapping[str, tuple[str, str, str]] = {
    "gsr": ("eda", "S", "uS"),
    "ecg": ("ecg", "V", "mV"),
    "emg": ("emg", "V", "mV"),
    "eeg": ("", "V", "uV"),
    "eog": ("", "V", "uV"),
    "seeg": ("", "V", "uV"),
    "ecog": ("", "V", "uV"),
    "bio": ("", "V", "V"),
    "resp": ("resp", "V", "V"),
    "temperature": ("temperature", "Cel", "Cel"),
    "fnirs_cw_amplitude": ("", "V", "V"),
    "fnirs_od": ("", "1", "1"),
    "hbo": ("", "mol/L", "mol/L"),
    "hbr": ("", "mol/L", "mol/L"),
}
_FACTORS = {("V", "uV"): 1e6, ("V", "mV"): 1e3, ("S", "uS"): 1e6}
_KIND_TO_TYPE = {
    "eda": "gsr",
    "ecg": "ecg",
    "emg": "emg",
    "eeg": "eeg",
    "temperature": "temperature",
}
_BACK = {"uV": 1e-6, "mV": 1e-3, "V": 1.0, "uS": 1e-6}
_MISSING = "BAD_missing"
_VALUED = re.compile(r"(?P<kind>[^=]+)=(?P<value>\S+) (?P<unit>\S+)")
_SAME = 1e-6


def from_mne(
    raw: Any, *, person: str, channels: Mapping[str, str] | Sequence[str] | None = None
) -> Recording:
    """Take the channels of one person out of an MNE Raw or Epochs object.

    Parameters
    ----------
    raw : mne.io.Raw or mne.Epochs
        Epochs are laid on the clock of the recording that they were cut from: what lies
        between them is missing.
    person : str
        Whose channels they are.
    channels : sequence of str, or mapping of str to str, optional
        Names to take; with a mapping, what each measures. All by default; with several
        people in one object, name those of this person.

    Returns
    -------
    Recording
        EEG in uV, ECG and EMG in mV, skin conductance in uS. A channel's kind is its type
        where only one has that type, else its name. Annotations become Events of one kind
        for each description; ``BAD_missing`` marks samples that are missing.

    Raises
    ------
    InputError
        If it is no MNE object, or has no such channel or unit.

    Examples
    --------
    >>> import mne, numpy as np
    >>> info = mne.create_info(["skin"], 4.0, ["gsr"])
    >>> raw = mne.io.RawArray(np.array([[5e-6, 6e-6]]), info, verbose="error")
    >>> from_mne(raw, person="P01").signals[0].values.round(9).tolist()
    [5.0, 6.0]
    """
    mne = need("mne", to="take a recording from MNE", extra="brain")
    if not isinstance(raw, (mne.io.BaseRaw, mne.BaseEpochs)):
        raise InputError("raw", type(raw).__name__, "an MNE Raw or Epochs object")
    is_epochs = isinstance(raw, mne.BaseEpochs)
    names, types = list(raw.ch_names), list(raw.get_channel_types())
    place = Path("MNE object")
    wanted = chosen(place, names, channels)
    said = channels if isinstance(channels, Mapping) else {}
    picks = [i for i, name in enumerate(names) if name in wanted]
    table, start_s, notes = (_epochs if is_epochs else _raw)(raw, picks)
    rate = float(raw.info["sfreq"])
    taken, kinds = [], {}
    often = Counter(types[i] for i in picks)
    for row, i in zip(table, picks, strict=True):
        kind, unit, factor = _meaning(raw, i, types[i])
        if not said.get(names[i]):
            kinds[names[i]] = kind if kind and often[types[i]] == 1 else wanted[names[i]]
        else:
            kinds[names[i]] = said[names[i]]
        facts = {"label": names[i], "rate_hz": rate, "start_s": start_s, "unit": unit}
        taken.append(Channel(values=row * factor, **facts))
    signals, doubts = to_signals(place, taken, person=person, kinds=kinds)
    started: datetime | None = raw.info["meas_date"]
    return Recording(
        signals=signals,
        events=() if is_epochs else _events(raw, person),
        started_at=started,
        started_at_error_s=float("nan") if started is None else _error_s(started),
        clock=f"MNE {started.isoformat() if started else id(raw)}",
        notes=(*notes, *doubts),
    )


def _error_s(stamp: datetime) -> float:
    return 0.0005 if stamp.microsecond else 0.5


def _meaning(raw: Any, i: int, kind_of_channel: str) -> tuple[str, str, float]:
    """Kind, unit and factor of one channel."""
    if kind_of_channel in _TYPES:
        kind, theirs, ours = _TYPES[kind_of_channel]
        return kind, ours, _FACTORS.get((theirs, ours), 1.0)
    unit = str(raw.info["chs"][i]["unit"])  # such as "107 (FIFF_UNIT_V)"
    return "", "V" if "UNIT_V)" in unit else "1", 1.0


def _raw(raw: Any, picks: Sequence[int]) -> tuple[Array, float, list[Note]]:
    """Samples of a Raw object, shape (n_channels, n_samples), and the second of the first."""
    table: Array = np.array(raw.get_data(picks=list(picks), verbose="error"), dtype=np.float64)
    for one in raw.annotations:
        if one["description"] == _MISSING:
            first = round((one["onset"] - raw.first_time) * raw.info["sfreq"])
            count = round(one["duration"] * raw.info["sfreq"])
            rows = [r for r, i in enumerate(picks) if _concerns(one, raw.ch_names[i])]
            table[rows, max(0, first) : max(0, first + count)] = np.nan
    return table, float(raw.first_time), []


def _concerns(annotation: Mapping[str, Any], name: str) -> bool:
    """Whether an annotation is of all channels or of this one."""
    return not annotation["ch_names"] or name in annotation["ch_names"]


def _epochs(epochs: Any, picks: Sequence[int]) -> tuple[Array, float, list[Note]]:
    """Epochs laid on the clock of the recording they were cut from; NaN between them."""
    rate = float(epochs.info["sfreq"])
    cut: Array = np.asarray(epochs.get_data(picks=list(picks), copy=False), dtype=np.float64)
    begins = epochs.events[:, 0] + round(epochs.tmin * rate)
    if cut.shape[0] == 0:
        raise InputError("raw", "no epoch", "at least one")
    begins, cut = begins[np.argsort(begins, kind="stable")], cut[np.argsort(begins, kind="stable")]
    span = int(begins[-1] - begins[0]) + cut.shape[2]
    if span > 200 * cut.shape[0] * cut.shape[2] + 100_000:
        raise InputError("raw", f"epochs that span {span / rate:g} s", "epochs of one recording")
    table = np.full((cut.shape[1], span), np.nan)
    differ = 0
    for begin, epoch in zip(begins - begins[0], cut, strict=True):
        there = table[:, begin : begin + cut.shape[2]]
        free = np.isnan(there)
        differ += int(np.count_nonzero(np.abs(there - epoch)[~free] > _SAME * np.abs(epoch).max()))
        there[free] = epoch[free]
    missing = float(np.isnan(table[0]).mean())
    text = (
        f"{cut.shape[0]} epochs laid on {span / rate:g} s; {missing:.0%} of it was in no epoch "
        "and is missing."
    )
    notes = [Note("MNE object", "epochs-on-one-axis", text)]
    if differ:
        text = (
            f"{differ} samples lie in two epochs that disagree (each was cleaned for itself): "
            "the earlier epoch counts."
        )
        notes.append(Note("MNE object", "epochs-overlap", text))
    return table, float(begins[0]) / rate, notes


def _events(raw: Any, person: str) -> tuple[Events, ...]:
    """Annotations by what they describe."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in raw.annotations:
        text = str(one["description"])
        if text == _MISSING:
            continue
        valued = _VALUED.fullmatch(text)
        try:
            value = float(valued["value"]) if valued else np.nan
        except ValueError:
            valued, value = None, np.nan
        key = (valued["kind"], valued["unit"]) if valued else (text, "")
        found.setdefault(key, []).append((float(one["onset"]), value))
    return tuple(
        Events(
            times_s=(table := np.array(sorted(rows, key=lambda row: row[0])))[:, 0],
            values=table[:, 1] if unit else None,
            unit=unit,
            kind=kind or "marker",
            person=person,
        )
        for (kind, unit), rows in found.items()
    )


def to_mne(recording: Recording) -> Any:
    """Make an MNE Raw object of one person's recording.

    Parameters
    ----------
    recording : Recording
        Signals of one person and one rate, which begin whole samples apart.

    Returns
    -------
    mne.io.RawArray
        Volts and siemens, as MNE has them; types ``gsr``, ``ecg``, ``emg``, ``eeg``,
        ``temperature``, else ``misc`` in the unit of ours. Missing samples stay NaN and are
        annotated ``BAD_missing``; Events become annotations without duration, their values in
        the description (``rr=812.0 ms``). MNE counts whole samples from its date: a start
        between two samples moves the date, or the zero where there is no date with its zone.

    Raises
    ------
    InputError
        No signal, several people, several rates, or starts that share no grid.
    """
    mne = need("mne", to="make an MNE object", extra="brain")
    signals = _of_one(recording)
    rate = signals[0].rate_hz
    start_s = min(s.start_s for s in signals)
    places = [(s.start_s - start_s) * rate for s in signals]
    if any(abs(p - round(p)) > 1e-3 for p in places):
        raise InputError(
            "recording",
            [s.start_s for s in signals],
            f"starts that are whole samples of {rate:g} Hz apart",
            "Make one object for each.",
        )
    length = max(round(p) + s.values.size for p, s in zip(places, signals, strict=True))
    table = np.full((len(signals), length), np.nan)
    for row, place, signal in zip(table, places, signals, strict=True):
        row[round(place) : round(place) + signal.values.size] = signal.values * _to_si(signal)
    names = [s.kind for s in signals]
    types = [_KIND_TO_TYPE.get(s.kind, "eeg" if s.unit == "uV" else "misc") for s in signals]
    info = mne.create_info(names, rate, types)
    info["subject_info"] = {"his_id": signals[0].person}
    first = round(start_s * rate)
    raw = mne.io.RawArray(table, info, first_samp=first, verbose="error")
    moved_s = start_s - first / rate  # MNE counts whole samples from its zero
    stamp = recording.started_at
    if stamp is not None and stamp.tzinfo is not None:
        raw.set_meas_date(stamp.timestamp() + moved_s)
    raw.set_annotations(_annotations(mne, recording, raw, table, names, moved_s))
    return raw


def _of_one(recording: Recording) -> tuple[Signal, ...]:
    """Signals of one person at one rate, each kind once."""
    signals = recording.signals
    if not signals:
        raise InputError("recording", "no signal", "at least one", "MNE needs samples.")
    people = sorted({s.person for s in signals} | {e.person for e in recording.events})
    rates = sorted({s.rate_hz for s in signals})
    kinds = [s.kind for s in signals]
    for got, expected in ((people, "one person"), (rates, "one rate")):
        if len(got) > 1:
            raise InputError("recording", got, expected, "Make one object for each.")
    if len(set(kinds)) < len(kinds):
        raise InputError("recording", kinds, "each kind once", "Name the channels.")
    return signals


def _to_si(signal: Signal) -> float:
    """Factor to the unit that MNE uses for the type of this signal."""
    if signal.kind in _KIND_TO_TYPE or signal.unit == "uV":
        return _BACK.get(signal.unit, 1.0)
    return 1.0


def _annotations(
    mne: Any, recording: Recording, raw: Any, table: Array, names: Sequence[str], moved_s: float
) -> Any:
    """Events and stretches of missing samples.

    Without a date MNE counts what it is given from the first sample.
    """
    zero = 0.0 if raw.info["meas_date"] is not None else float(raw.first_time)
    rows: list[tuple[float, float, str, tuple[str, ...]]] = []
    for events in recording.events:
        for i, time in enumerate(events.times_s.tolist()):
            said = events.kind
            if events.values is not None:
                said = f"{events.kind}={float(events.values[i])!r} {events.unit}"
            rows.append((time - moved_s - zero, 0.0, said, ()))
    rate = float(raw.info["sfreq"])
    begin = float(raw.first_time) - zero
    for name, row in zip(names, table, strict=True):
        edges = np.flatnonzero(np.diff(np.isnan(row).astype(int), prepend=0, append=0))
        for first, stop in edges.reshape(-1, 2):
            rows.append((begin + first / rate, (stop - first) / rate, _MISSING, (name,)))
    rows.sort(key=lambda r: r[0])
    return mne.Annotations(
        onset=[r[0] for r in rows],
        duration=[r[1] for r in rows],
        description=[r[2] for r in rows],
        ch_names=[r[3] for r in rows],
        orig_time=raw.info["meas_date"],
    )
