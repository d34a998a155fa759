"""What a person marked as artefact is taken out before anything is computed from a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from syntony.body.quality import Loss
from syntony.core.arrays import Array, Bools
from syntony.core.events import Events
from syntony.core.session import Mark
from syntony.core.signal import Signal

CAUSE = "marked"


def inside(times_s: Array, marks: Sequence[Mark]) -> Bools:
    """Which moments lie in a marked stretch.

    Examples
    --------
    >>> mark = Mark(person="P01", kind="eda", start_s=1.0, stop_s=2.0)
    >>> inside(np.array([0.5, 1.0, 1.5, 2.0]), [mark]).tolist()
    [False, True, True, False]
    """
    found = np.zeros(times_s.size, dtype=np.bool_)
    for mark in marks:
        found |= (times_s >= mark.start_s) & (times_s < mark.stop_s)
    return found


def without_marked(signal: Signal, marks: Sequence[Mark]) -> tuple[Signal, Loss]:
    """Samples in marked stretches made NaN, and how many had a value.

    Parameters
    ----------
    signal : Signal
        NaN where missing; what was missing before is not counted again.
    marks : sequence of Mark
        Of this person and channel.

    Examples
    --------
    >>> signal = Signal(values=[1.0, 2.0, 3.0], rate_hz=1.0, start_s=0.0, unit="uS", kind="eda",
    ...     person="P01")
    >>> out, loss = without_marked(signal, [Mark(person="P01", kind="eda", start_s=1, stop_s=2)])
    >>> out.values.tolist(), loss.count
    ([1.0, nan, 3.0], 1)
    """
    taken = inside(signal.times_s, marks) & np.isfinite(signal.values)
    count = int(np.count_nonzero(taken))
    loss = Loss(cause=CAUSE, seconds=count / signal.rate_hz, count=count)
    return replace(signal, values=np.where(taken, np.nan, signal.values)), loss


def beats_without_marked(beats: Events, marks: Sequence[Mark]) -> tuple[Events, Loss]:
    """Leave out every beat in a marked stretch, and that whose interval began in one.

    Parameters
    ----------
    beats : Events
        Times of beats, and the interval (s or ms) that ends at each.
    marks : sequence of Mark

    Examples
    --------
    >>> b = Events(times_s=[1, 2, 3, 4], values=[1000.0] * 4, unit="ms", kind="rr", person="P01")
    >>> mark = Mark(person="P01", kind="rr", start_s=1.8, stop_s=2.2)
    >>> kept, loss = beats_without_marked(b, [mark])
    >>> kept.times_s.tolist(), loss.count
    ([1.0, 4.0], 2)
    """
    in_s = 0.001 if beats.unit == "ms" else 1.0
    values = np.full(beats.times_s.size, np.nan) if beats.values is None else beats.values
    length_s = np.where(np.isfinite(values), values * in_s, 0.0)
    taken = inside(beats.times_s, marks)
    for mark in marks:
        taken |= (beats.times_s >= mark.start_s) & (beats.times_s - length_s < mark.stop_s)
    loss = Loss(cause=CAUSE, seconds=float(length_s[taken].sum()), count=int(taken.sum()))
    left = None if beats.values is None else beats.values[~taken]
    return replace(beats, times_s=beats.times_s[~taken], values=left), loss


def with_loss(losses: tuple[Loss, ...], marked: Loss) -> tuple[Loss, ...]:
    """The losses of a channel with what was marked told apart from what was missing before.

    Examples
    --------
    >>> [(x.cause, x.count) for x in with_loss((Loss(cause="missing", seconds=3.0, count=3),),
    ...     Loss(cause="marked", seconds=1.0, count=1))]
    [('missing', 2), ('marked', 1)]
    """
    if not marked.count:
        return losses
    told = tuple(
        replace(x, seconds=max(0.0, x.seconds - marked.seconds), count=x.count - marked.count)
        if x.cause == "missing"
        else x
        for x in losses
    )
    return (*told, marked)
