"""Connectivity between and within two brains: epochs x channels x channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._band import Complexes, check_band
from syntony.synchrony._inputs import check_choice, fixed

Measure = Literal[
    "phase_locking",
    "circular_correlation",
    "adjusted_circular_correlation",
    "band_coherence",
    "imaginary_coherence",
    "phase_lag_index",
    "weighted_phase_lag_index",
    "envelope_correlation",
    "power_correlation",
]

HYPYP: dict[str, tuple[Measure, bool]] = {
    "plv": ("phase_locking", False),
    "ccorr": ("circular_correlation", True),
    "accorr": ("adjusted_circular_correlation", False),
    "coh": ("band_coherence", False),
    "imaginary_coh": ("imaginary_coherence", True),
    "pli": ("phase_lag_index", False),
    "wpli": ("weighted_phase_lag_index", False),
    "envelope_corr": ("envelope_correlation", False),
    "pow_corr": ("power_correlation", False),
}
"""HyPyP's names: our measure, and whether theirs is the absolute value of it."""

_ORDER = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Connectivity:
    """One measure of every pair of channels of two people.

    Attributes
    ----------
    values : ndarray of float64, shape (n, n) or (n_epochs, n, n)
        n channels: the first person's, then the second's. Row: the channel taken as first.
        NaN where a channel has no value.
    epochs_used : ndarray of int64, shape (n, n)
        Epochs in which the pair has a value.
    n_first : int
        Channels of the first person.
    measure : str
    """

    values: Array
    epochs_used: Ints
    n_first: int
    measure: str

    @property
    def between(self) -> Array:
        """From the first person's channels (rows) to the second's (columns)."""
        return self.values[..., : self.n_first, self.n_first :]

    @property
    def within_first(self) -> Array:
        """Inside the first brain."""
        return self.values[..., : self.n_first, : self.n_first]

    @property
    def within_second(self) -> Array:
        """Inside the second brain."""
        return self.values[..., self.n_first :, self.n_first :]


def connectivity(
    first: Array | Complexes,
    second: Array | Complexes,
    *,
    rate_hz: float,
    band: tuple[float, float] | None,
    measure: Measure,
    average: bool = True,
    centre: bool = True,
    absolute: bool = False,
    squared: bool = False,
) -> Connectivity:
    r"""Measure how every channel of two people goes with every other, epoch by epoch.

    Parameters
    ----------
    first, second : ndarray, shape (n_epochs, n_channels, n_samples)
        The same epochs of both people; the number of channels may differ. NaN marks missing
        samples: a channel with one is left out of that epoch. Complex numbers are analytic
        signals, made elsewhere, and are taken as they are.
    rate_hz : float
        Samples per second.
    band : (float, float) or None
        Lowest and highest frequency (Hz); None: the data are in one band already.
    measure : str
        A method of the list: ``"phase_locking"``, ``"circular_correlation"``,
        ``"adjusted_circular_correlation"``, ``"band_coherence"``, ``"imaginary_coherence"``,
        ``"phase_lag_index"``, ``"weighted_phase_lag_index"``, ``"envelope_correlation"`` or
        ``"power_correlation"``.
    average : bool
        Mean over the epochs in which a pair has a value, or every epoch by itself.
    centre : bool
        Take the mean of each epoch away before the Hilbert transform.
    absolute : bool
        Drop the sign in every epoch, before the mean.
    squared : bool
        Square in every epoch, before the mean: coherence as the books write it.

    Returns
    -------
    Connectivity
        With the sign of the row's channel taken as first: above 0, imaginary coherence says
        that the row's channel is ahead.

    Raises
    ------
    InputError
        If shapes, band or measure make no sense, or a number is infinite.

    Notes
    -----
    A Butterworth band-pass of order 4 runs both ways over every epoch (``scipy.signal``), then
    the Hilbert transform over the whole epoch gives the analytic signal; both bend the ends of
    short epochs. Better: filter the recording before it is cut, and give ``band=None``.

    :data:`HYPYP` holds HyPyP's names. HyPyP 0.6.2 gives ``ccorr`` and ``imaginary_coh`` without
    sign (``absolute=True``) and coherence that is not squared, although its documentation says
    so (``squared=False``). It filters with MNE's default filter and leaves means in: filter
    with MNE, then ``band=None, centre=False`` gives its figures. A channel that does not vary
    has no value here.

    Whatever two people's channels share because both do the same task looks like connection:
    compare with pairs that never met [1]_, and keep epochs of 5 s and more [2]_.

    References
    ----------
    .. [1] Burgess (2013), Frontiers in Human Neuroscience 7.
       https://doi.org/10.3389/fnhum.2013.00881
    .. [2] Zimmermann, Schultz-Nielsen, Dumas & Konvalinka (2024), Imaging Neuroscience 2.
       https://doi.org/10.1162/imag_a_00350

    Examples
    --------
    One channel each; the second person follows by a quarter of a cycle of 10 Hz:

    >>> t = np.arange(512) / 256.0
    >>> one, two = np.sin(20 * np.pi * t), np.sin(20 * np.pi * (t - 0.025))
    >>> c = connectivity(one[None, None], two[None, None], rate_hz=256.0, band=None,
    ...                  measure="imaginary_coherence")
    >>> c.values.round(6).tolist(), c.between.shape
    ([[0.0, 1.0], [-1.0, 0.0]], (1, 1))
    """
    from syntony.kernels.phase import MEASURES, pair_matrices

    check_choice("measure", measure, tuple(MEASURES))
    one: NDArray[Any] = np.asarray(first)
    two: NDArray[Any] = np.asarray(second)
    _check(one, two, rate_hz, band)
    z = np.concatenate([_analytic(v, rate_hz, band, centre) for v in (one, two)], axis=1)
    values = pair_matrices(z, measure)
    np.clip(values, -1.0, 1.0, out=values)
    if absolute:
        np.abs(values, out=values)
    if squared:
        values *= values
    there = values == values
    used = there.sum(axis=0)
    if average:
        with np.errstate(invalid="ignore"):
            values = np.where(there, values, 0.0).sum(axis=0) / used
    used.flags.writeable = False
    return Connectivity(
        values=fixed(values), epochs_used=used, n_first=one.shape[1], measure=measure
    )


def _check(
    first: NDArray[Any],
    second: NDArray[Any],
    rate_hz: float,
    band: tuple[float, float] | None,
) -> None:
    """Refuse shapes that do not fit, infinities, and a band where there can be none."""
    for field, v in (("first", first), ("second", second)):
        if v.ndim != 3 or 0 in v.shape:
            raise InputError(field, v.shape, "shape (n_epochs, n_channels, n_samples), none of 0")
        with np.errstate(invalid="ignore"):
            known = bool(np.isfinite(v.sum()))  # much quicker than to look at every number
        if not known and np.isinf(v).any():
            raise InputError(
                field, "inf", "finite numbers or NaN", "Mark saturated samples as NaN."
            )
        if band is not None and np.iscomplexobj(v):
            raise InputError("band", band, f"None where {field} holds analytic signals")
    if first.shape[::2] != second.shape[::2]:
        raise InputError(
            "second",
            second.shape,
            f"{first.shape[0]} epochs of {first.shape[2]} samples, as first",
            "Cut both recordings at the same moments.",
        )
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if band is not None:
        check_band(band[0], band[1], rate_hz)


def _analytic(
    data: NDArray[Any], rate_hz: float, band: tuple[float, float] | None, centre: bool
) -> Complexes:
    """Analytic signals; NaN throughout where a channel misses a sample or does not vary."""
    if np.iscomplexobj(data):
        return np.asarray(data, dtype=np.complex128)
    from scipy.signal import butter, hilbert, sosfiltfilt

    values = np.array(data, dtype=np.float64)
    values[np.ptp(values, axis=2) == 0.0] = np.nan
    if centre:
        values -= values.mean(axis=2, keepdims=True)
    if band is not None:
        sections = butter(_ORDER, band, btype="bandpass", fs=rate_hz, output="sos")
        pad = min(values.shape[2] - 1, round(3 * rate_hz / band[0]))
        values = sosfiltfilt(sections, values, axis=2, padlen=pad)
    z: Complexes = hilbert(values, axis=2)
    return z
