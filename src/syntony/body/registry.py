"""The list of features: what can be compared between two people, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from syntony.config import Body, Eda
from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What the program knows about a feature besides how to compute it.

    Attributes
    ----------
    name, title : str
    unit : str
        UCUM code; ``""`` where it is that of the recording.
    kinds : tuple of str
        Kinds of channel it is made from; the first that a person has is taken.
    explain : str
        One sentence for somebody who is new to it.
    tell : callable
        From the options to the sentence for the methods section, with ``[@key]``.
    """

    name: str
    title: str
    unit: str
    kinds: tuple[str, ...]
    explain: str
    tell: Callable[[Body], str]

    def cites(self, options: Body) -> tuple[str, ...]:
        """Keys of the references that the sentence names, in order."""
        parts = self.tell(options).split("@")[1:]
        return tuple(dict.fromkeys(part.split("]")[0].split(";")[0].strip() for part in parts))


def _cleaning(o: Eda) -> str:
    """Tell how skin conductance is cleaned."""
    q = o.quality
    temperature = (
        f", skin temperature outside {q.temperature_c[0]:g}-{q.temperature_c[1]:g} °C"
        if q.use_temperature
        else ""
    )
    return (
        f"Skin conductance was dropped after the rules of [@Kleckner2018] (outside "
        f"{q.low_us:g}-{q.high_us:g} µS, steeper than {q.max_slope_us_per_s:g} µS/s{temperature}, "
        f"judged after a moving average of {q.despike_s:g} s), where it was flat (SD of at most "
        f"{q.flat_sd_us:g} µS for {q.flat_s:g} s) or stayed at its own upper limit for "
        f"{q.saturation_s:g} s, and within {q.spread_s:g} s of any of these; it was never filled. "
        f"Valid stretches were low-pass filtered at {o.low_pass_hz:g} Hz (Butterworth, order "
        f"{o.low_pass_order}, zero phase)."
    )


def _parts(o: Eda) -> str:
    """Tell how tonic and phasic parts are told apart."""
    how = (
        f"a zero-phase Butterworth high-pass of order 2 at {o.tonic_cutoff_hz:g} Hz"
        if o.tonic == "highpass"
        else f"a running median of {o.tonic_window_s:g} s"
    )
    return (
        f" Tonic and phasic parts were told apart by {how} [@Makowski2021NeuroKit] on valid "
        f"stretches of at least {o.min_stretch_s:g} s."
    )


def _onto_grid(options: Body) -> str:
    """Tell how the feature came onto the grid."""
    return (
        f" It was resampled once, to {options.grid.rate_hz:g} Hz, by cubic convolution "
        "[@Keys1981], after a zero-phase low-pass where its own rate was higher."
    )


def _tell_eda(options: Body) -> str:
    return _cleaning(options.eda) + _onto_grid(options)


def _tell_parts(options: Body) -> str:
    return _cleaning(options.eda) + _parts(options.eda) + _onto_grid(options)


def _tell_hr(options: Body) -> str:
    o = options.beats
    corrected = (
        "Ectopic, missed, extra and misplaced beats were corrected [@LipponenTarvainen2019]. "
        if o.correct
        else "Beats were not corrected. "
    )
    curve = (
        "a monotone cubic [@Fritsch1980pchip]" if o.interpolation == "pchip" else "straight lines"
    )
    return (
        "R peaks, where an electrocardiogram was recorded, were found with sleepecg "
        f"[@BrunnerHofer2023]. {corrected}Intervals outside {o.min_rr_ms:g}-{o.max_rr_ms:g} ms "
        f"were dropped; recordings with more than {100 * o.max_corrected:g} % of their beats "
        f"corrected or dropped were not used. Heart rate (60,000 / interval in ms, at the beat "
        f"that ends it) was drawn "
        f"at {options.grid.rate_hz:g} Hz by {curve} between beats at most {o.max_gap_s:g} s apart, "
        "never across a longer gap."
    )


def _tell_as_recorded(options: Body) -> str:
    return "The channel was used as recorded." + _onto_grid(options)


_FEATURES = {
    entry.name: entry
    for entry in (
        Feature(
            name="eda",
            title="Skin conductance",
            unit="uS",
            kinds=("eda",),
            explain="How well the skin conducts: it rises with sympathetic arousal.",
            tell=_tell_eda,
        ),
        Feature(
            name="eda_tonic",
            title="Tonic skin conductance",
            unit="uS",
            kinds=("eda",),
            explain="The slow level of skin conductance, over tens of seconds and more.",
            tell=_tell_parts,
        ),
        Feature(
            name="eda_phasic",
            title="Phasic skin conductance",
            unit="uS",
            kinds=("eda",),
            explain="The fast part of skin conductance: responses of a few seconds.",
            tell=_tell_parts,
        ),
        Feature(
            name="hr",
            title="Heart rate",
            unit="/min",
            kinds=("rr", "ecg", "ibi", "hr"),
            explain="Beats per minute, from the interval between neighbouring beats.",
            tell=_tell_hr,
        ),
    )
}


def features() -> Mapping[str, Feature]:
    """Every named feature; any other kind of signal is compared as it was recorded.

    Examples
    --------
    >>> sorted(features())
    ['eda', 'eda_phasic', 'eda_tonic', 'hr']
    """
    return MappingProxyType(_FEATURES)


def feature(name: str) -> Feature:
    """Look a feature up; a name that is not on the list is a kind of signal, used as it is.

    Examples
    --------
    >>> feature("motion").kinds
    ('motion',)
    """
    if not name:
        raise InputError("signal", name, f"one of {sorted(_FEATURES)}, or a kind of signal")
    if name in _FEATURES:
        return _FEATURES[name]
    return Feature(
        name=name,
        title=name.replace("_", " ").capitalize(),
        unit="",
        kinds=(name,),
        explain="Used as it was recorded.",
        tell=_tell_as_recorded,
    )
