"""Kinds of measurement, the unit of each inside the program, and how to get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the program knows about a kind of measurement.

    ``low`` and ``high`` are wide limits in ``unit``: a recording that mostly lies
    outside was probably declared in a wrong unit. They throw nothing away.
    """

    title: str
    unit: str
    low: float
    high: float


_ACC = Kind(title="acceleration", unit="g", low=-20.0, high=20.0)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "eda": Kind(title="skin conductance", unit="uS", low=0.0, high=100.0),
        "eda_tonic": Kind(title="skin conductance level", unit="uS", low=0.0, high=100.0),
        "eda_phasic": Kind(title="phasic skin conductance", unit="uS", low=-50.0, high=50.0),
        "scr": Kind(title="skin conductance response", unit="uS", low=0.0, high=50.0),
        "ecg": Kind(title="electrocardiogram", unit="mV", low=-20.0, high=20.0),
        "emg": Kind(title="electromyogram", unit="mV", low=-20.0, high=20.0),
        "eeg": Kind(title="electroencephalogram", unit="uV", low=-5000.0, high=5000.0),
        "rr": Kind(title="interval between beats", unit="ms", low=200.0, high=3000.0),
        "hr": Kind(title="heart rate", unit="/min", low=20.0, high=300.0),
        "ppg": Kind(title="pulse wave", unit="1", low=-np.inf, high=np.inf),
        "resp": Kind(title="respiration", unit="1", low=-np.inf, high=np.inf),
        "resp_rate": Kind(title="respiratory rate", unit="/min", low=1.0, high=100.0),
        "temperature": Kind(title="skin temperature", unit="Cel", low=10.0, high=50.0),
        "motion": Kind(title="motion energy", unit="1", low=0.0, high=np.inf),
        "acc": _ACC,
        "acc_x": _ACC,
        "acc_y": _ACC,
        "acc_z": _ACC,
    }
)

# Factor to the unit of ours; a resistance is turned over.
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "uS": {"uS": 1.0, "nS": 1e-3, "mS": 1e3, "S": 1e6, "umho": 1.0},
    "mV": {"mV": 1.0, "uV": 1e-3, "nV": 1e-6, "V": 1e3},
    "uV": {"uV": 1.0, "nV": 1e-3, "mV": 1e3, "V": 1e6},
    "ms": {"ms": 1.0, "s": 1e3, "us": 1e-3},
    "/min": {"/min": 1.0, "1/min": 1.0, "bpm": 1.0, "Hz": 60.0, "/s": 60.0},
    "g": {"g": 1.0, "mg": 1e-3, "m/s2": 1 / 9.80665, "m/s^2": 1 / 9.80665},
}
_OHMS: Mapping[str, float] = {"Ohm": 1.0, "kOhm": 1e3, "MOhm": 1e6}
_DEGREES: Mapping[str, tuple[float, float]] = {
    "Cel": (1.0, 0.0),
    "degC": (1.0, 0.0),
    "C": (1.0, 0.0),
    "K": (1.0, -273.15),
    "degF": (5 / 9, -160 / 9),
    "F": (5 / 9, -160 / 9),
}
_SPELLED = {
    "microsiemens": "uS",
    "nanosiemens": "nS",
    "siemens": "S",
    "millivolt": "mV",
    "microvolt": "uV",
    "volt": "V",
    "millisecond": "ms",
    "milliseconds": "ms",
    "second": "s",
    "seconds": "s",
    "ohms": "Ohm",
    "kiloohm": "kOhm",
    "celsius": "Cel",
    "beats/min": "/min",
}


def units_for(kind: str) -> tuple[str, ...]:
    """Units that can be given for a kind; empty where any unit is kept as it is.

    Examples
    --------
    >>> units_for("rr")
    ('ms', 's', 'us', '1')
    """
    if kind not in KINDS:
        return ()
    ours = KINDS[kind].unit
    if ours == "Cel":
        known = tuple(_DEGREES)
    else:
        known = tuple(_FACTORS.get(ours, ())) + (tuple(_OHMS) if ours == "uS" else ())
    return (*known, "1") if known else ()


def convert(values: ArrayLike | Array, from_unit: str, kind: str) -> tuple[Array, str]:
    """Bring a measurement to the unit that the program uses for its kind.

    The unit ``"1"`` (counts, arbitrary) is kept for every kind, and so is every unit of a
    kind that is not in ``KINDS`` or has no unit of its own there (respiration, pulse).

    Parameters
    ----------
    values : array_like, shape (n,)
        In ``from_unit``. NaN stays NaN.
    from_unit : str
        UCUM code, or a usual spelling (``µS``, ``kOhm``, ``bpm``).
    kind : str
        What was measured.

    Returns
    -------
    values : ndarray of float64, shape (n,)
    unit : str
        The unit they are in now.

    Raises
    ------
    InputError
        If the unit is none for that kind, or a resistance is zero (no finite conductance).

    Examples
    --------
    >>> convert([200.0, 100.0], "kOhm", "eda")
    (array([ 5., 10.]), 'uS')
    >>> convert([0.8], "s", "rr")
    (array([800.]), 'ms')
    """
    numbers: Array = np.array(values, dtype=np.float64)
    unit = _plain(from_unit)
    allowed = units_for(kind)
    if unit == "1" or not allowed:
        if not unit:
            raise InputError("unit", from_unit, "the unit of the values", "'1' means arbitrary.")
        return numbers, unit
    found = _match(unit, allowed)
    if found is None:
        raise InputError(
            "unit", from_unit, f"a unit of {kind}: one of {list(allowed)}", "'1' means arbitrary."
        )
    ours = KINDS[kind].unit
    if found in _DEGREES and ours == "Cel":
        factor, offset = _DEGREES[found]
        return numbers * factor + offset, ours
    if found in _OHMS and ours == "uS":
        if np.any(numbers == 0):
            raise InputError("values", 0.0, f"resistances above 0 {found}", "Mark these as NaN.")
        return 1e6 / (numbers * _OHMS[found]), ours
    factor = _FACTORS[ours][found]
    return (numbers if factor == 1.0 else numbers * factor), ours


def implausible_share(values: Array, unit: str, kind: str) -> float:
    """Share of the present values outside the wide limits of the kind, 0 where none are known.

    Examples
    --------
    >>> implausible_share(np.array([0.4, 0.5]), "ms", "rr")
    1.0
    """
    if kind not in KINDS or unit != KINDS[kind].unit:
        return 0.0
    there = np.isfinite(values)
    count = int(np.count_nonzero(there))
    outside = (values < KINDS[kind].low) | (values > KINDS[kind].high)
    return float(np.count_nonzero(outside & there) / count) if count else 0.0


def _plain(unit: str) -> str:
    """Spell a unit with plain letters: both micro signs, both ohm signs, words."""
    text = unit.strip().replace("µ", "u").replace("μ", "u").replace("Ω", "Ohm").replace("Ω", "Ohm")
    text = text.replace("°", "deg").replace("²", "2")
    return _SPELLED.get(text.lower(), text)


def _match(unit: str, allowed: tuple[str, ...]) -> str | None:
    """Find a unit by its exact name, else by its letters where only one has them."""
    if unit in allowed:
        return unit
    near = [u for u in allowed if u.lower() == unit.lower()]
    return near[0] if len(near) == 1 else None
