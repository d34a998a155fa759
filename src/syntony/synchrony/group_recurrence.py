"""Multidimensional recurrence: when a whole group returns to a state it was in before."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import fixed
from syntony.synchrony._recurrence import (
    Norm,
    Normalise,
    Rescale,
    Settings,
    Threshold,
    channels,
    line_measures,
    nearness,
    normalised,
    states_of,
    thinned,
    whole_share,
    window_parts,
)
from syntony.synchrony._recurrence_words import MDRQA_STATISTICS, UNITS, WORDS
from syntony.synchrony.registry import method

MULTISYNCPY = {"thin_to_hz": 0.0, "rescale": "none"}
"""Options, besides the radius, with which ``mdrqa`` gives the figures of multiSyncPy."""


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``mdrqa``."""
    return {s.name: float(coupling.parts[s.name]) for s in MDRQA_STATISTICS}


@method(
    name="mdrqa",
    title="Multidimensional recurrence of a group (MdRQA)",
    people="many",
    summarise=_summary,
    statistics=MDRQA_STATISTICS,
    dims=(),
    bounds=(0.0, 1.0),
    chance=0.17,
    swap="same",
    scale_free=True,
    lags="none: the state of the group is that of all people at the same moment",
    cites=("Wallot2016", "Marwan2007"),
    sentence="Multidimensional recurrence quantification [@Wallot2016; @Marwan2007] was computed "
    "on means at about {thin_to_hz:g} Hz of all people's signals, {normalise}; states of "
    "{dimension} samples {delay_s:g} s apart matched {threshold}: rate {rate:g}, radius "
    "{radius:g} ({norm} distances {rescale}; Theiler window {theiler_s:g} s); lines had at least "
    "{min_line} points, moving windows (0: none) {window_s:g} s every {step_s:g} s, and at least "
    "{min_coverage:g} of the data had to be present.",
    question="Does the group as a whole, of two or more people, return to states it was in and "
    "go through the same patterns again?",
    not_when="The question is who moves with whom, or after whom: the group is one system here, "
    "and lags between people are not seen (cross-recurrence shows them). Signals of one person "
    "alone that repeat themselves raise every measure without any synchrony: compare with groups "
    "of people who never met. Do not compare groups of unlike size at a fixed radius.",
    words=WORDS,
    units=UNITS,
)
def mdrqa(
    signals: Array,
    *,
    rate_hz: float,
    thin_to_hz: float = 1.0,
    dimension: int = 1,
    delay_s: float = 2.0,
    threshold: Threshold = "radius",
    rate: float = 0.05,
    radius: float = 0.6,
    norm: Norm = "euclidean",
    normalise: Normalise = "z_population",
    rescale: Rescale = "rms",
    theiler_s: float = 0.0,
    min_line: int = 2,
    window_s: float = 0.0,
    step_s: float = 30.0,
    min_coverage: float = 0.5,
) -> Coupling:
    r"""Count when a group returns to an earlier state, and along which lines.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One signal per person on one clock; the state of the group at a moment is made of all
        of them. NaN marks missing samples; where one person is missing there is no state.
    rate_hz : float
        Samples per second; it need not be a whole number.
    thin_to_hz : float
        The signals are replaced by means of as many samples as keep the rate at this or above,
        because the work grows with the square of their length; 0 leaves them as they are.
    dimension : int
        Samples of each person in a state. 1: the value at one moment.
    delay_s : float
        Seconds from one sample of a state to the next.
    threshold : {"rate", "radius"}
        Two states match within ``radius``; or within the distance that makes the share ``rate``
        of all pairs match. The other of the two is unused.
    rate : float
        Share of matching pairs, above 0.
    radius : float
        Largest distance at which states match, in units of the scaled signals.
    norm : {"euclidean", "maximum"}
        Distance of two states.
    normalise : {"z", "z_population", "unit_interval", "none"}
        Each person over the session: mean 0 and SD 1 (with n - 1, or n), 0 to 1, or as it is.
    rescale : {"none", "rms", "mean", "max", "min", "mean_apart"}
        ``radius`` is a distance; or (``"rms"``) the root of the mean, not the sum, of squared
        differences, which makes no difference to the maximum norm; or a multiple of this
        statistic of all distances; ``"mean_apart"`` divides their sum by the number of pairs
        off the main diagonal.
    theiler_s : float
        Pairs nearer in time than this are left out; each moment with itself always is.
    min_line : int
        Points that a diagonal line needs.
    window_s, step_s : float
        Length of moving windows, and seconds from one to the next; 0: no windows.
    min_coverage : float
        Share of the samples that a mean needs, of the states that the session needs, and of
        the pairs that a window needs.

    Returns
    -------
    Coupling
        ``values`` : recurrence of the session, shape (); NaN where too little is present or a
        signal does not vary.
        ``coverage`` : whole states / states.
        ``parts`` : every statistic by its name, ``radius`` (the one used) and
        ``diagonal_lines`` (how many lines have 0, 1, 2, ... points). With ``window_s``:
        ``window_time_s`` (centres), ``window_rr``, ``window_det`` at the radius of the session.
        ``options`` hold the thinned rate as it was used.

    Raises
    ------
    InputError
        If there are fewer than two people, an option makes no sense, or fewer than three states
        fit.

    Notes
    -----
    With states ``u_i`` of the group, ``R[i, j] = 1`` where ``|u_i - u_j| <= radius``, counted
    for ``j > i`` only. Over N states, with ``P(l)`` diagonal lines of length l::

        REC = sum(R) / (N (N - 1) / 2)        DET = sum(l P(l), l >= min_line) / sum(R)
        mean line = sum(l P(l)) / sum(P(l))   over l >= min_line, or over every l >= 1

    as in [1]_ and [2]_. multiSyncPy 0.1.2 counts pairs *below* the radius: give it the next
    smaller number (``numpy.nextafter(radius, 0)``) to leave pairs on the very radius out, and
    ``MULTISYNCPY`` in this module for the rest. Its mean length is ``mean_line_all_s``, in
    points. Both sides of the main diagonal, vertical lines included, are what
    :func:`.crqa` gives for the group's signals against themselves with a Theiler window of one
    sample.

    The radius is fixed by default, and is the same for each number whatever the size of the
    group. At a fixed rate recurrence says nothing, and determinism is no measure of going
    together: in made groups of four who shared much of their movement it was lower than in the
    same people shifted in time against each other.

    Time grows with the square of the (thinned) length, memory with the length.

    References
    ----------
    .. [1] Wallot, Roepstorff & Mønster (2016), Frontiers in Psychology 7, 1835.
       https://doi.org/10.3389/fpsyg.2016.01835
    .. [2] Marwan, Romano, Thiel & Kurths (2007), Physics Reports 438, 237-329.
       https://doi.org/10.1016/j.physrep.2006.11.001

    Examples
    --------
    Three people who share a rhythm are in fewer states than three with rhythms of their own:

    >>> noise = np.random.default_rng(1).standard_normal((3, 600))
    >>> together = noise + 2 * np.sin(np.arange(600) / 12.0)
    >>> apart = noise + 2 * np.sin(np.arange(600) / np.array([[8.0], [12.0], [19.0]]))
    >>> [round(float(mdrqa(v, rate_hz=1.0).values), 2) for v in (together, apart)]
    [0.15, 0.08]
    """
    from syntony.kernels.recurrence import recurrence_lines

    settings = Settings(
        thin_to_hz=thin_to_hz,
        dimension=dimension,
        delay_s=delay_s,
        threshold=threshold,
        rate=rate,
        radius=radius,
        norm=norm,
        normalise=normalise,
        rescale=rescale,
        theiler_s=theiler_s,
        min_line=min_line,
        window_s=window_s,
        step_s=step_s,
        min_coverage=min_coverage,
    )
    group = channels("signals", signals)
    if group.shape[0] < 2:
        raise InputError("signals", group.shape, "one row for each of two people or more")
    group, at_hz = thinned(group, rate_hz, thin_to_hz, min_coverage)
    group = normalised(group, normalise)
    states = states_of(group, group, settings, at_hz, (0, 1), 1)
    limit, used_radius = nearness(states, settings)
    lines = recurrence_lines(states, limit, rows=False)
    pairs, near = int(lines.pairs.sum()), int(lines.near.sum())
    along = line_measures(lines.diagonal, near, min_line)
    found = {
        "rec": near / pairs if pairs else math.nan,
        "det": along["share"],
        "mean_line_s": along["mean"] / at_hz,
        "mean_line_all_s": along["mean_all"] / at_hz,
        "max_line_s": along["longest"] / at_hz,
        "entropy": along["entropy"],
    }
    share = whole_share(states)
    if not pairs or share < min_coverage:
        found = dict.fromkeys(found, math.nan)
    return Coupling(
        values=fixed(np.array(found["rec"])),
        dims=(),
        coords={},
        coverage=fixed(np.array(share)),
        method="mdrqa",
        options={
            **asdict(settings),
            "thin_to_hz": at_hz,
            "delay_s": states.delay / at_hz if dimension > 1 else delay_s,
        },
        parts={name: np.asarray(value) for name, value in found.items()}
        | {
            "radius": np.asarray(used_radius),
            "diagonal_lines": lines.diagonal.astype(np.float64),
        }
        | window_parts(states, settings, at_hz, limit),
    )
